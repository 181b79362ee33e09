"""A GroupNorm whose input comes in pieces (Chan, Golub and LeVeque 1979: means and variances of pieces, merged)."""

import torch

from models.recipes.applied import DiffusersModule

GROUP_SLICES = 4
"""Pieces of the groups whose copy in float32 is in memory at a time, where the input is of half floats."""


class GroupStatistics:
    """Mean and variance of each group over all pieces, for one element of a batch.

    Args:
        norm: a ``torch.nn.GroupNorm`` with weight and bias.
    """

    def __init__(self, norm: DiffusersModule) -> None:
        self._norm = norm
        self._count = 0  # numbers of one group so far
        self._mean = self._variance = torch.zeros(())  # (G,) float64 from the first piece on

    def add(self, piece: torch.Tensor) -> None:
        """Take in a piece (N, C, ...): all of N belong to the same element."""
        groups = piece.reshape(piece.shape[0], self._norm.num_groups, -1)
        parts = [torch.var_mean(part.float(), dim=(0, 2), correction=0) for part in groups.chunk(GROUP_SLICES, dim=1)]
        variance, mean = (torch.cat(both).double() for both in zip(*parts, strict=True))
        count = groups.shape[0] * groups.shape[2]
        if self._count:
            share = count / (self._count + count)
            apart = mean - self._mean
            mean = self._mean + share * apart
            variance = self._variance + share * (variance - self._variance) + share * (1 - share) * apart**2
        self._count, self._mean, self._variance = self._count + count, mean, variance

    def normalised(self, piece: torch.Tensor) -> torch.Tensor:
        """A piece (N, C, ...) as the norm over all pieces gives it, in a tensor of its own."""
        norm = self._norm
        repeats = piece.shape[1] // norm.num_groups
        # In inference a batch norm is what is wanted here: given statistics, in float32 whatever the input is.
        return torch.nn.functional.batch_norm(
            piece,
            self._mean.float().repeat_interleave(repeats),
            self._variance.float().repeat_interleave(repeats),
            norm.weight.float(),
            norm.bias.float(),
            training=False,
            eps=norm.eps,
        )
