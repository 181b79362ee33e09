"""Compile everything that paints or mixes ahead of its first use: the set-up runs this once, so that no video waits."""

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from engine.media import PRESETS, Mp4Options, Mp4Writer
from engine.raster.scene.warm import fill_once, scene_once
from engine.raster.warm import sample_once
from engine.timeline import (
    AUDIO,
    BLENDS,
    EFFECTS,
    TEXT,
    TRANSITIONS,
    VIDEO,
    Canvas,
    Draft,
    Effect,
    Fit,
    Placement,
    Playback,
    Segment,
    Sound,
    Track,
    Transition,
)
from pipelines.clip.warm import warm_clips
from pipelines.render.options import RenderOptions
from pipelines.render.renderer import render_draft
from pipelines.render.work_folder import work_folder

CANVAS = Canvas(192, 108)
SHOT = Fraction(1, 5)
"""Seconds: long enough for a transition of three frames."""


def render_once() -> None:
    """Render a small draft with every transition, effect and blend, a clip, a title and sound, and a scene with depth;
    nothing is kept."""
    fill_once()
    scene_once()
    with work_folder() as folder:
        render_draft(_draft(folder), folder / "warm.mp4", RenderOptions(preset=PRESETS["draft"]))


def _draft(folder: Path) -> Draft:
    photo, clip, sound, table = (str(folder / name) for name in ("p.png", "c.mp4", "s.wav", "t.cube"))
    pixels = np.random.default_rng(0).integers(0, 255, (400, 640, 4), np.uint8)
    Image.fromarray(pixels).save(photo)
    Path(table).write_text(
        "LUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    )
    with Mp4Writer(Path(clip), Mp4Options(160, 90)) as writer:
        for _ in range(6):
            frame = writer.new_frame()
            frame.y[:], frame.u[:], frame.v[:] = 90, 120, 130
            writer.write(frame)
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(np.random.default_rng(0).integers(-9000, 9000, 44_100, "<i2").tobytes())
    looks = [Effect(name, src=table if name == "lut" else None) for name in EFFECTS]
    main = tuple(
        Segment(f"m{index}", index * SHOT, SHOT, photo, transition=Transition(kind), effects=tuple(looks[index:][:1]))
        for index, kind in enumerate(TRANSITIONS * 2)
    )
    above = tuple(
        Segment(
            f"a{index}",
            index * SHOT,
            SHOT,
            clip if index % 2 else photo,
            transition=Transition("cross_dissolve"),
            fit=Fit("contain"),
            placement=Placement(scale=0.6, rotation=10 * (index % 3), opacity=0.8, blend=blend),
        )
        for index, blend in enumerate(BLENDS * 2)
    )
    title = Segment("t", Fraction(0), Fraction(2), text="Title")
    sounds = (
        Segment("u", Fraction(0), Fraction(3), sound, playback=Playback(plays=0), sound=Sound(duck=True)),
        Segment("v", Fraction(0), Fraction(1), sound),
    )
    tracks = (Track("1", VIDEO, main), Track("2", VIDEO, above), Track("3", TEXT, (title,)))
    heard = tuple(Track(f"s{segment.id}", AUDIO, (segment,)) for segment in sounds)
    return Draft(CANVAS, duration=main[-1].end, tracks=(*tracks, *heard))


if __name__ == "__main__":
    sample_once()
    warm_clips()
    render_once()
