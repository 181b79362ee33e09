"""A full disk: everybody is told so in a sentence, nothing acknowledged is lost, and all goes on when there is room."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.store.room import NO_ROOM
from tests.conftest import ROOT
from tests.service.chaos import noise
from tests.service.person import Json, Person, calls
from tests.service.server import Server, wait_for
from tests.service.soundness import faults

SIZE = "48m"

TRIES = 400
"""Messages until SQLite must make a file larger: what is written for small ones fits into its journal for a while."""


class Disk:
    """A small file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as stream:
            for size in (1 << 20, 1 << 16, 1 << 12):
                try:
                    while stream.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Make room again."""
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def server(disk: Disk, tmp_path: Path) -> Iterator[Server]:
    """A service on the small disk; its log is elsewhere."""
    settings = {"ANON_CREDITS": "10000", "RATE_WRITE": "60000", "CACHE": str(disk.folder / "cache")}
    one = Server(disk.folder / "data", **{f"MULTIPLANE_{name}": value for name, value in settings.items()})
    one.log = tmp_path / "server.log"
    yield one.start()
    one.close()


@pytest.fixture
def customer(server: Server) -> Iterator[Person]:
    someone = Person(server.url)
    yield someone
    someone.close()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[int], Path]:
    """Makes files that nobody else has."""

    def make(seed: int) -> Path:
        path = tmp_path / f"{seed}.jpg"
        path.write_bytes(noise(seed))
        return path

    return make


def is_said(answer: httpx.Response) -> bool:
    """Whether an answer says in a sentence that there is no room."""
    body = answer.json()
    assert answer.status_code == body["code"] == httpx.codes.SERVICE_UNAVAILABLE, answer.text
    assert int(answer.headers["retry-after"]) > 0
    return bool(body["message"] == NO_ROOM)


def progress(data: Path) -> float:
    """How far the job that runs is, 0 to 1."""
    with closing(sqlite3.connect(f"file:{data / 'multiplane.db'}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT max(progress) FROM jobs WHERE state = 'running'").fetchone()
    return float(row[0] or 0)


def no_surprises(server: Server) -> bool:
    return not any("exception" in line or line.get("message") == "an endpoint failed" for line in server.records())


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(
    server: Server, customer: Person, disk: Disk, picture: Callable[[int], Path]
) -> None:
    first = customer.upload(picture(1)).json()["data"]["files"][0]
    customer.say("animate this, 0.5 seconds")
    pids = {pid: name for pid, name in server.processes().items() if name.startswith("worker")}
    disk.fill()

    assert is_said(customer.upload(picture(2)))
    titles = []
    for number in range(TRIES):
        with customer.open_stream(f'add a title saying "Title {number}."') as answer:
            answer.read()
            if answer.status_code != httpx.codes.OK:
                assert is_said(answer)
                break
            titles.append(f"Title {number}.")
    else:
        pytest.fail("no message was ever refused")
    assert is_said(customer.order("too-much"))
    # Whoever only looks is not disturbed, even where a process must be started anew, and what was refused is not there.
    web = server.pid_of("web")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: web not in server.processes() and server.is_ready(), 60)
    state = customer.state()
    assert [file["id"] for file in state["state"]["video_infos"]][:1] == [first["id"]]
    assert customer.http.get(first["url"]).status_code == httpx.codes.OK
    assert customer.http.get("/api/render/proxy/lambda/too-much").status_code == httpx.codes.NOT_FOUND
    assert not list((server.data / "scratch").glob("*.part")), "what did not fit is not left lying about"

    disk.free()
    assert customer.upload(picture(3)).status_code == httpx.codes.OK
    assert calls(customer.say("make it black and white"))
    customer.order("now-it-fits", {"v": 2, "d": 300, "w": 64, "h": 36,
                                   "t": [{"tt": 0, "sg": [{"s": 0, "d": 300, "src": first["url"]}]}]})  # fmt: skip
    assert customer.wait("now-it-fits")["status"] == "completed"
    texts = [segment.get("tx") for track in customer.draft()["t"] for segment in track["sg"]]
    assert set(titles) <= set(texts)
    assert {
        pid: name for pid, name in server.processes().items() if pid in pids and name != "api.work.housekeeping"
    } == {pid: name for pid, name in pids.items() if name != "api.work.housekeeping"}, "nobody had to be started again"
    assert no_surprises(server)
    assert server.stop() == 0
    assert faults(server.data) == []


def test_a_generation_that_finds_no_room_costs_nothing(
    server: Server, customer: Person, disk: Disk, picture: Callable[[int], Path]
) -> None:
    customer.upload(picture(1))
    before = customer.balance()
    heard: list[Json] = []
    speaker = threading.Thread(target=lambda: heard.extend(customer.say("animate this, 8 seconds")))
    speaker.start()
    wait_for(lambda: progress(server.data) > 0.1, 60)
    disk.fill()
    wait_for(lambda: any(line.get("message") == "the disk is full" for line in server.records()), 120)
    disk.free()
    speaker.join(120)
    assert not speaker.is_alive()
    (error,) = [event for event in heard if "errorCode" in event]
    assert error["errorMessage"] == NO_ROOM
    assert customer.balance() == before
    assert customer.draft() == {}
    # Another try, now that there is room.
    assert not any("errorCode" in event for event in customer.say("animate this, 0.5 seconds"))
    assert server.stop() == 0
    assert faults(server.data) == []


def test_a_disk_that_is_full_at_the_start_is_a_clear_error(disk: Disk) -> None:
    disk.fill()
    command = [
        sys.executable,
        "-m",
        "api.cli",
        "serve",
        "--data-dir",
        str(disk.folder / "data"),
        "--port",
        "0",
        "--json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    told = json.loads(done.stdout)
    assert (told["event"], told["message"]) == ("error", NO_ROOM)
    assert "Traceback" not in done.stderr
