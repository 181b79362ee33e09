"""A model in an ONNX file, run by onnxruntime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.errors import EngineError, WeightsError
from models.runtime import ON_CPU, Placement, model_threads, onnx_providers

Shape = tuple[int | str | None, ...]
"""Lengths of an array's axes; a length that may differ is a text or None."""

_ERRORS_ONLY = 3
"""onnxruntime's level of logging; what it says reaches us as exceptions."""


class OnnxModel:
    """A loaded model. Any number of threads may run it at a time.

    Attributes:
        name: for people.
        file: name of its file.
        inputs: names and shapes of what it takes, in the file's order.
        outputs: names and shapes of what it gives, in the file's order.
    """

    def __init__(self, name: str, file: str, session: Any) -> None:  # noqa: ANN401  onnxruntime carries no types
        self.name = name
        self.file = file
        self._session = session
        self.inputs: dict[str, Shape] = {item.name: tuple(item.shape) for item in session.get_inputs()}
        self.outputs: dict[str, Shape] = {item.name: tuple(item.shape) for item in session.get_outputs()}

    def expect(self, inputs: tuple[Shape, ...], output: Shape) -> None:
        """Check what the model takes, in any order, and its first output; None in a shape stands for every length.

        Raises:
            WeightsError: it is not such a model.
        """
        first = next(iter(self.outputs.values()), ())
        left = list(self.inputs.values())
        for wanted in inputs:
            found = next((shape for shape in left if _fits(shape, wanted)), None)
            if found is None:
                break
            left.remove(found)
        else:
            if not left and _fits(first, output):
                return
        raise WeightsError(
            self.name,
            f"{self.file} is another model: install the pack again.",
            detail=f"it takes {self.inputs} and gives {self.outputs}",
        )

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Run once; returns the first output, float32.

        Raises:
            EngineError: onnxruntime could not, such as for want of memory.
        """
        try:
            (result,) = self._session.run([next(iter(self.outputs))], dict(inputs))
        except Exception as error:  # onnxruntime's own classes derive from nothing narrower
            raise EngineError(f"{self.name} could not be run on this machine.", detail=str(error)) from error
        return np.asarray(result, np.float32)


def open_onnx(name: str, path: Path, placement: Placement = ON_CPU) -> OnnxModel:
    """Load an ONNX file.

    Args:
        name: of the model, for people.
        path: the file.
        placement: where it shall run, as :func:`models.runtime.place_onnx` decides.

    Raises:
        WeightsError: the file is not there, or is no model that onnxruntime can load.
    """
    import onnxruntime

    if not path.is_file():
        raise WeightsError(name, f"its file {path.name} is missing: install the pack again.", detail=str(path))
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = model_threads()
    # Models run now and then: an arena would keep the working memory of a run for ever, and gains a fifth of its time.
    options.enable_cpu_mem_arena = False
    # Threads that spin while they wait would take the cores of the encoder.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=onnx_providers(placement))
    except Exception as error:  # onnxruntime's own classes derive from nothing narrower
        raise WeightsError(
            name, f"{path.name} is no model that onnxruntime can load: install the pack again.", detail=str(error)
        ) from error
    return OnnxModel(name, path.name, session)


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        length == want or want is None or not isinstance(length, int)
        for length, want in zip(shape, wanted, strict=True)
    )
