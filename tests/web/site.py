"""A site in this process, a browser that visits it, and what is needed to read a page as a browser would."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from httpx2 import Response
from PIL import Image
from starlette.testclient import TestClient

from api.service import Service
from api.store import jobs
from api.store.assets import add_asset, know_blob
from api.store.projects import own_session, read_conversation, write_conversation
from api.store.renders import order_render
from engine.timeline import History, read_draft
from pipelines.director import Conversation

VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})

PASSWORD = "correct horse battery"


class Page(HTMLParser):
    """A page, read: its text, its fields, its addresses; complains about what is not closed in its order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.problems: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"{tag} is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if len({name for name, _ in attrs}) != len(attrs):
            self.problems.append(f"{tag} says something twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"{tag} is closed where {self.open[-1:]} is open")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, name: str) -> list[str]:
        return [value for each, attrs in self.tags if each == tag and (value := attrs.get(name)) is not None]

    def field(self, name: str) -> str:
        return next(
            attrs.get("value") or "" for tag, attrs in self.tags if tag == "input" and attrs.get("name") == name
        )


def check_page(answer: Response) -> Page:
    """What holds of every page."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
    found = Page(answer.text)
    assert found.problems == []
    assert answer.text.startswith("<!DOCTYPE html>")
    names = [tag for tag, _ in found.tags]
    assert names.count("h1") == names.count("main") == names.count("title") == 1
    assert not {"script", "style", "iframe", "object"} & set(names)
    assert found.all("html", "lang") == ["en"]
    for tag, attrs in found.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], (tag, attrs)
        for name in ("href", "src", "action", "poster", "srcset"):
            value = attrs.get(name)
            assert value is None or re.match(r"^(/(?!/)|#)", value), (tag, value)
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    labelled = set(found.all("label", "for"))
    for tag, attrs in found.tags:
        if tag in ("input", "select") and attrs.get("type") != "hidden":
            assert attrs.get("id") in labelled, attrs
        if tag == "img":
            assert attrs.get("alt")
        for name in ("aria-labelledby", "aria-describedby"):
            assert attrs.get(name) is None or attrs[name] in ids
    return found


class Anonymous:
    """An anonymous user of the interface, with a session."""

    def __init__(self, client: TestClient, service: Service, name: str = "one", project: str = "Harbour") -> None:
        self.client, self.service = client, service
        data = client.post("/api/auth/anonymous-token", headers={"X-Client-Id": name}).json()["data"]
        self.token: str = data["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.id: str = data["user_id"]
        body = {"task_name": project}
        made = client.post("/api/tasks/me/with-session/nemo_agent", headers=self.headers, json=body).json()
        self.task: str = made["task_id"]
        self.session: str = made["session_id"]

    def claim(self) -> str:
        body = {"task_id": self.task, "session_id": self.session}
        found = self.client.post("/api/auth/claim-token", headers=self.headers, json=body).json()["data"]
        return str(found["claim_token"])

    def add_file(self, name: str, data: bytes, kind: str = "image", content_type: str = "image/jpeg") -> str:
        part = self.service.blobs.new_file()
        part.write_bytes(data)
        ref, size = self.service.blobs.put(part)
        with self.service.database.write() as session:
            know_blob(session, ref, size)
            owner = own_session(session, self.id, self.session)
            row = add_asset(
                session, owner, ref, size, filename=name, kind=kind, content_type=content_type, width=64, height=48,
                duration=2.5 if kind == "video" else 0.0,
            )  # fmt: skip
            return row.id

    def add_photo(self, folder: Path, name: str = "pier.jpg") -> str:
        path = folder / "photo.jpg"
        Image.effect_noise((64, 48), 40).convert("RGB").save(path)
        return self.add_file(name, path.read_bytes())

    def draft(self, asset: str, title: str = "Urban Dreams") -> None:
        value = {
            "d": 4000,
            "t": [
                {"tt": 0, "sg": [{"s": 0, "d": 4000, "src": f"asset:{asset}"}]},
                {"tt": 7, "sg": [{"s": 0, "d": 2000, "tx": title}]},
            ],
        }
        with self.service.database.write() as session:
            row = own_session(session, self.id, self.session)
            write_conversation(row, Conversation(History(read_draft(value)), read_conversation(row).memory))

    def render(self, name: str, data: bytes = b"video") -> None:
        """Order an export and do what a worker does."""
        with self.service.database.write() as session:
            order_render(session, name, self.id, self.session, {"d": 1, "id": name}, {})
        claimed = jobs.claim(self.service.database, ("render",), "hand")
        assert claimed is not None
        part = self.service.blobs.new_file()
        part.write_bytes(data)
        ref, size = self.service.blobs.put(part)
        with self.service.database.write() as session:
            know_blob(session, ref, size)
            jobs.finish(session, claimed, {"blob": ref, "size": size, "width": 64, "height": 48, "duration": 4.0})
            from api.store.rows import Render

            session.get_one(Render, name).blob = ref


def fields_of(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


class Browser:
    """Somebody at a browser: fetches a page, fills its form in, sends it."""

    def __init__(self, client: TestClient, email: str = "anna@example.org") -> None:
        self.client, self.email = client, email

    def get(self, path: str) -> Page:
        return check_page(self.client.get(path))

    def send(self, path: str, fields: dict[str, object], source: str = "", **headers: str) -> Response:
        """Send a form with the mark of the page that shows it."""
        mark = self.get(source or path).field("csrf")
        return self.client.post(path, data={"csrf": mark, **fields}, headers=headers)

    def register(self, bind: str = "", **more: object) -> Response:
        fields: dict[str, object] = {"email": self.email, "password": PASSWORD, **more}
        if bind:
            fields["bind"] = bind
        return self.send("/register", fields, f"/register?bind={bind}" if bind else "")

    def login(self, password: str = PASSWORD, **more: object) -> Response:
        return self.send("/login", {"email": self.email, "password": password, **more})

    def user_id(self) -> str:
        found = re.search(r"usr_[0-9a-f]{16}", self.get("/dashboard/billing").text)
        assert found is not None
        return found[0]
