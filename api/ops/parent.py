"""A process that ends when the one that started it does, however that one ends (prctl(2), PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG = 1

OOM_SCORE_OF_WORK = 500
"""What a process of ours that may need much memory adds to its score: where memory ends, the kernel takes it first."""


_LIBC = ctypes.CDLL(None, use_errno=True)
"""Loaded before there is a child: between fork(2) and execve(2) nothing may be loaded any more."""


def ask_to_die_with_parent() -> None:
    """As ``preexec_fn`` of a process that is started: it ends with us from its first moment on, while it loads, too.

    Without this, a web process that is loading keeps our port for as long as it loads after kill -9 of its parent.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends.

    Args:
        parent: process id of who started it; where that one is gone already, this process ends at once.
    """
    # Without effect where there is no such call: the supervisor's pipes then tell the same, a little later.
    ask_to_die_with_parent()
    if os.getppid() != parent:
        raise SystemExit(0)


def offer_to_oom_killer() -> None:
    """Let this process go before the others where memory ends: its job is done again, theirs are not."""
    try:
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE_OF_WORK), encoding="ascii")
    except OSError:
        return  # not allowed here: the kernel chooses by size
