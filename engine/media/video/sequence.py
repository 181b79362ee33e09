"""Any picture of a video from any start: what is decoded already is kept as long as it may be wanted again.

Decoding begins at the last key picture that is not shown later than the wanted one, so pictures that are shown before a
key picture but coded after it (leading pictures of an open GOP) find all their references. Asking for the next picture
goes on where decoding stands. Asking backwards decodes from the key picture once and keeps as many pictures as the
memory budget allows, so that playing in reverse costs no more than a few times playing forward.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from engine.media.video.index import PictureIndex
from engine.media.video.picture import RawPicture

LEAST_KEPT, KEPT_FORWARD = 3, 8
"""Pictures kept behind the decoder while it goes forward: threads that ask out of order find theirs, and deinterlacing
its neighbours. LEAST_KEPT where they are so large that fewer fit the budget."""

SEEK_MARGIN = 12
"""Pictures: so near ahead, going on is not dearer than seeking."""


class PictureSequence:
    """Random access to decoded pictures. For one thread at a time.

    Args:
        index: the pictures and the key pictures.
        decode_from: decodes from a key picture on, and yields number and picture in order of presentation.
        kept_backward: pictures that fit the memory budget; so many are kept while they are asked for backwards.
    """

    def __init__(
        self,
        index: PictureIndex,
        decode_from: Callable[[int], Iterator[tuple[int, RawPicture]]],
        kept_backward: int,
    ) -> None:
        self._index = index
        self._decode_from = decode_from
        self._kept_backward = max(LEAST_KEPT, kept_backward)
        self._kept_forward = min(KEPT_FORWARD, self._kept_backward)
        self._capacity = self._kept_forward
        self._kept: OrderedDict[int, RawPicture] = OrderedDict()
        self._missing: dict[int, int] = {}
        self._running: Iterator[tuple[int, RawPicture]] | None = None
        self._key = 0
        self._position = -1
        self._asked = -1

    def get(self, number: int) -> RawPicture | None:
        """Picture ``number``; the nearest earlier one where it cannot be decoded, None where no picture can."""
        while True:
            number = self._missing.get(number, number)
            if number < 0:
                return None
            if number in self._kept:
                self._asked = number
                return self._kept[number]
            self._find(number)

    def _find(self, number: int) -> None:
        """Decode until ``number`` is kept, or known to be missing."""
        self._capacity = self._kept_backward if number < self._asked else self._kept_forward
        key = self._index.key_before(number)
        near = self._position < number <= self._position + SEEK_MARGIN or key <= self._key
        if self._running is not None and self._position < number and near:
            if self._advance(number):
                return
            key = min(key, self._key)
        while True:
            self._start(key)
            if self._advance(number):
                return
            if key == 0:
                break
            key -= 1
        # No picture at or before it can be decoded: the first one that can stands for it.
        later = min(self._kept, default=-1)
        self._missing[number] = later if later > number else -1

    def _start(self, key: int) -> None:
        self._kept.clear()
        self._running = self._decode_from(key)
        self._key = key
        self._position = -1

    def _advance(self, number: int) -> bool:
        """Go on to ``number`` or beyond; False if neither it nor an earlier picture came since the key picture."""
        assert self._running is not None
        floor = self._index.times[number] if self._key == 0 else self._index.keys[self._key]
        earlier = self._last_before(number)
        for found, picture in self._running:
            if self._key > 0 and self._index.times[found] < floor:
                continue  # a leading picture whose references were not decoded
            self._keep(found, picture)
            self._position = max(self._position, found)
            if found == number:
                return True
            if found > number:
                break
            earlier = found
        else:
            self._running = None
        if earlier < 0:
            return False
        self._missing[number] = earlier
        return True

    def _last_before(self, number: int) -> int:
        return max((kept for kept in self._kept if kept < number), default=-1)

    def _keep(self, number: int, picture: RawPicture) -> None:
        self._kept[number] = picture
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
