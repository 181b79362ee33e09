"""A client that costs little: HTTP/1.1 over asyncio streams, one connection kept open.

The clients of the load test run on the cores that the service runs on: a client library would be most of the load.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

SKILL = "X-Skill-Source: bench\r\nX-Skill-Version: 1\r\nX-Skill-Platform: bench\r\n"


IDLE_S = 30.0
"""Seconds after which a connection is opened anew: the server may have closed it."""


@dataclass(slots=True)
class Tally:
    """What was measured: seconds of each answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Client:
    """One client.

    Args:
        port: of the service, on this machine.
        token: its bearer; empty before it has one.
    """

    def __init__(self, port: int, token: str = "") -> None:
        self.port, self.token = port, token
        self._used = 0.0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: Json | bytes | None = None, headers: str = ""
    ) -> tuple[int, bytes]:
        """Send a request; its status and body."""
        if self._streams is not None and time.monotonic() - self._used > IDLE_S:
            self.close()
        self._used = time.monotonic()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        reader, writer = self._streams
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        more = f"{bearer}{SKILL}{headers}Content-Length: {len(data)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n"
        writer.write(head.encode() + data)
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        length, chunked = 0, False
        while (line := (await reader.readline()).strip().lower()) != b"":
            length = int(line.split(b":")[1]) if line.startswith(b"content-length:") else length
            chunked = chunked or line == b"transfer-encoding: chunked"
        if not chunked:
            return status, await reader.readexactly(length)
        pieces = []
        while size := int(await reader.readline(), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return status, b"".join(pieces)

    async def timed(self, tally: Tally, method: str, path: str, body: Json | None = None) -> bytes:
        """Send a request and note how long it took, and whether it was answered well."""
        began = time.perf_counter()
        try:
            status, answer = await self.ask(method, path, body)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            tally.errors.append(f"{path}: {error!r}")
            self._streams = None
            return b""
        tally.seconds.append(time.perf_counter() - began)
        if status != 200:
            tally.errors.append(f"{path}: {status} {answer[:200]!r}")
        return answer

    async def begin(self, name: str) -> str:
        """Become somebody with a session; its id."""
        _, raw = await self.ask("POST", "/api/auth/anonymous-token", headers=f"X-Client-Id: {name}\r\n")
        self.token = json.loads(raw)["data"]["token"]
        _, raw = await self.ask("POST", "/api/tasks/me/with-session/nemo_agent", {"task_name": "bench"})
        return str(json.loads(raw)["data"]["session_id"])

    async def upload(self, session: str, name: str, content: bytes) -> Json:
        """Send a file; the answer."""
        edge = "----bench"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        form = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        status, raw = await self.ask(
            "POST", f"/api/upload-video/nemo_agent/me/{session}", form,
            f"Content-Type: multipart/form-data; boundary={edge}\r\n",
        )  # fmt: skip
        answer: Json = {"status": status, **json.loads(raw)}
        return answer

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
