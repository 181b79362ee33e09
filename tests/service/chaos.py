"""Clients that never rest and a hand that kills: what was acknowledged to the one must survive the other."""

import hashlib
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from tests.service.person import APP, Json, Person, calls, events
from tests.service.server import Server

OK = httpx.codes.OK

PATIENCE_S = 20.0
"""Seconds after which a client of the chaos asks again: the connection may lead to a process that is gone."""

EXPECTED = {httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.UNSUPPORTED_MEDIA_TYPE}
"""Refusals that a kill explains: the turn of a cut stream runs, nobody is there, the look into a file died twice."""


@dataclass
class Acknowledged:
    """What one client was told, in answers that it received to their end."""

    uploads: list[tuple[str, str, str]] = field(default_factory=list)  # session, file, SHA-256
    turns: dict[str, tuple[str, bool]] = field(default_factory=dict)  # session, and whether all went well
    titles: list[tuple[str, str]] = field(default_factory=list)  # session, words of a title
    versions: dict[str, int] = field(default_factory=dict)  # of sessions, the highest that was seen
    renders: set[str] = field(default_factory=set)
    ended: dict[str, tuple[str, str]] = field(default_factory=dict)  # of renders: status, SHA-256 of the video
    answers: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)


class Restless(threading.Thread):
    """A person that uploads, talks, exports and downloads, over and over, whatever happens to the service.

    Args:
        url: of the service.
        seed: of what it does.
    """

    def __init__(self, url: str, seed: int) -> None:
        super().__init__(name=f"person {seed}", daemon=True)
        self.person = Person(url)
        self.person.http.timeout = httpx.Timeout(PATIENCE_S)
        self.told = Acknowledged()
        self.over = threading.Event()
        self._random = random.Random(seed)
        self._count = 0

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._project()
            except httpx.HTTPError as error:
                self._cut_off(error)

    def _cut_off(self, error: httpx.HTTPError) -> None:
        """Whatever was asked for may have been done, or not."""
        self.told.answers[type(error).__name__] += 1
        self.over.wait(self._random.uniform(0, 0.2))

    def _project(self) -> None:
        """One session: most of it is done even when parts are cut off."""
        answer = self._ask("POST", f"/api/tasks/me/with-session/{APP}", json={"task_name": "chaos"})
        if answer is None:
            return
        self.person.session = answer.json()["data"]["session_id"]
        steps = [self._upload, self._export, self._generate, self._title, self._talk, self._export, self._title]
        for step in steps:
            if self.over.is_set():
                return
            try:
                step()
            except httpx.HTTPError as error:
                self._cut_off(error)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """A request; its answer where it is one of success, and was received whole."""
        answer = self.person.http.request(method, path, **more)
        return answer if self._is_good(answer) else None

    def _is_good(self, answer: httpx.Response) -> bool:
        self.told.answers[str(answer.status_code)] += 1
        if answer.status_code != OK and answer.status_code not in EXPECTED:
            answer.read()
            self.told.surprises.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.over.wait(0.2)
        return answer.status_code == OK

    def _upload(self) -> None:
        data = noise(self._random.getrandbits(32))
        answer = self._ask(
            "POST", f"/api/upload-video/{APP}/me/{self.person.session}", files=[("files", ("noise.jpg", data))]
        )
        if answer is not None:
            (file,) = answer.json()["data"]["files"]
            self.told.uploads.append((self.person.session, file["id"], hashlib.sha256(data).hexdigest()))

    def _say(self, text: str) -> list[Json]:
        """The events of a turn whose stream was received to its end; none where it was refused."""
        session = self.person.session
        with self.person.open_stream(text) as answer:
            if not self._is_good(answer):
                return []
            found = list(events(answer.iter_lines()))
        turn = next(event["invocationId"] for event in found)
        self.told.turns[turn] = session, not any("errorCode" in event for event in found)
        state = self._ask("GET", f"/api/state/{APP}/me/{session}/latest")
        if state is not None:
            version = state.json()["data"]["version"]
            if version < self.told.versions.get(session, 0):
                self.told.surprises.append(f"the version of {session} went back to {version}")
            self.told.versions[session] = version
        return found

    def _generate(self) -> None:
        self._say("animate this, 0.5 seconds")

    def _title(self) -> None:
        self._count += 1
        words = f"Title {self.ident} {self._count}"
        found = self._say(f'add a title saying "{words}"')
        if calls(found) and not any("errorCode" in event for event in found):
            self.told.titles.append((self.person.session, words))

    def _talk(self) -> None:
        self._say(self._random.choice(["hello", "what can you do?", "make it black and white", "make it vertical"]))

    def _export(self) -> None:
        self._count += 1
        render_id = f"r-{self.ident}-{self._count}"
        src = f"color:#{self._random.getrandbits(24):06x}"
        state = self._ask("GET", f"/api/state/{APP}/me/{self.person.session}/latest")
        files = state.json()["data"]["state"]["video_infos"] if state is not None else []
        if files and self._random.random() < 0.5:
            src = files[0]["url"]
        draft = {"v": 2, "d": 300, "w": 64, "h": 36, "fps": 30,
                 "t": [{"tt": 0, "sg": [{"s": 0, "d": 300, "src": src}]}]}  # fmt: skip
        body = {"id": render_id, "sessionId": self.person.session, "draft": draft}
        for _ in range(3):  # the same order under the same id is the same order, however often it is sent
            try:
                if self._ask("POST", "/api/render/proxy/lambda", json=body) is not None:
                    self.told.renders.add(render_id)
                    break
            except httpx.HTTPError as error:
                self._cut_off(error)
        until = time.monotonic() + self._random.uniform(1, 10)
        while render_id in self.told.renders and time.monotonic() < until and not self.over.is_set():
            answer = self._ask("GET", f"/api/render/proxy/lambda/{render_id}")
            if answer is not None and answer.json()["status"] in ("completed", "failed"):
                self._ended(render_id, answer.json())
                return
            self.over.wait(0.2)

    def _ended(self, render_id: str, found: Json) -> None:
        digest = ""
        if found["status"] == "completed":
            video = self._ask("GET", found["output"]["url"])
            if video is None:
                return
            digest = hashlib.sha256(video.content).hexdigest()
        self.told.ended[render_id] = found["status"], digest


def noise(seed: int) -> bytes:
    """A JPEG of about 200 KB that nobody else has."""
    picture = Image.frombytes("RGB", (280, 280), random.Random(seed).randbytes(280 * 280 * 3))
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=95)
    return stream.getvalue()


WEIGHTS = {"web": 7, "worker": 3, "worker at work": 9, "supervisor": 1.6, "housekeeping": 3}
"""How often what is killed, where it is there: housekeeping is only for a moment after a start."""


class Hand:
    """Kills processes of a service, at random, with SIGKILL.

    Args:
        server: the service.
        dice: what it is decided by.
    """

    def __init__(self, server: Server, dice: random.Random) -> None:
        self.server = server
        self.killed: Counter[str] = Counter()
        self._dice = dice

    def strike(self) -> None:
        """Kill something that is there; only that counts."""
        while True:
            what = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if what == "supervisor":
                self.supervisor()
                return
            begins = {"housekeeping": ("api.work.housekeeping",), "worker at work": self._at_work()}.get(what, (what,))
            found = sorted(pid for pid, name in self.server.processes().items() if name.startswith(begins))
            if found and self._kill(self._dice.choice(found)):
                self.killed[what] += 1
                return

    def _at_work(self) -> tuple[str, ...]:
        """The workers that have jobs, as :meth:`Server.processes` calls them."""
        with closing(sqlite3.connect(f"file:{self.server.data / 'multiplane.db'}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT worker FROM jobs WHERE state = 'running'").fetchall()
        return tuple(f"worker {name.split('/')[2]}" for (name,) in rows)

    @staticmethod
    def _kill(pid: int) -> bool:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def supervisor(self) -> None:
        """End the head of the tree and start another at once, while the old processes are still dying."""
        process = self.server.process
        assert process is not None
        assert process.stdout is not None
        assert process.poll() is None, f"the supervisor had ended by itself: {self.server.tail()}"
        process.kill()
        process.wait()
        process.stdout.close()
        self.killed["supervisor"] += 1
        self.server.start(ready=False)
