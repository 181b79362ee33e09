"""DeepCache for SVD's UNet (Ma, Fang and Wang, CVPR 2024, "DeepCache: Accelerating Diffusion Models for Free").

What the deep part of the UNet says changes little from step to step. A full step keeps the feature that it hands to the
outermost layers; the shallow steps that follow run only those and take the kept feature. This is an approximation.

With L layers in the last up block (3 in SVD), the outermost branches are numbered from 0, the last layer::

    conv_in ──────────────────────────────────────── skip 0 ──> last layer of the last up block      branch 0
      layer 0 of down block 0 ───────────────────── skip 1 ──> layer before it                       branch 1
        layer 1 of down block 0 ─────────────────── skip 2 ──> layer before that                     branch 2
          everything else: not run in a shallow step

Branch b runs the first b layers of down block 0 and the last b + 1 layers of the last up block.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.recipes.applied import DiffusersModule, Replaced

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class DeepCacheConfig:
    """How often the deep part runs, and what a shallow step runs.

    Attributes:
        interval: every such step is full, from the first; 1: all are, and nothing is changed.
        branch: 0 to 2 with SVD's layers; a larger one costs more and follows the exact result more closely.

    Raises:
        ValueError: the interval is below 1, or the branch is negative.
    """

    interval: int = 3
    branch: int = 0

    def __post_init__(self) -> None:
        if self.interval < 1 or self.branch < 0:
            raise ValueError(f"DeepCache needs an interval from 1 and a branch from 0, not {self}.")


class DeepCache:
    """A UNet with a cache: an :class:`models.recipes.applied.Applied`, for one denoising at a time.

    Call :meth:`begin` before a denoising and :meth:`at` before each call of the UNet; a call that was not announced is
    full. The kept feature belongs to a shape of the UNet's input. A call with half of its batch takes the second half:
    under guidance that is the conditional one, and since elements of a batch do not see one another, that is what a
    full step without guidance would have kept. For any other change, as from a step without guidance to one with it,
    there is no feature, and the call is full though its step is a shallow one.
    """

    def __init__(self, unet: DiffusersModule, config: DeepCacheConfig) -> None:
        self.config = config
        self._replaced = Replaced()
        self._feature: torch.Tensor | None = None
        self._announced: int | None = None
        self._shallow = False
        self._hook: Any = None
        layers = len(unet.up_blocks[-1].resnets)
        if config.branch >= layers:
            raise ValueError(f"This UNet has the branches 0 to {layers - 1} for DeepCache, not {config.branch}.")
        if config.interval > 1:
            self._patch(unet)
            self._hook = unet.register_forward_pre_hook(self._before, with_kwargs=True)

    def begin(self) -> None:
        """Forget what was kept: a new denoising starts, or one goes on in another process."""
        self._feature = self._announced = None

    def at(self, step: int) -> None:
        """Announce the step of the next call, from 0."""
        self._announced = step

    def is_full(self, step: int) -> bool:
        """Whether a step runs the whole UNet: only before such a step can a denoising be taken up again exactly."""
        return step % self.config.interval == 0

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        self._replaced.remove()
        self.begin()
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def _patch(self, unet: DiffusersModule) -> None:
        first, *deeper = unet.down_blocks
        self._replaced.put(first, "forward", _Down(self, first, self.config.branch).forward)
        for block in deeper:
            self._replaced.put(block, "forward", _Down(self, block, 0).forward)
        for block in (unet.mid_block, *unet.up_blocks[:-1]):
            self._replaced.put(block, "forward", _Skipped(self, block).forward)
        self._replaced.put(unet.up_blocks[-1], "forward", _LastUp(self, unet.up_blocks[-1]).forward)

    def _before(self, _unet: DiffusersModule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Decide whether this call is shallow."""
        sample = args[0] if args else kwargs["sample"]
        step, self._announced = self._announced, None
        wanted = step is not None and not self.is_full(step)
        self._shallow = wanted and self._take_rows(sample.shape[0] * sample.shape[1], tuple(sample.shape[-2:]))

    def _take_rows(self, rows: int, size: tuple[int, ...]) -> bool:
        """Cut the kept feature to the call's rows; whether there is one for it."""
        kept = self._feature
        if kept is None or tuple(kept.shape[-2:]) != size or kept.shape[0] not in (rows, 2 * rows):
            return False
        self._feature = kept[-rows:]
        return True

    @property
    def shallow(self) -> bool:
        """Whether the call that runs now is a shallow one."""
        return self._shallow

    def keep(self, feature: "torch.Tensor") -> None:
        """Keep what the deep part hands to the outer one: (B * F, C, H, W)."""
        self._feature = feature

    def kept(self) -> "torch.Tensor":
        """What was kept.

        Raises:
            RuntimeError: nothing was; a shallow call begins only where something is.
        """
        if self._feature is None:
            raise RuntimeError("a shallow step without a kept feature")
        return self._feature


class _Down:
    """A down block that runs only its first layers in a shallow step."""

    def __init__(self, cache: DeepCache, block: DiffusersModule, layers: int) -> None:
        self.cache, self.block, self.layers = cache, block, layers
        self.full = block.forward
        self.outputs = len(block.resnets) + (0 if block.downsamplers is None else 1)

    def forward(self, hidden_states: "torch.Tensor", **given: Any) -> Any:  # noqa: ANN401  as diffusers has it
        """The block's answer; where it did not run, its input stands in for skips that nobody reads."""
        if not self.cache.shallow:
            return self.full(hidden_states=hidden_states, **given)
        skips = []
        for layer in range(self.layers):
            hidden_states = _run_layer(self.block, layer, hidden_states, given)
            skips.append(hidden_states)
        return hidden_states, (*skips, *[hidden_states] * (self.outputs - len(skips)))


class _Skipped:
    """A block that does not run in a shallow step."""

    def __init__(self, cache: DeepCache, block: DiffusersModule) -> None:
        self.cache, self.full = cache, block.forward

    def forward(self, hidden_states: "torch.Tensor", **given: Any) -> Any:  # noqa: ANN401  as diffusers has it
        """The block's answer, or its input."""
        return hidden_states if self.cache.shallow else self.full(hidden_states=hidden_states, **given)


class _LastUp:
    """The last up block: it keeps its hidden state before the branch's layer, or goes on from what was kept."""

    def __init__(self, cache: DeepCache, block: DiffusersModule) -> None:
        self.cache, self.block = cache, block
        self.layers = len(block.resnets)
        self.branch_layer = self.layers - 1 - cache.config.branch

    def forward(
        self,
        hidden_states: "torch.Tensor",
        res_hidden_states_tuple: tuple["torch.Tensor", ...],
        upsample_size: int | None = None,
        **given: Any,  # noqa: ANN401  as diffusers has it
    ) -> "torch.Tensor":
        """As the block's own, layer for layer."""
        import torch

        first = self.branch_layer if self.cache.shallow else 0
        for layer in range(first, self.layers):
            if layer == self.branch_layer:
                if self.cache.shallow:
                    hidden_states = self.cache.kept()
                else:
                    self.cache.keep(hidden_states)
            hidden_states = torch.cat([hidden_states, res_hidden_states_tuple[-1 - layer]], dim=1)
            hidden_states = _run_layer(self.block, layer, hidden_states, given)
        for upsampler in self.block.upsamplers or ():
            hidden_states = upsampler(hidden_states, upsample_size)
        return hidden_states


def apply_deep_cache(unet: DiffusersModule, config: DeepCacheConfig = DeepCacheConfig()) -> DeepCache:
    """Give a UNet a cache of its deep feature.

    The feature takes B * F * C * H * W numbers, 295 MB in SVD-XT at 576x1024 under guidance in float16 with branch 0 or
    1, and twice that with branch 2.

    Args:
        unet: a ``UNetSpatioTemporalConditionModel``.
        config: see :class:`DeepCacheConfig`.

    Raises:
        ValueError: the UNet has no such branch.
    """
    return DeepCache(unet, config)


def _run_layer(
    block: DiffusersModule, layer: int, hidden_states: "torch.Tensor", given: dict[str, Any]
) -> "torch.Tensor":
    """One resnet of a block, and the transformer behind it where the block has one."""
    indicator = given["image_only_indicator"]
    hidden: torch.Tensor = block.resnets[layer](hidden_states, given["temb"], image_only_indicator=indicator)
    if getattr(block, "has_cross_attention", False):
        hidden = block.attentions[layer](
            hidden,
            encoder_hidden_states=given["encoder_hidden_states"],
            image_only_indicator=indicator,
            return_dict=False,
        )[0]
    return hidden
