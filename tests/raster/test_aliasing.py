"""A zone plate of 48 megapixels under the zoom: what the frame cannot hold must vanish, what it can must stay.

The plate is cos(pi k r^2): at distance r from its middle it has k r cycles per photo pixel along the radius, up to the
photo's own limit at the left and right edges. Where it has f cycles per *frame* pixel along an axis, f > 0.5 is more
than the frame can hold; whatever is seen there is aliasing.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.core.frames import YuvFrame
from engine.core.view import View
from engine.motion import Motion
from engine.raster.sampler import Sampler
from engine.timeline import Fit
from pipelines.kenburns import open_kenburns
from tests.raster.samplers import sampler_of
from tests.tolerances import ALIASING, ALIASING_FROM, PASS_BAND_GAIN

WIDTH, HEIGHT = 8000, 6000
FRAME = (1920, 1080)
K = 0.5 / (WIDTH / 2)
SCALE = WIDTH / FRAME[0]
AMPLITUDE = 219 / 2
MIDDLE = 16 + 219 / 2
EDGE = 0.98  # of the photo: at the very edge the replicated border is a step, not part of the pattern


@pytest.fixture(scope="module")
def plate_pixels() -> NDArray[np.uint8]:
    x = (np.arange(WIDTH) + 0.5 - WIDTH / 2) ** 2
    y = (np.arange(HEIGHT) + 0.5 - HEIGHT / 2) ** 2
    rgb = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for j in range(HEIGHT):
        rgb[j] = np.rint(127.5 + 127.5 * np.cos(np.pi * K * (x + y[j])))[:, None]
    return rgb


@pytest.fixture(scope="module")
def plate(plate_pixels: NDArray[np.uint8]) -> Sampler:
    return sampler_of(plate_pixels, (WIDTH, HEIGHT), (SCALE / 1.2, SCALE))


@pytest.fixture(scope="module")
def plate_file(plate_pixels: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plate") / "plate.jpg"
    Image.fromarray(plate_pixels).save(path, quality=97, subsampling=0)
    return path


def positions(view: View) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Photo position, from the plate's middle, of every frame pixel."""
    qx = np.arange(FRAME[0]) + 0.5 - FRAME[0] / 2
    qy = (np.arange(FRAME[1]) + 0.5 - FRAME[1] / 2)[:, None]
    c, s = view.scale * np.cos(view.angle), view.scale * np.sin(view.angle)
    return view.x - WIDTH / 2 + c * qx - s * qy, view.y - HEIGHT / 2 + s * qx + c * qy


def check(sampler: Sampler, view: View) -> None:
    """Hold one frame of the plate to the tolerances."""
    frame = YuvFrame.empty(*FRAME)
    sampler.render(view, frame)
    x, y = positions(view)
    seen = frame.y.astype(np.float64) - MIDDLE
    inside = (np.abs(x) < EDGE * WIDTH / 2) & (np.abs(y) < EDGE * HEIGHT / 2)
    across, down = K * view.scale * np.abs(x), K * view.scale * np.abs(y)
    finest = np.maximum(across, down)

    judged = 0
    for low, high in ((ALIASING_FROM, 0.85), (0.85, 1.0), (1.0, 1.3), (1.3, 2.1)):
        band = inside & (finest >= low) & (finest < high)
        if band.sum() > 1000:
            judged += int(band.sum())
            # The standard deviation leaves out the constant half code value that rounding the middle costs.
            assert 20 * np.log10(np.sqrt(2) * seen[band].std() / AMPLITUDE) <= ALIASING, (low, high)
    assert judged > 100_000

    ideal = AMPLITUDE * np.cos(np.pi * K * (x**2 + y**2))
    kept = (across > 0.39) & (across < 0.41) & (down < 0.05)
    gain = (seen[kept] * ideal[kept]).sum() / (ideal[kept] ** 2).sum()
    assert gain >= PASS_BAND_GAIN


@pytest.mark.parametrize(("zoom", "angle"), [(1.0, 0.0), (1.1, 0.0), (1.2, 0.0), (1.05, 0.03), (1.2, 0.03)])
def test_zone_plate(plate: Sampler, zoom: float, angle: float) -> None:
    check(plate, View(WIDTH / 2 + 0.37, HEIGHT / 2 + 0.21, SCALE / zoom, angle))


@pytest.mark.parametrize("moves", [("hold",), ("zoom_in",)])
def test_zone_plate_from_a_file_as_the_command_opens_it(plate_file: Path, moves: tuple[str, ...]) -> None:
    motion = Motion(moves, amount=1.2 if moves == ("zoom_in",) else None, focus=(0.5, 0.5))
    source = open_kenburns(plate_file, motion, Fit("crop"), FRAME, Fraction(4))
    for seconds in (0.0, 2.0, 4.0):
        check(source.sampler, source.path.at(seconds))
