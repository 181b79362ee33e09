"""Which files this process can still open (Landlock): one upload, its own folder, and what Python needs to run.

Without it a taken-over decoder could read other people's uploads and the service's own files, which the same user owns.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on all machines."""

_ASK_VERSION = 1
_PATH_BENEATH = 1

_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIRECTORY
_FILE_RIGHTS_OF = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights over files a version of Landlock knows; later ones know :data:`_FILE_RIGHTS`."""
_FILE_RIGHTS = 16
_ALL_TCP = 0b11
_ALL_SCOPES = 0b11
_WITH_TCP, _WITH_SCOPES = 4, 6
"""The versions from which TCP can be walled off too, and signals and abstract sockets."""

_ROOT = Path(__file__).resolve().parent.parent.parent
_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/proc/meminfo"),
    *("/sys/devices/system", "/dev/null", "/dev/urandom"),
)
_PACKAGES = frozenset({"site-packages", "dist-packages"})


def wall_files_off(libc: ctypes.CDLL, file: Path, folder: Path) -> bool:
    """Leave this process one file to read and one folder to write in; it must have given up new rights before.

    Args:
        libc: the C library.
        file: the upload.
        folder: its own.

    Returns:
        whether it holds; False where the kernel has no Landlock.
    """
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    if version < 1:
        return False
    handled = (1 << _FILE_RIGHTS_OF.get(version, _FILE_RIGHTS)) - 1
    tcp = _ALL_TCP if version >= _WITH_TCP else 0
    scopes = _ALL_SCOPES if version >= _WITH_SCOPES else 0
    attributes = struct.pack("<QQQ", handled, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for path, rights in ((file, _READ_FILE), (folder, handled), *_python()):
            _allow(libc, rules, path, rights)
        return bool(libc.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(rules)


def _python() -> Iterator[tuple[Path, int]]:
    """What Python and its libraries read."""
    for name in (*_SYSTEM, sys.prefix, sys.base_prefix, *os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)):
        if name not in ("", "/"):
            yield Path(name), _READ
    for entry in map(Path, sys.path):
        # Other places of modules may be a service's working folder, with its data; their names are enough.
        yield entry, _READ if entry.name in _PACKAGES else _READ_DIRECTORY
    for house in ("engine", "api"):
        yield _ROOT / house, _READ


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be opened
    try:
        granted = rights if path.is_dir() else rights & _READ_FILE
        if granted:
            libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("<Qi", granted, place), ctypes.c_uint32(0))
    finally:
        os.close(place)
