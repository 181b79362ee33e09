"""The edit that every contender of the timeline benchmark makes, and the media that it is made of.

One minute of 1080p30: six photos under a zoom, a video clip in their middle, cross-dissolves between all, three titles
(one in Chinese), music that ducks under a voice. A longer edit is the same minute again and again.
"""

import json
import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 1920, 1080, 30
MINUTE = 60_000
PHOTO_MS, CLIP_MS = 8_600, 8_400
"""Milliseconds that each photo and the clip are on screen: six and one make a minute."""

DISSOLVE_MS = 800
ZOOM = 1.15
TITLE_SIZE = 0.09
TITLES = ((1_000, 3_000, "Urban Dreams"), (20_000, 3_000, "城市之梦"), (55_000, 4_000, "Until the next summer"))
"""Start, length, text."""

MUSIC_VOLUME, DUCKED = 0.5, 0.25
VOICES = ((10_000, 6_000), (30_000, 8_000))
"""Start and length of what is said."""

SAMPLE_RATE = 48_000


@dataclass(frozen=True, slots=True)
class Media:
    """The files of the edit."""

    photos: tuple[Path, ...]
    clip: Path
    music: Path
    voice: Path


def make_media(photos: list[Path], folder: Path) -> Media:
    """Six photos of those given, a clip of a moving picture, a chord and a murmur, written to a folder."""
    clip, music, voice = folder / "clip.mp4", folder / "music.wav", folder / "voice.wav"
    _write_clip(photos[0], clip)
    time = np.arange(60 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(np.sin(2 * math.pi * pitch * time) for pitch in (220.0, 277.18, 329.63))
    _write_wave(music, 0.15 * chord * (0.6 + 0.4 * np.sin(2 * math.pi * time / 4)))
    random = np.random.default_rng(0)
    murmur = np.convolve(random.normal(0, 1, 10 * SAMPLE_RATE), np.ones(40) / 40, "same")
    syllables = np.clip(np.sin(2 * math.pi * 3 * time[: 10 * SAMPLE_RATE]), 0, 1)
    _write_wave(voice, murmur * syllables)
    return Media(tuple(photos[index % len(photos)] for index in range(6)), clip, music, voice)


def draft(media: Media, minutes: int = 1) -> dict[str, Any]:
    """The edit as a draft of ours."""
    pictures: list[dict[str, Any]] = []
    titles: list[dict[str, Any]] = []
    voices: list[dict[str, Any]] = []
    for minute in range(minutes):
        for index, (start, length, source) in enumerate(shots(media)):
            segment: dict[str, Any] = {"id": f"v{minute}-{index}", "s": minute * MINUTE + start, "d": length}
            segment["src"] = str(source)
            segment["tr"] = {"ty": "cross_dissolve", "d": DISSOLVE_MS}
            if source != media.clip:
                segment["mo"] = {"move": "zoom_in", "amount": ZOOM, "focus": [0.5, 0.5], "ease": "linear"}
            segment["fit"] = "crop"
            pictures.append(segment)
        titles += [
            {"id": f"t{minute}-{index}", "s": minute * MINUTE + start, "d": length, "tx": text,
             "st": {"size": TITLE_SIZE, "in": "fade", "out": "fade"}}
            for index, (start, length, text) in enumerate(TITLES)
        ]  # fmt: skip
        voices += [
            {"id": f"o{minute}-{index}", "s": minute * MINUTE + start, "d": length, "src": str(media.voice)}
            for index, (start, length) in enumerate(VOICES)
        ]
    music = {"id": "m", "s": 0, "d": minutes * MINUTE, "src": str(media.music), "vol": MUSIC_VOLUME, "duck": True}
    music |= {"loop": 0, "fo": 2000}
    return {
        "v": 2, "d": minutes * MINUTE, "w": WIDTH, "h": HEIGHT, "fps": RATE, "m": {"title": "Benchmark"},
        "t": [
            {"id": "video", "tt": 0, "sg": pictures},
            {"id": "music", "tt": 1, "sg": [music]},
            {"id": "voice", "tt": 1, "sg": voices},
            {"id": "titles", "tt": 7, "sg": titles},
        ],
    }  # fmt: skip


def shots(media: Media) -> list[tuple[int, int, Path]]:
    """Start, length in milliseconds and file of what is on screen in a minute."""
    sources = [*media.photos[:3], media.clip, *media.photos[3:]]
    found = []
    start = 0
    for source in sources:
        length = CLIP_MS if source == media.clip else PHOTO_MS
        found.append((start, length, source))
        start += length
    return found


def for_others(media: Media, font: Path) -> dict[str, Any]:
    """The same edit in plain numbers, for a contender that knows nothing of ours."""
    return {
        "width": WIDTH, "height": HEIGHT, "rate": RATE, "dissolve": DISSOLVE_MS / 1000, "zoom": ZOOM,
        "shots": [[start / 1000, length / 1000, str(source), source != media.clip]
                  for start, length, source in shots(media)],
        "titles": [[start / 1000, length / 1000, text] for start, length, text in TITLES],
        "title_size": round(TITLE_SIZE * HEIGHT), "font": str(font),
        "music": str(media.music), "music_volume": MUSIC_VOLUME, "ducked": DUCKED,
        "voice": str(media.voice), "voices": [[start / 1000, length / 1000] for start, length in VOICES],
    }  # fmt: skip


def write_draft(media: Media, minutes: int, target: Path) -> Path:
    """The draft as a JSON file."""
    target.write_text(json.dumps(draft(media, minutes), ensure_ascii=False))
    return target


def _write_wave(path: Path, samples: NDArray[np.float64]) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        whole = np.clip(samples, -1, 1) * 32767
        file.writeframes(np.repeat(whole.astype("<i2")[:, None], 2, axis=1).tobytes())


def _write_clip(photo: Path, target: Path) -> None:
    """A clip as a camera would give it: 1080p30, H.264, a pan over a photo."""
    from engine.core.frames import YuvFrame
    from engine.core.view import View
    from engine.media import Mp4Options, Mp4Writer
    from engine.motion import Motion
    from engine.timeline import Fit
    from pipelines.kenburns import open_kenburns

    seconds = Fraction(10)
    source = open_kenburns(photo, Motion(("pan_right", "zoom_in")), Fit("crop"), (WIDTH, HEIGHT), seconds)
    with Mp4Writer(target, Mp4Options(WIDTH, HEIGHT, Fraction(RATE)), overwrite=True) as writer:
        for number in range(int(seconds * RATE)):
            frame: YuvFrame = writer.new_frame()
            source.render(Fraction(number, RATE), View.whole(WIDTH, HEIGHT), frame)
            writer.write(frame)
