"""Who computes attention: torch's own choice (SDPA), xFormers, or torch with flash attention first.

All compute the same up to rounding. Temporal attention in SVD is over a few frames at very many positions, where a
kernel made for long sequences gains nothing: measure before choosing another than SDPA.
"""

from importlib import util
from typing import TYPE_CHECKING, Any, get_args

from engine.core.errors import DeviceUnavailable, OptionError
from models.recipes.applied import DiffusersModule
from models.recipes.presets import Attention

if TYPE_CHECKING:
    import torch

FLASH_CAPABILITY = (8, 0)
"""The first CUDA compute capability that torch's flash attention runs on (Ampere)."""


class AttentionProcessors:
    """Attention computed by another: an :class:`models.recipes.applied.Applied`."""

    def __init__(self, module: DiffusersModule) -> None:
        self._module = module
        self._before: dict[str, Any] | None = dict(module.attn_processors)

    def remove(self) -> None:
        """See :meth:`models.recipes.applied.Applied.remove`."""
        if self._before is not None:
            self._module.set_attn_processor(self._before)
            self._before = None


def apply_attention(module: DiffusersModule, backend: Attention = "sdpa") -> AttentionProcessors:
    """Choose who computes the attention of a UNet or a VAE. Apply it before folding or compiling.

    Args:
        module: of diffusers, with attention processors.
        backend: ``sdpa``; ``xformers``, which is an extra; ``flash``: torch's flash attention where it can, else what
            SDPA would take.

    Raises:
        OptionError: there is no such backend.
        DeviceUnavailable: it cannot run here, in a sentence that says why.
    """
    if backend not in get_args(Attention):
        raise OptionError(f"There is no attention {backend!r}: give {', '.join(get_args(Attention))}.")
    if why := why_not(backend, module.device, module.dtype):
        raise DeviceUnavailable(why)
    applied = AttentionProcessors(module)
    if backend == "xformers":
        module.enable_xformers_memory_efficient_attention()
    else:
        from diffusers.models.attention_processor import AttnProcessor2_0

        module.set_attn_processor(AttnProcessor2_0() if backend == "sdpa" else FlashFirst(AttnProcessor2_0()))
    return applied


def why_not(backend: Attention, device: "torch.device", dtype: "torch.dtype") -> str | None:
    """Why a backend cannot run, in a sentence; None where it can."""
    import torch

    if backend == "sdpa":
        return None
    if backend == "xformers" and util.find_spec("xformers") is None:
        return "Attention by xformers cannot run: it is not installed (extra 'xformers')."
    if device.type != "cuda":
        return f"Attention by {backend} cannot run on {device.type}: it needs a CUDA GPU; sdpa runs everywhere."
    if backend == "flash" and dtype not in (torch.float16, torch.bfloat16):
        return f"Attention by flash cannot run in {str(dtype).removeprefix('torch.')}: it needs half floats."
    if backend == "flash" and torch.cuda.get_device_capability(device) < FLASH_CAPABILITY:
        return "Attention by flash cannot run on this GPU: it needs compute capability 8.0."
    return None


class FlashFirst:
    """A processor of diffusers within which torch prefers flash attention."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401  of diffusers, without types
        self._inner = inner

    def __call__(self, attention: DiffusersModule, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as diffusers has it
        """As the processor within."""
        from torch.nn.attention import SDPBackend, sdpa_kernel

        # The decoder's heads of 512 channels are too wide for flash attention, so that others must be allowed.
        order = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
        with sdpa_kernel(order, set_priority=True):
            return self._inner(attention, *args, **kwargs)
