"""Readers of one clip for many threads.

A decoder stands somewhere in the file; asking it for a far picture costs a seek and up to a whole GOP. So a request
goes to the reader that was last asked for a near one; where none is near, another is opened, or the one that has been
idle longest moves. Decoding is locked per reader; conversion runs outside of the lock.
"""

import threading
from collections import OrderedDict
from pathlib import Path

from engine.media.video import VideoPicture, VideoReader

MAX_READERS = 4
NEAR = 8
"""Pictures: so far around a reader's last request, another request is its own."""

CONVERTED = 6
"""Pictures kept as they are shown."""


class _Seat:
    def __init__(self, reader: VideoReader) -> None:
        self.reader = reader
        self.lock = threading.Lock()
        self.last = -1
        self.used = 0


class ReaderPool:
    """Pictures of a clip, for any thread.

    Args:
        path: the file.
        threads: decoder threads of each reader.

    Raises:
        MediaError: see :class:`VideoReader`.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        self._threads = threads
        self._lock = threading.Lock()
        self._clock = 0
        self._seats = [_Seat(VideoReader(path, threads=threads))]
        self._pictures: OrderedDict[int, VideoPicture] = OrderedDict()
        self.info = self._seats[0].reader.info
        self.index = self._seats[0].reader.index

    def picture(self, number: int) -> VideoPicture:
        """Picture ``number``; not to be written to.

        Raises:
            CorruptMedia: see :meth:`VideoReader.frame_at`.
        """
        with self._lock:
            if number in self._pictures:
                self._pictures.move_to_end(number)
                return self._pictures[number]
            seat = self._seat_for(number)
            seat.last = number
            self._clock += 1
            seat.used = self._clock
        with seat.lock:
            raw = seat.reader.decoded(number)
        picture = seat.reader.convert(raw)
        with self._lock:
            self._pictures[number] = picture
            while len(self._pictures) > CONVERTED:
                self._pictures.popitem(last=False)
        return picture

    def _seat_for(self, number: int) -> _Seat:
        near = [seat for seat in self._seats if seat.last < 0 or abs(number - seat.last) <= NEAR]
        if near:
            return min(near, key=lambda seat: abs(number - seat.last))
        if len(self._seats) < MAX_READERS:
            self._seats.append(_Seat(VideoReader(self._path, threads=self._threads)))
            return self._seats[-1]
        return min(self._seats, key=lambda seat: seat.used)

    def close(self) -> None:
        """Close the files; nobody may be reading."""
        with self._lock:
            for seat in self._seats:
                seat.reader.close()
            self._seats.clear()
            self._pictures.clear()
