"""What an operator sees of a running service: whether it is ready, its figures, its log; what the web process is."""

import json
import os
import signal
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.service.conftest import Meet, NewServer
from tests.service.person import APP, Person
from tests.service.server import Server, wait_for
from tests.service.wire import card, curl, standing

Samples = dict[tuple[str, ...], float]


def figures(server: Server) -> Samples:
    """The samples of /metrics by their names and the values of their labels."""
    answer = httpx.get(f"{server.url}/metrics")
    assert answer.status_code == httpx.codes.OK
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_service_is_ready_only_when_workers_are(new_server: NewServer) -> None:
    server = new_server().start()

    def problems() -> list[str]:
        answer = httpx.get(f"{server.url}/health/ready")
        body = answer.json()
        assert (answer.status_code == httpx.codes.OK) == (body["status"] == "ok") == (body["problems"] == [])
        assert answer.status_code in (httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE)
        assert ("retry-after" in answer.headers) == bool(body["problems"])
        return list(body["problems"])

    assert problems() == []
    assert server.process is not None
    workers = [server.pid_of(name) for name in ("worker cpu-0", "worker light-0")]
    os.kill(server.process.pid, signal.SIGSTOP)  # nobody puts others into their places
    try:
        for pid, problem in zip(workers, ("no worker renders", "no worker looks into uploads"), strict=True):
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda problem=problem: problem in problems(), 10)
        assert httpx.get(f"{server.url}/health/live").json()["status"] == "ok", "the web process itself is well"
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    wait_for(lambda: problems() == [], 60)


def test_the_figures_are_those_of_what_was_done(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server(MULTIPLANE_METRICS_FROM="127.0.0.1/32").start()
    person = meet(server)
    person.upload(photo)
    with standing(server):
        person.order("first", card())
        assert figures(server)["multiplane_jobs", "render", "queued"] == 1, "the depth of the queue"
    assert person.wait("first")["status"] == "completed"
    person.say("slow zoom, 1 second")
    assert person.http.get(f"/api/state/{APP}/me/123/latest").json()["code"] == 1002
    # A worker writes its figures behind the end of the job.
    wait_for(lambda: ("multiplane_stage_seconds_count", "generate") in figures(server), 10)
    found = figures(server)
    assert found["multiplane_jobs", "render", "succeeded"] == 2
    assert found["multiplane_job_wait_seconds_count", "render"] == 2
    assert found["multiplane_job_wait_seconds_sum", "render"] > 0
    for stage in ("analyse", "generate", "render"):
        assert found["multiplane_stage_seconds_count", stage] == 1
        assert found["multiplane_stage_seconds_sum", stage] > 0
    assert found["multiplane_encoder_frames_total",] == 12 + 30
    assert found["multiplane_encoder_frames_per_second", "cpu-0"] > 0
    assert found["multiplane_credits_moved_total", "close"] == 100
    assert found["multiplane_errors_total", "1002", "web"] == 1
    assert found["multiplane_upload_bytes_total",] == photo.stat().st_size
    assert all(found["multiplane_source_up", source] == 1 for source in ("queue", "credits", "figures"))
    # The proxy on this machine is believed: who comes from elsewhere does not see them.
    elsewhere = httpx.get(f"{server.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, 1004)


def test_the_log_names_requests_and_jobs_and_no_secret(new_server: NewServer, meet: Meet, photo: Path) -> None:
    server = new_server(MULTIPLANE_LOG_LEVEL="debug").start()
    person = meet(server)
    link = person.upload(photo).json()["url"]
    body = {"task_id": person.task, "session_id": person.session}
    claim = person.http.post("/api/auth/claim-token", json=body).json()["data"]["claim_token"]
    made = person.http.post("/api/tokens", json={"scopes": ["read"]}).json()["data"]["token"]
    assert httpx.get(link).status_code == httpx.codes.OK
    curl(f"{server.url}/workspace/claim?ct={claim}")
    curl(f"{server.url}/workspace/claim?token={person.token}&task={person.task}")
    curl("-H", f"Authorization: Bearer {person.token}x", f"{server.url}/api/credits/balance/simple")
    person.say("slow zoom, 1 second")
    asked = person.order("logged", card())
    assert person.wait("logged")["status"] == "completed"

    assert server.stop() == 0

    raw = server.log.read_text()
    lines = [json.loads(line) for line in raw.splitlines()]
    assert all({"time", "level", "process", "message"} <= set(line) for line in lines), "each line is one JSON object"
    for secret in (person.token, claim, made, link.partition("&s=")[2]):
        assert len(secret) > 20
        assert secret not in raw
    request = [line for line in lines if line.get("request_id") == asked.headers["X-Request-Id"]]
    assert [line["user_id"] for line in request if line["logger"] == "multiplane.access"] == [person.id]
    begun = [line for line in lines if line["message"] == "job begins"]
    assert [line["kind"] for line in begun] == ["analyse", "generate", "render"]
    assert all(line["job_id"].startswith("job_") and line["user_id"] == person.id for line in begun)


def test_the_web_process_holds_nothing_that_decodes(server: Server, person: Person, photo: Path) -> None:
    person.upload(photo)
    person.say("slow zoom, 1 second, with the title 'Pier' and calm music")
    person.order(f"web-{person.id}")
    assert person.wait(f"web-{person.id}")["status"] == "completed"
    maps = Path(f"/proc/{server.pid_of('web')}/maps").read_text()
    assert "sqlite" in maps, "what is loaded is seen here"
    # Pillow is there, because the engine's package of media is, but none of what a video, a GPU or a model needs.
    for library in ("libavcodec", "libavformat", "libswscale", "libx264", "libheif", "libcuda", "libtorch", "/cv2/"):
        assert library not in maps, library
    worker = Path(f"/proc/{server.pid_of('worker cpu-0')}/maps").read_text()
    assert "libavcodec" in worker, "who renders does hold it"
