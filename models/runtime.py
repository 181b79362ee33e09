"""Where models run: the one place that decides device, number format, threads and providers."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING, Any, Literal

from engine.core.errors import DeviceUnavailable, OptionError, quoted
from engine.core.settings import ChoiceSetting, Setting

if TYPE_CHECKING:
    import torch

Dtype = Literal["float32", "float16", "bfloat16"]

CPU = "cpu"
CUDA = "cuda"
DEVICES = ("auto", CPU, CUDA)

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"

MODEL_DEVICE = ChoiceSetting(
    "MULTIPLANE_MODEL_DEVICE",
    "auto",
    DEVICES,
    "where models run: auto is a CUDA GPU if there is one, else the processor",
)
MODEL_THREADS = Setting(
    "MULTIPLANE_MODEL_THREADS",
    0,
    "threads",
    0,
    256,
    "threads of one model on the processor; 0: one for each usable core",
)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model's weights lie and in what numbers it computes.

    Attributes:
        device: ``cpu``, or ``cuda:N``.
        dtype: float16 on a GPU; float32 on a processor, which computes half floats many times slower.
            bfloat16, with the range of float32, for models that overflow in float16: their adapter chooses it.
    """

    device: str
    dtype: Dtype

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.startswith(CUDA)

    def torch_dtype(self) -> "torch.dtype":
        """The number format as torch has it."""
        import torch

        return {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}[self.dtype]


ON_CPU = Placement(CPU, "float32")


def place(device: str | None = None) -> Placement:
    """Decide where a torch model runs.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` (the current GPU) or ``cuda:N``; None: what the site has set.

    Raises:
        OptionError: it is none of these.
        DeviceUnavailable: CUDA was asked for, and torch or the GPU is not there.
    """
    wanted = (device or MODEL_DEVICE.value()).strip().casefold()
    kind, _, number = wanted.partition(":")
    if wanted not in DEVICES and not (kind == CUDA and number.isascii() and number.isdigit()):
        raise OptionError(f"{quoted(wanted)} is no device for models: give auto, cpu, cuda or cuda:N.")
    if wanted == CPU:
        return ON_CPU
    gpus = _gpu_count()
    if wanted == "auto" and not gpus:
        return ON_CPU
    if not gpus:
        why = "torch finds no CUDA GPU" if has_torch() else "torch is not installed (extra 'gpu')"
        raise DeviceUnavailable(f"Models cannot run on {wanted}: {why}. Choose cpu or auto.")
    if number and int(number) >= gpus:
        raise DeviceUnavailable(f"Models cannot run on {wanted}: the last of this machine's GPUs is cuda:{gpus - 1}.")
    return Placement(f"{CUDA}:{int(number) if number else _current_gpu()}", "float16")


def place_onnx(device: str | None = None) -> Placement:
    """Decide where an ONNX model runs: as :func:`place`, in float32, which the files that we run are written in.

    The onnxruntime that we install is built for processors. With it everything that the site has set means the
    processor, and only a GPU that was asked for in ``device`` is refused.

    Raises:
        OptionError, DeviceUnavailable: as :func:`place`.
    """
    import onnxruntime

    if CUDA_PROVIDER in onnxruntime.get_available_providers():
        return Placement(place(device).device, "float32")
    wanted = (device or CPU).strip().casefold()
    if wanted.startswith(CUDA):
        raise DeviceUnavailable(f"ONNX models cannot run on {wanted}: this onnxruntime is built for processors only.")
    return place(CPU if wanted == "auto" else wanted)


def onnx_providers(placement: Placement) -> list[Any]:
    """What onnxruntime calls a placement: its providers, the first that can do a step does it."""
    if not placement.on_gpu:
        return [CPU_PROVIDER]
    return [(CUDA_PROVIDER, {"device_id": placement.device.partition(":")[2]}), CPU_PROVIDER]


def has_torch() -> bool:
    """Whether torch is installed; it is not loaded for that."""
    return util.find_spec("torch") is not None


def model_threads() -> int:
    """Threads that one model on the processor may use: at least 1."""
    return MODEL_THREADS.int_value() or len(os.sched_getaffinity(0))


def gpu_memory(device: str) -> int:
    """Bytes of memory of a CUDA GPU, whoever uses them."""
    import torch

    return int(torch.cuda.get_device_properties(device).total_memory)


def release_memory(device: str) -> None:
    """Give back to the system what dropped models held on a device; torch is not loaded for that."""
    gc.collect()
    torch = sys.modules.get("torch")
    if device.startswith(CUDA) and torch is not None:
        with torch.cuda.device(device):
            torch.cuda.empty_cache()


def device_answers() -> bool:
    """Whether this process can still use the GPU that it works on; torch is not loaded for that.

    After some errors of a kernel nothing runs in the process any more: only another one can go on. True where no GPU
    is used. A lack of memory is no such error.
    """
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return True
    try:
        torch.cuda.synchronize()
        torch.zeros(1, device=CUDA).item()
    except torch.OutOfMemoryError:
        return True
    except RuntimeError:
        return False
    return True


@contextmanager
def offline() -> Iterator[None]:
    """While the hub's libraries are imported and used: they may not look for anything beyond this machine.

    The variables are put back after that; a ``packs pull`` that this process starts later may fetch. Where the
    libraries were loaded before, ``local_files_only`` and folders in place of names do the same.
    """
    flags = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    before = {name: os.environ.get(name) for name in flags}
    os.environ.update(flags)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _gpu_count() -> int:
    if not has_torch():
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _current_gpu() -> int:
    import torch

    return torch.cuda.current_device()
