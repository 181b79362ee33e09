"""Uploads in multipart/form-data (RFC 7578), streamed to disk and hashed on the way: memory stays flat.

Parts that hold files are those of :data:`FIELDS`; a part of any other name, or without a file, is read over. What the
client calls a file is kept for people to read, and is never a path.
"""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from engine.core.errors import BadRequest, FileTooLarge
from engine.core.settings import Setting

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_UPLOAD = Setting(
    "MULTIPLANE_MAX_UPLOAD_MB", 200, "MB", 0.001, 1_000_000, "largest file that is taken (1 MB is 1,000,000 bytes)"
)

MAX_FILES = Setting("MULTIPLANE_MAX_UPLOAD_FILES", 20, "files", 1, 1000, "files that one upload may hold")

MB = 1_000_000

FIELDS = frozenset({"file", "files", "files[]", "video"})

SHARE_OF_FORM = 1_000_000
"""Bytes that a form may have beside its files: boundaries, headers, fields that nobody reads."""

BUFFER = 1 << 20
"""Bytes that are gathered before they are written, in a thread: the disk must not stop other requests."""


@dataclass(slots=True)
class Received:
    """A file that came in.

    Attributes:
        path: where it lies, a file of ours.
        name: what the client calls it; display data.
        declared: the media type that the client gave.
        size: bytes.
        digest: SHA-256 in hexadecimal digits.
    """

    path: Path
    name: str
    declared: str | None
    size: int = 0
    digest: str = ""


def limit_bytes() -> int:
    """The largest file, in bytes."""
    return int(MAX_UPLOAD.value() * MB)


def too_large(name: str) -> FileTooLarge:
    """The refusal of a file above the limit."""
    return FileTooLarge(
        f"{name or 'The file'} is larger than {MAX_UPLOAD.value():g} MB: compress it or send a shorter one."
    )


@asynccontextmanager
async def received_files(
    content_type: str, body: AsyncIterable[bytes], new_file: Callable[[], Path]
) -> AsyncIterator[list[Received]]:
    """The files of a form, on disk while the block lasts; whoever takes one over moves it away.

    Args:
        content_type: of the request.
        body: the pieces of its body.
        new_file: gives the path of a file that does not exist yet.

    Raises:
        BadRequest: no form, or a damaged one.
        FileTooLarge: a file is above the limit, or there are too many.
    """
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise BadRequest('Send multipart/form-data with a field "files", or JSON with a list "urls".')
    form = _Form(boundary, new_file)
    try:
        async for piece in body:
            form.feed(piece)
            if form.waiting >= BUFFER:
                await run_in_threadpool(form.write)
        form.finish()
        await run_in_threadpool(form.write)
        await run_in_threadpool(form.close)
        yield form.files
    finally:
        await run_in_threadpool(form.discard)


class _Form:
    """A form that is being read: the parser's callbacks gather, :meth:`write` writes."""

    def __init__(self, boundary: bytes, new_file: Callable[[], Path]) -> None:
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._over,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except (FormParserError, ValueError) as error:
            raise BadRequest("The form's boundary cannot be used.") from error
        self._new_file = new_file
        self._field, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._current: int | None = None
        self._pieces: list[tuple[int, bytes]] = []
        self._streams: list[tuple[BinaryIO, Any]] = []
        self._beside = 0
        self._whole = False
        self.waiting = 0
        self.files: list[Received] = []

    def feed(self, piece: bytes) -> None:
        """Take a piece of the body."""
        before = self.waiting
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise BadRequest("The form is damaged: send it again.", detail=str(error)) from error
        self._beside += len(piece) - (self.waiting - before)
        if self._beside > SHARE_OF_FORM:
            raise BadRequest(f"The form holds too much beside files in one of the fields {', '.join(sorted(FIELDS))}.")

    def finish(self) -> None:
        """The body has ended."""
        try:
            self._parser.finalize()
        except FormParserError as error:
            raise BadRequest("The form ended too early: send it again.", detail=str(error)) from error
        if not self._whole:
            raise BadRequest("The form ended too early: send it again.")

    def write(self) -> None:
        """Write what was gathered. Asks the disk: not for an event loop."""
        pieces, self._pieces, self.waiting = self._pieces, [], 0
        for index, data in pieces:
            while len(self._streams) <= index:
                self._streams.append((self.files[len(self._streams)].path.open("xb"), hashlib.sha256()))
            stream, digest = self._streams[index]
            stream.write(data)
            digest.update(data)

    def close(self) -> None:
        """All is written: close the files and note their digests."""
        for index, file in enumerate(self.files):
            if index < len(self._streams):
                stream, digest = self._streams[index]
                stream.close()
                file.digest = digest.hexdigest()
            else:
                file.path.touch()
                file.digest = hashlib.sha256().hexdigest()

    def discard(self) -> None:
        """Remove what nobody has taken over."""
        for stream, _ in self._streams:
            with suppress(OSError):  # on a full disk it tries once more to write what it holds
                stream.close()
        for file in self.files:
            file.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._headers, self._current = {}, None

    def _header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if field not in FIELDS or b"filename" not in options:
            return
        if len(self.files) >= MAX_FILES.int_value():
            raise FileTooLarge(f"An upload may hold {MAX_FILES.int_value()} files: send the rest in another one.")
        declared = self._headers.get(b"content-type", b"").decode("latin-1").strip()[:200] or None
        name = options[b"filename"].decode("utf-8", "replace")
        self._current = len(self.files)
        self.files.append(Received(self._new_file(), name, declared))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._current is None:
            return
        file = self.files[self._current]
        file.size += end - start
        self.waiting += end - start
        if file.size > limit_bytes():
            raise too_large(file.name[:80])
        self._pieces.append((self._current, bytes(data[start:end])))

    def _end(self) -> None:
        self._current = None

    def _over(self) -> None:
        self._whole = True
