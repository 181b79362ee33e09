"""Signed URLs: good for one path and one time."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.store.clock import now_ms
from api.store.signing import SECRET_FILE, Signer

HOUR = 3600 * 1000

PATH = "/files/abc/a%20b.png"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)


def parts(query: str) -> tuple[str, str]:
    found = parse_qs(query)
    return found["e"][0], found["s"][0]


def test_a_signature_is_good_for_its_path_until_it_expires(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    expiry, signature = parts(signer.sign(PATH))
    assert signer.is_good(PATH, expiry, signature)
    for hours, good in ((167, True), (170, False)):
        monkeypatch.setattr("api.store.signing.now_ms", lambda hours=hours: now_ms() + hours * HOUR)
        assert signer.is_good(PATH, expiry, signature) == good


def tampered() -> Iterator[tuple[str, str, str]]:
    yield PATH + "x", "", ""
    yield PATH.upper(), "", ""
    for expiry in ("0", "99999999999", "999999999999", "-1", "1e9", "٣", " 1", "x"):
        yield PATH, expiry, ""
    for signature in ("0" * 64, "x", "\ud800", "é"):
        yield PATH, "", signature


@pytest.mark.parametrize(("path", "expiry", "signature"), list(tampered()))
def test_nothing_of_it_can_be_changed(signer: Signer, path: str, expiry: str, signature: str) -> None:
    good_expiry, good_signature = parts(signer.sign(PATH))
    assert not signer.is_good(path, expiry or good_expiry, signature or good_signature)
    assert not signer.is_good(PATH, good_expiry, "")
    assert not signer.is_good(PATH, "", good_signature)


@given(expiry=st.text(max_size=12), signature=st.text(max_size=70))
def test_whatever_is_sent_is_refused_and_no_error(expiry: str, signature: str) -> None:
    assert not _SIGNER.is_good(PATH, expiry, signature)


def test_a_file_has_the_same_url_for_a_while(signer: Signer) -> None:
    assert len({signer.sign(PATH) for _ in range(3)}) <= 2


def test_the_secret_stays_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    expiry, signature = parts(Signer(tmp_path).sign(PATH))
    assert Signer(tmp_path).is_good(PATH, expiry, signature)
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]
    other = tmp_path / "other"
    other.mkdir()
    assert not Signer(other).is_good(PATH, expiry, signature)


def test_machines_with_the_same_secret_trust_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_SECRET", "of the site")
    first, second = Signer(tmp_path / "a"), Signer(tmp_path / "b")
    assert second.is_good(PATH, *parts(first.sign(PATH)))


def _signer() -> Signer:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return Signer(Path(folder))


_SIGNER = _signer()
