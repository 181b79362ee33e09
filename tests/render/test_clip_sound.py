"""The sound of a clip stays with its picture where the two are not equally long."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.media import PRESETS
from engine.timeline import VIDEO, Draft, Playback, Segment, Track
from pipelines.render import RenderOptions, render_draft
from tests.render.media import SMALL

RATE, SOUND_RATE = 25, 48_000
PICTURES, FLASH = 25, 10
"""A second of pictures; the one that flashes while the sound clicks."""


def clip(path: Path, sound: float) -> Path:
    """A dark clip of one second that flashes and clicks at 0.4 s, with so many seconds of sound."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = SMALL.width, SMALL.height, "yuv420p"
        sounds = out.add_stream("pcm_s16le", rate=SOUND_RATE, layout="mono")
        for number in range(PICTURES):
            grey = np.full((SMALL.height, SMALL.width), 235 if number == FLASH else 30, np.uint8)
            picture = av.VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            out.mux(pictures.encode(picture))
        out.mux(pictures.encode(None))
        samples = np.zeros((1, int(sound * SOUND_RATE)), np.int16)
        begin = FLASH * SOUND_RATE // RATE
        length = SOUND_RATE // RATE
        samples[0, begin : begin + length] = 20_000 * np.sin(2 * np.pi * 1000 * np.arange(length) / SOUND_RATE)
        block = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        block.sample_rate, block.pts, block.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
        out.mux(sounds.encode(block))
        out.mux(sounds.encode(None))
    return path


def flashes_and_clicks(path: Path) -> tuple[list[float], list[float]]:
    """When each flash and each click of a rendering begins, seconds."""
    with av.open(str(path)) as file:
        bright = np.array([frame.to_ndarray(format="gray").mean() > 120 for frame in file.decode(video=0)])
    with av.open(str(path)) as file:
        first, parts = None, []
        for frame in file.decode(audio=0):
            first = float(frame.time) if first is None else first
            parts.append(np.abs(frame.to_ndarray()).max(0))
    assert first is not None
    level = np.concatenate(parts)
    loud = np.flatnonzero(level > 0.3 * level.max())
    starts = [loud[0], *loud[1:][np.diff(loud) > SOUND_RATE // 10]]
    return list(np.flatnonzero(np.diff(bright, prepend=False) & bright) / RATE), [
        first + start / SOUND_RATE for start in starts
    ]


@pytest.mark.parametrize("sound", [0.6, 1.0, 1.7], ids=["shorter", "equal", "longer"])
@pytest.mark.parametrize(
    ("playback", "expected"),
    [
        (Playback(), [0.4]),
        (Playback(reverse=True), [0.56]),
        (Playback(plays=0), [0.4, 1.4, 2.4]),
        (Playback(start=Fraction(1, 5), plays=2), [0.2, 1.0]),
        (Playback(reverse=True, plays=0), [0.56, 1.56, 2.56]),
        (Playback(end=Fraction(3), reverse=True), [0.56]),
        (Playback(end=Fraction(4, 5), plays=0), [0.4, 1.2, 2.0, 2.8]),
    ],
    ids=["once", "reverse", "loop", "trimmed loop", "reverse loop", "end beyond", "end within"],
)
def test_each_flash_clicks(tmp_path: Path, sound: float, playback: Playback, expected: list[float]) -> None:
    source = clip(tmp_path / "a.mkv", sound)
    segment = Segment("a", Fraction(0), Fraction(3), str(source), playback=playback)
    whole = Draft(SMALL, Fraction(RATE), duration=Fraction(3), tracks=(Track("v", VIDEO, (segment,)),))
    render_draft(whole, tmp_path / "a.mp4", RenderOptions(preset=PRESETS["draft"]))
    flashes, clicks = flashes_and_clicks(tmp_path / "a.mp4")
    assert flashes == pytest.approx(expected)
    assert clicks == pytest.approx(expected, abs=0.01)
