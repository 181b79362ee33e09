"""What cannot be read is refused in one sentence that names the file, says what it is and what would work."""

import gzip
import io
import os
import re
import stat
import struct
import threading
import wave
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.core.errors import CorruptMedia, MediaError, UnreadableMedia, UnsupportedMedia
from engine.media import PhotoInfo, load_photo, probe_photo
from tests.media.photos.photo_samples import EXTENSION, FORMATS, corner_picture, encode, sample, smooth_picture


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", 4 + len(body)) + body + bytes(64)


def zip_bytes() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    return out.getvalue()


def wav_bytes() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(100))
    return out.getvalue()


def raw_tiff(make: bytes, extra: list[tuple[int, int, int, int]]) -> bytes:
    """A TIFF whose first directory looks like that of a camera."""
    entries = sorted([(256, 4, 1, 160), (257, 4, 1, 120), (271, 2, len(make), 0), *extra])
    at = 8 + 2 + 12 * len(entries) + 4
    table = b"".join(struct.pack("<HHII", t, k, n, at if t == 271 else v) for t, k, n, v in entries)
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + table + bytes(4) + make


THUMBNAIL = [(254, 4, 1, 1), (330, 4, 1, 500)]
FOREIGN = {
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing", "PNG"),
    "text": ("Grüße vom Strand\n".encode() * 400, "a text file", "JPEG"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", "a web page", "download the picture"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document", "export the page"),
    "psd": (b"8BPS\0\1" + bytes(40), "a Photoshop document", "export it"),
    "zip": (zip_bytes(), "a ZIP archive", "unpack it"),
    "gzip": (gzip.compress(b"x"), "a gzip archive", "unpack it"),
    "mp4": (ftyp(b"isom", b"isom", b"mp41"), "an MP4 or QuickTime video", "one frame"),
    "mov": (ftyp(b"qt  ", b"qt  "), "an MP4 or QuickTime video", "one frame"),
    "old mov": (struct.pack(">I", 100) + b"moov" + bytes(92), "a QuickTime video", "one frame"),
    "m4a": (ftyp(b"M4A ", b"mp42"), "an M4A audio file", "give a photo"),
    "mkv": (b"\x1aE\xdf\xa3" + bytes(40), "a Matroska or WebM video", "one frame"),
    "avi": (b"RIFF\0\0\0\0AVI LIST", "an AVI video", "one frame"),
    "ts": ((b"G" + bytes(187)) * 4, "an MPEG transport stream", "one frame"),
    "wav": (wav_bytes(), "a WAV audio file", "give a photo"),
    "mp3": (b"ID3\4" + bytes(40), "an MP3 audio file", "give a photo"),
    "bare mp3": (b"\xff\xfb\x90\x64" + bytes(range(200)), "an MP3 or AAC audio file", "give a photo"),
    "flac": (b"fLaC" + bytes(40), "a FLAC audio file", "give a photo"),
    "jxl": (b"\xff\x0a" + bytes(40), "a JPEG XL picture", "export it"),
    "jxl box": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "a JPEG XL picture", "export it"),
    "jp2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), "a JPEG 2000 picture", "export it"),
    "exr": (b"v/1\x01" + bytes(40), "an OpenEXR picture", "export it"),
    "ico": (b"\0\0\1\0" + bytes(40), "a Windows icon", "export it"),
    "cr2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "a Canon RAW photo (CR2)", "raw converter"),
    "cr3": (ftyp(b"crx ", b"isom"), "a Canon RAW photo (CR3)", "raw converter"),
    "raf": (b"FUJIFILMCCD-RAW 0201" + bytes(40), "a Fujifilm RAW photo", "raw converter"),
    "orf": (b"IIRO\x08\0\0\0" + bytes(40), "an Olympus RAW photo", "raw converter"),
    "rw2": (b"IIU\0\x18\0\0\0" + bytes(40), "a Panasonic RAW photo", "raw converter"),
    "dng": (raw_tiff(b"Google\0", [(50706, 1, 4, 0x401)]), "RAW photo (DNG)", "raw converter"),
    "nef": (raw_tiff(b"NIKON CORPORATION\0", THUMBNAIL), "RAW photo (NEF)", "raw converter"),
    "arw": (raw_tiff(b"SONY \0", THUMBNAIL), "RAW photo (ARW)", "raw converter"),
    "noise": (bytes(range(128, 256)) * 3, "not a picture in any format", "JPEG, PNG"),
}


def one_sentence(error: MediaError, name: str) -> bool:
    """The name, then one sentence of plain words."""
    message = error.message
    return message.startswith(f"{name}: ") and message.endswith(".") and "\n" not in message and "Error" not in message


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("suffix", [".jpg", ".dat"])
def test_other_content_is_named_whatever_the_extension_says(tmp_path, kind, suffix):
    data, what, advice = FOREIGN[kind]
    path = tmp_path / f"holiday{suffix}"
    path.write_bytes(data)
    for read in (probe_photo, load_photo):
        with pytest.raises(UnsupportedMedia, match=re.escape(what)) as caught:
            read(path)
        assert one_sentence(caught.value, path.name)
        assert advice in caught.value.message


@pytest.mark.parametrize("photo_format", FORMATS)
def test_a_photo_under_another_photos_name_is_read_and_noted(tmp_path, photo_format):
    suffix = ".png" if photo_format != "PNG" else ".jpg"
    path = tmp_path / f"photo{suffix}"
    path.write_bytes(sample(photo_format))
    photo = load_photo(path)
    assert photo.info.format == photo_format
    assert any(suffix in note and photo_format in note for note in photo.info.notes)


@pytest.mark.parametrize("name", ["PHOTO.JPG", "photo.jpeg", "photo", "photo.bin"])
def test_names_without_a_contradiction_are_not_remarked_upon(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(sample("JPEG"))
    assert probe_photo(path).notes == ()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("photo_format", FORMATS)
def test_a_photo_that_was_cut_off_is_refused(tmp_path, photo_format, share):
    data = encode(smooth_picture(300, 200), photo_format)
    path = tmp_path / f"cut{EXTENSION[photo_format]}"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CorruptMedia, match=r"cut off|damaged") as caught:
        load_photo(path)
    assert one_sentence(caught.value, path.name)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_cut_at_60_percent_is_called_cut_off(tmp_path, dandelion, progressive):
    if progressive:
        out = io.BytesIO()
        Image.fromarray(smooth_picture(400, 300)).save(out, "JPEG", progressive=True)
        data = out.getvalue()
    else:
        data = dandelion.read_bytes()
    path = tmp_path / "cut.jpg"
    path.write_bytes(data[: int(0.6 * len(data))])
    for scale in (1.0, 0.125):
        with pytest.raises(CorruptMedia, match="cut off") as caught:
            load_photo(path, min_scale=scale)
        assert "truncated" in caught.value.detail


def test_a_16_bit_png_with_a_flipped_bit_is_refused(tmp_path):
    from tests.media.photos.photo_samples import png16

    data = bytearray(png16(smooth_picture(50, 50).astype(np.uint16) * 257))
    data[len(data) // 2] ^= 4
    path = tmp_path / "deep.png"
    path.write_bytes(data)
    with pytest.raises(CorruptMedia):
        load_photo(path)


def test_missing_empty_directory_pipe_and_circle(tmp_path):
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    cases = {
        "missing.jpg": "no such file",
        "empty.jpg": "empty",
        "folder.jpg": "directory",
        "pipe.jpg": "not a regular file",
        "loop.jpg": "circle",
        "x" * 300 + ".jpg": "too long",
        "empty.jpg/inside.jpg": "no such file",
    }
    for name, words in cases.items():
        for read in (probe_photo, load_photo):
            with pytest.raises(UnreadableMedia, match=words) as caught:
                read(tmp_path / name)
            assert one_sentence(caught.value, (tmp_path / name).name)
            assert str(tmp_path) not in caught.value.message


def test_a_device_is_refused_without_being_opened():
    with pytest.raises(UnreadableMedia, match="not a regular file"):
        load_photo(Path("/dev/zero"))


def test_a_name_with_a_zero_byte_is_refused(tmp_path):
    with pytest.raises(UnreadableMedia, match="zero byte"):
        probe_photo(tmp_path / "a\0b.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_without_permission(tmp_path):
    path = tmp_path / "secret.jpg"
    path.write_bytes(sample("JPEG"))
    path.chmod(0)
    with pytest.raises(UnreadableMedia, match="not permitted"):
        probe_photo(path)


def test_a_refusal_by_the_system_says_permission(tmp_path, monkeypatch):
    path = tmp_path / "secret.jpg"
    path.write_bytes(sample("JPEG"))

    def refuse(*_args: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableMedia, match="not permitted") as caught:
        probe_photo(path)
    assert "Permission denied" in caught.value.detail


@pytest.mark.parametrize("photo_format", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_of_several_pictures_the_first_is_shown_and_that_is_said(tmp_path, photo_format):
    frames = [Image.fromarray(corner_picture()), Image.new("RGB", (96, 64), "black")]
    out = io.BytesIO()
    options = {"lossless": True} if photo_format == "WEBP" else {}
    frames[0].save(out, photo_format, save_all=True, append_images=frames[1:], **options)
    path = tmp_path / f"moving{EXTENSION[photo_format]}"
    path.write_bytes(out.getvalue())
    photo = load_photo(path)
    assert np.abs(photo.pixels.astype(int) - corner_picture()).mean() <= 6
    assert photo.pixels.mean() > 80
    (note,) = photo.info.notes
    assert note.startswith("Only the first picture is used")
    assert ("pages" if photo_format == "TIFF" else "animated") in note


def test_nothing_is_left_open_after_refusals_and_successes(tmp_path):
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(sample("JPEG"))
    bad.write_bytes(sample("JPEG")[:300])
    load_photo(good)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        load_photo(good)
        with pytest.raises(CorruptMedia):
            load_photo(bad)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_photos_load_in_many_threads_at_once(tmp_path):
    paths = []
    for photo_format in FORMATS:
        path = tmp_path / f"photo{EXTENSION[photo_format]}"
        path.write_bytes(sample(photo_format))
        paths.append(path)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(sample("JPEG")[:500])
    alone = {path: load_photo(path).pixels for path in paths}
    limit = Image.MAX_IMAGE_PIXELS

    def load(index: int) -> bool:
        if index % 9 == 8:
            with pytest.raises(CorruptMedia):
                load_photo(cut)
            return True
        path = paths[index % 9 % len(paths)]
        return np.array_equal(load_photo(path).pixels, alone[path])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(load, range(180)))
    assert limit == Image.MAX_IMAGE_PIXELS
    assert threading.active_count() < 20


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(photo_format=st.sampled_from(FORMATS), data=st.data())
def test_probing_any_bytes_ends_in_info_or_a_sentence(tmp_path, photo_format, data):
    good = sample(photo_format)
    head = data.draw(st.integers(2, min(len(good), 400)))
    path = tmp_path / "any"
    path.write_bytes(good[:head] + data.draw(st.binary(max_size=300)))
    try:
        info: PhotoInfo | MediaError = probe_photo(path)
    except MediaError as error:
        info = error
    if isinstance(info, PhotoInfo):
        assert info.width * info.height > 0
    else:
        assert one_sentence(info, "any")


def test_the_file_itself_is_never_touched(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(sample("JPEG"))
    path.chmod(stat.S_IRUSR)
    before = path.stat()
    load_photo(path)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_mode) == (after.st_mtime_ns, after.st_size, after.st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["photo.jpg"]
