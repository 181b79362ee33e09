"""A client of the Core dialect, as an agent would write it."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]

SKILL = {"X-Skill-Source": "tests", "X-Skill-Version": "1.0", "X-Skill-Platform": "pytest"}

APP = "nemo_agent"


class Person:
    """An anonymous user with one session.

    Args:
        url: of the service.
        client_id: of ``X-Client-Id``; a new one by default.
    """

    def __init__(self, url: str, client_id: str | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, headers=SKILL)
        data = self.http.post("/api/auth/anonymous-token", headers={"X-Client-Id": client_id or uuid.uuid4().hex})
        assert data.status_code == httpx.codes.OK, data.text
        self.token: str = data.json()["data"]["token"]
        self.id: str = data.json()["data"]["user_id"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.task, self.session = "", ""
        self.new_session()

    def new_session(self) -> None:
        """Begin a project."""
        made = self.http.post(f"/api/tasks/me/with-session/{APP}", json={"task_name": "project"}).json()["data"]
        self.task, self.session = made["task_id"], made["session_id"]

    def upload(self, *files: Path, field: str = "files", names: tuple[str, ...] = ()) -> httpx.Response:
        """Send files."""
        shown = names or tuple(file.name for file in files)
        parts = [(field, (name, file.read_bytes())) for name, file in zip(shown, files, strict=True)]
        return self.http.post(f"/api/upload-video/{APP}/me/{self.session}", files=parts)

    def open_stream(self, text: str, query: str = "", **more: Any) -> Any:
        """The stream of a message, as a context manager."""
        return self.http.stream("POST", f"/run_sse{query}", json=self.message(text, **more))

    def message(self, text: str, **more: Any) -> Json:
        """The body of a message."""
        return {
            "app_name": APP, "user_id": "me", "session_id": self.session,
            "new_message": {"parts": [{"text": text}]}, **more,
        }  # fmt: skip

    def say(self, text: str, query: str = "", **more: Any) -> list[Json]:
        """Send a message and wait for the end of its turn; its events."""
        with self.open_stream(text, query, **more) as answer:
            assert answer.status_code == httpx.codes.OK, answer.read()
            return list(events(answer.iter_lines()))

    def state(self) -> Json:
        """``data`` of the session's state."""
        answer = self.http.get(f"/api/state/{APP}/me/{self.session}/latest")
        assert answer.status_code == httpx.codes.OK, answer.text
        found: Json = answer.json()["data"]
        return found

    def draft(self) -> Json:
        """The session's draft."""
        found: Json = self.state()["state"]["draft"]
        return found

    def balance(self) -> tuple[int, int, int]:
        """Available, frozen, total."""
        data = self.http.get("/api/credits/balance/simple").json()["data"]
        return data["available"], data["frozen"], data["total"]

    def order(self, render_id: str, draft: object = None, **more: Any) -> httpx.Response:
        """Order an export; of the session's draft by default."""
        body = {"id": render_id, "sessionId": self.session, "draft": self.draft() if draft is None else draft, **more}
        return self.http.post("/api/render/proxy/lambda", json=body)

    def poll(self, render_id: str) -> Json:
        """How an export stands."""
        answer = self.http.get(f"/api/render/proxy/lambda/{render_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        found: Json = answer.json()
        return found

    def wait(self, render_id: str, seconds: float = 120) -> Json:
        """Poll an export until it has ended."""
        until = time.monotonic() + seconds
        while True:
            found = self.poll(render_id)
            if found["status"] in ("completed", "failed"):
                return found
            assert time.monotonic() < until, found
            time.sleep(0.1)

    def close(self) -> None:
        """Let the connections go."""
        self.http.close()


def events(lines: Iterator[str]) -> Iterator[Json]:
    """The events of a stream, without heartbeats."""
    for line in lines:
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data:
            yield json.loads(data)


def words(found: list[Json]) -> list[str]:
    """The texts of events."""
    return [part["text"] for event in found for part in event.get("content", {}).get("parts", []) if "text" in part]


def calls(found: list[Json]) -> list[str]:
    """The names of the tools that were called."""
    return [
        part["functionCall"]["name"]
        for event in found
        for part in event.get("content", {}).get("parts", [])
        if "functionCall" in part
    ]
