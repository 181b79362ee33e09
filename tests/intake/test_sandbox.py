"""The child that looks at uploads ends when it must, leaves nothing, knows no secrets, and is not believed unseen."""

import json
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from api.intake import sandbox
from api.intake.sandbox import Inspected, inspect
from api.intake.sandbox_limits import SANDBOX_CPU_SECONDS, SANDBOX_MEMORY_MB, SANDBOX_SECONDS, child_environment
from engine.core.errors import Cancelled, EngineError, FileNotSupported, FileTooLarge
from tests.intake.test_confine import CONFINED
from tests.intake.uploads import made


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program of the test in the place of the child's."""

    def put(code: str) -> None:
        monkeypatch.setattr(sandbox, "PROGRAM", ("-c", code))

    return put


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return made(tmp_path, "PNG")


def children() -> set[str]:
    """Processes that this one has started and not reaped, zombies included."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        found |= set((task / "children").read_text().split())
    return found


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
