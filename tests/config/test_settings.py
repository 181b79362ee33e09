"""Kinds of settings: a choice, a flag, and secrets that nobody sees."""

import pytest

from engine.core import settings
from engine.core.errors import OptionError
from engine.core.settings import ChoiceSetting, FlagSetting, TextSetting


@pytest.fixture(autouse=True)
def registry_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a test are no settings of the project."""
    monkeypatch.setattr(settings, "_REGISTRY", {})


def test_a_choice_takes_its_words_in_any_case_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = ChoiceSetting("MULTIPLANE_T_CHOICE", "auto", ("auto", "json", "text"), "about")
    assert choice.value() == choice.shown() == "auto"
    monkeypatch.setenv("MULTIPLANE_T_CHOICE", " JSON ")
    assert choice.value() == "json"
    monkeypatch.setenv("MULTIPLANE_T_CHOICE", "xml")
    with pytest.raises(OptionError, match=r"^MULTIPLANE_T_CHOICE='xml' is not usable: give auto, json or text\.$"):
        choice.value()


def test_a_choice_whose_default_is_no_choice_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="MULTIPLANE_T_BAD"):
        ChoiceSetting("MULTIPLANE_T_BAD", "c", ("a", "b"), "about")


@pytest.mark.parametrize(("text", "on"), [("1", True), ("On", True), ("yes", True), ("TRUE", True), ("", False)])
def test_a_flag_is_on(monkeypatch: pytest.MonkeyPatch, text: str, on: bool) -> None:
    monkeypatch.setenv("MULTIPLANE_T_FLAG", text)
    flag = FlagSetting("MULTIPLANE_T_FLAG", False, "about")
    assert flag.value() is on
    assert flag.shown() == ("on" if on else "off")


@pytest.mark.parametrize(("text", "on"), [("0", False), ("off", False), ("No", False), ("false", False), (" ", True)])
def test_a_flag_is_off(monkeypatch: pytest.MonkeyPatch, text: str, on: bool) -> None:
    monkeypatch.setenv("MULTIPLANE_T_FLAG", text)
    assert FlagSetting("MULTIPLANE_T_FLAG", True, "about").value() is on


@pytest.mark.parametrize("text", ["2", "maybe", "on off", "-1"])
def test_a_flag_refuses_other_words(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MULTIPLANE_T_FLAG", text)
    with pytest.raises(OptionError, match=r"^MULTIPLANE_T_FLAG='.*' is not usable: give on or off\.$"):
        FlagSetting("MULTIPLANE_T_FLAG", True, "about").value()


def test_a_secret_is_read_but_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = TextSetting("MULTIPLANE_T_KEY", "", "about", secret=True)
    assert secret.shown() == "not set"
    monkeypatch.setenv("MULTIPLANE_T_KEY", "hunter2-hunter2")
    assert secret.value() == "hunter2-hunter2"
    assert "hunter2" not in secret.shown()
    assert "hunter2" not in repr(secret)
