"""How the service answers while it works: latencies beside a render, first progress, export against the command line,
memory over many requests and large uploads, claiming from a long queue.

python -m benchmarks.service [--seconds 60] [--output RESULT.json]

Everything runs on one machine, the clients too: they take part of the cores that the service could use.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.store import jobs
from api.store.database import Database, sqlite_url
from api.store.migrate import migrate
from api.store.rows import User
from benchmarks.machine import load_average, machine, versions
from benchmarks.service_client import Client, Tally
from benchmarks.service_process import ROOT, ServiceProcess

PHOTO = ROOT / "examples" / "dandelion.jpg"

POLLERS, TALKERS = 100, 10

PAUSE_S = 1.0
"""Seconds between two requests of a poller; documented clients wait 30."""

TALK_S = 2.0
"""Seconds between two messages of a talker."""

RUNS = 5
"""Exports through HTTP and by the command line, in turn; the median counts."""

REQUESTS = 10_000

QUEUED = 10_000

UPLOAD_MB = 199

MESSAGES = ("hello", "what can you do?", "thanks")

Json = dict[str, Any]


def draft(url: str, milliseconds: int, seed: int = 0) -> Json:
    """A Ken Burns draft in 1080p; another seed is another draft for the cache."""
    motion = {"move": "zoom_in", "focus": [0.3 + 0.001 * (seed % 300), 0.5]}
    segment = {"s": 0, "d": milliseconds, "src": url, "mo": motion}
    return {"v": 2, "d": milliseconds, "w": 1920, "h": 1080, "fps": 30, "t": [{"tt": 0, "sg": [segment]}]}


async def order(client: Client, name: str, what: Json, session: str) -> None:
    """Order an export."""
    status, raw = await client.ask(
        "POST", "/api/render/proxy/lambda", {"id": name, "sessionId": session, "draft": what}
    )
    if status != 200:
        raise RuntimeError(f"the export was refused: {raw!r}")


async def until(client: Client, name: str, is_so: Callable[[Json], bool], pause: float = 0.02) -> Json:
    """Poll an export until something is so."""
    while True:
        _, raw = await client.ask("GET", f"/api/render/proxy/lambda/{name}")
        found: Json = json.loads(raw)
        if is_so(found):
            return found
        if found["status"] == "failed":
            raise RuntimeError(f"the export failed: {found['error']}")
        await asyncio.sleep(pause)


async def load(service: ServiceProcess, seconds: float) -> Json:
    """Pollers and talkers beside a render of 1080p."""
    clients = [Client(service.port) for _ in range(POLLERS + TALKERS)]
    sessions = [await client.begin(f"load-{number}") for number, client in enumerate(clients)]
    for client, session in list(zip(clients, sessions, strict=True))[POLLERS:]:
        await client.upload(session, "pier.jpg", PHOTO.read_bytes())
    chief = Client(service.port)
    session = await chief.begin("load-chief")
    url = (await chief.upload(session, "pier.jpg", PHOTO.read_bytes()))["url"]
    await order(chief, "load", draft(url, round(seconds * 2000) + 60_000), session)
    await until(chief, "load", lambda found: found["progress"] > 5)
    polls, talks = Tally(), Tally()
    end = time.monotonic() + seconds

    async def poll(number: int) -> None:
        await asyncio.sleep(PAUSE_S * number / POLLERS)
        while time.monotonic() < end:
            for path in (f"/api/state/nemo_agent/me/{sessions[number]}/latest", "/api/credits/balance/simple"):
                await clients[number].timed(polls, "GET", path)
                await asyncio.sleep(PAUSE_S)

    async def talk(number: int) -> None:
        await asyncio.sleep(TALK_S * number / (POLLERS + TALKERS))
        turn = 0
        while time.monotonic() < end:
            # Talk that makes nothing: what a generation takes is a worker's time and no endpoint's.
            message = {"parts": [{"text": MESSAGES[turn % len(MESSAGES)]}]}
            await clients[number].timed(
                talks, "POST", "/run_sse", {"session_id": sessions[number], "new_message": message}
            )
            turn += 1
            await asyncio.sleep(TALK_S)

    await asyncio.gather(*(poll(n) for n in range(POLLERS)), *(talk(n + POLLERS) for n in range(TALKERS)))
    rendering = json.loads((await chief.ask("GET", "/api/render/proxy/lambda/load"))[1])
    await chief.ask("POST", "/api/render/proxy/lambda/load/cancel")
    for client in (*clients, chief):
        client.close()
    return {
        "seconds": seconds, "still_rendering": rendering.get("status") == "processing",
        "polls": spread(polls), "chats": spread(talks), "errors": (polls.errors + talks.errors)[:5],
        "error_count": len(polls.errors) + len(talks.errors),
    }  # fmt: skip


def spread(tally: Tally) -> Json:
    """Count, and quantiles in ms."""
    found = sorted(tally.seconds)

    def at(share: float) -> float:
        return round(1000 * found[min(len(found) - 1, int(share * len(found)))], 1)

    return {"count": len(found), "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1.0)}


async def first_progress(service: ServiceProcess) -> Json:
    """From submitting an export to the first progress, and from cancelling one to its end."""
    client = Client(service.port)
    session = await client.begin("first")
    url = (await client.upload(session, "pier.jpg", PHOTO.read_bytes()))["url"]
    firsts = []
    for number in range(RUNS):
        began = time.perf_counter()
        await order(client, f"first-{number}", draft(url, 10_000, number), session)
        await until(client, f"first-{number}", lambda found: found["progress"] > 5)
        firsts.append(time.perf_counter() - began)
        await client.ask("POST", f"/api/render/proxy/lambda/first-{number}/cancel")
    client.close()
    return {"first_progress_s": [round(value, 3) for value in firsts], "median_s": round(statistics.median(firsts), 3)}


async def cancelling(service: ServiceProcess) -> Json:
    """From cancelling an export that runs to the beginning of the next one, which another user has ordered."""
    first, second = Client(service.port), Client(service.port)
    session, other = await first.begin("cancel"), await second.begin("cancel-other")
    url = (await first.upload(session, "pier.jpg", PHOTO.read_bytes()))["url"]
    card = {"d": 200, "w": 64, "h": 36, "t": [{"tt": 0, "sg": [{"s": 0, "d": 200, "src": "color:#336699"}]}]}
    seconds = []
    for number in range(RUNS):
        await order(first, f"cancel-{number}", draft(url, 60_000, 200 + number), session)
        await until(first, f"cancel-{number}", lambda found: found["progress"] > 6)
        await order(second, f"next-{number}", card, other)
        began = time.perf_counter()
        await first.ask("POST", f"/api/render/proxy/lambda/cancel-{number}/cancel")
        await until(second, f"next-{number}", lambda found: found["status"] != "pending", 0.005)
        seconds.append(time.perf_counter() - began)
    for client in (first, second):
        client.close()
    return {"cancel_s": [round(value, 3) for value in seconds], "median_s": round(statistics.median(seconds), 3)}


async def exports(service: ServiceProcess, folder: Path) -> Json:
    """A Ken Burns draft of 10 s through HTTP, and by the command line, in turn."""
    client = Client(service.port)
    session = await client.begin("export")
    url = (await client.upload(session, "dandelion.jpg", PHOTO.read_bytes()))["url"]
    through, alone = [], []
    for number in range(RUNS + 1):
        name, seed = f"export-{number}", 100 + number
        began = time.perf_counter()
        await order(client, name, draft(url, 10_000, seed), session)
        done = await until(client, name, lambda found: found["status"] == "completed")
        _, video = await client.ask("GET", "/" + done["outputUrl"].split("/", 3)[3])
        http_s = time.perf_counter() - began
        file = folder / f"{number}.json"
        file.write_text(json.dumps(draft(str(PHOTO), 10_000, seed)))
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "api.cli", "render", str(file), "-o", str(folder / f"{number}.mp4"), "--no-cache"],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        cli_s = time.perf_counter() - began
        assert len(video) > 100_000
        if number:  # the first warms both
            through.append(http_s)
            alone.append(cli_s)
    client.close()
    ratios = [one / other for one, other in zip(through, alone, strict=True)]
    return {
        "http_s": [round(value, 2) for value in through], "command_line_s": [round(value, 2) for value in alone],
        "ratio_median": round(statistics.median(ratios), 3),
    }  # fmt: skip


async def memory(service: ServiceProcess) -> Json:
    """Memory of the web process over many requests."""
    client = Client(service.port)
    session = await client.begin("memory")
    paths = (f"/api/state/nemo_agent/me/{session}/latest", "/api/credits/balance/simple", "/api/tokens")
    marks = []
    for number in range(REQUESTS + REQUESTS // 5):
        if number == REQUESTS // 5 or number == REQUESTS // 5 + REQUESTS // 2:
            marks.append(service.memory_mb())
        await client.ask("GET", paths[number % len(paths)])
    marks.append(service.memory_mb())
    client.close()
    return {"requests": REQUESTS, "mb": [round(mark, 1) for mark in marks], "grown_mb": round(marks[-1] - marks[0], 1)}


async def upload(service: ServiceProcess, folder: Path) -> Json:
    """Memory of the web process while files of nearly 200 MB come in."""
    file = folder / "large.mp4"
    small = folder / "0.mp4"
    data = small.read_bytes()
    # A box that nobody reads makes a good video as large as is wanted.
    size = UPLOAD_MB * 1_000_000 - len(data)
    file.write_bytes(data + size.to_bytes(4, "big") + b"free" + bytes(size - 8))
    client = Client(service.port)
    session = await client.begin("upload")
    before, peak, over = service.memory_mb(), 0.0, False

    async def look() -> None:
        nonlocal peak
        while not over:
            peak = max(peak, await asyncio.to_thread(service.memory_mb))
            await asyncio.sleep(0.02)

    watcher = asyncio.create_task(look())
    seconds = []
    for number in range(3):
        began = time.perf_counter()
        answer = await client.upload(session, f"large-{number}.mp4", file.read_bytes())
        seconds.append(time.perf_counter() - began)
        if answer["status"] != 200:
            raise RuntimeError(f"the upload was refused: {answer}")
    over = True
    await watcher
    client.close()
    return {
        "upload_mb": UPLOAD_MB, "seconds": [round(value, 2) for value in seconds], "before_mb": round(before, 1),
        "peak_mb": round(peak, 1), "grown_mb": round(peak - before, 1),
    }  # fmt: skip


def claims(folder: Path) -> Json:
    """How long it takes to claim from a long queue of many users."""
    database = Database(sqlite_url(folder))
    migrate(database)
    with database.write() as session:
        session.add_all(User(id=f"u{number}", kind="registered", created_at=0) for number in range(100))
    for begin in range(0, QUEUED, 100):
        with database.write() as session:
            for number in range(begin, begin + 100):
                jobs.submit(
                    session, "render", "render", f"u{number % 100}", {"draft": {}}, exclusive=f"s{number % 500}"
                )
    seconds = []
    for _ in range(300):
        began = time.perf_counter()
        claimed = jobs.claim(database, ("render",), "bench")
        seconds.append(time.perf_counter() - began)
        assert claimed is not None
    database.close()
    return {"queued": QUEUED, **spread(Tally(seconds))}


async def run(seconds: float) -> Json:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="multiplane-bench-") as name:
        folder = Path(name)
        (folder / "queue").mkdir()
        settings = {
            "MULTIPLANE_MAX_QUEUED": "20000",
            "MULTIPLANE_LOG_LEVEL": "warning",
            "MULTIPLANE_RATE_AUTH": "100000",
        }
        found: Json = {}
        with ServiceProcess(folder / "data", **settings) as service:
            found["load"] = await load(service, seconds)
            found["first_progress"] = await first_progress(service)
            found["cancel"] = await cancelling(service)
            found["export"] = await exports(service, folder)
            found["memory"] = await memory(service)
            found["upload"] = await upload(service, folder)
        return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the load test")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    before = load_average()
    found = asyncio.run(run(options.seconds))
    with tempfile.TemporaryDirectory() as name:
        os.environ["MULTIPLANE_MAX_QUEUED"], os.environ["MULTIPLANE_MAX_QUEUED_PER_USER"] = "20000", "20000"
        found["claim"] = claims(Path(name))
    show(found)
    if options.output is not None:
        result = {"benchmark": "service", "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(),
                  "load_before": before, "versions": versions([]), **found}  # fmt: skip
        options.output.write_text(json.dumps(result, indent=2) + "\n")


def quantiles(found: Json) -> str:
    """The two that are asked for."""
    return f"{found['p50_ms']} / {found['p99_ms']}"


def show(found: Json) -> None:
    """Print the table."""
    load_, polls, chats = found["load"], found["load"]["polls"], found["load"]["chats"]
    rows = [
        (f"{polls['count']} polls beside a render: p50 / p99 ms", quantiles(polls), "p99 < 100"),
        (f"{chats['count']} messages beside a render: p50 / p99 ms", quantiles(chats), "p99 < 100"),
        ("errors", load_["error_count"], "0"),
        ("submit to first progress, median s", found["first_progress"]["median_s"], "<= 1"),
        ("cancel a render to the next one's begin, median s", found["cancel"]["median_s"], "<= 0.25"),
        ("export of 10 s: HTTP / command line", found["export"]["ratio_median"], "<= 1.15"),
        (f"memory over {REQUESTS} requests, MB grown", found["memory"]["grown_mb"], "flat"),
        (f"memory in uploads of {UPLOAD_MB} MB, MB grown", found["upload"]["grown_mb"], "flat"),
        (f"claim with {QUEUED} queued: p50 / p99 ms", quantiles(found["claim"]), "<= 5"),
    ]  # fmt: skip
    for name, value, wanted in rows:
        print(f"{name:56} {value!s:>16}   {wanted}")


if __name__ == "__main__":
    main()
