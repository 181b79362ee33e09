"""Lay frames of MP4 files out as film strips, one row a file: ``python examples/filmstrip.py OUT.jpg CLIP.mp4...``.

The pictures of README.md are made with it (``make filmstrip``), so they show what the command really renders.
"""

import argparse
from pathlib import Path

import av
from PIL import Image

FRAMES = 5
"""Frames in a row: the first, the last, and evenly between."""

FRAME_WIDTH = 384
"""Pixels: five frames fill a page of a repository's site, and stay sharp on dense screens."""

GAP = 6
"""Pixels between frames and between rows."""

JPEG_QUALITY = 88


def pick_frames(clip: Path, count: int = FRAMES) -> list[Image.Image]:
    """``count`` (2 or more) frames evenly over the clip, the first and the last among them, FRAME_WIDTH pixels wide."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        wanted = {round(index * (stream.frames - 1) / (count - 1)) for index in range(count)}
        picked = [frame.to_image() for number, frame in enumerate(container.decode(stream)) if number in wanted]
    return [thumbnail(image) for image in picked]


def filmstrip(rows: list[list[Image.Image]]) -> Image.Image:
    """The rows below each other, each from the left, on white."""
    width = max(sum(image.width for image in row) + GAP * (len(row) - 1) for row in rows)
    heights = [max(image.height for image in row) for row in rows]
    strip = Image.new("RGB", (width, sum(heights) + GAP * (len(rows) - 1)), "white")
    top = 0
    for row, height in zip(rows, heights, strict=True):
        left = 0
        for image in row:
            strip.paste(image, (left, top))
            left += image.width + GAP
        top += height + GAP
    return strip


def main() -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(description="Lay frames of MP4 files out as film strips.")
    parser.add_argument("output", type=Path, metavar="OUT.jpg")
    parser.add_argument("clips", type=Path, nargs="+", metavar="CLIP.mp4")
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    filmstrip([pick_frames(clip) for clip in options.clips]).save(options.output, quality=JPEG_QUALITY)


def thumbnail(image: Image.Image) -> Image.Image:
    """A frame, FRAME_WIDTH pixels wide."""
    height = round(image.height * FRAME_WIDTH / image.width)
    return image.resize((FRAME_WIDTH, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
