"""The child that looks at uploads: what it finds, what it may not do, and that it ends when it must."""

import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from api.intake import sandbox
from api.intake.call_filter import call_filter, filter_known
from api.intake.sandbox import Inspected, inspect
from api.intake.sandbox_limits import SANDBOX_CPU_SECONDS, SANDBOX_MEMORY_MB, SANDBOX_SECONDS, child_environment
from engine.core.errors import Cancelled, EngineError, FileNotSupported, FileTooLarge
from tests.conftest import ROOT
from tests.intake.uploads import PICTURES, SOUNDS, VIDEOS, made
from tests.media.test_demuxers import alias, with_reference
from tests.media.video.video_samples import CLOSED, with_matrix, write_video

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


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program of the test in the place of the child's."""

    def put(code: str) -> None:
        monkeypatch.setattr(sandbox, "PROGRAM", ("-c", code))

    return put


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return made(tmp_path, "PNG")


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


def children() -> set[str]:
    """Processes that this one has started and not reaped, zombies included."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set((task / "children").read_text().split())
    return found


@pytest.mark.parametrize("kind", [*PICTURES, "HEIC"])
def test_photos_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), f"holiday.{kind.lower()}")
    side = (64, 64) if kind == "HEIC" else (32, 24)
    assert (found.kind, found.width, found.height) == ("photo", *side)
    assert (found.seconds, found.fps, found.has_audio, found.frames) == (0, 0, False, 1)
    assert found.mime.startswith("image/")


@pytest.mark.parametrize("kind", VIDEOS)
def test_videos_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), "clip")
    assert (found.kind, found.width, found.height, found.frames) == ("video", 96, 64, 3)
    assert found.fps == pytest.approx(25, abs=0.5)
    assert found.seconds == pytest.approx(0.12, abs=0.02)
    assert not found.has_audio


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds_are_measured(tmp_path: Path, kind: str) -> None:
    found = inspect(made(tmp_path, kind), "song")
    assert (found.kind, found.width, found.height, found.fps, found.frames) == ("audio", 0, 0, 0, 0)
    assert found.has_audio
    assert found.seconds == pytest.approx(0.3, abs=0.15)
    assert found.mime.startswith("audio/")


def test_a_video_is_measured_as_it_is_shown(tmp_path: Path) -> None:
    path = with_matrix(write_video(tmp_path / "a.mp4", options=CLOSED, count=50, silence=2), 0, 1, -1, 0)
    assert inspect(path, "a.mp4") == Inspected("video", "video/mp4", 64, 96, 2.0, 25.0, True, 50)


def test_an_animation_is_told_from_a_photo(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 24), (n * 60, 0, 0)) for n in range(4)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    assert inspect(tmp_path / "a.gif", "a.gif") == Inspected("animation", "image/gif", 32, 24, 0.4, 10.0, False, 4)


def test_an_mp4_without_pictures_is_a_sound(tmp_path: Path) -> None:
    path = made(tmp_path, "M4A")
    data = path.read_bytes()
    path.write_bytes(data[:8] + b"isom" + data[12:].replace(b"M4A ", b"isom", 1))
    found = inspect(path, "a.mp4")
    assert (found.kind, found.mime) == ("audio", "audio/mp4")


@pytest.mark.parametrize("kind", ["PNG", "JPG", "WEBP", "MP4", "MKV", "FLAC"])
def test_a_damaged_file_is_refused_under_its_own_name(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    data = path.read_bytes()
    path.write_bytes(data[:40])
    with pytest.raises(FileNotSupported, match=r"^my file: ") as refused:
        inspect(path, "some/folder/my file")
    assert str(tmp_path) not in refused.value.message


def test_a_movie_that_points_to_another_file_is_refused(tmp_path: Path) -> None:
    secret = write_video(tmp_path / "secret.mp4", options=CLOSED, count=10)
    movie = with_reference(write_video(tmp_path / "a.mov", options=CLOSED, count=10), alias(secret))
    with pytest.raises(FileNotSupported):
        inspect(movie, "a.mov")


def test_a_picture_that_claims_to_be_vast_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "bomb").write_bytes(data)
    # Its bytes cannot hold that many pixels, which shows before its size is weighed.
    with pytest.raises((FileTooLarge, FileNotSupported), match=r"^bomb\.png: "):
        inspect(tmp_path / "bomb", "bomb.png")


def test_a_picture_over_the_limits_of_the_site_is_too_large(tmp_path: Path) -> None:
    Image.new("L", (31_000, 8)).save(tmp_path / "long.png")
    with pytest.raises(FileTooLarge, match=r"^long\.png: .*31000x8") as refused:
        inspect(tmp_path / "long.png", "long.png")
    assert refused.value.number == 4002


def test_a_picture_that_needs_more_memory_than_there_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (15_000, 15_000)).save(tmp_path / "big.png", compress_level=1)
    monkeypatch.setenv(SANDBOX_MEMORY_MB.variable, "900")
    with pytest.raises((FileTooLarge, FileNotSupported), match=r"^big\.png: .*(not enough|more) memory"):
        inspect(tmp_path / "big.png", "big.png")


@pytest.mark.parametrize(
    "bomb",
    [
        "held = []\nwhile True: held.append(bytearray(50_000_000))",
        "while True: pass",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "import threading\n[threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start() for _ in range(4)]",
        "import time\ntime.sleep(60)",
        "sys.stdout.close(); os.close(1)\nimport time\ntime.sleep(60)",
        "open('big', 'wb').write(bytes(100_000_000))",
    ],
    ids=["memory", "endless", "ignores its limit", "threads", "sleeps", "closes its output", "writes"],
)
def test_a_bomb_is_ended_and_named(
    photo: Path, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, bomb: str
) -> None:
    monkeypatch.setenv(SANDBOX_CPU_SECONDS.variable, "1")
    monkeypatch.setenv(SANDBOX_SECONDS.variable, "5")
    caught = (
        "\ntry:\n    exec(CODE)\n"
        "except MemoryError:\n    print(json.dumps({'ok': False, 'code': 'too_dear'}))\n"
        "except OSError:\n    os.abort()\n"
    )
    instead(CONFINED + f"CODE = {bomb!r}" + caught)
    before = children()
    start = time.monotonic()
    with pytest.raises(FileNotSupported) as refused:
        inspect(photo, "x.png")
    assert time.monotonic() - start < 12
    assert refused.value.message.startswith("x.png: ")
    if "open(" not in bomb:
        assert "more memory or time than this site allows" in refused.value.message
    assert children() == before


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ('{"ok": true}', FileNotSupported),
        ('{"ok": true, "kind": "photo", "width": true, "height": 1, "frames": 1, "seconds": 0, "fps": 0, '
         '"has_audio": false}', FileNotSupported),
        ('{"ok": true, "kind": "photo", "width": 1, "height": 1, "frames": 1, "seconds": NaN, "fps": 0, '
         '"has_audio": false}', FileNotSupported),
        ('{"ok": false, "code": "corrupt_media", "message": "a\\\\u202e\\\\nb"}', FileNotSupported),
        ('{"ok": false, "code": "bad_option", "message": "x"}', EngineError),
        ("[]", EngineError),
        ("words", EngineError),
        ("", EngineError),
    ],
)  # fmt: skip
def test_no_answer_is_believed_unseen(photo: Path, instead: Callable[[str], None], answer: str, error: type) -> None:
    instead(f"print({answer!r})")
    with pytest.raises(error) as refused:
        inspect(photo, "x.png")
    assert "\u202e" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_endless_answer_is_cut(photo: Path, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SANDBOX_SECONDS.variable, "2")
    instead("while True: print('x' * 9999, end='')")
    with pytest.raises(FileNotSupported):
        inspect(photo, "x.png")


def test_a_crash_is_a_damaged_file(photo: Path, instead: Callable[[str], None]) -> None:
    instead("import os; os.abort()")
    with pytest.raises(FileNotSupported, match="damaged and cannot be read"):
        inspect(photo, "x.png")


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


def test_the_child_opens_one_file_and_writes_in_one_folder(
    photo: Path, tmp_path: Path, instead: Callable[[str], None]
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(b"somebody else's")
    confined = CONFINED.replace("parent=request[", "file=__import__('pathlib').Path(request['path']), parent=request[")
    instead(
        confined + "def tried(path, mode):\n    try:\n        open(path, mode).close()\n"
        "    except OSError as error:\n        return error.errno\n    return 0\n"
        f"found = [done.files_walled_off, tried(request['path'], 'rb'), tried('mine', 'wb'), "
        f"tried({str(other)!r}, 'rb'), "
        f"tried(request['path'], 'r+b'), tried({str(tmp_path / 'new')!r}, 'wb'), tried('/etc/passwd', 'rb'), "
        f"tried('/proc/{os.getpid()}/environ', 'rb')]\n"
        "print(json.dumps({'ok': False, 'code': 'bad_media', 'message': str(found)}))"
    )
    with pytest.raises(FileNotSupported) as answered:
        inspect(photo, "x.png")
    if answered.value.message.startswith("[False"):
        pytest.skip("this kernel has no Landlock")
    assert answered.value.message == "[True, 0, 0, 13, 13, 13, 13, 13]"


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


def test_secrets_and_files_of_this_process_do_not_reach_the_child(
    photo: Path, tmp_path: Path, instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MULTIPLANE_TOKEN_SECRET", "MULTIPLANE_DATABASE", "AWS_SECRET_ACCESS_KEY", "PATH"):
        monkeypatch.setenv(name, "hush-hush")
    out = tmp_path / "seen.json"
    instead(
        "import json, os, sys\n"
        "seen = [dict(os.environ), os.listdir('/proc/self/fd'), os.getcwd(), os.getsid(0) == os.getpid(), "
        "sys.stdin.read()]\n"
        f"open({str(out)!r}, 'w').write(json.dumps(seen))"
    )
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        with pytest.raises(EngineError):
            inspect(photo, "x.png")
    environment, descriptors, folder, leads, asked = json.loads(out.read_text())
    assert "hush-hush" not in json.dumps(environment)
    known = {*child_environment(tmp_path), "LC_CTYPE"}
    assert set(environment) <= known
    assert sorted(map(int, descriptors))[:3] == [0, 1, 2]
    assert len(descriptors) == 4, "the three of every process, and the one that lists them"
    assert leads
    assert environment["HOME"] == environment["TMPDIR"] == folder
    assert not Path(folder).exists()
    assert set(json.loads(asked)) == {"path", "name", "memory_bytes", "cpu_seconds", "parent"}


def test_a_cancelled_look_ends_at_once_and_leaves_nothing(photo: Path, instead: Callable[[str], None]) -> None:
    instead("import time\ntime.sleep(60)")
    before = children()
    cancelled = threading.Event()
    asked: list[float] = []

    def is_cancelled() -> bool:
        if cancelled.is_set() and not asked:
            asked.append(time.monotonic())
        return cancelled.is_set()

    began: list[float] = []
    timer = threading.Timer(0.5, lambda: (began.append(time.monotonic()), cancelled.set()))
    timer.start()
    with pytest.raises(Cancelled):
        inspect(photo, "x.png", is_cancelled=is_cancelled)
    assert time.monotonic() - began[0] < 0.25
    assert children() == before
    timer.join()


def test_grandchildren_end_with_the_look(photo: Path, tmp_path: Path, instead: Callable[[str], None]) -> None:
    """The group is killed as a whole, should a child get around its filter."""
    out = tmp_path / "pid"
    instead(
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(out)!r}, 'w').write(str(child.pid)); print('{{}}')"
    )
    with pytest.raises(EngineError):
        inspect(photo, "x.png")
    for _ in range(100):
        status = Path(f"/proc/{out.read_text()}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return
        time.sleep(0.02)
    pytest.fail("a grandchild lives on")


def test_many_looks_at_once_leave_no_process(tmp_path: Path) -> None:
    path = made(tmp_path, "JPG")
    before = children()
    found: list[Inspected] = []
    threads = [threading.Thread(target=lambda: found.append(inspect(path, "a.jpg"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert children() == before


def test_a_missing_wall_is_said_once(
    photo: Path, instead: Callable[[str], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_warned", threading.Event())
    answer = {
        "ok": True, "confined": False, "kind": "photo", "width": 1, "height": 1, "frames": 1, "seconds": 0, "fps": 0,
        "has_audio": False,
    }  # fmt: skip
    instead(f"print({json.dumps(answer)!r})")
    for _ in range(2):
        assert inspect(photo, "x.png").width == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_program_for_each_machine(machine: str) -> None:
    assert filter_known(machine)
    code = call_filter(machine, 77)
    steps = [struct.unpack("<HBBI", code[at : at + 8]) for at in range(0, len(code), 8)]
    assert steps[-1] == (0x06, 0, 0, 0x7FFF_0000), "what is not named is allowed"
    assert all(at + 1 + max(yes, no) < len(steps) for at, (_, yes, no, _) in enumerate(steps[:-1]))
    assert not filter_known("riscv64")
