"""Film strips of photos in depth, to be looked at: ``python examples/parallax_strips.py OUT_FOLDER PHOTO... [--moves
M,M]``.

One picture a photo, one row a move: the first frame, those at a quarter, a half and three quarters, the last one, and
where the last differs from the first (a loop: the middle one from the first), three times as strong.
"""

import argparse
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from engine.motion import Motion
from engine.timeline import VIDEO, Canvas, Draft, Segment, Track
from examples.filmstrip import JPEG_QUALITY, filmstrip, thumbnail
from pipelines.render import RenderOptions
from pipelines.render.preview import frame_at

CANVAS = Canvas(1920, 1080)
DURATION = Fraction(8)
MOVES = ("dolly_in", "truck_left", "sway")

SHARES = (Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))
STRONGER = 3


def strip_row(photo: Path, move: str) -> list[Image.Image]:
    """The frames of one move and the difference, as thumbnails."""
    segment = Segment("a", Fraction(0), DURATION, str(photo.resolve()), motion=Motion((move,), method="parallax"))
    draft = Draft(CANVAS, duration=DURATION, tracks=(Track("1", VIDEO, (segment,)),))
    last = DURATION - 1 / draft.frame_rate
    frames = [frame_at(draft, RenderOptions(cached=True), share * last).pixels for share in SHARES]
    other = frames[len(frames) // 2] if move == "sway" else frames[-1]
    difference = np.clip(np.abs(other.astype(int) - frames[0]) * STRONGER, 0, 255).astype(np.uint8)
    return [thumbnail(Image.fromarray(pixels)) for pixels in (*frames, difference)]


def main() -> None:
    """Read the command line and write the pictures."""
    parser = argparse.ArgumentParser(description="Film strips of photos in depth.")
    parser.add_argument("folder", type=Path, metavar="OUT_FOLDER")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO")
    parser.add_argument("--moves", default=",".join(MOVES), help="names of moves, with commas")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for photo in options.photos:
        target = options.folder / f"{photo.stem}.jpg"
        filmstrip([strip_row(photo, move) for move in options.moves.split(",")]).save(target, quality=JPEG_QUALITY)
        print(target)


if __name__ == "__main__":
    main()
