"""What only Wan has: a scheduler that looks back, and prompts that are mended first."""

import json
from dataclasses import replace
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import WeightsError
from models.image_to_video import wan
from models.image_to_video.interface import Checkpoint
from tests.models.tiny_family import apart, asked, family_in
from tests.models.tiny_wan import write_tiny_wan

pytest.importorskip("torch")
pytest.importorskip("diffusers")


def test_a_checkpoint_holds_what_the_scheduler_looks_back_on(tmp_path: Path) -> None:
    model = wan.open_model(write_tiny_wan(tmp_path))
    kept: list[Checkpoint] = []
    (whole,) = model.generate([asked()], lambda done, total, state: kept.append(state()))
    assert list(kept[0].arrays) == ["latents", "last_sample", "model_output_1"]
    assert list(kept[1].arrays) == ["latents", "last_sample", "model_output_0", "model_output_1"]
    forgetful = replace(kept[1], arrays={"latents": kept[1].arrays["latents"]})
    with pytest.raises(ValueError, match="the checkpoint is of other requests"):
        model.generate([asked()], resume=forgetful)
    assert np.array_equal(model.generate([asked()], resume=kept[1])[0], whole)


def test_a_scheduler_that_looks_at_one_step_only_will_do(tmp_path: Path) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler

    write_tiny_wan(tmp_path)
    FlowMatchEulerDiscreteScheduler(shift=5.0).save_pretrained(tmp_path / "scheduler")
    index = json.loads((tmp_path / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "FlowMatchEulerDiscreteScheduler"]
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    model = wan.open_model(tmp_path)
    kept: list[Checkpoint] = []
    (whole,) = model.generate([asked()], lambda done, total, state: kept.append(state()))
    assert list(kept[1].arrays) == ["latents"]
    assert np.array_equal(model.generate([asked()], resume=kept[1])[0], whole)


def test_a_scheduler_that_diffusers_has_not_is_told(tmp_path: Path) -> None:
    path = write_tiny_wan(tmp_path) / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps({"_class_name": "SchedulerOfTomorrow"}))
    with pytest.raises(WeightsError, match="its files cannot be loaded"):
        wan.open_model(tmp_path)


def test_prompts_are_mended_as_diffusers_mends_them(tmp_path: Path) -> None:
    family = family_in(tmp_path, "wan")
    # Mojibake, an entity and spaces, which come out as letters that the tokenizer knows; 0 levels were measured.
    for prompt in ("the &lt;dog&gt;   runs\n\n far", "sâ€™ run", "a" * 600):
        request = asked(prompt=prompt)
        assert apart(family.model.generate([request])[0], family.stock_clip(request)) <= 1


def test_a_library_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_wan(tmp_path)
    there = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *more: None if name == "ftfy" else there(name, *more))
    with pytest.raises(
        WeightsError, match=r"^Wan 2\.2: ftfy, which mends its prompts, is not installed \(extra 'gpu'\)\.$"
    ):
        wan.open_model(tmp_path)
