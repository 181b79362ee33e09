"""A process that ends when the one that started it does, however that one ends (prctl(2), PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1

OOM_SCORE_OF_WORK = 500
"""What a process of ours that may need much memory adds to its score: where memory ends, the kernel takes it first."""


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends.

    Args:
        parent: process id of who started it; where that one is gone already, this process ends at once.
    """
    # Without effect where there is no such call: the supervisor's pipes then tell the same, a little later.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


def offer_to_oom_killer() -> None:
    """Let this process go before the others where memory ends: its job is done again, theirs are not."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as stream:  # noqa: PTH123 - no file of ours
            stream.write(str(OOM_SCORE_OF_WORK))
    except OSError:
        return  # not allowed here: the kernel chooses by size
