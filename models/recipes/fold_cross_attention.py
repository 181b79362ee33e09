"""Fold SVD's cross-attention into one bias a block and request: exact up to rounding.

SVD looks at its photo through one token. The softmax over one key is 1 whatever the query, so that
``attn2(x) = to_out(to_v(token))`` is the same at every position and in every step: what diffusers computes 32 times a
step is computed here once a request, and the norm before it is not needed. Both kinds of block are folded: the spatial
ones, which see the token repeated for each frame, and the temporal ones, which see that of the first frame repeated for
each position; the frames of a clip have one token, so that both come to one bias for each element of the batch.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.recipes.applied import DiffusersModule, Replaced

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class FoldConfig:
    """What is folded.

    Attributes:
        spatial: the blocks over the positions of a frame.
        temporal: the blocks over the frames of a position.
    """

    spatial: bool = True
    temporal: bool = True


class Fold:
    """A folded UNet: an :class:`models.recipes.applied.Applied` for one request.

    A call with the whole batch takes all biases, a call with half of it those of its half: under classifier-free
    guidance the second is the conditional one, which a step outside the guidance interval runs alone, and where memory
    is short both run one after the other.
    Hand in the same tensor object in every step: an object that was not seen before is compared with the folded
    one, and to compare, the processor waits for the GPU.
    """

    def __init__(self, unet: DiffusersModule, image_embeddings: "torch.Tensor", config: FoldConfig) -> None:
        import torch

        _check_one_token(image_embeddings)
        self._replaced = Replaced()
        self._embeddings = image_embeddings
        self._seen: list[tuple[torch.Tensor, int]] = [(image_embeddings, 0)]  # and the first of its rows
        self._rows = _Rows(image_embeddings.shape[0])
        self._folds_all = config.spatial and config.temporal
        with torch.no_grad():
            constants = [
                (block, _Constant(block.attn2, image_embeddings, self._rows)) for block in _blocks(unet, config)
            ]
        for block, constant in constants:
            self._replaced.put(block.attn2, "forward", constant.forward)
            self._replaced.put(block.norm2, "forward", _as_it_is)
        self._hook: Any = unet.register_forward_pre_hook(self._before, with_kwargs=True)

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        self._replaced.remove()
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def _before(
        self, _unet: DiffusersModule, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Choose the rows of this call and refuse another photo's token.

        The folded blocks do not look at the token: one channel of it is handed on, and with it shrinks the copy for
        each position that diffusers makes in every block.
        """
        position = 2  # of encoder_hidden_states in the UNet's call
        given = args[position] if len(args) > position else kwargs["encoder_hidden_states"]
        first = next((row for known, row in self._seen if given is known), None)
        if first is None:
            first = self._compare(given)
            self._seen = [*self._seen[:3], (given, first)]  # the whole batch, its halves, and no more
        self._rows.first, self._rows.count = first, given.shape[0]
        if not self._folds_all:
            return args, kwargs
        if len(args) > position:
            return (*args[:position], given[..., :1], *args[position + 1 :]), kwargs
        return args, {**kwargs, "encoder_hidden_states": given[..., :1]}

    def _compare(self, given: "torch.Tensor") -> int:
        """The first of the folded rows that a call's embeddings are."""
        import torch

        _check_one_token(given)
        rows, count = self._embeddings.shape[0], given.shape[0]
        if count not in (rows, rows / 2):
            raise ValueError(f"The fold was made for a batch of {rows} or half of it, not for one of {count}.")
        for first in (rows - count, 0):
            if torch.equal(given, self._embeddings[first : first + count]):
                return first
        raise ValueError("The fold was made for other image embeddings: apply it anew for each request.")


@dataclass(slots=True)
class _Rows:
    """Which rows of the biases the call takes."""

    count: int
    first: int = 0


class _Constant:
    """Stands in for a cross-attention whose answer is known."""

    def __init__(self, attention: DiffusersModule, embeddings: "torch.Tensor", rows: _Rows) -> None:
        # Asked of the module itself, whatever processes it: over one key every query gets the same answer.
        query = embeddings.new_zeros(embeddings.shape[0], 1, attention.query_dim)
        self.bias = attention(query, encoder_hidden_states=embeddings)
        self.rows = rows

    def forward(self, hidden_states: "torch.Tensor", **_ignored: object) -> "torch.Tensor":
        """One bias (N, 1, C) for hidden states (N, L, C), N a multiple of the batch."""
        first, count = self.rows.first, self.rows.count
        bias: torch.Tensor = self.bias[first : first + count].repeat_interleave(hidden_states.shape[0] // count, dim=0)
        return bias


def apply_fold(unet: DiffusersModule, image_embeddings: "torch.Tensor", config: FoldConfig = FoldConfig()) -> Fold:
    """Fold the cross-attention of a UNet for one request.

    Args:
        unet: a ``UNetSpatioTemporalConditionModel``. Its weights stay where they are, and are needed for the next fold.
        image_embeddings: (B, 1, C), as the UNet is called with; under guidance the unconditional half comes first.
        config: what to fold.

    Raises:
        ValueError: there is more than one token, so that the attention is not constant. The UNet raises it too, where
            it is called with another number of tokens, other embeddings, or a batch that is not B or B / 2.
    """
    return Fold(unet, image_embeddings, config)


def _blocks(unet: DiffusersModule, config: FoldConfig) -> list[DiffusersModule]:
    """Every transformer block of a UNet that has a cross-attention."""
    wanted = {"BasicTransformerBlock": config.spatial, "TemporalBasicTransformerBlock": config.temporal}
    return [
        module
        for module in unet.modules()
        if wanted.get(type(module).__name__, False) and module.attn2 is not None and module.norm2 is not None
    ]


def _check_one_token(embeddings: "torch.Tensor") -> None:
    if embeddings.ndim != 3 or embeddings.shape[1] != 1:
        raise ValueError(
            f"Cross-attention folds over one token only: embeddings must be (B, 1, C), not {tuple(embeddings.shape)}."
        )


def _as_it_is(hidden_states: "torch.Tensor") -> "torch.Tensor":
    return hidden_states
