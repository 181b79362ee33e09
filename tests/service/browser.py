"""A real browser, Chromium, driven by the DevTools protocol."""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

PATIENCE_S = 30.0

COMPLAINTS = ("Log.entryAdded", "Runtime.exceptionThrown")


def find_chromium() -> str | None:
    """The browser's program; None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Browser:
    """One browser with one page; a context manager around it.

    Args:
        program: of :func:`find_chromium`.
        width: of the window in pixels.
    """

    def __init__(self, program: str, width: int = 1280) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="multiplane-browser-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-port=0", f"--user-data-dir={self._profile.name}", f"--window-size={width},1000",
             "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._number = 0
        self.complaints: list[str] = []
        port = self._port()
        self._socket = self._page(port)
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def _port(self) -> int:
        file = Path(self._profile.name) / "DevToolsActivePort"
        until = time.monotonic() + PATIENCE_S
        while not file.exists() or not file.read_text().strip():
            assert time.monotonic() < until, "the browser did not start"
            time.sleep(0.05)
        return int(file.read_text().split()[0])

    def _page(self, port: int) -> ClientConnection:
        import httpx

        until = time.monotonic() + PATIENCE_S
        while True:
            pages = [tab for tab in httpx.get(f"http://127.0.0.1:{port}/json").json() if tab["type"] == "page"]
            if pages:
                return connect(pages[0]["webSocketDebuggerUrl"], max_size=None)
            assert time.monotonic() < until, "the browser has no page"
            time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)
        self._profile.cleanup()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol; its result. What the page complains about meanwhile is kept."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("method") in COMPLAINTS:
                self._note(message)
            if message.get("id") == self._number:
                assert "error" not in message, message
                found: dict[str, Any] = message["result"]
                return found

    def _note(self, message: dict[str, Any]) -> None:
        entry = message["params"].get("entry", message["params"])
        if entry.get("level", "error") in ("error", "warning"):
            self.complaints.append(json.dumps(entry)[:500])

    def go(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self.ask(expression):
                    return
            except AssertionError:
                pass  # the page is being changed for another
            assert time.monotonic() < until, f"never true: {expression}, at {self.ask('location.href')}"
            time.sleep(0.05)

    def fill(self, **values: str) -> None:
        """Write into fields, by their ids."""
        for name, value in values.items():
            self.ask(f"document.getElementById({name!r}).value = {json.dumps(value)}")

    def press(self, selector: str) -> None:
        """Press a button or follow a link."""
        self.ask(f"document.querySelector({json.dumps(selector)}).click()")
