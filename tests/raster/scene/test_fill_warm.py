"""What set-up compiles is all that a fill needs: nobody's first video waits for the compiler."""

import numpy as np

from engine.raster.kernels import patch_match, push_pull, seams
from engine.raster.scene.fill import fill_picture
from engine.raster.scene.push_pull import fill_smooth
from engine.raster.scene.warm import fill_once


def signatures() -> dict[str, int]:
    return {
        name: len(kernel.signatures)
        for module in (patch_match, push_pull, seams)
        for name, kernel in vars(module).items()
        if hasattr(kernel, "signatures")
    }


def test_no_size_needs_kernels_that_the_warm_up_has_not_compiled() -> None:
    fill_once()
    ready = signatures()
    for height, width in [(128, 128), (131, 97), (300, 260)]:
        picture = np.random.default_rng(1).uniform(0, 255, (height, width, 3)).astype(np.float32)
        hole = np.zeros((height, width), np.bool_)
        hole[40:90, 30:80] = True
        for reach in (4.0, 30.0):
            fill_picture(picture, hole, ~hole, reach=reach)
        fill_smooth(picture, hole)
        fill_smooth(picture[..., 0], hole, picture[..., 1] / 255)
    assert signatures() == ready
