"""The picture size in an HEVC sequence parameter set: ITU-T H.265 7.3.2.2 and 7.3.3.

HEIF states a size in ``ispe``, but the decoder allocates what the bit stream states; both must respect the limits.
"""

_SPS_NAL = 33


class _Bits:
    """Reads bits, with emulation prevention bytes removed (H.265 7.4.2)."""

    def __init__(self, nal: bytes) -> None:
        self._value = int.from_bytes(nal.replace(b"\0\0\3", b"\0\0"), "big")
        self._left = 8 * len(nal.replace(b"\0\0\3", b"\0\0"))

    def take(self, count: int) -> int:
        """The next ``count`` bits; zeros after the end."""
        self._left -= count
        if self._left < 0:
            return 0
        return self._value >> self._left & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        """ue(v), 9.2: at most 32 bits."""
        zeros = 0
        while zeros < 32 and self._left > 0 and self.take(1) == 0:
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def _skip_profile_tier_level(bits: _Bits, sub_layers: int) -> None:
    bits.take(88 + 8)
    present = [(bits.take(1), bits.take(1)) for _ in range(sub_layers)]
    if sub_layers:
        for _ in range(sub_layers, 8):
            bits.take(2)
    for profile, level in present:
        bits.take(88 * profile + 8 * level)


def sps_size(nal: bytes) -> tuple[int, int] | None:
    """Coded width and height in luma samples of an SPS NAL unit, or None for another unit."""
    if len(nal) < 4 or nal[0] >> 1 & 63 != _SPS_NAL:
        return None
    bits = _Bits(nal[2:256])
    bits.take(4)
    sub_layers = bits.take(3)
    bits.take(1)
    _skip_profile_tier_level(bits, sub_layers)
    bits.exp_golomb()
    if bits.exp_golomb() == 3:
        bits.take(1)
    return bits.exp_golomb(), bits.exp_golomb()


def hvcc_sizes(record: bytes) -> list[tuple[int, int]]:
    """The sizes in all parameter sets of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 8.3.3.1)."""
    sizes = []
    pos = 23
    for _ in range(record[22] if len(record) > 22 else 0):
        units = int.from_bytes(record[pos + 1 : pos + 3], "big")
        pos += 3
        for _ in range(units):
            length = int.from_bytes(record[pos : pos + 2], "big")
            size = sps_size(record[pos + 2 : pos + 2 + length])
            if size:
                sizes.append(size)
            pos += 2 + length
            if pos > len(record):
                return sizes
    return sizes
