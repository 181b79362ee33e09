"""Contenders ``moviepy`` and ``moviepy-full``: runs in MoviePy's own environment and imports nothing of ours.

    .moviepy-venv/bin/python moviepy_clip.py CLIP_JSON X264_JSON PHOTO_WIDTH OUT.mp4

The way MoviePy's users do a Ken Burns zoom: an ImageClip, ``resized`` and ``with_position`` by functions of time, in a
composite of the video's size. PHOTO_WIDTH is the width to which the photo is scaled once before (with Pillow, Lanczos);
the photo's own width leaves it as it is.
"""

import json
import sys
import time
from typing import Any

import numpy as np
from moviepy import CompositeVideoClip, ImageClip
from PIL import Image


def main(clip: dict[str, Any], x264: dict[str, str], photo_width: int, target: str) -> None:
    """Make the excerpt."""
    photo = Image.open(clip["photo"]).convert("RGB")
    if photo_width != photo.width:
        size = photo_width, round(photo_width * photo.height / photo.width)
        photo = photo.resize(size, Image.Resampling.LANCZOS)
    duration = clip["frames"] / clip["rate"]
    fit = clip["width"] / photo.width

    def zoom(t: float) -> float:
        return float(clip["zoom"] ** (t / duration))

    def position(t: float) -> tuple[float, float]:
        grown = 1 - zoom(t)
        return clip["focus_x"] * clip["width"] * grown, clip["focus_y"] * clip["height"] * grown

    image = ImageClip(np.asarray(photo), duration=duration).resized(lambda t: fit * zoom(t)).with_position(position)
    video = CompositeVideoClip([image], size=(clip["width"], clip["height"]))
    if clip["count"] != clip["frames"]:
        video = video.subclipped(clip["begin"] / clip["rate"], (clip["begin"] + clip["count"]) / clip["rate"])
    others = {name: value for name, value in x264.items() if name not in ("preset", "threads", "crf")}
    arguments = ["-crf", x264["crf"]]
    for name, value in others.items():
        arguments += ["-profile:v" if name == "profile" else f"-{name}", value]
    print(json.dumps({"event": "ready", "cpu": time.process_time()}), flush=True)
    video.write_videofile(
        target,
        fps=clip["rate"],
        codec="libx264",
        audio=False,
        preset=x264["preset"],
        threads=int(x264["threads"]),
        ffmpeg_params=arguments,
        logger=None,
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
