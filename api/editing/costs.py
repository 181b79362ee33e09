"""What things cost, in credits. Export is free, and so is talk."""

from engine.core.settings import Setting

GENERATE = Setting(
    "MULTIPLANE_COST_GENERATE", 100, "credits", 0, 1_000_000,
    "a turn that brings new photos or clips into motion; later edits of the session are then paid",
)  # fmt: skip

EDIT = Setting(
    "MULTIPLANE_COST_EDIT", 50, "credits", 0, 1_000_000,
    "the first edit of a session in which nothing was generated; once a session",
)  # fmt: skip
