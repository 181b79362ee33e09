"""Contender ``moviepy`` of the timeline: runs in MoviePy's own environment and imports nothing of ours.

    .moviepy-venv/bin/python moviepy_timeline.py EDIT_JSON X264_JSON BEGIN END OUT.mp4

The way MoviePy's users make such an edit: every shot an ImageClip ``resized`` by a function of time (the photo scaled
down once before, to what the closest view needs) or a VideoFileClip, ``CrossFadeIn`` for the dissolves, TextClips with
fades, an AudioFileClip under a volume by time. BEGIN and END are the seconds of the excerpt.
"""

import json
import sys
import time
from typing import Any

import numpy as np
from moviepy import AudioFileClip, CompositeAudioClip, CompositeVideoClip, ImageClip, TextClip, VideoFileClip, vfx
from moviepy.audio.fx import AudioLoop, MultiplyVolume
from PIL import Image


def main(edit: dict[str, Any], x264: dict[str, str], begin: float, end: float, target: str) -> None:
    """Make the excerpt."""
    size = (edit["width"], edit["height"])
    layers: list[Any] = []
    half = edit["dissolve"] / 2
    last = len(edit["shots"]) - 1
    for index, (start, length, source, still) in enumerate(edit["shots"]):
        before, after = (half if index else 0.0), (half if index != last else 0.0)
        duration = length + before + after
        clip = _photo(source, size, edit["zoom"], duration) if still else VideoFileClip(source, audio=False)
        clip = clip.with_duration(duration).with_start(start - before)
        layers.append(clip.with_effects([vfx.CrossFadeIn(edit["dissolve"])]) if index else clip)
    for start, length, text in edit["titles"]:
        title = TextClip(font=edit["font"], text=text, font_size=edit["title_size"], color="white", method="label")
        fades = [vfx.CrossFadeIn(0.5), vfx.CrossFadeOut(0.5)]
        layers.append(title.with_duration(length).with_start(start).with_position("center").with_effects(fades))
    total = edit["shots"][-1][0] + edit["shots"][-1][1]
    video = CompositeVideoClip(layers, size=size).with_duration(total).with_audio(_sound(edit, total))
    video = video.subclipped(begin, end)
    others = {name: value for name, value in x264.items() if name not in ("preset", "threads", "crf")}
    arguments = ["-crf", x264["crf"], "-pix_fmt", "yuv420p"]
    for name, value in others.items():
        arguments += ["-profile:v" if name == "profile" else f"-{name}", value]
    print(json.dumps({"event": "ready", "cpu": time.process_time()}), flush=True)
    video.write_videofile(
        target,
        fps=edit["rate"],
        codec="libx264",
        audio_codec="aac",
        audio_fps=48_000,
        audio_bitrate="192k",
        preset=x264["preset"],
        threads=int(x264["threads"]),
        ffmpeg_params=arguments,
        logger=None,
    )


def _photo(source: str, size: tuple[int, int], zoom: float, duration: float) -> Any:  # noqa: ANN401
    photo = Image.open(source).convert("RGB")
    cover = max(size[0] / photo.width, size[1] / photo.height)
    wanted = cover * zoom
    if wanted < 1:
        photo = photo.resize((round(photo.width * wanted), round(photo.height * wanted)), Image.Resampling.LANCZOS)
        cover = max(size[0] / photo.width, size[1] / photo.height)
    grown = np.asarray(photo)

    def scale(t: float) -> float:
        return float(cover * zoom ** (t / duration))

    def position(t: float) -> tuple[float, float]:
        return (size[0] - photo.width * scale(t)) / 2, (size[1] - photo.height * scale(t)) / 2

    # A clip of the frame's size, so that what hangs over is cut off before the layers are put together. Opaque: the
    # mask of a transparent one would not grow with the picture.
    moving = ImageClip(grown, duration=duration).resized(scale).with_position(position)
    return CompositeVideoClip([moving], size=size, bg_color=(0, 0, 0))


def _sound(edit: dict[str, Any], total: float) -> Any:  # noqa: ANN401
    music = AudioFileClip(edit["music"]).with_effects([AudioLoop(duration=total)])

    def ducked(get_frame: Any, t: Any) -> Any:  # noqa: ANN401
        samples = get_frame(t)
        volume = np.full(np.shape(t), edit["music_volume"])
        for start, length in edit["voices"]:
            volume = np.where((t >= start) & (t <= start + length), edit["music_volume"] * edit["ducked"], volume)
        return samples * (volume[:, None] if np.ndim(t) else volume)

    parts = [music.transform(ducked)]
    for start, length in edit["voices"]:
        voice = AudioFileClip(edit["voice"]).subclipped(0, length).with_effects([MultiplyVolume(1.0)])
        parts.append(voice.with_start(start))
    return CompositeAudioClip(parts)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
