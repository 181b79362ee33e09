"""What only LTX-Video has: distilled models, noise at every step, a VAE that takes no timestep."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import WeightsError
from models.image_to_video import ltx
from models.image_to_video.interface import Checkpoint
from tests.models.tiny_family import apart, asked, family_in
from tests.models.tiny_ltx import write_tiny_ltx

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

TIMESTEPS = [1000, 981, 909, 421]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_ltx(tmp_path)


def test_the_first_release_s_vae_takes_no_timestep(tmp_path: Path) -> None:
    family = family_in(tmp_path, "ltx", takes_timestep=False)
    # 0 levels were measured.
    assert apart(family.model.generate([asked()])[0], family.stock_clip(asked())) <= 1


def test_a_model_that_is_not_distilled_needs_guidance(folder: Path) -> None:
    traits = ltx.traits_of(folder)
    assert (traits.steps, traits.guidance) == (50, (3.0, 3.0))


@pytest.mark.parametrize(
    ("said", "steps", "guidance"),
    [
        ({"distilled": True}, 8, 1.0),
        ({"timesteps": TIMESTEPS}, 4, 1.0),
        ({"steps": 6, "guidance": 1.5}, 6, 1.5),
    ],
)
def test_a_studio_says_that_a_model_is_distilled(
    folder: Path, said: dict[str, object], steps: int, guidance: float
) -> None:
    (folder / "multiplane.json").write_text(json.dumps(said))
    traits = ltx.traits_of(folder)
    assert (traits.steps, traits.guidance) == (steps, (guidance, guidance))


@pytest.mark.parametrize("text", ["{", "[]", '{"steps": "8"}', '{"steps": 0}', '{"timesteps": [1000, "x"]}'])
def test_what_a_studio_says_must_make_sense(folder: Path, text: str) -> None:
    (folder / "multiplane.json").write_text(text)
    with pytest.raises(WeightsError, match=r"its multiplane\.json must be an object with steps"):
        ltx.traits_of(folder)


def test_a_distilled_model_s_timesteps_are_those_that_are_taken(folder: Path) -> None:
    """With the scheduler of distilled models, which shifts nothing, each is told to the transformer as it stands."""
    path = folder / "scheduler" / "scheduler_config.json"
    plain = {"use_dynamic_shifting": False, "shift": 1.0, "shift_terminal": None}
    path.write_text(json.dumps({**json.loads(path.read_text()), **plain}))
    (folder / "multiplane.json").write_text(json.dumps({"timesteps": TIMESTEPS}))
    model = ltx.open_model(folder)
    told: list[float] = []
    hook = lambda module, arguments, named: told.append(float(named["timestep"].max()))  # noqa: E731
    model._pipeline.transformer.register_forward_pre_hook(hook, with_kwargs=True)
    model.generate([asked(steps=4, guidance=(1.0, 1.0))])
    assert told == pytest.approx(TIMESTEPS)
    told.clear()
    model.generate([asked(steps=2, guidance=(1.0, 1.0))])
    assert told == pytest.approx([1000, 500])


def test_noise_of_every_step_is_of_the_seed_and_goes_on_too(tmp_path: Path) -> None:
    model = ltx.open_model(write_tiny_ltx(tmp_path, stochastic=True))
    plain = ltx.open_model(write_tiny_ltx(tmp_path / "plain"))
    requests = [asked(), asked(seed=9)]
    kept: list[Checkpoint] = []
    whole = model.generate(requests, lambda done, total, state: kept.append(state()))
    assert not np.array_equal(whole[0], plain.generate(requests)[0])
    for checkpoint in (kept[0], kept[2]):
        assert all(map(np.array_equal, model.generate(requests, resume=checkpoint), whole))
    # Alone as in a batch; 0 levels were measured.
    assert apart(model.generate(requests[1:])[0], whole[1]) <= 1


def test_one_step_is_refused_where_the_schedule_has_an_end_of_its_own(folder: Path) -> None:
    with pytest.raises(ValueError, match="needs at least 2 steps"):
        ltx.open_model(folder).generate([asked(steps=1)])
