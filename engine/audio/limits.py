"""What a sound may cost."""

from engine.core.settings import Setting

SOUND_HOURS = Setting(
    "MULTIPLANE_SOUND_HOURS",
    6,
    "hours",
    0.001,
    1000,
    "longest sound that is decoded from one file (1.4 GB of disk an hour)",
)
