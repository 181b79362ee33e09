"""GIF89a: the logical screen, the first image descriptor, and whether a second one follows."""

from engine.media.headers.model import PhotoHeader
from engine.media.source import PhotoSource

_WINDOW = 1 << 16
_EXTENSION, _IMAGE, _TRAILER, _GRAPHIC_CONTROL = 0x21, 0x2C, 0x3B, 0xF9


class _Cursor:
    """Reads forward through the file in windows: a GIF is made of blocks of at most 255 bytes."""

    def __init__(self, source: PhotoSource, offset: int) -> None:
        self._source = source
        self._start = offset
        self._data = source.up_to(offset, _WINDOW)
        self._pos = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes (fewer at the end of the file)."""
        if self._pos + count > len(self._data):
            self._start += self._pos
            self._data = self._source.up_to(self._start, _WINDOW)
            self._pos = 0
        data = self._data[self._pos : self._pos + count]
        self._pos += len(data)
        return data

    def skip_blocks(self) -> None:
        """Pass over data sub-blocks up to their terminator."""
        while length := self.take(1):
            if length[0] == 0:
                return
            self.take(length[0])


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def parse_gif(source: PhotoSource) -> PhotoHeader:
    """Walk the blocks to the second image, or to the end.

    The size is that of the logical screen, enlarged where the first image reaches over it.

    Raises:
        CorruptMedia, MediaLimitExceeded: see :class:`PhotoSource`.
    """
    screen = source.at(6, 7)
    width, height = int.from_bytes(screen[:2], "little"), int.from_bytes(screen[2:4], "little")
    cursor = _Cursor(source, 13)
    cursor.take(_table_bytes(screen[4]))
    frames, transparent = 0, False
    while frames < 2 and (kind := cursor.take(1)):
        if kind[0] == _TRAILER:
            break
        if kind[0] == _EXTENSION:
            if cursor.take(1) == bytes([_GRAPHIC_CONTROL]) and frames == 0:
                block = cursor.take(6)
                transparent = len(block) == 6 and bool(block[1] & 1)
                if block[-1:] == b"\0":
                    continue
            cursor.skip_blocks()
        elif kind[0] == _IMAGE:
            place = cursor.take(9)
            if len(place) < 9:
                break
            frames += 1
            if frames == 1:
                left, top, w, h = (int.from_bytes(place[i : i + 2], "little") for i in (0, 2, 4, 6))
                source.check_size(w, h)
                width, height = max(width, left + w), max(height, top + h)
                source.check_size(width, height)
                # The part of the screen that the image leaves free shows the background.
                transparent |= (left, top, w, h) != (0, 0, width, height)
                cursor.take(_table_bytes(place[8]))
                cursor.take(1)
                cursor.skip_blocks()
        elif kind[0] != 0:
            break
    source.check_size(width, height)
    if frames == 0:
        raise source.truncated("no image block")
    return PhotoHeader("GIF", width, height, has_alpha=transparent, frames=frames, moving=frames > 1)
