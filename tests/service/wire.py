"""What conformance tests need beside a client: registered users, plain curl, the database, a worker that waits."""

import json
import os
import re
import signal
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import httpx
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.store.accounts import register
from api.store.database import Database, sqlite_url
from api.store.rows import Issue, Token
from api.store.tokens import create_token
from tests.service.person import APP, SKILL, Json, Person
from tests.service.server import Server, wait_for

RENDER_WORKER = "worker cpu-0"

TOKEN = re.compile(r"nmv_usr_[A-Za-z0-9_-]{20,}")

OPEN = {"/api/auth/anonymous-token"}
"""Endpoints below /api that need no token."""


@contextmanager
def rows(server: Server) -> Iterator[Session]:
    """A writing transaction in the database of a running service, whichever that is."""
    database = Database(server.settings.get("MULTIPLANE_DATABASE") or sqlite_url(server.data))
    try:
        with database.write() as session:
            yield session
    finally:
        database.close()


def expire(server: Server, user_id: str) -> None:
    """What a week would do to an anonymous user: its tokens are over, and so is the window of its limits."""
    with rows(server) as session:
        session.execute(update(Token).where(Token.user_id == user_id).values(expires_at=1))
        session.execute(update(Issue).where(Issue.user_id == user_id).values(issued_at=1))


class Member(Person):
    """A registered user, with a token that may do everything and one session; it sends no headers of a skill."""

    def __init__(self, server: Server, plan: str = "free") -> None:
        with rows(server) as session:
            user = register(session, f"{uuid.uuid4().hex}@example.org", "correct horse battery")
            user.plan = plan
            _, self.token = create_token(session, user.id, "tests", ["*"], 1)
            self.id = user.id
        self.http = httpx.Client(base_url=server.url, timeout=120, headers={"Authorization": f"Bearer {self.token}"})
        self.new_session()


@contextmanager
def standing(server: Server, what: str = RENDER_WORKER) -> Iterator[Callable[[], None]]:
    """While this lasts, or until what it gives is called, a worker does nothing: work takes as long as a test wants.

    Not longer than some seconds: a worker that is silent for ``MULTIPLANE_LEASE_S`` is replaced.
    """
    pid = server.pid_of(what)
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", 10)
        yield lambda: os.kill(pid, signal.SIGCONT)
    finally:
        os.kill(pid, signal.SIGCONT)


def curl(*arguments: str) -> str:
    """What plain ``curl -s`` shows: a body, and nothing of statuses or redirects."""
    done = subprocess.run(["curl", "-s", *arguments], capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def curl_json(*arguments: str) -> Json:
    """A body of JSON by plain ``curl -s``."""
    found: Json = json.loads(curl(*arguments))
    return found


def probe(path: Path) -> dict[str, Any]:
    """What is in a video, all of it decoded."""
    with av.open(str(path)) as container:
        (video,) = container.streams.video
        found: dict[str, Any] = {"video": video.codec_context.name, "size": (video.width, video.height)}
        found["audio"] = [stream.codec_context.name for stream in container.streams.audio]
        assert container.duration is not None
        found["seconds"] = container.duration / 1_000_000
        found["frames"] = sum(1 for _ in container.decode(video))
    return found


def card(seconds: float = 0.4, width: int = 64, height: int = 36, **more: Any) -> Json:
    """A draft that is rendered in no time and needs no file."""
    length = round(1000 * seconds)
    segment = {"s": 0, "d": length, "src": "gradient:#102030,#e0c0a0"}
    return {"v": 2, "d": length, "w": width, "h": height, "fps": 30, "t": [{"tt": 0, "sg": [segment]}], **more}


def endpoints(server: Server, session_id: str = "5529798706024415232", render_id: str = "r1") -> list[tuple[str, str]]:
    """Methods and paths of all that the service says it speaks, and of the older addresses that it keeps to itself."""
    document = httpx.get(f"{server.url}/openapi.json").json()
    values = {"user": "me", "app": APP, "session_id": session_id, "render_id": render_id, "token_id": "tok_1"}
    found = [
        (method.upper(), re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "x"), path))
        for path, methods in document["paths"].items()
        for method in methods
    ]
    return [*found, ("POST", "/api/render/proxy/draft"), ("GET", f"/api/render/proxy/{render_id}")]


def protected(server: Server, session_id: str = "5529798706024415232", render_id: str = "r1") -> list[tuple[str, str]]:
    """Those endpoints that need a token."""
    return [
        (method, path)
        for method, path in endpoints(server, session_id, render_id)
        if path == "/run_sse" or (path.startswith("/api/") and path not in OPEN)
    ]


class Files:
    """A site on this machine that files are fetched from; ``asked`` are the paths that were asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        asked = self.asked = list[str]()

        class Quiet(SimpleHTTPRequestHandler):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments, directory=str(folder))

            def log_message(self, *_: Any) -> None:
                asked.append(self.path)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def bare(person: Person) -> dict[str, str]:
    """The headers of a person without those of a skill."""
    return dict.fromkeys(SKILL, "") | {"Authorization": f"Bearer {person.token}"}
