"""ICC profiles built byte by byte for the tests, and the colour arithmetic they stand for, in float64."""

import struct

import numpy as np

SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
D65 = (0.3127, 0.3290)
D50_XYZ = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
ADOBE_GAMMA = 563 / 256


def s15(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def white_xyz(white: tuple[float, float]) -> np.ndarray:
    x, y = white
    return np.array([x / y, 1.0, (1 - x - y) / y])


def rgb_to_xyz(primaries, white=D65) -> np.ndarray:
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    return columns @ np.diag(np.linalg.inv(columns) @ white_xyz(white))


def to_d50(white=D65) -> np.ndarray:
    source, target = _BRADFORD @ white_xyz(white), _BRADFORD @ np.array(D50_XYZ)
    return np.linalg.inv(_BRADFORD) @ np.diag(target / source) @ _BRADFORD


def srgb_light(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def srgb_code(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def expected_srgb(code: np.ndarray, primaries, to_light) -> np.ndarray:
    """What RGB codes 0..1 of a space mean in sRGB, 0..255 as floats: straight from chromaticities, without D50."""
    matrix = np.linalg.inv(rgb_to_xyz(SRGB)) @ rgb_to_xyz(primaries)
    return 255 * srgb_code(to_light(code) @ matrix.T)


def parametric_srgb_curve() -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + s15(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def gamma_curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def sampled_curve(values: np.ndarray) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *np.rint(values * 65535).astype(int))


def description(name: str, version: int) -> bytes:
    if version == 2:
        text = name.encode("ascii") + b"\0"
        return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    text = name.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text


def profile(
    tags: dict[bytes, bytes], *, space: bytes, kind: bytes = b"mntr", pcs: bytes = b"XYZ ", version: int = 2
) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4sI", start + len(body), b"\0" * 4, 0x02400000 if version == 2 else 0x04300000)
    head += kind + space + pcs + b"\0" * 12 + b"acsp" + b"\0" * 28 + s15(*D50_XYZ)
    return head.ljust(128, b"\0") + table + body


def rgb_profile(name: str, primaries, curve: bytes, *, version: int = 2) -> bytes:
    columns = to_d50() @ rgb_to_xyz(primaries)
    tags = {
        b"desc": description(name, version),
        b"cprt": b"text\0\0\0\0x\0" if version == 2 else description("x", 4),
        b"wtpt": b"XYZ \0\0\0\0" + s15(*D50_XYZ),
    }
    for i, channel in enumerate(b"rgb"):
        tags[bytes([channel]) + b"XYZ"] = b"XYZ \0\0\0\0" + s15(*columns[:, i])
        tags[bytes([channel]) + b"TRC"] = curve
    return profile(tags, space=b"RGB ", version=version)


def grey_profile(gamma: float) -> bytes:
    tags = {
        b"desc": description("Grey", 2),
        b"cprt": b"text\0\0\0\0x\0",
        b"wtpt": b"XYZ \0\0\0\0" + s15(*D50_XYZ),
        b"kTRC": gamma_curve(gamma),
    }
    return profile(tags, space=b"GRAY")


def _lut8(nodes: np.ndarray, inputs: int) -> bytes:
    """An mft1 table on the corners of the ink cube: shape (2,) * inputs + (3,), Lab encoded in bytes."""
    ramp = bytes(range(256))
    table = struct.pack(">4sIBBBB", b"mft1", 0, inputs, 3, 2, 0) + s15(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return table + ramp * inputs + nodes.astype(np.uint8).tobytes() + ramp * 3


def table_profile(nodes: np.ndarray, *, space: bytes) -> bytes:
    """A profile made of a table, as presses and scanners have: Lab (L 0..100, a and b -128..127) at the corners."""
    encoded = np.rint(nodes * [255 / 100, 1, 1] + [0, 128, 128])
    lut = _lut8(encoded, nodes.ndim - 1)
    tags = {
        b"desc": description("Tables", 2),
        b"cprt": b"text\0\0\0\0x\0",
        b"wtpt": b"XYZ \0\0\0\0" + s15(*D50_XYZ),
        b"A2B0": lut,
        b"A2B1": lut,
    }
    return profile(tags, space=space, kind=b"prtr", pcs=b"Lab ")


def lab_to_srgb(lab: np.ndarray) -> np.ndarray:
    """CIE Lab of D50 to sRGB 0..255, float."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * D50_XYZ
    return 255 * srgb_code(xyz @ np.linalg.inv(to_d50() @ rgb_to_xyz(SRGB)).T)
