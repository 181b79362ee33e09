"""Workers of a running service: cancelled at once, replaced when they die, hang or take too much, handed back."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from api.service import open_service
from api.work.executor import LocalProcesses, Order
from api.work.slots import FETCH, GPU, LIGHT, RENDER, Slot, slots_of_site
from api.work.supervisor import Supervisor
from tests.service.conftest import Meet, NewServer
from tests.service.person import Person
from tests.service.server import Server, wait_for

LONG = {
    "v": 2, "d": 112_000, "w": 1280, "h": 720, "fps": 30,
    "t": [{"tt": 0, "sg": [{"s": 0, "d": 112_000, "src": "gradient:#102030,#e0c0a0"}]}],
}  # fmt: skip
"""A draft that takes a minute and more."""


def long_draft(person: Person, photo: Path) -> dict[str, Any]:
    """A draft of a photograph that takes long."""
    url = person.upload(photo).json()["url"]
    segment = {"s": 0, "d": 112_000, "src": url, "mo": {"move": "zoom_in"}}
    return {**LONG, "t": [{"tt": 0, "sg": [segment]}]}


def is_rendering(person: Person, render_id: str) -> bool:
    return bool(person.poll(render_id)["progress"] > 5)


def test_a_render_that_runs_is_stopped_within_a_moment(person: Person, server: Server, photo: Path) -> None:
    person.order("stop-me", long_draft(person, photo))
    wait_for(lambda: is_rendering(person, "stop-me"), 60)
    before = server.pid_of("worker cpu-0")
    began = time.monotonic()
    answer = person.http.post("/api/render/proxy/lambda/stop-me/cancel").json()
    assert answer["data"]["status"] == "failed"
    ended = person.wait("stop-me")
    assert (ended["status"], ended["error"]) == ("failed", "cancelled")
    # The worker is free for the next one at once: what it begins with tells when it was.
    person.order("after", {**LONG, "d": 200, "w": 64, "h": 36,
                           "t": [{"tt": 0, "sg": [{"s": 0, "d": 200, "src": "color:#336699"}]}]})  # fmt: skip
    assert person.wait("after")["status"] == "completed"
    assert time.monotonic() - began < 30, "it went on"
    assert server.pid_of("worker cpu-0") == before, "the task heard of it by itself"


def test_a_job_outlives_its_worker_and_is_resumed(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server().start()
    person = meet(server)
    draft = long_draft(person, photo) | {"d": 12_000}
    draft["t"][0]["sg"][0]["d"] = 12_000
    person.order("again", draft)
    wait_for(lambda: person.poll("again")["progress"] > 40, 90)
    os.kill(server.pid_of("worker cpu-0"), signal.SIGKILL)
    ended = person.wait("again")
    assert ended["status"] == "completed", ended
    done = [line for line in server.records() if line.get("message") == "rendered"]
    assert done[-1]["reused"] > 0, "what was finished was taken from before"


def test_a_job_that_kills_two_workers_is_quarantined(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server().start()
    person = meet(server)
    person.order("deadly", long_draft(person, photo))
    for _ in range(2):
        wait_for(lambda: server.is_ready() and person.poll("deadly")["status"] == "processing", 60)
        time.sleep(0.3)
        os.kill(server.pid_of("worker cpu-0"), signal.SIGKILL)
        wait_for(lambda: "worker cpu-0" in server.processes().values(), 30)
    ended = person.wait("deadly", 30)
    assert ended["status"] == "failed"
    assert "stopped our worker twice" in ended["error"]


def test_a_worker_that_hangs_is_replaced(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server(MULTIPLANE_LEASE_S="2").start()
    person = meet(server)
    draft = long_draft(person, photo) | {"d": 3000}
    draft["t"][0]["sg"][0]["d"] = 3000
    person.order("hangs", draft)
    wait_for(lambda: person.poll("hangs")["status"] == "processing", 60)
    pid = server.pid_of("worker cpu-0")
    os.kill(pid, signal.SIGSTOP)
    assert person.wait("hangs", 60)["status"] == "completed"
    assert server.pid_of("worker cpu-0") != pid


def test_a_worker_that_takes_too_much_memory_is_replaced(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server(MULTIPLANE_WORKER_MEMORY_MB="90").start(ready=False)
    person = meet(server)
    person.order("large", {**LONG})
    ended = person.wait("large", 90)
    assert "stopped our worker twice" in ended["error"]
    assert any("too much memory" in line.get("message", "") for line in server.records())


def test_a_stop_hands_back_and_a_start_goes_on(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server().start()
    person = meet(server)
    draft = long_draft(person, photo) | {"d": 4000}
    draft["t"][0]["sg"][0]["d"] = 4000
    person.order("later", draft)
    wait_for(lambda: is_rendering(person, "later"), 60)
    assert server.stop() == 0
    server.start()
    ended = person.wait("later")
    assert ended["status"] == "completed", ended


def test_only_one_service_works_in_a_folder(server: Server) -> None:
    second = Server(server.data)
    with pytest.raises(AssertionError, match="running on this data folder already"):
        second.start()


def test_a_listener_for_everybody_without_tls_is_warned_of(new_server: NewServer) -> None:
    from api.work.serve import is_loopback

    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "10.0.0.5", "")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    server = new_server(MULTIPLANE_HOST="0.0.0.0").start(ready=False)
    wait_for(lambda: any("without TLS" in line.get("message", "") for line in server.records()), 10)


def test_a_worker_that_renders_can_open_no_connection(server: Server) -> None:
    status = Path(f"/proc/{server.pid_of('worker cpu-0')}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2", "a filter on system calls is on"


@pytest.mark.parametrize("kind", ["upload", "address"])
def test_a_stop_hands_uploads_back_too(new_server: NewServer, meet: Meet, tmp_path: Path, kind: str) -> None:
    held = HeldServer()
    server = new_server(
        MULTIPLANE_FETCH_NETWORKS="127.0.0.0/8", MULTIPLANE_FETCH_PORTS=str(held.port), MULTIPLANE_FETCH_WORKERS="1"
    ).start()
    person = meet(server)
    if kind == "address":
        body: Any = {"json": {"urls": [f"http://127.0.0.1:{held.port}/pier.png"]}}
    else:
        large = tmp_path / "large.png"
        Image.new("L", (14_000, 14_000)).save(large)
        body = {"files": [("files", ("large.png", large.read_bytes()))] * 4}
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(person.http.post, f"/api/upload-video/nemo_agent/me/{person.session}", **body)
        wait_for(lambda: server.job_states("analyse", "fetch") == ["running"], 30)
        assert server.stop() == 0
        with contextlib.suppress(httpx.HTTPError):
            sent.result(60)
    assert server.job_states("analyse", "fetch") == ["queued"], "it is left to the next one"
    held.answer()
    server.start()
    wait_for(lambda: len(person.state()["state"]["video_infos"]) == (1 if kind == "address" else 4), 90)
    held.close()


class HeldServer:
    """Serves one picture, and only when it is told to."""

    def __init__(self) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (64, 36), "teal").save(picture, "PNG")
        go = self._go = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                go.wait(60)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(picture.getvalue())))
                    self.end_headers()
                    self.wfile.write(picture.getvalue())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self) -> None:
        self._go.set()

    def close(self) -> None:
        self._go.set()
        self._server.shutdown()
        self._server.server_close()


def test_a_process_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    service = open_service(tmp_path / "data")
    tries = []

    class Refusing:
        def start(self, order: Order) -> Any:
            tries.append(order.name)
            raise BlockingIOError(11, "Resource temporarily unavailable")

    with socket.socket() as listener:
        supervisor = Supervisor(service, Refusing(), [Slot("cpu-0", ("render",))], ["/nothing/there"], listener)
        thread = threading.Thread(target=supervisor.run)
        thread.start()
        wait_for(lambda: len(tries) >= 2, 20)
        supervisor.stopping.set()
        thread.join(30)
    assert not thread.is_alive()
    service.close()


def test_each_gpu_has_a_worker_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "sda"):
        (tmp_path / name).touch()

    def renders() -> list[tuple[str, int | None]]:
        return [(slot.name, slot.gpu) for slot in slots_of_site(tmp_path) if RENDER in slot.lanes]

    assert renders() == [("gpu-0", 0), ("gpu-1", 1), ("cpu-0", None)]
    monkeypatch.setenv("MULTIPLANE_GPU_WORKERS", "1")
    assert renders() == [("gpu-0", 0), ("cpu-0", None)]
    monkeypatch.setenv("MULTIPLANE_RENDER_WORKERS", "0")
    assert renders() == [("gpu-0", 0)]
    monkeypatch.setenv("MULTIPLANE_GPU_WORKERS", "0")
    assert renders() == [("cpu-0", None)], "somebody renders"
    lanes = {slot.name: slot.lanes for slot in slots_of_site(tmp_path)}
    quick = {LIGHT, FETCH}
    assert all(len(each) == 1 or not quick & set(each) for each in lanes.values()), "an upload never waits for a video"
    assert set(sum(lanes.values(), ())) == {RENDER, GPU, LIGHT, FETCH}


@pytest.mark.parametrize(("gpu", "seen", "device"), [(None, "", "cpu"), (1, "1", "auto")])
def test_a_worker_sees_its_own_gpu_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpu: int | None, seen: str, device: str
) -> None:
    started: dict[str, Any] = {}

    def start(command: list[str], descriptors: tuple[int, ...], more: dict[str, str]) -> subprocess.Popen[bytes]:
        started.update(command=command, more=more)
        return subprocess.Popen(["true"], pass_fds=descriptors)

    monkeypatch.setattr("api.work.executor.start_program", start)
    running = LocalProcesses().start(Order(Slot("one", (RENDER,), gpu), tmp_path, "site/boot/one/1"))
    wait_for(lambda: running.ended() == 0, 10)
    assert started["more"] == {"CUDA_VISIBLE_DEVICES": seen}
    assert started["command"][started["command"].index("--device") + 1] == device
