"""Servers of our own on this machine's loopback, that answer as a test wants."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers paths with functions, and keeps the heads of the requests.

    Attributes:
        replies: path to what answers it.
        asked: the path and the headers of every request, in order.
    """

    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1", context: SSLContext | None = None) -> None:
        super().__init__((host, 0), _Handler)
        self.host, self.port = host, self.server_address[1]
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.stopping = threading.Event()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def url(self, path: str, host: str | None = None, scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 10

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.replies[self.path.partition("?")[0]](self)

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def give(body: bytes, status: int = 200, **headers: str) -> Reply:
    """A plain answer; ``Content_Type`` stands for ``Content-Type``, and None leaves a header away."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            if value:
                handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def send_on(location: str, status: int = 302) -> Reply:
    return give(b"", status, Location=location)


def raw(*parts: bytes, pause: float = 0) -> Reply:
    """Bytes as they are, the status line among them, with a pause after each part."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        server = handler.server
        assert isinstance(server, Server)
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            if server.stopping.wait(pause):
                return

    return reply
