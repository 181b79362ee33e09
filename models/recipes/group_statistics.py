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
        self._counts: list[int] = []
        self._means: list[torch.Tensor] = []
        self._variances: list[torch.Tensor] = []
        self._merged: tuple[torch.Tensor, torch.Tensor] | None = None

    def add(self, piece: torch.Tensor) -> None:
        """Take in a piece (N, C, ...): all of N belong to the same element."""
        groups = piece.reshape(piece.shape[0], self._norm.num_groups, -1)
        variances, means = [], []
        for part in groups.chunk(GROUP_SLICES, dim=1):
            variance, mean = torch.var_mean(part.float(), dim=(0, 2), correction=0)
            variances.append(variance.double())
            means.append(mean.double())
        self._counts.append(groups.shape[0] * groups.shape[2])
        self._variances.append(torch.cat(variances))
        self._means.append(torch.cat(means))

    def normalised(self, piece: torch.Tensor) -> torch.Tensor:
        """A piece (N, C, ...) as the norm over all pieces gives it, in a tensor of its own."""
        mean, variance = self._over_channels(piece.shape[1])
        norm = self._norm
        # In inference a batch norm is what is wanted here: given statistics, in float32 whatever the input is.
        return torch.nn.functional.batch_norm(
            piece, mean, variance, norm.weight.float(), norm.bias.float(), training=False, eps=norm.eps
        )

    def _over_channels(self, channels: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and variance of each channel's group, float32."""
        if self._merged is None:
            counts = torch.tensor(self._counts, dtype=torch.float64, device=self._means[0].device)[:, None]
            means, variances = torch.stack(self._means), torch.stack(self._variances)
            mean = (means * counts).sum(0) / counts.sum()
            variance = ((variances + (means - mean) ** 2) * counts).sum(0) / counts.sum()
            repeats = channels // self._norm.num_groups
            self._merged = (
                mean.float().repeat_interleave(repeats),
                variance.float().repeat_interleave(repeats),
            )
        return self._merged
