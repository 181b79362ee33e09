"""Random numbers that are a function of what they are for: no generator carries a state from one frame to the next.

G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014 (the mixing function of
SplitMix64; its constants are D. Stafford's variant 13).
"""

import zlib

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_MASK = 0xFFFFFFFFFFFFFFFF

Keys = NDArray[np.uint64]


def mixed(keys: Keys) -> Keys:
    """64 random bits for each key, shape as ``keys``."""
    bits = keys + _GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    result: Keys = bits ^ (bits >> np.uint64(31))
    return result


def key_of(*parts: int | str) -> int:
    """One key from numbers and words, 0 <= key < 2**64."""
    key = 0
    for part in parts:
        number = zlib.crc32(part.encode()) if isinstance(part, str) else part
        key = int(mixed(np.array([(key ^ (number & _MASK)) & _MASK], np.uint64))[0])
    return key


def uniform(key: int, index: NDArray[np.integer], salt: int = 0) -> NDArray[np.float64]:
    """Numbers in [0, 1), one for each entry of ``index``, the same whenever key, entry and salt are the same."""
    keys = index.astype(np.uint64) * np.uint64(0xD1342543DE82EF95) + np.uint64(key_of(key, salt))
    return (mixed(keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53
