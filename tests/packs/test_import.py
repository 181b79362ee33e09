"""Importing from this machine: archives and folders, whole or not at all."""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.errors import CorruptMedia, EngineError, MediaError, OptionError, OutputError, UnreadableMedia
from engine.packs import Pack, PackProgress, import_pack, installed, installed_packs, pack_source
from tests.packs.archives import ArchiveMaker, sha256, source

FILES = {"package/fonts/A.ttf": b"letters", "package/fonts/B.ttf": b"bold letters", "package/LICENSE": b"terms"}
MEMBERS = [{"take": "package/fonts/*.ttf", "to": ""}, {"take": "package/LICENSE", "to": "LICENSE"}]
CONTENTS = {"A.ttf": sha256(b"letters"), "B.ttf": sha256(b"bold letters"), "LICENSE": sha256(b"terms")}


@pytest.fixture
def font(know: Callable[..., Pack], archives: ArchiveMaker) -> tuple[Pack, Path]:
    """A pack of source npm, and its archive."""
    archive = archives.npm(FILES)
    return know("font", members=MEMBERS, source=source(archive), contents=CONTENTS, size=24), archive


def test_an_archive_is_unpacked_and_described(font: tuple[Pack, Path]) -> None:
    pack, archive = font
    seen: list[PackProgress] = []
    folder = import_pack(pack, archive, on_progress=seen.append)
    assert installed("font") == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "A.ttf": b"letters",
        "B.ttf": b"bold letters",
        "LICENSE": b"terms",
    }
    manifest = installed_packs()["font"]
    assert (manifest.version, manifest.origin, manifest.licence.spdx) == ("1.0.0", "npm @some/fonts 1.0.0", "MIT")
    assert {path: file.sha256 for path, file in manifest.files.items()} == CONTENTS
    assert manifest.size == 24
    assert [step.phase for step in seen] == ["checking"] * 3 + ["installed"]
    assert [(step.done, step.total) for step in seen[:3]] == [(0, 24), (7, 24), (19, 24)]


def test_a_wheel_is_unpacked_too(know: Callable[..., Pack], archives: ArchiveMaker) -> None:
    archive = archives.wheel({"some/tracks/calm/a.opus": b"la", "some/__init__.py": b"raise SystemExit"})
    pack = know("m", kind="music", members=[{"take": "some/tracks/*/*.opus", "to": ""}], source=source(archive))
    folder = import_pack(pack, archive)
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()] == ["calm/a.opus"]


def test_another_archive_is_refused(font: tuple[Pack, Path], archives: ArchiveMaker, packs: Path) -> None:
    pack, _ = font
    other = archives.npm({**FILES, "package/fonts/A.ttf": b"LETTERS"}, version="1.0.1")
    with pytest.raises(MediaError, match=r"some-fonts-1\.0\.1\.tgz: this is not the archive of pack font"):
        import_pack(pack, other)
    assert installed("font") is None
    assert not (packs / "font").exists()


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        ({**CONTENTS, "C.ttf": "0" * 64}, "C.ttf is missing"),
        ({**CONTENTS, "A.ttf": "0" * 64}, "A.ttf is not the file that the registry names"),
        ({"A.ttf": CONTENTS["A.ttf"]}, r"B\.ttf \(and 1 more\) does not belong to it"),
    ],
)
def test_an_archive_without_the_promised_files_is_refused(
    know: Callable[..., Pack], archives: ArchiveMaker, packs: Path, contents: dict[str, str], sentence: str
) -> None:
    archive = archives.npm(FILES)
    pack = know("font", members=MEMBERS, source=source(archive), contents=contents)
    with pytest.raises(EngineError, match=sentence):
        import_pack(pack, archive)
    assert not (packs / "font").exists()


def test_an_archive_with_more_bytes_than_the_pack_is_refused(
    know: Callable[..., Pack], archives: ArchiveMaker, packs: Path
) -> None:
    archive = archives.npm({"package/a.ttf": bytes(50_000_000)})
    assert archive.stat().st_size < 100_000
    members = [{"take": "package/*.ttf", "to": ""}]
    with pytest.raises(EngineError, match="its files are larger than the registry says"):
        import_pack(know("bomb", members=members, source=source(archive), size=1000), archive)
    # Where the registry names no size, the archive's own bounds it.
    with pytest.raises(EngineError, match="its files are larger than the registry says"):
        import_pack(know("bomb-2", members=members, source=source(archive)), archive)
    assert [path.name for path in packs.iterdir()] == [".locks"]


@pytest.mark.parametrize(
    "names", [("a.ttf", "a.ttf"), ("a.ttf", "a.ttf/b.ttf"), ("a.ttf/b.ttf", "a.ttf")], ids=["file", "below", "above"]
)
def test_a_name_that_comes_twice_is_refused(
    know: Callable[..., Pack], archives: ArchiveMaker, names: tuple[str, str]
) -> None:
    path = archives.folder / "twice.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(f"package/{name}"), io.BytesIO())
    members = [{"take": "package/*.ttf", "to": ""}, {"take": "package/*/*.ttf", "to": ""}]
    with pytest.raises(EngineError, match=r"its archive holds 'a\.ttf.*' twice; refused"):
        import_pack(know("twice", members=members, source=source(path)), path)


@pytest.mark.parametrize("name", ["package/../../evil.ttf", "package/a\nb.ttf", "package/a\\b.ttf"])
def test_a_name_that_leads_out_of_the_pack_is_refused(
    know: Callable[..., Pack], archives: ArchiveMaker, tmp_path: Path, name: str
) -> None:
    archive = archives.npm({name: b"x"})
    members = [{"take": "package/*.ttf", "to": ""}, {"take": "package/*/*/*.ttf", "to": ""}]
    with pytest.raises(EngineError, match="is refused"):
        import_pack(know("evil", members=members, source=source(archive)), archive)
    assert not list(tmp_path.rglob("evil.ttf"))


def test_links_in_an_archive_are_not_taken(know: Callable[..., Pack], archives: ArchiveMaker) -> None:
    tgz = archives.folder / "links.tgz"
    with tarfile.open(tgz, "w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            link = tarfile.TarInfo(f"package/{kind.decode()}.ttf")
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
        good = tarfile.TarInfo("package/good.ttf")
        good.size = 1
        archive.addfile(good, io.BytesIO(b"x"))
    folder = import_pack(know("a", members=[{"take": "package/*.ttf", "to": ""}], source=source(tgz)), tgz)
    assert [path.name for path in folder.iterdir()] == ["good.ttf"]

    wheel = archives.folder / "links.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        info = zipfile.ZipInfo("p/link.ttf")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("p/good.ttf", b"x")
    folder = import_pack(know("b", members=[{"take": "p/*.ttf", "to": ""}], source=source(wheel)), wheel)
    assert [path.name for path in folder.iterdir()] == ["good.ttf"]


def test_an_archive_that_is_none_is_refused(know: Callable[..., Pack], archives: ArchiveMaker) -> None:
    for name in ("broken.whl", "broken.tgz"):
        path = archives.folder / name
        path.write_bytes(b"no archive" * 100)
        pack = know(name.replace(".", "-"), members=[{"take": "*", "to": ""}], source=source(path))
        with pytest.raises(CorruptMedia, match=f"{name}: this archive cannot be read"):
            import_pack(pack, path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_with_damaged_data_is_refused(
    know: Callable[..., Pack], archives: ArchiveMaker, method: int
) -> None:
    path = archives.folder / "damaged.whl"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("p/a.ttf", bytes(range(256)) * 8)
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)
    with pytest.raises(CorruptMedia, match="this archive cannot be read: fetch it again"):
        import_pack(know("damaged", members=[{"take": "p/*", "to": ""}], source=source(path)), path)


def test_an_encrypted_archive_is_refused(know: Callable[..., Pack], archives: ArchiveMaker) -> None:
    path = archives.wheel({"p/a.ttf": b"letters"})
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(CorruptMedia, match="this archive cannot be read"):
        import_pack(know("locked", members=[{"take": "p/*", "to": ""}], source=source(path)), path)


def test_the_folder_of_another_machine_is_taken_over(
    font: tuple[Pack, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, archive = font
    import_pack(pack, archive)
    there = tmp_path / "data" / "packs" / "font"
    monkeypatch.setenv("MULTIPLANE_DATA", str(tmp_path / "other"))
    assert installed("font") is None
    import_pack(pack, there)
    assert pack_source("pack:font/A.ttf").read_bytes() == b"letters"
    assert pack_source("pack:font/A.ttf").is_relative_to(tmp_path / "other")


def test_a_folder_with_other_files_is_refused(font: tuple[Pack, Path], tmp_path: Path) -> None:
    pack, _ = font
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(MediaError, match=r"mine: A\.ttf of pack font is not in this folder"):
        import_pack(pack, folder)
    for name in CONTENTS:
        (folder / name).write_bytes(b"other")
    with pytest.raises(EngineError, match=r"A\.ttf \(and 2 more\) is not the file that the registry names"):
        import_pack(pack, folder)
    assert installed("font") is None


def weights(know: Callable[..., Pack], **keys: object) -> Pack:
    files = ["*.safetensors", "*.bin", "config.json"]
    return know("model", kind="weights", files=files, source={"tool": "dir"}, **keys)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder as the cache of a model hub has it: links to files, hidden folders, a pickle."""
    folder = tmp_path / "model"
    (folder / "unet").mkdir(parents=True)
    (folder / ".git").mkdir()
    blob = tmp_path / "blob"
    blob.write_bytes(b"weights")
    (folder / "unet" / "m.safetensors").symlink_to(blob)
    (folder / "unet" / "m.bin").write_bytes(b"pickle")
    (folder / "config.json").write_bytes(b"{}")
    (folder / ".git" / "config.json").write_bytes(b"{}")
    (folder / "README.md").write_bytes(b"read")
    return folder


def test_a_folder_of_weights_is_imported_without_pickles(know: Callable[..., Pack], model: Path) -> None:
    folder = import_pack(weights(know), model)
    assert sorted(installed_packs()["model"].files) == ["config.json", "unet/m.safetensors"]
    assert (folder / "unet" / "m.safetensors").read_bytes() == b"weights"
    assert not (folder / "unet" / "m.safetensors").is_symlink()


def test_the_folder_of_weights_of_another_machine_is_taken_over(
    know: Callable[..., Pack], model: Path, packs: Path, tmp_path: Path
) -> None:
    files = ["*.safetensors", "*.bin"]
    about = {"tool": "hub", "repository": "some/model", "revision": "0" * 40}
    pack = know("model", kind="weights", files=files, source=about)
    import_pack(pack, model)
    # Without the pickle that was left out there, and under whatever name it came.
    carried = tmp_path / "stick"
    (packs / "model").rename(carried)
    import_pack(pack, carried)
    assert list(installed_packs()["model"].files) == ["unet/m.safetensors"]
    newer = replace(pack, source=replace(pack.source, revision="1" * 40))
    with pytest.raises(MediaError, match=f"stick: this is version {'0' * 40} of pack model, and the registry names"):
        import_pack(newer, carried)


def test_a_pickle_is_imported_where_the_registry_names_its_hash(know: Callable[..., Pack], model: Path) -> None:
    contents = {
        "config.json": sha256(b"{}"),
        "unet/m.bin": sha256(b"pickle"),
        "unet/m.safetensors": sha256(b"weights"),
    }
    folder = import_pack(weights(know, contents=contents), model)
    assert (folder / "unet" / "m.bin").read_bytes() == b"pickle"


def test_a_linked_folder_stays_where_it_is(know: Callable[..., Pack], model: Path) -> None:
    folder = import_pack(weights(know), model, link=True)
    assert (folder / "config.json").is_symlink()
    assert pack_source("pack:model/config.json").read_bytes() == b"{}"
    (model / "config.json").unlink()
    with pytest.raises(UnreadableMedia, match=r"config\.json: it is gone from the pack model"):
        pack_source("pack:model/config.json")


def test_an_archive_cannot_be_linked(font: tuple[Pack, Path]) -> None:
    with pytest.raises(OptionError, match="is an archive: leave --link out"):
        import_pack(*font, link=True)


def test_what_is_not_there_is_said(know: Callable[..., Pack], tmp_path: Path, model: Path) -> None:
    pack = weights(know)
    with pytest.raises(UnreadableMedia, match="nowhere: there is no such file or folder"):
        import_pack(pack, tmp_path / "nowhere")
    with pytest.raises(MediaError, match=r"README\.md: pack model is imported from a folder"):
        import_pack(pack, model / "README.md")
    (model / "unet" / "m.safetensors").unlink()
    with pytest.raises(MediaError, match=r"model: \*\.safetensors of pack model is not in this folder"):
        import_pack(pack, model)


def test_what_may_not_be_read_is_said(
    know: Callable[..., Pack], archives: ArchiveMaker, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archives.wheel({"p/a.ttf": b"letters"})
    pack = know("font", members=[{"take": "p/*", "to": ""}], source=source(archive))
    # Whoever runs the tests may be allowed everything: what the system answers is made up.
    monkeypatch.setattr(os, "access", lambda path, mode: path not in (archive, model / "config.json"))
    with pytest.raises(UnreadableMedia, match=f"{archive.name}: may not be read: change its permissions"):
        import_pack(pack, archive)
    with pytest.raises(MediaError, match=r"model: 'config\.json' in it may not be read: change its permissions"):
        import_pack(weights(know), model)


def test_a_refused_licence_is_said_with_the_reason(
    know: Callable[..., Pack], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = weights(know, licence="CC-BY-NC-4.0")
    with pytest.raises(OptionError) as raised:
        import_pack(pack, model)
    assert raised.value.message == (
        "Pack model is refused: its licence is CC BY-NC 4.0 (non-commercial only), and this site does not accept "
        "CC-BY-NC-4.0: who decides on that can add it to MULTIPLANE_LICENCES."
    )
    monkeypatch.setenv("MULTIPLANE_LICENCES", "MIT, cc-by-nc-4.0")
    import_pack(pack, model)
    assert installed("model") is not None
    # A site that changes its mind does not use what is installed.
    monkeypatch.delenv("MULTIPLANE_LICENCES")
    assert installed("model") is None
    with pytest.raises(UnreadableMedia, match=r"the pack model may not be used here: its licence is CC BY-NC 4\.0"):
        pack_source("pack:model/config.json")
    monkeypatch.setenv("MULTIPLANE_LICENCES", "*")
    assert installed("model") is not None


def test_all_of_several_licences_must_be_accepted(
    know: Callable[..., Pack], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = weights(know, licence="MIT AND CC-BY-NC-4.0")
    monkeypatch.setenv("MULTIPLANE_LICENCES", "MIT")
    with pytest.raises(OptionError, match=r"does not accept CC-BY-NC-4\.0"):
        import_pack(pack, model)
    monkeypatch.setenv("MULTIPLANE_LICENCES", "CC-BY-NC-4.0,MIT")
    import_pack(pack, model)


def test_a_folder_that_cannot_be_written_is_said(
    know: Callable[..., Pack], model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MULTIPLANE_PACKS", str(tmp_path / "file" / "packs"))
    with pytest.raises(OutputError, match=r"The folder of packs, .*file/packs, cannot be written \(Not a directory\)"):
        import_pack(weights(know), model)


def test_a_pack_that_does_not_fit_is_refused_before_anything_is_read(know: Callable[..., Pack], model: Path) -> None:
    pack = weights(know, size=10**18)
    with pytest.raises(EngineError, match=r"Pack model needs 1000000000\.1 GB of disk and .* GB are free"):
        import_pack(pack, model)


def test_a_second_import_takes_the_place_of_the_first(know: Callable[..., Pack], model: Path, packs: Path) -> None:
    pack = weights(know)
    first = import_pack(pack, model)
    (model / "config.json").write_bytes(b"[]")
    second = import_pack(pack, model)
    assert pack_source("pack:model/config.json").read_bytes() == b"[]"
    assert not first.exists()
    assert sorted(path.name for path in (packs / "model").iterdir()) == sorted(["pack.json", second.name])


def test_a_stopped_import_keeps_what_was_there(know: Callable[..., Pack], model: Path, packs: Path) -> None:
    pack = weights(know)
    import_pack(pack, model)
    (model / "config.json").write_bytes(b"[]")
    before = sorted(packs.rglob("*"))

    def stop(progress: PackProgress) -> None:
        if progress.phase == "checking":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_pack(pack, model, on_progress=stop)
    assert sorted(packs.rglob("*")) == before
    assert pack_source("pack:model/config.json").read_bytes() == b"{}"
