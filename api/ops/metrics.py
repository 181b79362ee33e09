"""Metrics in Prometheus' text form.

Three kinds of truth, each of which survives kill -9 of any process:

* what the web process sees (requests, uploads, errors) is counted in its memory and begins again when it does;
* queue and credits are in the database and are asked of it at each scrape, through the callables of :class:`Sources`;
* what workers see is in their slots' files (:mod:`api.ops.figures`).

A source that fails costs its own figures only; ``multiplane_source_up`` says which.
"""

import logging
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from api.ops.figures import Distribution, Figures, read_figures
from engine.version import VERSION

LOG = logging.getLogger(__name__)

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Of what :func:`render_metrics` returns."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""A client may send any word as its method: others are counted together."""

UNMATCHED = "unmatched"
"""Stands for the route of a request that no route took: its path is a stranger's text."""

MAX_CODES = 200
"""Different codes of errors that are counted apart."""

FRESH_S = 600
"""Seconds after which the last speed of a worker says nothing about now."""

LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 900)
"""Upper bounds in seconds; a turn may last 15 minutes."""

# Series that say when a counter began double their number, and no question of ours needs them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped

_REGISTRY = CollectorRegistry()
_REQUESTS = Counter("multiplane_http_requests", "Requests answered", ("route", "method", "status"), registry=_REGISTRY)
_LATENCY = Histogram(
    "multiplane_http_request_seconds",
    "Time to the end of the answer; of event streams, to its beginning",
    ("route", "method"),
    buckets=LATENCY_BUCKETS,
    registry=_REGISTRY,
)
_UPLOADS = Counter("multiplane_upload_bytes", "Bytes of uploads that were received", registry=_REGISTRY)
ProcessCollector(namespace="multiplane_web", registry=_REGISTRY)

_errors: Tally[str] = Tally()
_errors_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where figures come from that this process does not hold. None: there is no such source.

    Attributes:
        queue: jobs by (state, lane), now.
        credits: credits that were ever moved, by cause; never less than before.
        figures: the folder of the workers' figures.
    """

    queue: Callable[[], Mapping[tuple[str, str], int]] | None = None
    credits: Callable[[], Mapping[str, float]] | None = None
    figures: Path | None = None


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request.

    Args:
        route: the route's template (``/api/state/{app}/{user}/{session}/latest``), or :data:`UNMATCHED`; never a path.
        method: as the client sent it.
        status: of the answer.
        seconds: from the request's arrival to the end of the answer, or to the beginning of an event stream.
    """
    method = method if method in METHODS else "other"
    _REQUESTS.labels(route, method, str(status)).inc()
    _LATENCY.labels(route, method).observe(seconds)


def count_upload(size: int) -> None:
    """Count the bytes of an upload that was received."""
    _UPLOADS.inc(size)


def count_error(code: int | str) -> None:
    """Count an error that the web process answered with: the protocol's code, or one of the exception tree."""
    name = str(code)
    with _errors_lock:
        _errors[name if name in _errors or len(_errors) < MAX_CODES else "other"] += 1


def render_metrics(sources: Sources) -> bytes:
    """Everything, in the form of :data:`CONTENT_TYPE`. Asks the database and reads files: not for an event loop."""
    outside = CollectorRegistry()
    outside.register(_Outside(sources))
    return generate_latest(_REGISTRY) + generate_latest(outside)


class _Outside(Collector):
    """What other processes and the database know, gathered anew for each scrape."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family; a source that fails yields none of its own."""
        info = GaugeMetricFamily("multiplane_build_info", "Version of the program", labels=("version",))
        info.add_metric((VERSION,), 1)
        yield info
        up = GaugeMetricFamily("multiplane_source_up", "Whether a source of figures answered", labels=("source",))
        figures: list[Figures] = []
        found: list[Metric] = []

        def ask(name: str, question: Callable[[], object]) -> None:
            try:
                question()
            except Exception:
                # Whatever a database can raise: the other figures are needed most when it is down.
                LOG.exception("no figures of %s", name)
                up.add_metric((name,), 0)
            else:
                up.add_metric((name,), 1)

        queue, moved, folder = self._sources.queue, self._sources.credits, self._sources.figures
        if queue is not None:
            ask("queue", lambda: found.append(_jobs(queue())))
        if moved is not None:
            ask("credits", lambda: found.append(_credits(moved())))
        if folder is not None:
            ask("figures", lambda: figures.extend(read_figures(folder)))
        yield from found
        yield up
        yield from _of_workers(figures)
        yield _errors_of(figures)


def _jobs(counts: Mapping[tuple[str, str], int]) -> Metric:
    jobs = GaugeMetricFamily("multiplane_jobs", "Jobs that are kept, by state", labels=("state", "lane"))
    for (state, lane), count in sorted(counts.items()):
        jobs.add_metric((state, lane), count)
    return jobs


def _credits(moved: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily("multiplane_credits_moved", "Credits moved, by cause", labels=("cause",))
    for cause, amount in sorted(moved.items()):
        family.add_metric((cause,), float(amount))
    return family


def _of_workers(figures: list[Figures]) -> Iterator[Metric]:
    yield _histogram(
        "multiplane_job_wait_seconds", "From submitting to start", "lane", [each.waits for each in figures]
    )
    yield _histogram("multiplane_stage_seconds", "Work on one stage", "stage", [each.stages for each in figures])
    frames = sum(each.frames for each in figures)
    yield CounterMetricFamily("multiplane_encoder_frames", "Frames painted and encoded", value=frames)
    seconds = sum(each.encode_seconds for each in figures)
    yield CounterMetricFamily("multiplane_encoder_seconds", "Time that took, over all workers", value=seconds)
    speed = GaugeMetricFamily(
        "multiplane_encoder_frames_per_second", "Of a worker's last export, in the last minutes", labels=("worker",)
    )
    now = time.time()
    for each in figures:
        if each.frames and abs(now - each.written) <= FRESH_S:
            speed.add_metric((each.slot,), each.frames_per_second)
    yield speed


def _histogram(name: str, about: str, label: str, groups: list[dict[str, Distribution]]) -> Metric:
    family = HistogramMetricFamily(name, about, labels=(label,))
    for key in sorted({key for group in groups for key in group}):
        parts = [group[key] for group in groups if key in group]
        counts = accumulate(map(sum, zip(*(part.counts for part in parts), strict=True)))
        bounds = [*(str(float(bound)) for bound in parts[0].bounds), "+Inf"]
        buckets = list(zip(bounds, map(float, counts), strict=True))
        family.add_metric((key,), buckets, sum_value=sum(part.total for part in parts))
    return family


def _errors_of(figures: list[Figures]) -> Metric:
    family = CounterMetricFamily("multiplane_errors", "Errors, by code", labels=("where", "code"))
    with _errors_lock:
        web = dict(_errors)
    workers: Tally[str] = Tally()
    for each in figures:
        workers.update(each.errors)
    for where, counts in (("web", web), ("worker", workers)):
        for code, count in sorted(counts.items()):
            family.add_metric((where, code), count)
    return family
