"""Limits: bombs are refused from the header, honest large photos are admitted and cost what they must."""

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from engine.core.errors import MediaLimitExceeded, OptionError
from engine.core.settings import all_settings
from engine.media import PhotoLimits, load_photo, probe_photo
from engine.media.headers.hevc import hvcc_sizes
from tests.media.photos.bombs import all_bombs, heic_stream_bomb
from tests.media.photos.photo_samples import (
    EXTENSION,
    FORMATS,
    corner_picture,
    encode,
    png_chunk,
    sample,
    smooth_picture,
)

ROOT = Path(__file__).resolve().parents[3]


def run_child(module: str, *arguments: str, timeout: float = 120) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_bomb_is_refused_without_allocating(tmp_path):
    bombs = all_bombs()
    for name, data in bombs.items():
        (tmp_path / name).write_bytes(data)
    verdicts = json.loads(run_child("tests.media.photos.bomb_child", str(tmp_path)))
    assert len(verdicts) == 2 * len(bombs)
    wrong = {k: v for k, v in verdicts.items() if not v.startswith("MediaLimitExceeded: " + k.split()[1])}
    assert wrong == {}


def test_the_parameter_sets_of_a_real_heic_state_its_size():
    data = sample("HEIC")
    at = data.index(b"hvcC")
    record = data[at + 4 : at - 4 + struct.unpack(">I", data[at - 4 : at])[0]]
    assert hvcc_sizes(record) == [(96, 64)]
    data = heic_stream_bomb()
    record = data[at + 4 : at - 4 + struct.unpack(">I", data[at - 4 : at])[0]]
    assert hvcc_sizes(record) == [(16384, 16384)]


@pytest.mark.parametrize("photo_format", FORMATS)
def test_limits_are_exact(tmp_path, photo_format):
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(sample(photo_format))
    size = path.stat().st_size
    exact = PhotoLimits(file_bytes=size, pixels=96 * 64, dimension=96)
    assert probe_photo(path, exact).width == 96
    assert load_photo(path, limits=exact).pixels.shape == (64, 96, 3)
    for tight in (
        PhotoLimits(file_bytes=size - 1, pixels=96 * 64, dimension=96),
        PhotoLimits(file_bytes=size, pixels=96 * 64 - 1, dimension=96),
        PhotoLimits(file_bytes=size, pixels=96 * 64, dimension=95),
    ):
        for read in (probe_photo, lambda p, limits: load_photo(p, limits=limits)):
            with pytest.raises(MediaLimitExceeded, match=rf"^photo{EXTENSION[photo_format]}: .*MULTIPLANE_PHOTO_"):
                read(path, tight)


def test_the_defaults_admit_todays_phones_and_refuse_bombs(monkeypatch):
    for name in ("FILE_MB", "MEGAPIXELS", "DIMENSION_PX"):
        monkeypatch.delenv(f"MULTIPLANE_PHOTO_{name}", raising=False)
    limits = PhotoLimits.from_settings()
    assert limits == PhotoLimits(file_bytes=200_000_000, pixels=250_000_000, dimension=30_000)
    limits.check_size(Path("phone.jpg"), 16320, 12240)
    limits.check_size(Path("phone.heic"), 8064, 6048)
    with pytest.raises(MediaLimitExceeded, match=r"268\.4 megapixels"):
        limits.check_size(Path("a.webp"), 16384, 16384)


def test_a_site_changes_the_limits_by_settings_with_units(monkeypatch, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(sample("PNG"))
    monkeypatch.setenv("MULTIPLANE_PHOTO_MEGAPIXELS", "0.006")
    with pytest.raises(MediaLimitExceeded, match="MULTIPLANE_PHOTO_MEGAPIXELS"):
        probe_photo(path)
    monkeypatch.setenv("MULTIPLANE_PHOTO_MEGAPIXELS", "many")
    with pytest.raises(OptionError, match="megapixels"):
        probe_photo(path)
    units = {s.variable: s.unit for s in all_settings() if s.variable.startswith("MULTIPLANE_PHOTO_")}
    assert units == {
        "MULTIPLANE_PHOTO_FILE_MB": "MB",
        "MULTIPLANE_PHOTO_MEGAPIXELS": "megapixels",
        "MULTIPLANE_PHOTO_DIMENSION_PX": "px",
    }


def test_a_sparse_file_above_the_limit_is_refused_by_its_size(tmp_path):
    path = tmp_path / "huge.tif"
    with path.open("wb") as stream:
        stream.truncate(200_000_001)
    with pytest.raises(MediaLimitExceeded, match=r"200\.0 MB"):
        probe_photo(path)


def test_a_gif_whose_picture_reaches_over_its_screen_is_shown_whole(tmp_path):
    data = sample("GIF")
    path = tmp_path / "photo.gif"
    path.write_bytes(data[:6] + struct.pack("<HH", 10, 10) + data[10:])
    info = probe_photo(path)
    assert (info.width, info.height) == (96, 64)
    assert load_photo(path).pixels.shape == (64, 96, 3)


@pytest.fixture(scope="module")
def squeezed() -> bytes:
    """A zlib stream that inflates to 300 MB."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"])
def test_metadata_bombs_in_png_cost_neither_memory_nor_the_picture(tmp_path, kind, squeezed):
    head = {b"iCCP": b"x\0\0", b"zTXt": b"x\0\0", b"iTXt": b"x\0\1\0\0\0"}[kind]
    data = encode(corner_picture(), "PNG")
    path = tmp_path / "photo.png"
    path.write_bytes(data[:33] + png_chunk(kind, head + squeezed) + data[33:])
    code = f"""
import sys
from pathlib import Path
from engine.media import load_photo
photo = load_photo(Path({str(path)!r}))
assert photo.pixels.shape == (64, 96, 3)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
sys.stdout.write(peak.split()[1])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert int(done.stdout) < 200_000, "kB"


def large_jpeg(path: Path, width: int, rows_of_blocks: int) -> int:
    """A JPEG of any height for the memory of one strip: eight rows of blocks, each ended by a restart marker, repeated.

    Restart markers make every row of blocks independent (ITU-T T.81 E.1.4), so rows can be copied.
    """
    strip = smooth_picture(width // 16, 128 // 16)
    out = io.BytesIO()
    image = Image.fromarray(strip).resize((width, 128), Image.Resampling.NEAREST)
    image.save(out, "JPEG", quality=40, subsampling=2, restart_marker_rows=1)
    data = bytearray(out.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 7] = struct.pack(">H", 16 * rows_of_blocks)
    scan = data.index(b"\xff\xda")
    scan += 2 + struct.unpack(">H", data[scan + 2 : scan + 4])[0]
    rows = []
    start = scan
    for i in range(8):
        end = data.index(b"\xff" + bytes([0xD0 + i]), start) if i < 7 else data.rindex(b"\xff\xd9")
        rows.append(bytes(data[start:end]))
        start = end + 2
    with path.open("wb") as stream:
        stream.write(data[:scan])
        for i in range(rows_of_blocks):
            stream.write(rows[i % 8] + (b"\xff" + bytes([0xD0 + i % 8]) if i < rows_of_blocks - 1 else b"\xff\xd9"))
    return 16 * rows_of_blocks


def test_a_200_megapixel_photo_costs_what_the_video_needs(tmp_path):
    path = tmp_path / "phone.jpg"
    height = large_jpeg(path, 16320, 765)
    assert height == 12240
    code = f"""
import sys
from pathlib import Path
from engine.media import load_photo, probe_photo
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
path = Path({str(path)!r})
info = probe_photo(path)
before = peak()
photo = load_photo(path, min_scale=1920 / info.width)
assert (info.width, info.height) == (16320, 12240)
assert photo.pixels.shape == (1530, 2040, 3), photo.pixels.shape
assert photo.scale == 0.125
assert photo.pixels.std() > 20
sys.stdout.write(f"{{peak() - before}}")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    decoded_kb = 2040 * 1530 * 3 / 1000
    # Pillow's own copy has four bytes a pixel; the rest is the decoder and the conversion bands.
    assert int(done.stdout) < 4 * decoded_kb + 60_000, "kB"


@pytest.mark.parametrize("min_scale", [1.0, 0.51, 0.5, 0.13, 0.01])
@pytest.mark.parametrize("photo_format", FORMATS)
def test_reduced_photos_keep_at_least_what_was_asked_and_show_the_same(tmp_path, photo_format, min_scale):
    path = tmp_path / f"photo{EXTENSION[photo_format]}"
    path.write_bytes(encode(smooth_picture(203, 131), photo_format, orientation=6))
    full = load_photo(path).pixels
    photo = load_photo(path, min_scale=min_scale)
    assert photo.scale >= min_scale
    assert photo.pixels.shape[0] / full.shape[0] >= min_scale
    if photo_format == "JPEG":
        assert photo.scale <= max(2 * min_scale, 0.125 * 1.2) or photo.scale <= 1.0 < 2 * min_scale
    else:
        assert photo.scale == 1
    # The same picture: the mean colour of its upper half stays.
    if photo.pixels.shape[0] >= 8:
        halves = [p[: p.shape[0] // 2].mean(axis=(0, 1)) for p in (full, photo.pixels)]
        assert abs(halves[0] - halves[1]).max() < 8


@pytest.mark.parametrize("min_scale", [0, -1, 1.01, float("nan")])
def test_a_senseless_scale_is_refused(tmp_path, min_scale):
    with pytest.raises(OptionError, match="min_scale"):
        load_photo(tmp_path / "never opened.jpg", min_scale=min_scale)
