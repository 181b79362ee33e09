"""Wheels and npm packages that a test builds, and a registry of npm packages that serves them on this machine."""

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class ArchiveMaker:
    """Builds archives in a folder; each method gives the path, :func:`source` what a registry says of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def wheel(self, files: Mapping[str, bytes], package: str = "some_sounds", version: str = "1.0") -> Path:
        path = self.folder / f"{package}-{version}-py3-none-any.whl"
        info = f"{package}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\nRequires-Python: >=3.99\n"
        whole = {
            **files,
            f"{info}/METADATA": metadata.encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        }
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in whole.items():
                archive.writestr(name, data)
        return path

    def npm(self, files: Mapping[str, bytes], package: str = "@some/fonts", version: str = "1.0.0") -> Path:
        path = self.folder / f"{package.removeprefix('@').replace('/', '-')}-{version}.tgz"
        about = json.dumps({"name": package, "version": version, "scripts": {"prepack": "touch SCRIPT-RAN"}}).encode()
        with tarfile.open(path, "w:gz") as archive:
            for name, data in {"package/package.json": about, **files}.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return path


def source(archive: Path, package: str | None = None, version: str | None = None) -> dict[str, Any]:
    """What a registry says of an archive."""
    data = archive.read_bytes()
    wheel = archive.suffix == ".whl"
    return {
        "tool": "wheel" if wheel else "npm",
        "package": package or ("some-sounds" if wheel else "@some/fonts"),
        "version": version or ("1.0" if wheel else "1.0.0"),
        "sha256": sha256(data),
        "size": len(data),
    }


@contextmanager
def npm_registry(archive: Path, package: str = "@some/fonts", version: str = "1.0.0") -> Iterator[str]:
    """Serve one package as a registry of npm does; gives the address."""
    data = archive.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if unquote(self.path) == "/" + package:
                integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
                dist = {"tarball": f"{address}/file.tgz", "integrity": integrity}
                about = {"name": package, "version": version, "dist": dist}
                document = {"name": package, "dist-tags": {"latest": version}, "versions": {version: about}}
                self._send(200, "application/json", json.dumps(document).encode())
            elif self.path == "/file.tgz":
                self._send(200, "application/octet-stream", data)
            else:
                self._send(404, "application/json", b"{}")

        def _send(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield address
        finally:
            server.shutdown()
