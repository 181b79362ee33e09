"""HDR and wide-gamut colours brought into BT.709.

The way of one colour: Y'CbCr to R'G'B' (the stream's matrix); to light in cd/m2 (PQ: ITU-R BT.2100-2 table 4; HLG:
its table 5, with the OOTF of a 1000 cd/m2 display; SDR: BT.1886, gamma 2.4, white at 203); tone mapping by the EETF of
ITU-R BT.2390-10 section 5.4.1, on the largest of R, G, B, so that hues stay; to BT.709 primaries, where colours out of
gamut move towards grey of their own luminance until they fit; BT.1886 backwards. HDR's reference white, 203 cd/m2
(ITU-R BT.2408), is the white of the result.

Its curves are tabulated once for a video; :func:`to_bt709` is the same without tables.
"""

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.core.frames import YuvFrame
from engine.media.video.color import ColorCoding, from_rgb_matrix, to_rgb_matrix
from engine.media.video.kernels.tone import tone_chroma, tone_luma
from engine.media.video.picture import side_data
from engine.media.video.planes import CENTER, FULL, LEFT, AxisTaps, Planes, chroma_at_chroma, packed

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Light = NDArray[np.float64]
"""Shape (..., 3), R, G, B."""

Curve = NDArray[np.float32]

NODES = 4097
"""Of each curve: as many as 12 bits can say."""

WHITE = 203.0
"""cd/m2: HDR reference white (BT.2408), and the white of what comes out."""

DEFAULT_PEAK = 1000.0
"""cd/m2, where a PQ video does not say, and always for HLG."""

PEAK_RANGE = (WHITE, 10_000.0)

_DISPLAY_GAMMA = 2.4

_TO_BT709: dict[str, tuple[tuple[float, float, float], ...]] = {
    # ITU-R BT.2087-0 section 4 backwards, and the same computation from the primaries of SMPTE EG 432-1 (D65).
    "BT.2020": ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730)),
    "Display P3": ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274)),
    "BT.709": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}
_TO_BT709["DCI-P3"] = _TO_BT709["Display P3"]  # its greenish white is taken as D65

_HLG_LUMA = np.array([0.2627, 0.6780, 0.0593])
_BT709_LUMA = np.array([0.2126, 0.7152, 0.0722])

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def pq_to_light(code: Light) -> Light:
    """0..1 to cd/m2 (BT.2100, the EOTF of PQ)."""
    power = np.clip(code, 0, 1) ** (1 / _M2)
    return np.asarray(10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def light_to_pq(light: Light) -> Light:
    """cd/m2 to 0..1."""
    power = np.clip(light / 10_000, 0, 1) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def hlg_to_scene(code: Light) -> Light:
    """0..1 to the light of the scene, 0..1 (BT.2100, the inverse OETF of HLG)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code = np.clip(code, 0, 1)
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def hlg_to_light(code: Light) -> Light:
    """(..., 3) of 0..1 to cd/m2 on a display of 1000 cd/m2 (BT.2100: the OOTF with gamma 1.2)."""
    scene = hlg_to_scene(code)
    return np.asarray(DEFAULT_PEAK * np.maximum(scene @ _HLG_LUMA, 1e-9)[..., None] ** 0.2 * scene)


def tone_map(light: Light, peak: float) -> Light:
    """The EETF of BT.2390: what is brighter than its knee is rolled off so that ``peak`` becomes :data:`WHITE`.

    Args:
        light: (..., 3) cd/m2.
        peak: cd/m2, at least WHITE.
    """
    brightest = np.minimum(light.max(-1), peak)
    top = float(light_to_pq(np.array(peak)))
    target = float(light_to_pq(np.array(WHITE))) / top
    level = light_to_pq(brightest) / top
    knee = max(1.5 * target - 0.5, 0.0)
    t = (level - knee) / max(1 - knee, 1e-9)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * target
    mapped = pq_to_light(np.where(level < knee, level, spline) * top)
    return np.asarray(light * (mapped / np.maximum(light.max(-1), 1e-9))[..., None])


def into_gamut(light: Light) -> Light:
    """Colours of 0..1 and beyond, linear BT.709, moved towards grey of the same luminance until they are in 0..1."""
    grey = np.clip(light @ _BT709_LUMA, 0, 1)[..., None]
    away = light - grey
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        room = np.where(away > 0, (1 - grey) / away, np.where(away < 0, -grey / away, 1.0))
    keep = np.clip(np.nan_to_num(room, nan=1.0, posinf=1.0), 0, 1).min(-1, keepdims=True)
    return np.asarray(np.clip(grey + keep * away, 0, 1))


def to_bt709(rgb: Light, coding: ColorCoding, peak: float) -> Light:
    """R'G'B' of the stream, 0..1, to R'G'B' of BT.709, 0..1."""
    if coding.transfer == "PQ":
        light = tone_map(pq_to_light(rgb), peak)
    elif coding.transfer == "HLG":
        light = tone_map(hlg_to_light(rgb), DEFAULT_PEAK)
    else:
        light = WHITE * np.clip(rgb, 0, 1) ** _DISPLAY_GAMMA
    linear = light / WHITE @ np.array(_TO_BT709[coding.primaries]).T
    return np.asarray(into_gamut(linear) ** (1 / _DISPLAY_GAMMA))


class ToneCurves(NamedTuple):
    """What the kernels need, float32. Light is in shares of the brightest that the transfer can say; curves have NODES
    values over 0..1, or one where they do nothing.

    Attributes:
        light: R'G'B' to light.
        system: luminance to the gain of HLG's OOTF, over its fourth root.
        rolled: the brightest of R, G, B, in shares of the peak, to the gain of tone mapping, over its fourth root.
        encoded: light to R'G'B' of BT.709, over its fourth root.
        into: (3, 4), code values to R'G'B'.
        gamut: (3, 3), light in the stream's primaries to light in BT.709's.
        scales: (2,): white per unit of light, peak per white.
        out: (3, 4), R'G'B' to Y', Cb, Cr.
    """

    light: Curve
    system: Curve
    rolled: Curve
    encoded: Curve
    into: Curve
    gamut: Curve
    scales: Curve
    out: Curve


@lru_cache(maxsize=8)
def tone_curves(coding: ColorCoding, bits: int, peak: float) -> ToneCurves:
    """Tabulate :func:`to_bt709`.

    Args:
        coding: what the input's numbers mean.
        bits: of the input.
        peak: cd/m2, of PQ.
    """
    places = np.linspace(0, 1, NODES)
    powers = places**4
    system = rolled = np.ones(1)
    if coding.transfer == "PQ":
        light, unit = pq_to_light(places) / 10_000, 10_000.0
    elif coding.transfer == "HLG":
        light, unit, peak = hlg_to_scene(places), DEFAULT_PEAK, DEFAULT_PEAK
        system = powers**0.2
    else:
        light, unit, peak = places**_DISPLAY_GAMMA, WHITE, WHITE
    if coding.transfer != "SDR":
        grey = peak * powers[1:, None].repeat(3, 1)
        rolled = np.concatenate([[1.0], tone_map(grey, peak)[:, 0] / grey[:, 0]])
    made = (
        light,
        system,
        rolled,
        places ** (4 / _DISPLAY_GAMMA),
        to_rgb_matrix(coding, bits),
        np.array(_TO_BT709[coding.primaries]),
        np.array([unit / WHITE, WHITE / peak]),
        from_rgb_matrix(),
    )
    return ToneCurves(*(np.ascontiguousarray(part, np.float32) for part in made))


def apply_tone(
    planes: Planes,
    tone: ToneCurves,
    at_luma: tuple[AxisTaps, AxisTaps],
    at_chroma: tuple[AxisTaps, AxisTaps],
    out: YuvFrame,
) -> None:
    """Convert every pixel.

    Args:
        planes: the picture.
        tone: from :func:`tone_curves`.
        at_luma, at_chroma: rows and columns: the taps that bring chroma to luma's places and to our chroma's.
        out: filled.
    """
    height, width = planes.y.shape
    luma_rows = chroma_at_chroma(out.height // 2, height, FULL, CENTER)
    luma_columns = chroma_at_chroma(out.width // 2, width, FULL, LEFT)
    tone_luma(*packed(planes), *at_luma[0], *at_luma[1], *tone, out.y)
    places = (*luma_rows, *luma_columns, *at_chroma[0], *at_chroma[1])
    tone_chroma(*packed(planes), *places, *tone, out.u, out.v)


def peak_of(frame: "VideoFrame") -> float:
    """The luminance of the brightest point, cd/m2, as the metadata say: MaxCLL, else the mastering display's."""
    from av.sidedata.sidedata import Type

    for kind in (Type.CONTENT_LIGHT_LEVEL, Type.MASTERING_DISPLAY_METADATA):
        data = side_data(frame, kind)
        if kind is Type.CONTENT_LIGHT_LEVEL and len(data) >= 8:
            peak = float(struct.unpack("=I", data[:4])[0])
        elif kind is Type.MASTERING_DISPLAY_METADATA and len(data) >= 88:
            numerator, denominator = struct.unpack("=ii", data[72:80])
            has_luminance = struct.unpack("=i", data[84:88])[0]
            peak = numerator / denominator if has_luminance and denominator > 0 else 0.0
        else:
            continue
        if peak > 0:
            return min(max(peak, PEAK_RANGE[0]), PEAK_RANGE[1])
    return DEFAULT_PEAK
