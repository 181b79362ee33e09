"""Taking rights away from this process, for good, before it touches a file that may be hostile.

Called first thing in a child that has one thread: limits on memory, time, files; no new rights; a network namespace of
its own where the system allows one; no capabilities; no files but one, where the system has Landlock; and a filter on
system calls (seccomp) under which opening a connection, starting a program and touching another process fail with
EPERM. Nothing of it can be taken back.
"""

import ctypes
import os
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.intake.call_filter import call_filter, filter_known
from api.intake.file_walls import wall_files_off

MAX_FILE_BYTES = 64_000_000
"""What the child may write into one file."""

MAX_DESCRIPTORS = 64
"""Files that the child may have open."""

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_CAPABILITY_VERSION = 0x2008_0522


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds in this process.

    Attributes:
        own_network: it is in a network namespace of its own, with nothing in it.
        calls_filtered: the filter on system calls is on.
        files_walled_off: only the one file, its own folder and Python's files can be opened.
    """

    own_network: bool
    calls_filtered: bool
    files_walled_off: bool = False

    @property
    def without_network(self) -> bool:
        """Whether no connection can be opened: one of the two is enough."""
        return self.own_network or self.calls_filtered


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(*, memory_bytes: int, cpu_seconds: int, parent: int = 0, file: Path | None = None) -> Confinement:
    """Confine this process; call it while there is one thread.

    Args:
        memory_bytes: of addresses, which is more than what is in use.
        cpu_seconds: of all threads; the process is killed at the end of them.
        parent: the process that started this one, which must not outlive it; 0 leaves that out.
        file: the only one to be read besides what Python needs; the working folder stays open. None for all files.

    Raises:
        OSError: not even the limits, or the promise of no new rights, could be set.
    """
    _limit(memory_bytes, cpu_seconds)
    libc = ctypes.CDLL(None, use_errno=True)
    # A namespace of users first: it lets everybody have a network namespace, and takes root's rights outside.
    own_network = any(
        libc.unshare(flags) == 0 for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET)
    )  # fmt: skip
    _drop_capabilities(libc)
    # Changing namespaces clears the signal, so it is asked for afterwards.
    _control(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        os._exit(1)  # the parent died before the signal was asked for
    # Nobody of the same user may look into this process, and no core is written.
    _control(libc, _PR_SET_DUMPABLE, 0)
    _control(libc, _PR_SET_NO_NEW_PRIVS, 1)
    walled = file is not None and wall_files_off(libc, file, Path.cwd())
    return Confinement(own_network, _filter_calls(libc), walled)


def forbid_calls() -> bool:
    """Only the filter on system calls, for this thread and those that it will start: no connections, no programs.

    Returns:
        Whether it is on; False where the machine or its kernel has none.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _control(libc, _PR_SET_NO_NEW_PRIVS, 1)
    except OSError:
        return False
    return _filter_calls(libc)


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    limits: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS),
        (resource.RLIMIT_AS, memory_bytes),
    )
    for which, most in limits:
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    last = cpu_seconds + 1 if hard == resource.RLIM_INFINITY else min(cpu_seconds + 1, hard)
    # The soft limit's signal says that it was the time; the hard one kills who ignores it.
    resource.setrlimit(resource.RLIMIT_CPU, (min(cpu_seconds, last), last))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    libc.capset(ctypes.byref(header), ctypes.byref(none))


def _control(libc: ctypes.CDLL, option: int, value: int) -> None:
    if libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """Switch the filter on; False where the machine or its kernel has none."""
    machine = os.uname().machine
    if not filter_known(machine):
        return False
    code = call_filter(machine, os.getpid())
    program = _Program(len(code) // 8, code)
    null = ctypes.c_ulong(0)
    return bool(
        libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program), null, null) == 0
    )
