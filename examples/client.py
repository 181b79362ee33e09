"""A client of the service, with nothing but Python: a photo and an instruction become an MP4.

    python examples/client.py http://127.0.0.1:8000 photo.jpg "slow zoom in, 4 seconds" out.mp4

It is written against the hosted service's protocol: another base URL is all that changes.
"""

import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

SKILL = {"X-Skill-Source": "example-client", "X-Skill-Version": "1.0", "X-Skill-Platform": "terminal"}


class Client:
    """Speaks to one service.

    Args:
        base: its URL.
    """

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.token = ""

    def send(self, path: str, data: bytes | None = None, **headers: str) -> bytes:
        """Send a request; the body of the answer."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, data, SKILL | more)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=900) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.status} {error.read().decode()}") from error

    def ask(self, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """Send JSON; the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        found: dict[str, Any] = json.loads(self.send(path, data, **headers))
        return found


def upload(client: Client, session: str, photo: Path) -> None:
    """Send a photo to a session."""
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{photo.name}"\r\n\r\n'
    form = head.encode() + photo.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    kind = f"multipart/form-data; boundary={edge}"
    client.send(f"/api/upload-video/nemo_agent/me/{session}", form, Content_Type=kind)


def say(client: Client, session: str, text: str) -> None:
    """Send a message and print what is answered."""
    body = {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": session,
        "new_message": {"parts": [{"text": text}]},
    }
    for line in client.send("/run_sse", json.dumps(body).encode()).decode().splitlines():
        if line.startswith("data: "):
            for part in json.loads(line[6:]).get("content", {}).get("parts", []):
                if "text" in part:
                    print(part["text"])


def main(base: str, photo: str, text: str, target: str) -> None:
    """Make a video."""
    client = Client(base)
    client.token = client.ask("/api/auth/anonymous-token", {}, X_Client_Id=uuid.uuid4().hex)["data"]["token"]
    session = client.ask("/api/tasks/me/with-session/nemo_agent", {"task_name": "project"})["data"]["session_id"]
    upload(client, session, Path(photo))
    say(client, session, text)
    draft = client.ask(f"/api/state/nemo_agent/me/{session}/latest")["data"]["state"]["draft"]
    render = f"render_{uuid.uuid4().hex}"
    client.ask("/api/render/proxy/lambda", {"id": render, "sessionId": session, "draft": draft})
    while (found := client.ask(f"/api/render/proxy/lambda/{render}"))["status"] not in ("completed", "failed"):
        time.sleep(0.5)
    if found["status"] == "failed":
        raise SystemExit(found["error"])
    Path(target).write_bytes(client.send(f"/api/render/proxy/{render}/download"))
    print(f"{target}: {found['output']['width']}x{found['output']['height']}, {found['output']['duration']:g} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
