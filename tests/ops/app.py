"""A small service behind the real middleware; as a program it serves on a free port, whose number it prints."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from api.ops.context import current_work, note_user
from api.ops.logs import set_up_logging
from api.ops.metrics import CONTENT_TYPE, Sources, render_metrics
from api.ops.middleware import middleware
from api.ops.server import uvicorn_options

SECRET = "nmv_usr_" + "aB-9" * 10


class Words(BaseModel):
    words: str


def make_app() -> FastAPI:
    app = FastAPI(middleware=middleware())
    inner = APIRouter(prefix="/state")
    go = asyncio.Event()

    @inner.get("/{session}/latest")
    def state(session: str) -> dict[str, str]:
        note_user("anon_1")
        return {"session": session, "request_id": current_work().request_id}

    outer = APIRouter(prefix="/api")
    outer.include_router(inner)
    app.include_router(outer)

    @app.post("/run")
    async def run(words: Words) -> dict[str, int]:
        return {"length": len(words.words)}

    @app.post("/raw")
    @app.post("/api/upload-video/{session}")
    async def raw(request: Request) -> dict[str, int]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return {"length": size}

    @app.post("/unread")
    async def unread() -> dict[str, int]:
        return {"length": 0}

    @app.get("/fail")
    async def fail() -> None:
        raise RuntimeError(f"Authorization: Bearer {SECRET}")

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half of it"
            raise RuntimeError("in the middle")

        return StreamingResponse(pieces(), media_type="video/mp4")

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await go.wait()
            yield b"data: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/go")
    async def let_go() -> dict[str, bool]:
        go.set()
        return {"ok": True}

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>page</p>")

    @app.get("/kept")
    async def kept() -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Cache-Control": "max-age=60", "Content-Security-Policy": "sandbox"})

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(render_metrics(Sources()), media_type=CONTENT_TYPE)

    return app


def main() -> None:
    set_up_logging("web")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")  # the test reads it
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(make_app(), **uvicorn_options())).run(sockets=[listening])


if __name__ == "__main__":
    main()
