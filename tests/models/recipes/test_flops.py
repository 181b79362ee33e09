"""Operations at full size, without weights: the figures that the issue and the presets give."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from models.recipes.deep_cache import DeepCacheConfig  # noqa: E402
from models.recipes.fake_models import fake_tensors, fake_unet, fake_vae  # noqa: E402
from models.recipes.flops import Shape, count, decode_flops, total_flops, unet_flops  # noqa: E402
from models.recipes.presets import (  # noqa: E402
    DECODE_TFLOP,
    FULL_TFLOP,
    PRESETS,
    SHALLOW_TFLOP,
    STEPS,
    relative_flops,
)
from models.recipes.vae_decode import ExactDecodeConfig  # noqa: E402

TERA = 1e12

TINY = {
    "block_out_channels": (32, 32, 64, 64),
    "addition_time_embed_dim": 16,
    "projection_class_embeddings_input_dim": 48,
    "cross_attention_dim": 32,
    "num_attention_heads": (2, 2, 4, 4),
}


def test_the_models_are_svd_xt_s() -> None:
    """1,525 and 98 million parameters; nothing of them is in memory."""
    with fake_tensors():
        sizes = [sum(item.numel() for item in model.parameters()) for model in (fake_unet(), fake_vae())]
    assert sizes == [1_524_623_082, 97_742_847]


def test_a_count_is_what_arithmetic_gives() -> None:
    query, linear = torch.zeros(2, 3, 5, 8), torch.nn.Linear(8, 4)
    attention = 2 * (2 * 3 * 5 * 5 * 8) * 2  # two products for each of 2 * 3 heads
    assert count(lambda: torch.nn.functional.scaled_dot_product_attention(query, query, query)) == attention
    assert count(lambda: linear(torch.zeros(7, 8))) == 2 * 7 * 8 * 4


def test_stock_svd_xt() -> None:
    guided = unet_flops()
    assert guided / TERA == pytest.approx(159.9, abs=0.05)
    assert unet_flops(guided=False) == pytest.approx(guided / 2, rel=1e-6)
    assert decode_flops() / TERA == pytest.approx(173.6, abs=0.05)
    assert total_flops(25) / 1e15 == pytest.approx(4.17, abs=0.005)


def test_the_fold_saves_what_the_issue_says() -> None:
    assert 1 - unet_flops(folded=True) / unet_flops() == pytest.approx(0.0374, abs=0.0001)


def test_the_fold_saves_on_the_tiny_unet_too() -> None:
    shape = Shape(frames=3, height=8, width=16)
    assert 1 - unet_flops(TINY, shape, folded=True) / unet_flops(TINY, shape) == pytest.approx(0.0514, abs=0.0001)


@pytest.mark.parametrize("folded", [True, False])
def test_the_figures_of_the_presets_are_the_counts(folded: bool) -> None:
    assert unet_flops(folded=folded) / TERA == pytest.approx(FULL_TFLOP[folded], abs=0.05)
    for branch, figure in enumerate(SHALLOW_TFLOP[folded]):
        shallow = unet_flops(folded=folded, shallow=DeepCacheConfig(2, branch))
        assert shallow / TERA == pytest.approx(figure, abs=0.05)
    assert decode_flops() / TERA == pytest.approx(DECODE_TFLOP, abs=0.05)


@pytest.mark.parametrize("name", PRESETS)
def test_the_share_that_a_preset_names_is_counted(name: str) -> None:
    assert relative_flops(PRESETS[name]) == pytest.approx(total_flops(STEPS, PRESETS[name]) / total_flops(25), rel=1e-3)


def test_deep_cache_speeds_up_by_no_more_than_its_operations_allow() -> None:
    """Branch 0 runs fewer layers than the issue's figure of 16 % stands for, and branch 1 more."""
    bounds = {}
    for branch in (0, 1, 2):
        share = unet_flops(shallow=DeepCacheConfig(2, branch)) / unet_flops()
        bounds[branch] = [round(n / (1 + (n - 1) * share), 2) for n in (2, 3, 5)]
    assert bounds == {0: [1.84, 2.57, 3.74], 1: [1.60, 2.01, 2.52], 2: [1.41, 1.64, 1.88]}


def test_the_exact_decode_computes_a_twelfth_more() -> None:
    shape = Shape(frames=4, height=8, width=16)
    assert decode_flops(shape, ExactDecodeConfig(2)) / decode_flops(shape) == pytest.approx(1.086, abs=0.003)


def test_a_fake_model_leaves_the_process_as_it_was(unet: Any) -> None:
    with fake_tensors():
        fake_vae()
    assert torch.get_default_dtype() == torch.float32
    assert float(torch.ones(2).sum()) == 2
