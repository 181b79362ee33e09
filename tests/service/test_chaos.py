"""Nothing that was acknowledged is lost, and nothing is done twice, whatever is killed at whatever moment."""

import hashlib
import json
import logging
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.service import Service, open_service
from api.store.rows import Turn
from tests.conftest import ROOT
from tests.helpers_mp4 import read_frames
from tests.service.chaos import OK, Acknowledged, Hand, Restless
from tests.service.person import Person
from tests.service.server import Server, wait_for
from tests.service.soundness import faults, is_idle, states_of_jobs, unfinished

LOG = logging.getLogger(__name__)

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "200"))

SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)

PERSONS = 5

LULL = 25
"""Rounds between two lulls, in which work comes to an end: without them all would be given up in the end."""

LULL_S = (2.0, 15.0)
"""Seconds of a lull, at least and at most."""

WAIT_S = 0.6
"""Longest wait between two rounds."""

MARK = "CHAOS_MARK"
"""Variable of the environment by which the processes of this test are known, their children's too."""

KNOWN_ERRORS = ("the web process ended", "a worker ended")
"""What the log may complain of: it was us."""


@pytest.fixture
def server(new_server: Callable[..., Server], tmp_path: Path) -> Server:
    return new_server(
        MULTIPLANE_ANON_CREDITS="1000000",
        MULTIPLANE_EXPORT_HIGH="draft",
        MULTIPLANE_RATE_WRITE="6000",
        **{MARK: str(tmp_path)},
    ).start()


@pytest.fixture
def service(server: Server) -> Iterator[Service]:
    """Our own view of the data, beside the service."""
    opened = open_service(server.data)
    yield opened
    opened.close()


@pytest.fixture
def crowd(server: Server) -> Iterator[list[Restless]]:
    """Some persons."""
    found = [Restless(server.url, SEED + number) for number in range(PERSONS)]
    yield found
    for one in found:
        one.over.set()
        one.person.close()


def test_nothing_acknowledged_is_lost(server: Server, service: Service, crowd: list[Restless], tmp_path: Path) -> None:
    LOG.warning("CHAOS_SEED=%s", SEED)
    dice = random.Random(SEED)
    for one in crowd:
        one.start()
    hand = Hand(server, dice)
    while hand.killed.total() < ROUNDS:
        hand.strike()
        time.sleep(dice.uniform(0, WAIT_S))
        if hand.killed.total() % LULL == 0:
            server.wait_ready()
            rest(crowd)
    server.wait_ready()
    for one in crowd:
        one.over.set()
    for one in crowd:
        one.join(60)
        assert not one.is_alive(), f"{one.name} never got an answer"
    wait_for(lambda: is_idle(service), 180, lambda: unfinished(service))
    told = [one.told for one in crowd]
    LOG.warning("%s", json.dumps(report(hand, told, service)))

    assert [line for each in told for line in each.surprises] == []
    for one in crowd:
        check_files(one)
        check_turns(one, service)
        check_renders(one, tmp_path)
    # A service on which nothing was done proves nothing.
    assert min(
        sum(map(len, kind)) for kind in zip(*[(t.uploads, t.turns, t.titles, t.ended) for t in told], strict=True)
    )
    assert complaints(server) == []
    assert server.stop() == 0
    assert faults(server.data) == []
    wait_for(lambda: not left_behind(str(tmp_path)), 10, lambda: f"processes are left: {left_behind(str(tmp_path))}")


def rest(crowd: list[Restless]) -> None:
    """A lull: until some exports have come to their end, within reason."""
    began, before = time.monotonic(), sum(len(one.told.ended) for one in crowd)
    time.sleep(LULL_S[0])
    while sum(len(one.told.ended) for one in crowd) < before + 3 and time.monotonic() < began + LULL_S[1]:
        time.sleep(0.1)


def test_a_killed_service_is_started_again_at_once(new_server: Callable[..., Server]) -> None:
    server = new_server().start(ready=False)  # its processes are loading when it is killed
    for _ in range(4):
        Hand(server, random.Random(1)).supervisor()
    server.wait_ready()
    port = server.port
    assert server.stop() == 0
    # Where it is another program that has the port, that is said after a moment.
    command = [sys.executable, "-m", "api.cli", "serve", "--data-dir", str(server.data), "--port", str(port), "--json"]
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert "cannot be listened on" in json.loads(done.stdout)["message"]


def check_files(one: Restless) -> None:
    """Every acknowledged upload is in its session, byte by byte."""
    for session, file_id, digest in one.told.uploads:
        state = latest(one.person, session)
        (url,) = [file["url"] for file in state["state"]["video_infos"] if file["id"] == file_id]
        answer = one.person.http.get(url)
        assert answer.status_code == OK
        assert hashlib.sha256(answer.content).hexdigest() == digest


def check_turns(one: Restless, service: Service) -> None:
    """Every stream that came to its end told the truth."""
    for session, words in one.told.titles:
        assert words in json.dumps(latest(one.person, session)["state"]["draft"]), f"the title {words} is lost"
    for session, version in one.told.versions.items():
        assert latest(one.person, session)["version"] >= version
    with service.database.read() as session:
        for turn_id, (session_id, well) in one.told.turns.items():
            turn = session.get_one(Turn, turn_id)
            assert (turn.session_id, turn.state) == (session_id, "done" if well else "failed")


def check_renders(one: Restless, tmp_path: Path) -> None:
    """Every acknowledged order has ended, and what was said of its end stands."""
    for render_id in one.told.renders:
        found = one.person.poll(render_id)
        assert found["status"] in ("completed", "failed"), found
        digest = ""
        if found["status"] == "completed":
            video = one.person.http.get(found["output"]["url"])
            assert video.status_code == OK
            digest = hashlib.sha256(video.content).hexdigest()
            path = tmp_path / "video.mp4"
            path.write_bytes(video.content)
            assert len(read_frames(path)) == 9  # 300 ms
        else:
            assert found["error"], found
        assert one.told.ended.get(render_id, (found["status"], digest)) == (found["status"], digest)


def latest(person: Person, session: str) -> dict[str, object]:
    person.session = session
    return person.state()


def complaints(server: Server) -> list[str]:
    """Errors of the log that no kill explains."""
    return [
        json.dumps(line)[:2000]
        for line in server.records()
        if line.get("level", "").lower() in ("error", "critical") and line["message"] not in KNOWN_ERRORS
    ]


def left_behind(mark: str) -> list[str]:
    """Command lines of processes that were started for this test and still run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200])
        except OSError:
            continue
    return found


def report(hand: Hand, told: list[Acknowledged], service: Service) -> dict[str, object]:
    """What happened, for whoever reads the output."""
    answers = sum((each.answers for each in told), start=type(told[0].answers)())
    return {
        "rounds": hand.killed.total(), "killed": dict(hand.killed), "answers": dict(answers),
        "uploads": sum(len(each.uploads) for each in told), "turns": sum(len(each.turns) for each in told),
        "titles": sum(len(each.titles) for each in told), "renders": sum(len(each.renders) for each in told),
        "seen to end": sum(len(each.ended) for each in told),
        "jobs": {f"{kind} {state}": count for (kind, state), count in states_of_jobs(service).items()},
    }  # fmt: skip
