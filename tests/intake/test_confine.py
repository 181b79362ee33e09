"""What a confined process may not do any more, shown by a child of the test's own."""

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.intake.call_filter import call_filter, filter_known
from tests.conftest import ROOT

CONFINED = """
import json, os, sys
request = json.loads(sys.stdin.readline())
from api.intake.confine import confine
done = confine(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"], parent=request["parent"])
"""
"""A child that asks nothing of the file: what follows stands for a decoder that somebody has taken over."""

BLOCKED_CALLS = """
import socket, subprocess, ctypes
def tried(what):
    try:
        what()
    except OSError as error:
        return error.errno
    return 0
found = {
    str(family): tried(lambda: socket.socket(family, socket.SOCK_STREAM))
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET)
}
found["pair"] = tried(socket.socketpair)
found["fork"] = tried(os.fork)
found["exec"] = tried(lambda: os.execv("/bin/true", ["true"]))
found["run"] = tried(lambda: subprocess.run(["/bin/true"]))
found["kill"] = tried(lambda: os.kill(os.getppid(), 0))
libc = ctypes.CDLL(None, use_errno=True)
def ptrace():
    if libc.ptrace(16, os.getppid(), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "")
found["ptrace"] = tried(ptrace)
print(json.dumps(found))
"""


def said(code: str, **limits: int) -> subprocess.CompletedProcess[str]:
    """Run a confined child of the test's own."""
    request = {"memory_bytes": 4_096_000_000, "cpu_seconds": 60, "parent": os.getpid(), **limits}
    return subprocess.run(
        [sys.executable, "-c", CONFINED + code],
        input=json.dumps(request) + "\n",
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def test_the_confined_child_can_reach_nobody() -> None:
    done = said(BLOCKED_CALLS)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout).values()) == {1}, done.stdout


def test_limits_rights_and_threads_of_the_confined_child() -> None:
    done = said(
        "import resource, threading\n"
        "names = ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE')\n"
        "limits = {name: resource.getrlimit(getattr(resource, 'RLIMIT_' + name)) for name in names}\n"
        "lines = dict(line.split(':', 1) for line in open('/proc/thread-self/status'))\n"
        "threading.Thread(target=lambda: None).start()\n"
        "print(json.dumps([limits, lines['NoNewPrivs'], lines['Seccomp'], lines['CapEff'], done.without_network]))",
        memory_bytes=2_000_000_000,
        cpu_seconds=7,
    )
    assert done.returncode == 0, done.stderr
    limits, promise, mode, rights, without_network = json.loads(done.stdout)
    assert limits == {
        "AS": [2_000_000_000] * 2, "CPU": [7, 8], "FSIZE": [64_000_000] * 2, "NOFILE": [64] * 2, "CORE": [0, 0],
    }  # fmt: skip
    assert (promise.strip(), mode.strip(), int(rights, 16), without_network) == ("1", "2", 0, True)


def test_nothing_is_begun_for_a_parent_that_is_gone() -> None:
    done = said("print('here')", parent=1)
    assert (done.returncode, done.stdout) == (1, "")


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, json, subprocess, os, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {CONFINED + 'print(os.getpid(), flush=True)' + chr(10)!r}"
        " + 'import time; time.sleep(60)'], stdin=subprocess.PIPE, start_new_session=True)\n"
        "request = {'memory_bytes': 4 * 10**9, 'cpu_seconds': 60, 'parent': os.getpid()}\n"
        "child.stdin.write(json.dumps(request).encode() + b'\\n'); child.stdin.flush(); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        status = Path(f"/proc/{child}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return
        time.sleep(0.02)
    pytest.fail("the child lives on")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_program_for_each_machine(machine: str) -> None:
    assert filter_known(machine)
    code = call_filter(machine, 77)
    steps = [struct.unpack("<HBBI", code[at : at + 8]) for at in range(0, len(code), 8)]
    assert steps[-1] == (0x06, 0, 0, 0x7FFF_0000), "what is not named is allowed"
    assert all(at + 1 + max(yes, no) < len(steps) for at, (_, yes, no, _) in enumerate(steps[:-1]))
    assert not filter_known("riscv64")
