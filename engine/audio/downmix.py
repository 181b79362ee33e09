"""Any channel layout to stereo.

Coefficients of ITU-R BS.775-4, Annex 4: front left and right 1, centre and surround channels 1/sqrt(2) each. The low
frequency channel is left out, as the recommendation allows. A single channel is played by both loudspeakers at its own
amplitude, as every player does. There is no overall attenuation: the mix is float and levelled afterwards.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_HALF_POWER = 0.5**0.5

_LEFT_RIGHT: dict[str, tuple[float, float]] = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0),
    "BR": (0.0, _HALF_POWER),
    "SL": (_HALF_POWER, 0.0),
    "SR": (0.0, _HALF_POWER),
    "BC": (0.5, 0.5),  # a surround channel shared by both sides
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "WL": (1.0, 0.0),
    "WR": (0.0, 1.0),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
    "TC": (0.5, 0.5),
    "TFL": (_HALF_POWER, 0.0),
    "TFC": (0.5, 0.5),
    "TFR": (0.0, _HALF_POWER),
    "TBL": (_HALF_POWER, 0.0),
    "TBC": (0.5, 0.5),
    "TBR": (0.0, _HALF_POWER),
    "TSL": (_HALF_POWER, 0.0),
    "TSR": (0.0, _HALF_POWER),
}
"""Gain into the left and the right channel, by libavutil's names."""

_USUAL: dict[int, tuple[str, ...]] = {
    1: ("FC",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
"""The order that WAV and FLAC files without a channel mask are taken to have, by their number of channels."""


def downmix_matrix(channels: Sequence[str]) -> NDArray[np.float32]:
    """The matrix that takes samples of shape (N, C) to stereo: ``samples @ matrix``.

    Channels without a known place share both sides evenly.

    Args:
        channels: libavutil's names, in the order of the samples.

    Returns:
        Shape (C, 2), float32.
    """
    if len(channels) == 1:
        return np.ones((1, 2), np.float32)
    if not any(name in _LEFT_RIGHT for name in channels):
        channels = _USUAL.get(len(channels), channels)
    unknown = 1 / len(channels)
    return np.array([_LEFT_RIGHT.get(name, (unknown, unknown)) for name in channels], np.float32)
