"""What the tests of sound share."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.audio.clip import MixReport, SoundClip
from engine.audio.decode import decode_sound
from engine.audio.mix import render_mix
from engine.audio.samples import Samples


@pytest.fixture
def mixed(tmp_path: Path) -> Callable[..., tuple[MixReport, Samples]]:
    """Render clips and decode what came out."""

    def render(clips: list[SoundClip], seconds: float | Fraction, **options) -> tuple[MixReport, Samples]:
        target = tmp_path / "mix.m4a"
        report = render_mix(clips, Fraction(seconds), target, **options)
        return report, np.concatenate(list(decode_sound(target)))

    return render
