"""Look at a photo from another place: ``python -m examples.scene PHOTO OUT.png [--x 0.02] [--depth MAP]``.

What programs use of photos in depth: a disparity map, ``Scene.from_photo`` and ``scene.view``.
"""

import argparse
from pathlib import Path

from PIL import Image

from engine.core.camera import Camera
from engine.core.view import View
from engine.depth.guess import guess_depth
from engine.depth.read import read_depth_file
from engine.depth.refine import snap_to_edges
from engine.media import load_photo
from engine.raster.scene.scene import Scene

MIN_SCALE = 0.25
"""Of the photo's sides that must be decoded: a look, not a print."""

MAP_SIDE = 1024
"""Samples along the longer side of the disparity map."""


def main() -> None:
    """Read the command line and write the picture."""
    parser = argparse.ArgumentParser(description="Look at a photo from another place.")
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("output", type=Path, metavar="OUT.png")
    parser.add_argument("--x", type=float, default=0.02, help="travel to the right, in photo widths")
    parser.add_argument("--depth", type=Path, metavar="MAP", help="the photo's depth map; guessed by default")
    options = parser.parse_args()

    photo = load_photo(options.photo, min_scale=MIN_SCALE).pixels  # (H, W, 3) uint8, upright sRGB
    height, width = photo.shape[:2]
    near = guess_depth(photo).disparity if options.depth is None else read_depth_file(options.depth, (width, height))
    scale = MAP_SIDE / max(width, height)
    disparity = snap_to_edges(near, photo, (round(width * scale), round(height * scale)))

    scene = Scene.from_photo(photo, disparity, reach=abs(options.x))
    camera = Camera(View.whole(width, height), x=options.x)
    Image.fromarray(scene.view(camera, (width, height))).save(options.output)


if __name__ == "__main__":
    main()
