"""Bytes alive at a time, counted over real tensors and over the decoder at full size, which is never in memory."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from models.recipes.fake_models import LATENT_HEIGHT, LATENT_WIDTH, fake_tensors, fake_vae  # noqa: E402
from models.recipes.peak_memory import peak_bytes  # noqa: E402
from models.recipes.vae_decode import ExactDecodeConfig, apply_exact_decode  # noqa: E402

KILO = 250
"""Numbers of float32 that take 1000 bytes."""

DEVICE = "meta"
"""Where the decoder pretends to lie, so that the host's memory is told apart from it."""


def test_what_is_alive_at_a_time_counts() -> None:
    before = torch.zeros(KILO)

    def chain() -> object:
        first = before + 1
        second = first * 2
        del first
        return second + 3

    assert peak_bytes(chain) == 2000
    assert peak_bytes(lambda: [before + number for number in range(5)]) == 5000
    assert peak_bytes(lambda: max((before + number).sum() for number in range(5))) < 1100


def test_views_and_work_in_place_take_nothing() -> None:
    before = torch.zeros(KILO)
    assert peak_bytes(lambda: before.view(5, -1).transpose(0, 1).add_(1)) == 0
    assert peak_bytes(lambda: (before + 1).view(5, -1).mul_(2)) == 1000


def test_a_device_counts_by_itself() -> None:
    def both() -> object:
        return torch.zeros(KILO), torch.zeros(2 * KILO, device=DEVICE)

    assert [peak_bytes(both, device) for device in ("cpu", DEVICE, None)] == [1000, 2000, 3000]


def test_the_full_size_decode_takes_what_one_frame_takes() -> None:
    """Of SVD's decoder in float16 at 1024 x 576, for a few frames; for 25 the full decode takes 28.1 GiB."""
    frames = 5
    with fake_tensors():
        vae = fake_vae(device=DEVICE)
        latents = torch.empty(frames, 4, LATENT_HEIGHT, LATENT_WIDTH, device=DEVICE)

        def peak(count: int, device: str = DEVICE) -> int:
            return peak_bytes(lambda: vae.decode(latents[:count], num_frames=count).sample, device)

        full, one = peak(frames), peak(1)
        applied = apply_exact_decode(vae, ExactDecodeConfig(micro_batch=1))
        exact, on_host = peak(frames), peak(frames, "cpu")
        applied.remove()
    assert full > 4.5 * one
    assert exact < one
    largest = frames * 128 * 576 * 1024 * 2
    assert largest < on_host < 1.6 * largest  # beside it, what is left of the activation before
