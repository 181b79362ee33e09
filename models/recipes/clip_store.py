"""One activation of a whole clip, in pieces that can be read as frames and as strips of rows over all frames."""

from collections.abc import Iterator

import torch


class ClipStore:
    """F frames of (C, H, W), written frame by frame, then read and changed strip by strip, then taken frame by frame.

    The pieces are cut both ways, each contiguous, so that either way of reading is made of large copies.

    Args:
        frames: F.
        step: frames of one piece; strips are as high as makes one of them about as large as this many frames.
        on_host: the pieces lie in host memory, pinned beside a GPU; otherwise where the frames lie.
    """

    def __init__(self, frames: int, step: int, on_host: bool) -> None:
        self.frames, self._step, self._on_host = frames, step, on_host
        self._pieces: list[list[torch.Tensor]] = []  # [piece of time][strip]: (n, C, rows, W)
        self._device: torch.device | None = None

    def add_frames(self, frames: torch.Tensor) -> None:
        """Append the next frames (n, C, H, W); n is the step, or what is left."""
        self._device = frames.device
        rows = max(1, frames.shape[2] * self._step // self.frames)
        self._pieces.append([self._kept(strip) for strip in torch.split(frames, rows, dim=2)])

    def take_frames(self) -> Iterator[torch.Tensor]:
        """The frames (n, C, H, W), in order, on the device that they came from; what was taken is no longer held."""
        while self._pieces:
            strips = self._pieces.pop(0)
            first = strips[0]
            height = sum(strip.shape[2] for strip in strips)
            frames = first.new_empty((*first.shape[:2], height, first.shape[3]), device=self._device)
            for part, strip in zip(torch.split(frames, first.shape[2], dim=2), strips, strict=True):
                part.copy_(strip, non_blocking=True)
            del strips, first
            yield frames
            del frames

    def strips(self) -> Iterator[torch.Tensor]:
        """Copies of the strips (1, C, F, rows, W), from the top, on the device that the frames came from."""
        for number in range(len(self._pieces[0])):
            first = self._pieces[0][number]
            strip = first.new_empty((1, first.shape[1], self.frames, *first.shape[2:]), device=self._device)
            for part, pieces in zip(torch.split(strip, self._step, dim=2), self._pieces, strict=True):
                part.copy_(pieces[number].transpose(0, 1)[None], non_blocking=True)
            yield strip
            del strip

    def put_strip(self, number: int, strip: torch.Tensor) -> None:
        """Write a strip (1, C, F, rows, W) over the one of that number."""
        for part, pieces in zip(torch.split(strip, self._step, dim=2), self._pieces, strict=True):
            # The layers read and write through one stream of the GPU, so that a copy may still be under way here.
            pieces[number].copy_(part[0].transpose(0, 1), non_blocking=True)

    def _kept(self, piece: torch.Tensor) -> torch.Tensor:
        on_gpu = piece.device.type == "cuda"
        where = torch.device("cpu") if self._on_host else piece.device
        kept = torch.empty(piece.shape, dtype=piece.dtype, device=where, pin_memory=self._on_host and on_gpu)
        return kept.copy_(piece, non_blocking=True)
