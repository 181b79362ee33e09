"""Metrics: what is counted, that labels stay few, and that no killed process loses or leaks figures."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.ops.figures import STAGE_BUCKETS, WorkerFigures, read_figures
from api.ops.metrics import FRESH_S, MAX_CODES, Sources, count_error, count_request, count_upload, render_metrics
from tests.conftest import ROOT


def scrape(sources: Sources | None = None) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = render_metrics(sources or Sources()).decode()
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family stands once"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_and_timed() -> None:
    labels = {"route": "/t/{id}", "method": "GET"}
    before = scrape()
    count_request("/t/{id}", "GET", 200, 0.02)
    count_request("/t/{id}", "GET", 404, 20)
    after = scrape()
    name = "multiplane_http_requests_total"
    assert value(after, name, status="200", **labels) - value(before, name, status="200", **labels) == 1
    assert value(after, name, status="404", **labels) - value(before, name, status="404", **labels) == 1
    name = "multiplane_http_request_seconds_bucket"
    assert value(after, name, le="0.025", **labels) - value(before, name, le="0.025", **labels) == 1
    assert value(after, name, le="60.0", **labels) - value(before, name, le="60.0", **labels) == 2


def test_strange_methods_and_codes_make_few_series() -> None:
    for n in range(MAX_CODES + 50):
        count_request("/t", f"BREW{n}", 405, 0)
        count_error(f"t_{n}")
    samples = scrape()
    assert value(samples, "multiplane_http_requests_total", route="/t", method="other", status="405") >= 250
    codes = {dict(labels)["code"] for name, labels in samples if name == "multiplane_errors_total"}
    assert len(codes) <= MAX_CODES + 1
    assert value(samples, "multiplane_errors_total", where="web", code="other") >= 50


def test_uploads_are_counted_in_bytes() -> None:
    before = value(scrape(), "multiplane_upload_bytes_total")
    count_upload(200_000_000)
    assert value(scrape(), "multiplane_upload_bytes_total") - before == 200_000_000


def test_queue_and_credits_are_asked_at_each_scrape() -> None:
    jobs = {("queued", "render"): 2, ("running", "render"): 1}
    sources = Sources(queue=lambda: jobs, credits=lambda: {"grant": 100.0, "generate": 12.5})
    assert value(scrape(sources), "multiplane_jobs", state="queued", lane="render") == 2
    jobs["queued", "render"] = 0
    samples = scrape(sources)
    assert value(samples, "multiplane_jobs", state="queued", lane="render") == 0
    assert value(samples, "multiplane_credits_moved_total", cause="generate") == 12.5
    assert value(samples, "multiplane_source_up", source="queue") == 1


def test_a_source_that_fails_costs_its_own_figures_only() -> None:
    def locked() -> dict[tuple[str, str], int]:
        raise RuntimeError("database is locked")

    samples = scrape(Sources(queue=locked, credits=lambda: {"grant": 1}))
    assert value(samples, "multiplane_source_up", source="queue") == 0
    assert value(samples, "multiplane_credits_moved_total", cause="grant") == 1
    assert not any(name == "multiplane_jobs" for name, _ in samples)


def test_the_workers_figures_are_summed(tmp_path: Path) -> None:
    a, b = WorkerFigures(tmp_path, "cpu-0"), WorkerFigures(tmp_path, "cpu-1")
    a.job_started("render", 0.3)
    b.job_started("render", 30)
    a.stage_done("paint", 2)
    a.encoded(300, 10)
    b.encoded(100, 2)
    b.failed("encode_failed")
    samples = scrape(Sources(figures=tmp_path))
    assert value(samples, "multiplane_job_wait_seconds_count", lane="render") == 2
    assert value(samples, "multiplane_job_wait_seconds_sum", lane="render") == 30.3
    assert value(samples, "multiplane_job_wait_seconds_bucket", lane="render", le="0.5") == 1
    assert value(samples, "multiplane_job_wait_seconds_bucket", lane="render", le="+Inf") == 2
    assert value(samples, "multiplane_stage_seconds_bucket", stage="paint", le="5.0") == 1
    assert value(samples, "multiplane_encoder_frames_total") == 400
    assert value(samples, "multiplane_encoder_seconds_total") == 12
    assert value(samples, "multiplane_encoder_frames_per_second", worker="cpu-0") == 30
    assert value(samples, "multiplane_errors_total", where="worker", code="encode_failed") == 1


def test_the_speed_of_a_worker_that_has_long_been_idle_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    WorkerFigures(tmp_path, "cpu-0").encoded(300, 10)
    later = time.time() + FRESH_S + 1
    monkeypatch.setattr("api.ops.metrics.time.time", lambda: later)
    samples = scrape(Sources(figures=tmp_path))
    assert not any(name == "multiplane_encoder_frames_per_second" for name, _ in samples)
    assert value(samples, "multiplane_encoder_frames_total") == 300


PROGRAM = """
import itertools, sys
from pathlib import Path
from api.ops.figures import WorkerFigures
figures = WorkerFigures(Path(sys.argv[1]), "cpu-0")
for n in itertools.count():
    figures.stage_done("paint", 0.5)
    print(n, flush=True)
"""


def test_kill_9_loses_nothing_that_was_told_and_leaves_no_files_behind(tmp_path: Path) -> None:
    told = 0
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        told += 20 + len(process.stdout.read().split())
        process.wait()
        process.stdout.close()
        (figures,) = read_figures(tmp_path)
        # One may have been written and not told, at each of the kills.
        assert told <= sum(figures.stages["paint"].counts) <= told + 5
    assert {path.name for path in tmp_path.iterdir()} <= {"cpu-0.json", "cpu-0.part"}


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"version": 2}', '{"version": 1}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_begun_again(tmp_path: Path, damage: str) -> None:
    (tmp_path / "cpu-0.json").write_text(damage)
    assert read_figures(tmp_path) == []
    WorkerFigures(tmp_path, "cpu-0").stage_done("paint", 1)
    (figures,) = read_figures(tmp_path)
    assert sum(figures.stages["paint"].counts) == 1
    assert len(figures.stages["paint"].counts) == len(STAGE_BUCKETS) + 1


def test_figures_that_cannot_be_written_stop_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "figures"
    folder.write_text("a file where the folder should be")
    figures = WorkerFigures(folder, "cpu-0")
    figures.failed("encode_failed")
    folder.unlink()
    figures.failed("encode_failed")
    (read,) = read_figures(folder)
    assert read.errors == {"encode_failed": 2}


@pytest.mark.parametrize("slot", ["", "../x", "A", "a/b", "-a", "a" * 41])
def test_a_slot_is_a_plain_name(tmp_path: Path, slot: str) -> None:
    with pytest.raises(ValueError, match="slot"):
        WorkerFigures(tmp_path, slot)
