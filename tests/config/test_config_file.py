"""The site's file: what it sets, that the environment wins, and one sentence for everything that is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.config import load_config, use_config
from api.config.declared import declared_settings
from api.config.names import key_of
from engine.core.errors import OptionError
from engine.core.settings import Setting, TextSetting
from pipelines.planner.site import KEY
from pipelines.render.cache import BUDGET
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def environment_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test sets in the environment is gone after it."""
    for setting in declared_settings():
        monkeypatch.setenv(setting.variable, "")
        if setting.variable != "MULTIPLANE_CACHE":
            monkeypatch.delenv(setting.variable)


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "site.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_kind_of_value_becomes_its_variable(tmp_path: Path) -> None:
    text = f"""
    licences = "MIT"
    [storage]
    cache_mb = 12_000
    data = "/srv/multiplane"
    fonts = ["{tmp_path}", "{ROOT}"]
    [planner.deep]
    planner_timeout_s = 2.5
    """
    assert load_config(write(tmp_path, text)) == {
        "MULTIPLANE_LICENCES": "MIT",
        "MULTIPLANE_CACHE_MB": "12000",
        "MULTIPLANE_DATA": "/srv/multiplane",
        "MULTIPLANE_FONTS": f"{tmp_path}:{ROOT}",
        "MULTIPLANE_PLANNER_TIMEOUT_S": "2.5",
    }


def test_the_environment_wins_and_child_processes_inherit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, 'cache_mb = 7\nmax_cube_mb = 9\nplanner_model = "m"\n')
    monkeypatch.setenv("MULTIPLANE_CACHE_MB", "5")
    monkeypatch.setenv("MULTIPLANE_MAX_CUBE_MB", "  ")
    monkeypatch.setenv("MULTIPLANE_CONFIG", str(path))
    use_config()
    assert BUDGET.value() == 5
    assert os.environ["MULTIPLANE_MAX_CUBE_MB"] == "9", "a blank variable sets nothing"
    code = "import os; print(os.environ['MULTIPLANE_PLANNER_MODEL'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "m\n"


def test_without_a_file_nothing_changes() -> None:
    before = dict(os.environ)
    use_config()
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cache_bm = 1", r"^site\.toml: 'cache_bm' is no setting\. Did you mean cache_mb\?$"),
        (
            "[a]\nMULTIPLANE_CACHE_MB = 1",
            r"^site\.toml: 'a\.MULTIPLANE_CACHE_MB' is no setting\. Did you mean cache_mb",
        ),
        ("zzzzzz = 1", r"^site\.toml: 'zzzzzz' is no setting\. See docs/configuration\.md\.$"),
        ('cache_mb = "7"', r"^site\.toml: cache_mb must be a number of MB from 0 to 1e\+07"),
        ("cache_mb = true", r"^site\.toml: cache_mb must be a number"),
        ("cache_mb = [7]", r"^site\.toml: cache_mb must be a number"),
        ("[s]\ncache_mb = -1", r"^site\.toml: s\.cache_mb='-1' is not usable: give a number of MB from 0"),
        ("cache_mb = nan", r"^site\.toml: cache_mb='nan' is not usable"),
        ("licences = 7", r"^site\.toml: licences must be a text in quotation marks\.$"),
        ("licences = 2026-01-01", r"^site\.toml: licences must be a text"),
        (r'licences = "a\u0000b"', r"^site\.toml: licences must be a text"),
        ('data = "here"', r"^site\.toml: data='here' is not usable: give a path that starts with / or ~\.$"),
        ("fonts = [7]", r"^site\.toml: fonts must be a list of folders"),
        ('fonts = ["/no/such"]', r"^site\.toml: fonts= there is no folder /no/such"),
        ('config = "/a.toml"', r"^site\.toml: config cannot stand in the file that it names"),
        ("[a]\ncache_mb = 1\n[b]\ncache_mb = 2", r"^site\.toml: b\.cache_mb is given twice: leave one of them\.$"),
        ("cache_mb = \n", r"^site\.toml: the file of settings is no TOML \(at line 1, column \d+\): mend it there\.$"),
        ("a = " + "[" * 100_000, r"^site\.toml: the file of settings is no TOML"),
        (b"licences = '\xff'", r"^site\.toml: the file of settings is not UTF-8"),
        ("#" * 1_000_001, r"^site\.toml: this is no file of settings: it has more than 1,000,000 bytes\.$"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_and_key(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence) as caught:
        load_config(write(tmp_path, text))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["planner_key = {}", "planner_key = {}\nlicences = 1", 'planner_key = "{}'])
def test_no_refusal_repeats_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        load_config(write(tmp_path, text.format("hunter2")))
    assert "hunter2" not in str(caught.value) + caught.value.detail


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"^gone\.toml: there is no such file"):
        load_config(tmp_path / "gone.toml")
    with pytest.raises(OptionError, match="there is no such file"):
        load_config(tmp_path)
    with pytest.raises(OptionError, match="there is no such file"):
        load_config(Path("/dev/zero"))


def test_a_mark_at_the_beginning_of_the_file_is_no_key(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, b"\xef\xbb\xbfcache_mb = 7")) == {"MULTIPLANE_CACHE_MB": "7"}


def test_no_two_settings_have_the_same_key() -> None:
    keys = [key_of(setting.variable) for setting in declared_settings()]
    assert len(keys) == len(set(keys))
    assert all(setting.variable.startswith("MULTIPLANE_") for setting in declared_settings())


def test_every_command_obeys_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("MULTIPLANE_CONFIG", str(write(tmp_path, 'planner_key = "hunter2"\ncache_mb = 77\n')))
    monkeypatch.setenv("MULTIPLANE_CACHE_BM", "1")
    main(["doctor", "--json"])
    out = capsys.readouterr().out
    findings = {item["name"]: item for item in json.loads(out)["findings"]}
    assert findings[BUDGET.variable]["about"].startswith("77 MB")
    assert findings[KEY.variable]["about"].startswith("set (hidden)")
    assert "hunter2" not in out
    assert findings["MULTIPLANE_CACHE_BM"]["status"] == "problem"
    assert "MULTIPLANE_CACHE_MB" in findings["MULTIPLANE_CACHE_BM"]["about"]
    monkeypatch.setenv("MULTIPLANE_CONFIG", str(write(tmp_path, "cache_bm = 77\n")))
    assert main(["plan", "zoom in"]) == 2
    assert "site.toml: 'cache_bm' is no setting" in capsys.readouterr().err


def test_every_setting_is_found_and_secrets_are_marked() -> None:
    """A text search for declarations finds nothing that the walk over the imports forgot."""
    found = {setting.variable for setting in declared_settings()}
    for house in ("engine", "models", "pipelines", "api"):
        for path in (ROOT / house).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for part in text.split("Setting(")[1:]:
                name = part.lstrip().removeprefix("variable=").split('"')
                if len(name) > 1 and name[1].startswith("MULTIPLANE_"):
                    assert name[1] in found, path
    texts = [setting for setting in declared_settings() if isinstance(setting, TextSetting)]
    words = ("_KEY", "_SECRET", "_PASSWORD", "_TOKEN")
    assert [setting.variable for setting in texts if setting.variable.endswith(words) and not setting.secret] == []
    assert any(isinstance(setting, Setting) for setting in declared_settings())


def test_the_document_is_the_table_of_the_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.config.table"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == done.stdout, "run: make config-table"
