"""What an upload is, by its content: each kind that we take, and what is refused however it is called."""

import io
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from api.intake.kinds import KINDS, judge
from engine.core.errors import FileNotSupported
from tests.intake.uploads import made


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name != "OGV"])
def test_each_kind_is_known_by_its_content(tmp_path: Path, kind: str) -> None:
    found = judge(made(tmp_path, kind), "holiday", None)
    assert found.name == kind
    assert found.mime.startswith({"photo": "image/", "video": "video/", "audio": "audio/"}[found.family])


def test_an_mp3_without_a_tag_is_told_from_aac(tmp_path: Path) -> None:
    path = made(tmp_path, "MP3")
    data = path.read_bytes()
    start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    path.write_bytes(data[start:])
    assert judge(path, "a.aac", "audio/aac").name == "MP3"


@pytest.mark.parametrize(
    ("name", "declared"), [("a.png", "image/png"), ("a.webp", "video/mp4"), ("a", None), ("", "x")]
)
def test_a_wrong_name_or_type_alone_changes_nothing(tmp_path: Path, name: str, declared: str | None) -> None:
    assert judge(made(tmp_path, "JPG"), name, declared).name == "JPG"


@pytest.mark.parametrize(("kind", "name"), [("JPG", "a.mp4"), ("JPG", "a.MP3"), ("MP4", "a.jpg"), ("WAV", "a.png")])
def test_a_photo_that_is_called_none_or_the_reverse_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(FileNotSupported, match=f"does not fit what it holds, which is {kind}"):
        judge(made(tmp_path, kind), name, None)
    assert judge(made(tmp_path, kind), "a.gif", None).name == kind, "sites call short videos so"


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jpg", HTML, "a web page"),
        ("a.png", SVG, "an SVG drawing"),
        ("a.mp4", b"#EXTM3U\n#EXTINF:10,\nother.ts\n", "a text file"),
        ("a.mp4", b"ffconcat version 1.0\nfile other.mp4\n", "a text file"),
        ("a.mp4", b"just words", "a text file"),
        ("a.mp4", b"v=0\nm=video 5004 RTP/AVP 96\n", "a text file"),
        ("a.jpg", zipped(), "a ZIP archive"),
        ("a.jpg", b"\x7fELF\x02\x01\x01" + bytes(60), "a program"),
        ("a.jpg", b"MZ\x90\0" + bytes(60), "a Windows program"),
        ("a.jpg", b"#!/bin/sh\nrm -rf .\n", "a text file"),
        ("a.jpg", b"%PDF-1.7\n" + bytes(60), "a PDF document"),
        ("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript document"),
        ("a.jpg", b"8BPS" + bytes(60), "a Photoshop document"),
        ("a.mid", b"MThd" + bytes(60), "a MIDI file"),
        ("a.iff", b"FORM\0\0\0\x20ILBM" + bytes(60), "an AIFF or IFF file"),
        ("a.bin", bytes(range(256)), "not a picture in any format"),
    ],
)
def test_what_is_no_medium_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / "blob").write_bytes(content)
    with pytest.raises(FileNotSupported) as refused:
        judge(tmp_path / "blob", name, "video/mp4")
    assert refused.value.number == 4001
    assert refused.value.message.startswith(f"{name}: this is ")
    assert says in refused.value.message
    assert "give JPG, PNG" in refused.value.message


@pytest.mark.parametrize(
    ("name", "declared"),
    [("a.html", None), ("A.SVG", "image/jpeg"), ("a.jpg", "text/html; charset=utf-8"), ("a.jpg.exe", None)],
)
def test_a_medium_that_is_called_a_program_or_a_page_is_refused(
    tmp_path: Path, name: str, declared: str | None
) -> None:
    with pytest.raises(FileNotSupported, match="a program or a web page, while it holds GIF"):
        judge(made(tmp_path, "GIF"), name, declared)


def test_nothing_but_a_filled_regular_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(FileNotSupported, match=r"a\.jpg: the file is empty"):
        judge(tmp_path / "empty", "a.jpg", None)
    made(tmp_path, "JPG")
    (tmp_path / "link").symlink_to(tmp_path / "blob")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "missing", "pipe"):
        with pytest.raises(FileNotSupported):
            judge(tmp_path / name, "a.jpg", None)
    with pytest.raises(FileNotSupported, match="not a regular file"):
        judge(tmp_path, "a.jpg", None)


def test_noise_never_raises_anything_else(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    for start in (b"", b"RIFF", b"\0\0\0\x18ftyp", b"\x1aE\xdf\xa3", b"OggS", b"\xff\xf1", b"\xff", b"FORM"):
        for length in (1, 3, 12, 40, 5000):
            (tmp_path / "blob").write_bytes((start + random.bytes(length))[:length])
            with suppress(FileNotSupported):
                judge(tmp_path / "blob", "a.jpg", None)
