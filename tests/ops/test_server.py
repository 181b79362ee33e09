"""The same over real HTTP against a real uvicorn: streams, broken answers, big bodies, the log of the process."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ops.app import SECRET


class Server:
    """The test's service in a process of its own."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.ops.app"], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True,
                env=os.environ | environment,
            )  # fmt: skip
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> (
        tuple[int, dict[str, str], bytes]
    ):  # fmt: skip
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        result = answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
        connection.close()
        return result

    def stop(self) -> list[dict[str, object]]:
        """End it as a supervisor does; returns the lines of its log, each of which must be JSON."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextmanager
def served(tmp_path: Path, **environment: str) -> Iterator[Server]:
    server = Server(tmp_path / "log", environment)
    try:
        yield server
    finally:
        server.stop()


def test_an_event_is_there_before_the_next_one_is_made(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        connection = server.connect()
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        assert answer.getheader("X-Accel-Buffering") == "no"
        assert answer.getheader("Cache-Control") == "no-store"
        # The second event is made only after another request, so this line would never end if anything were gathered.
        assert answer.readline() == b"data: 1\n"
        assert server.ask("GET", "/go")[0] == 200
        assert answer.read() == b"\ndata: 2\n\n"
        connection.close()


def test_a_fault_in_the_middle_is_seen_by_the_client_and_told_to_the_log(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        connection = server.connect()
        connection.request("GET", "/half")
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
        assert caught.value.partial == b"half of it"
        connection.close()
        lines = server.stop()
    assert "in the middle" in str([line["traceback"] for line in lines if line["logger"] == "multiplane.http"])
    (access,) = [line for line in lines if line["logger"] == "multiplane.access"]
    assert access["complete"] is False


def test_a_client_that_goes_away_is_no_fault_of_ours(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        connection = server.connect()
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        assert answer.readline() == b"data: 1\n"
        answer.close()
        connection.close()
        assert server.ask("GET", "/page")[0] == 200
        lines = server.stop()
    (access,) = [line for line in lines if line.get("path") == "/stream"]
    assert access["complete"] is False
    assert not any(line["level"] in ("error", "critical") for line in lines)


@pytest.mark.parametrize("size", [4_000_001, 20_000_000])
def test_a_client_that_sends_everything_first_still_hears_the_reason(tmp_path: Path, size: int) -> None:
    with served(tmp_path) as server:
        status, headers, body = server.ask("POST", "/raw", b" " * size)
        assert (status, json.loads(body)["code"]) == (413, 4002)
        assert headers["connection"] == "close"
        chunks = (b" " * 100_000 for _ in range(size // 100_000 + 1))
        connection = server.connect()
        connection.request("POST", "/raw", chunks, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, 4002)
        connection.close()
        assert server.ask("POST", "/api/upload-video/1", b" " * size)[0] == 200


def test_the_log_of_the_process_is_json_with_ids_and_without_secrets(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        headers = {"Authorization": f"Bearer {SECRET}", "X-Request-Id": "r-1"}
        assert server.ask("GET", f"/api/state/7/latest?token={SECRET}", headers=headers)[0] == 200
        status, _, body = server.ask("GET", f"/fail?sig={SECRET[8:]}", headers={"X-Request-Id": "r-2"})
        assert (status, json.loads(body)["code"]) == (500, 500)
        # A token in the place of an id is sane by its letters: it comes back to its owner, and is not logged.
        assert server.ask("GET", "/page", headers={"X-Request-Id": SECRET})[1]["x-request-id"] == SECRET
        assert b'route="/api/state/{session}/latest"' in server.ask("GET", "/metrics")[2]
        lines = server.stop()
    assert SECRET[8:] not in server.log.read_text(encoding="utf-8")
    by_id = {line["request_id"]: line for line in lines if line["logger"] == "multiplane.access"}
    assert (by_id["r-1"]["user_id"], by_id["r-1"]["status"]) == ("anon_1", 200)
    (fault,) = [line for line in lines if line.get("error") == "RuntimeError"]
    assert fault["request_id"] == "r-2"
    assert not any(line["logger"] == "uvicorn.access" for line in lines)


def test_forwarded_addresses_are_believed_from_trusted_proxies_only(tmp_path: Path) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    clients = []
    for trusted in ("127.0.0.1", "192.0.2.1"):
        with served(tmp_path, MULTIPLANE_TRUSTED_PROXIES=trusted) as server:
            _, answered, _ = server.ask("GET", "/page", headers=headers)
            assert "server" not in answered
            clients += [line["client"] for line in server.stop() if line["logger"] == "multiplane.access"]
    assert clients == ["203.0.113.9", "127.0.0.1"]
