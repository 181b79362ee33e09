"""ICC profiles as bytes (ICC.1:2022): their names, and matrix profiles as plain numbers.

Little CMS (through Pillow) converts 8-bit pictures. What Pillow cannot give it, 16-bit RGB and pictures that state
their colour by ITU-T H.273 code points, goes through :class:`MatrixProfile` instead.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.media.headers.model import Cicp

CURVE_SIZE = 65_536
"""Samples of a tone curve: one for every 16-bit code."""

Curve = NDArray[np.float32]
"""Code value (index / (CURVE_SIZE - 1)) to linear light 0..1."""

_PRIMARIES = {
    9: ("BT.2020", ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))),
    12: ("Display P3", ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))),
}
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_D65 = (0.3127, 0.3290)
_PQ, _HLG, _LINEAR, _GAMMA_22, _GAMMA_28 = 16, 18, 8, 4, 5
_PQ_PEAK_NITS = 10_000.0
_SDR_WHITE_NITS = 203.0
"""Diffuse white in PQ and HLG programmes (ITU-R BT.2408-7, section 2.1)."""

# Linear sRGB from CIE XYZ relative to D50, the profile connection space: IEC 61966-2-1 primaries, Bradford adapted.
_SRGB_FROM_D50 = np.linalg.inv(
    np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]])
)


@dataclass(frozen=True, slots=True)
class MatrixProfile:
    """A colour space of three primaries and three tone curves.

    Attributes:
        curves: one curve a channel, shape (CURVE_SIZE,) each.
        to_srgb: shape (3, 3): linear RGB of this space to linear sRGB.
    """

    curves: tuple[Curve, Curve, Curve]
    to_srgb: NDArray[np.float32]


def srgb_decode(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1: sRGB code 0..1 to linear light."""
    light: NDArray[np.float64] = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light


def srgb_encode(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1: linear light 0..1 to sRGB code."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    tags = {}
    count = int.from_bytes(profile[128:132], "big")
    for i in range(132, min(132 + 12 * min(count, 256), len(profile) - 11), 12):
        start, size = int.from_bytes(profile[i + 4 : i + 8], "big"), int.from_bytes(profile[i + 8 : i + 12], "big")
        tags[profile[i : i + 4]] = profile[start : start + size]
    return tags


def icc_description(profile: bytes) -> str:
    """The profile's name for people, or ``"unnamed ICC profile"``; control characters are left out."""
    data = _tags(profile).get(b"desc", b"")
    name = ""
    if data[:4] == b"desc":  # version 2: ASCII with a count
        name = data[12 : 12 + min(int.from_bytes(data[8:12], "big"), 200)].decode("latin-1")
    elif data[:4] == b"mluc" and len(data) >= 28:  # version 4: UTF-16 records; the first will do
        length, start = int.from_bytes(data[20:24], "big"), int.from_bytes(data[24:28], "big")
        name = data[start : start + min(length, 400)].decode("utf-16-be", "replace")
    name = "".join(c for c in name if c.isprintable()).strip()
    return name or "unnamed ICC profile"


def cicp_description(cicp: Cicp | None) -> str:
    """Colour code points in words; empty for sRGB or nothing."""
    if cicp is None:
        return ""
    primaries = _PRIMARIES[cicp.primaries][0] if cicp.primaries in _PRIMARIES else ""
    transfer = {_PQ: "PQ (HDR)", _HLG: "HLG (HDR)", _LINEAR: "linear"}.get(cicp.transfer, "")
    return " ".join(part for part in (primaries, transfer) if part)


def is_hdr(cicp: Cicp | None) -> bool:
    """Whether the code points name a high dynamic range transfer function."""
    return cicp is not None and cicp.transfer in (_PQ, _HLG)


def _s15_fixed16(data: bytes) -> NDArray[np.float64]:
    fixed: NDArray[np.int32] = np.frombuffer(data, ">i4")
    return fixed / np.float64(65536)


def _parametric(kind: int, p: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """ICC.1:2022 10.18, function types 0 to 4."""
    g = p[0]
    a, b = (p[1], p[2]) if kind >= 1 else (1.0, 0.0)
    power: NDArray[np.float64] = np.maximum(a * x + b, 0) ** g
    if kind == 0:
        return power
    if kind in (1, 2):
        offset = p[3] if kind == 2 else 0.0
        return np.where(a * x + b >= 0, power + offset, offset)
    c, d = p[3], p[4]
    e, f = (p[5], p[6]) if kind == 4 else (0.0, 0.0)
    return np.where(x >= d, power + e, c * x + f)


_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}


def _curve(data: bytes) -> Curve | None:
    x = np.linspace(0, 1, CURVE_SIZE)
    if data[:4] == b"curv" and len(data) >= 12:
        count = int.from_bytes(data[8:12], "big")
        points = np.frombuffer(data[12 : 12 + 2 * count], ">u2") if len(data) >= 12 + 2 * count else None
        if points is None:
            return None
        if count == 0:
            y = x
        elif count == 1:
            y = x ** (int(points[0]) / 256)
        else:
            y = np.interp(x, np.linspace(0, 1, count), points / 65535)
    elif data[:4] == b"para" and len(data) >= 12:
        kind = int.from_bytes(data[8:10], "big")
        size = _PARAMETERS.get(kind, 0)
        if not size or len(data) < 12 + 4 * size:
            return None
        y = _parametric(kind, _s15_fixed16(data[12 : 12 + 4 * size]), x)
    else:
        return None
    return np.clip(y, 0, 1).astype(np.float32)


def parse_matrix_profile(profile: bytes) -> MatrixProfile | None:
    """An RGB matrix/TRC profile (ICC.1:2022 8.3.3, F.3) as numbers; None when it is made of tables, or damaged."""
    tags = _tags(profile)
    if profile[16:20] != b"RGB " or profile[20:24] != b"XYZ " or b"A2B0" in tags:
        return None
    columns = [tags.get(name, b"") for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    red, green, blue = (_curve(tags.get(name, b"")) for name in (b"rTRC", b"gTRC", b"bTRC"))
    if red is None or green is None or blue is None or any(len(column) < 20 for column in columns):
        return None
    to_d50 = np.stack([_s15_fixed16(column[8:20]) for column in columns], axis=1)
    return MatrixProfile((red, green, blue), (_SRGB_FROM_D50 @ to_d50).astype(np.float32))


def _rgb_to_xyz(primaries: tuple[tuple[float, float], ...], white: tuple[float, float]) -> NDArray[np.float64]:
    """SMPTE RP 177: the matrix that takes linear RGB to CIE XYZ, from chromaticities."""
    xyz = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    target = np.array([white[0] / white[1], 1.0, (1 - white[0] - white[1]) / white[1]])
    return xyz * np.linalg.solve(xyz, target)


def _cicp_curve(transfer: int) -> Curve:
    """Code to linear light, 1.0 at diffuse white; what is brighter than white is clipped."""
    x = np.linspace(0, 1, CURVE_SIZE)
    if transfer == _PQ:  # SMPTE ST 2084
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        root = x ** (1 / m2)
        y = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1) * _PQ_PEAK_NITS / _SDR_WHITE_NITS
    elif transfer == _HLG:  # ITU-R BT.2100: inverse OETF, scaled so that 75 % signal (BT.2408) is white
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        y = np.where(x <= 0.5, x**2 / 3, (np.exp((x - c) / a) + b) / 12)
        y = y / np.interp(0.75, x, y)
    elif transfer in (_GAMMA_22, _GAMMA_28):
        y = x ** (2.2 if transfer == _GAMMA_22 else 2.8)
    elif transfer == _LINEAR:
        y = x
    else:
        # Stills tagged BT.709 or BT.601 are made for the same screens as sRGB ones and shown alike.
        y = srgb_decode(x)
    return np.clip(y, 0, 1).astype(np.float32)


def cicp_profile(cicp: Cicp) -> MatrixProfile | None:
    """The colour space of H.273 code points; None where it is sRGB, or is shown as sRGB."""
    if cicp.primaries not in _PRIMARIES and cicp.transfer not in (_PQ, _HLG, _LINEAR, _GAMMA_22, _GAMMA_28):
        return None
    primaries = _PRIMARIES[cicp.primaries][1] if cicp.primaries in _PRIMARIES else _BT709
    to_srgb = np.linalg.solve(_rgb_to_xyz(_BT709, _D65), _rgb_to_xyz(primaries, _D65))
    curve = _cicp_curve(cicp.transfer)
    return MatrixProfile((curve, curve, curve), to_srgb.astype(np.float32))
