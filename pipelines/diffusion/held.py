"""The pictures of a chain of clips in the photo's colours, each made when it is asked for."""

from collections.abc import Sequence
from functools import lru_cache
from typing import overload

from engine.core.frames import RgbImage
from pipelines.diffusion.colour import Field, matched
from pipelines.diffusion.kept import Pictures

NEAR = 4
"""Pictures that are held ready: finishing looks at two at a time, at two places."""


class HeldPictures(Sequence[RgbImage]):
    """Clips one after the other; the first picture of each further one is the last of the one before, and left out.

    Args:
        clips: (N, H, W, 3) uint8 each, on the disk or in memory.
        colours: of the photo, from :func:`pipelines.diffusion.colour.statistics`.
        box: left, top, right, bottom of what is shown of each, in whole pixels; None is all.
    """

    def __init__(
        self, clips: Sequence[Pictures], colours: tuple[Field, Field], box: tuple[int, int, int, int] | None = None
    ) -> None:
        self._clips = tuple(clips)
        self._colours = colours
        self._box = box
        self._places = [
            (clip, number) for clip, each in enumerate(clips) for number in range(0 if clip == 0 else 1, len(each))
        ]
        self._made = lru_cache(maxsize=NEAR)(self._make)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> RgbImage: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[RgbImage]: ...

    def __getitem__(self, index: int | slice) -> RgbImage | Sequence[RgbImage]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._made(range(len(self))[index])

    def shown(self, box: tuple[int, int, int, int]) -> "HeldPictures":
        """The same pictures without what was only padding or surroundings."""
        return HeldPictures(self._clips, self._colours, box)

    def _make(self, index: int) -> RgbImage:
        clip, number = self._places[index]
        # All that the model made counts for the colours, as all that it was given does.
        picture = matched(self._clips[clip][number], self._colours)
        if self._box is None:
            return picture
        left, top, right, bottom = self._box
        return picture[top:bottom, left:right]
