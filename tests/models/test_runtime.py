"""Where models run, and that asking for it loads nothing heavy."""

import os
import subprocess
import sys
from typing import get_args

import pytest

from engine.core.errors import DeviceUnavailable, OptionError
from models import runtime
from models.runtime import ON_CPU, Dtype, Placement, model_threads, offline, onnx_providers, place, place_onnx
from tests.conftest import ROOT


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with two GPUs, as far as this code can tell."""
    monkeypatch.setattr(runtime, "_gpu_count", lambda: 2)
    monkeypatch.setattr(runtime, "_current_gpu", lambda: 0)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_gpu_count", lambda: 0)


@pytest.mark.usefixtures("gpus")
def test_a_gpu_is_taken_where_there_is_one_and_computes_in_half_floats() -> None:
    assert place() == place("auto") == place("cuda") == Placement("cuda:0", "float16")
    assert place("cuda:1") == Placement("cuda:1", "float16")
    assert place("cpu") == ON_CPU == Placement("cpu", "float32")
    with pytest.raises(DeviceUnavailable, match=r"cuda:2: the last of this machine's GPUs is cuda:1\."):
        place("cuda:2")


@pytest.mark.parametrize("dtype", get_args(Dtype))
def test_every_number_format_is_one_of_torch(dtype: Dtype) -> None:
    torch = pytest.importorskip("torch")
    assert Placement("cpu", dtype).torch_dtype() is getattr(torch, dtype)


@pytest.mark.usefixtures("no_gpu")
def test_a_machine_without_gpu_uses_its_processor_and_says_so_where_a_gpu_was_asked_for() -> None:
    assert place("auto") == ON_CPU
    with pytest.raises(DeviceUnavailable, match="Models cannot run on cuda: torch "):
        place("cuda")


@pytest.mark.usefixtures("gpus")
def test_the_site_decides_where_the_caller_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPLANE_MODEL_DEVICE", "cpu")
    assert place() == ON_CPU
    assert place("cuda").on_gpu


@pytest.mark.parametrize("word", ["gpu", "cuda:", "cuda:x", "cuda:-1", "mps"])
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(OptionError, match="is no device for models"):
        place(word)


@pytest.mark.usefixtures("gpus")
def test_onnx_models_stay_on_the_processor_unless_a_gpu_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    monkeypatch.setenv("MULTIPLANE_MODEL_DEVICE", "cuda")
    assert place_onnx() == place_onnx("auto") == ON_CPU
    with pytest.raises(DeviceUnavailable, match="this onnxruntime is built for processors only"):
        place_onnx("cuda:1")
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CUDAExecutionProvider"])
    assert place_onnx("cuda:1") == Placement("cuda:1", "float32")


def test_a_gpu_s_provider_comes_before_the_processor_s() -> None:
    assert onnx_providers(ON_CPU) == ["CPUExecutionProvider"]
    first, second = onnx_providers(Placement("cuda:1", "float32"))
    assert (first, second) == (("CUDAExecutionProvider", {"device_id": "1"}), "CPUExecutionProvider")


def test_threads_are_the_site_s_or_one_for_each_usable_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert model_threads() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("MULTIPLANE_MODEL_THREADS", "3")
    assert model_threads() == 3


def test_the_hub_is_off_while_its_libraries_load_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    with offline():
        assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
    assert os.environ["HF_HUB_OFFLINE"] == "0"
    assert "TRANSFORMERS_OFFLINE" not in os.environ


def test_importing_the_models_loads_nothing_heavy() -> None:
    code = """
import sys
import models.depth, models.inpaint, models.matte, models.residency
heavy = {"torch", "transformers", "onnxruntime", "cv2", "safetensors", "huggingface_hub"}
print(sorted(heavy & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
