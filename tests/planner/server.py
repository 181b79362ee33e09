"""A server that speaks like an OpenAI-compatible one, and one that misbehaves in every way that we must outlive."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers chat completions as its server's ``mode`` says."""

    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), json.loads(body)))
        getattr(self, f"_{self.server.mode}")()

    def log_message(self, *_: Any) -> None: ...

    def _send(self, data: bytes, status: int = 200, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _completion(self) -> bytes:
        message = {"role": "assistant", "content": self.server.content}
        return json.dumps(
            {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "message": message}]}
        ).encode()

    def _good(self) -> None:
        self._send(self._completion())

    def _odd_type(self) -> None:
        self._send(self._completion(), kind="text/html")

    def _chunked(self) -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        data = self._completion()
        for start in range(0, len(data), 50):
            part = data[start : start + 50]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _error(self) -> None:
        self._send(b'{"error": {"message": "out of memory"}}', 500)

    def _busy(self) -> None:
        self._send(b"", 429)

    def _redirect(self) -> None:
        self.send_response(307)
        self.send_header("Location", "http://198.51.100.7/v1/chat/completions")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _no_json(self) -> None:
        self._send(b"<html>hello</html>")

    def _no_choice(self) -> None:
        self._send(b'{"choices": []}')

    def _no_text(self) -> None:
        self._send(b'{"choices": [{"message": {"content": null}}]}')

    def _huge(self) -> None:
        self._send(b'{"choices": "' + b"x" * 2_000_000 + b'"}')

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"choices"')

    def _drip(self) -> None:
        """Never stop, and never be silent for long."""
        self.send_response(200)
        self.end_headers()
        self._drip_bytes(b" ")

    def _drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._drip_bytes(b"a")

    def _drip_bytes(self, byte: bytes) -> None:
        try:
            while not self.server.closing.wait(0.05):
                self.wfile.write(byte)
                self.wfile.flush()
        except OSError:
            pass

    def _silent(self) -> None:
        self.server.closing.wait(20)


class Server(ThreadingHTTPServer):
    """See ``Handler``; ``requests`` holds what was asked."""

    daemon_threads = True

    def __init__(self, mode: str, content: str, context: SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.mode, self.content = mode, content
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.closing = threading.Event()
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is no error here."""


@contextmanager
def serving(
    mode: str = "good", content: str | dict[str, Any] = "", context: SSLContext | None = None
) -> Iterator[Server]:
    """A server in a thread; over TLS with a context."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    server = Server(mode, text, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
        time.sleep(0)
