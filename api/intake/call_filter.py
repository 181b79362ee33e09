"""The filter on system calls (a seccomp program in classic BPF) for a process that decodes what may be hostile.

What is not named is allowed: FFmpeg, Pillow and numpy ask for memory, threads and files in ways that differ between
versions. What is named fails with EPERM: connections of every family, other programs, other processes, and the parts of
the kernel that open ways around the filter.
"""

import struct
from errno import ENOSYS, EPERM

_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
"""``AUDIT_ARCH_...`` of linux/audit.h."""

_NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "recvfrom": 45, "sendmsg": 46, "recvmsg": 47,
        "bind": 49, "listen": 50, "socketpair": 53, "accept4": 288, "recvmmsg": 299, "sendmmsg": 307,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "ptrace": 101, "kcmp": 312,
        "process_vm_readv": 310, "process_vm_writev": 311,
        "chroot": 161, "mount": 165, "umount2": 166, "pivot_root": 155, "unshare": 272, "setns": 308,
        "swapon": 167, "swapoff": 168, "reboot": 169, "kexec_load": 246, "kexec_file_load": 320,
        "init_module": 175, "delete_module": 176, "finit_module": 313,
        "add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321,
        "userfaultfd": 323, "open_by_handle_at": 304,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "accept": 202, "sendto": 206, "recvfrom": 207, "sendmsg": 211, "recvmsg": 212,
        "bind": 200, "listen": 201, "socketpair": 199, "accept4": 242, "recvmmsg": 243, "sendmmsg": 269,
        "execve": 221, "execveat": 281,
        "kill": 129, "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "ptrace": 117, "kcmp": 272,
        "process_vm_readv": 270, "process_vm_writev": 271,
        "chroot": 51, "mount": 40, "umount2": 39, "pivot_root": 41, "unshare": 97, "setns": 268,
        "swapon": 224, "swapoff": 225, "reboot": 142, "kexec_load": 104, "kexec_file_load": 294,
        "init_module": 105, "delete_module": 106, "finit_module": 273,
        "add_key": 217, "request_key": 218, "keyctl": 219, "perf_event_open": 241, "bpf": 280,
        "userfaultfd": 282, "open_by_handle_at": 265,
    },
}  # fmt: skip
"""Numbers of the denied calls, from each machine's unistd.h."""

_NEWER = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "pidfd_open": 434, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
}  # fmt: skip
"""Denied calls that have one number on all machines."""

_CLONE = {"x86_64": 56, "aarch64": 220}
_TGKILL = {"x86_64": 234, "aarch64": 131}
_CLONE3 = 435
_CLONE_THREAD = 0x0001_0000
_X32_BIT = 0x4000_0000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
"""Offsets in ``struct seccomp_data``; of the first argument, the low half on these little-endian machines."""

_KILL, _REFUSE, _ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
"""``SECCOMP_RET_...``; the errno stands in the low bits of a refusal."""


def filter_known(machine: str) -> bool:
    """Whether there is a filter for a machine, as ``os.uname`` names it."""
    return machine in _ARCHITECTURES


def call_filter(machine: str, process: int) -> bytes:
    """The program for a machine.

    Args:
        machine: one that :func:`filter_known` knows.
        process: the one that the filter is for; it may send signals to itself, as ``abort`` does.
    """
    code = [
        _step(_LOAD, _ARCHITECTURE_AT),
        # Calls in the manner of another machine (32 bits) have other numbers.
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
    ]
    if machine == "x86_64":
        code += [_step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL)]
    for number in sorted({*_NUMBERS[machine].values(), *_NEWER.values()}):
        code += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE | EPERM)]
    code += [
        # Its arguments lie in memory, where no filter can look; the C library then uses clone.
        _step(_EQUAL, _CLONE3, 0, 1),
        _step(_RETURN, _REFUSE | ENOSYS),
        # Threads may be started, processes not.
        _step(_EQUAL, _CLONE[machine], 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT_AT),
        _step(_ANY_BIT, _CLONE_THREAD, 1, 0),
        _step(_RETURN, _REFUSE | EPERM),
        _step(_RETURN, _ALLOW),
        _step(_EQUAL, _TGKILL[machine], 0, 3),
        _step(_LOAD, _FIRST_ARGUMENT_AT),
        _step(_EQUAL, process, 1, 0),
        _step(_RETURN, _REFUSE | EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(code)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One ``struct sock_filter``."""
    return struct.pack("<HBBI", operation, if_true, if_false, value)
