"""Media that the tests of rendering make for themselves."""

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.core.frames import YuvFrame
from engine.media import Mp4Options, Mp4Writer
from engine.timeline import AUDIO, TEXT, VIDEO, Canvas, Draft, Segment, Sound, TextStyle, Track

SMALL = Canvas(160, 90)


def picture(path: Path, color: tuple[int, int, int] = (90, 140, 200), size: tuple[int, int] = (400, 300)) -> Path:
    """A photo: a soft texture around one colour."""
    rng = np.random.default_rng(sum(color))
    coarse = rng.normal(0, 12, (size[1] // 10 + 1, size[0] // 10 + 1, 1))
    texture = np.kron(coarse, np.ones((10, 10, 1)))[: size[1], : size[0]]
    Image.fromarray(np.clip(texture + color, 0, 255).astype(np.uint8)).save(path)
    return path


def disc(path: Path, size: int = 200) -> Path:
    """A red disc on nothing, under which the file holds black."""
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    alpha = np.clip(size / 2 - 4 - np.hypot(x, y), 0, 1)
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[alpha > 0, 0] = 255
    pixels[..., 3] = np.rint(255 * alpha)
    Image.fromarray(pixels).save(path)
    return path


def counting_clip(path: Path, frames: int = 60, size: tuple[int, int] = (160, 90)) -> Path:
    """A clip at 30 fps whose frame n is a grey of luma 40 + 3 n."""
    options = Mp4Options(*size, Fraction(30))
    with Mp4Writer(path, options, overwrite=True) as writer:
        for number in range(frames):
            frame: YuvFrame = writer.new_frame()
            frame.y[:], frame.u[:], frame.v[:] = 40 + 3 * number, 128, 128
            writer.write(frame)
    return path


def tone(path: Path, seconds: float = 3.0, hertz: float = 440.0, level: float = 0.3) -> Path:
    """A stereo sine in a WAV file, 48 kHz."""
    time = np.arange(int(seconds * 48_000)) / 48_000
    samples: NDArray[np.int16] = np.rint(32767 * level * np.sin(2 * np.pi * hertz * time)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(samples[:, None], 2, axis=1).tobytes())
    return path


def full_draft(folder: Path, canvas: Canvas = SMALL) -> Draft:
    """Six seconds with some of everything: photos in motion, a card, a clip above, titles, effects, sound."""
    from engine.motion import Motion
    from engine.timeline import Effect, Placement, Playback, Transition

    photos = [picture(folder / f"{index}.png", (60 + 60 * index, 120, 90)) for index in range(2)]
    clip, music = counting_clip(folder / "clip.mp4"), tone(folder / "music.wav")
    second = Fraction(1)
    main = (
        Segment(
            "a", 0 * second, 2 * second, str(photos[0]), Motion(("zoom_in", "handheld")), Transition("cross_dissolve")
        ),
        Segment("b", 2 * second, 2 * second, "gradient:#203040,#c08040,90", transition=Transition("push_left")),
        Segment("c", 4 * second, 2 * second, str(photos[1]), Motion(("pan_left",)), effects=(Effect("snow"),)),
    )
    above = (
        Segment(
            "p", second, 4 * second, str(clip), placement=Placement(0.75, 0.7, 0.35, rotation=10, opacity=0.9),
            playback=Playback(speed=Fraction(1, 2)),
        ),
    )  # fmt: skip
    titles = (
        Segment("t", Fraction(1, 2), 2 * second, text="Harbour", style=TextStyle(enter="fade", leave="rise")),
        Segment("u", Fraction(5), second, text="The end", style=TextStyle("lower_third")),
    )
    sound = (Segment("m", 0 * second, 6 * second, str(music), playback=Playback(plays=0), sound=Sound(0.5)),)
    return Draft(
        canvas,
        duration=6 * second,
        tracks=(
            Track("v1", VIDEO, main),
            Track("v2", VIDEO, above),
            Track("x", TEXT, titles),
            Track("s", AUDIO, sound),
        ),
        meta={"title": "Test"},
    )
