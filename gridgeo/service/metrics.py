"""Figures for Prometheus: requests by route, and what the store tells of jobs and publications."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from ..store import JobState, Store, StoreError

# Where several processes gather their figures; it must be said before the library is loaded.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The store is asked at most once in so long, however often figures are read.
_KEPT_S = 5.0


class Metrics:
    """The figures of one application; of several processes together where FOLDER is set."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "gridgeo_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "gridgeo_request_seconds",
            "How long answers took.",
            ["route"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.streams = Gauge(
            "gridgeo_streams",
            "Streams of events that are open.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self._known: dict[tuple[str, str, int], tuple[Any, Any]] = {}
        self._of_store = _StoreFigures(store)
        self.read = self.registry
        if os.environ.get(FOLDER):
            # read from the files of all processes; ours are among them
            self.read = CollectorRegistry()
            MultiProcessCollector(self.read)  # type: ignore[no-untyped-call]
        self.read.register(self._of_store)

    def count(self, method: str, route: str, status: int, took_s: float) -> None:
        """Note a request; ``route`` is a template, "" for none."""
        pair = self._known.get((method, route, status))
        if pair is None:
            # a stranger may send any method: what is none of HTTP's is one kind
            told = method if method in _METHODS else "other"
            pair = (
                self.requests.labels(told, route or "none", str(status)),
                self.seconds.labels(route or "none"),
            )
            if told == method:
                self._known[method, route, status] = pair
        pair[0].inc()
        pair[1].observe(took_s)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them; asks the store."""
        return generate_latest(self.read)


class _StoreFigures(Collector):
    """What the store knows, read when it is asked for, and kept for a moment."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked_s = -_KEPT_S
        self.kept: list[Metric] = []

    def describe(self) -> list[Metric]:
        """Name nothing before: the store is not asked at the start."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; those of the jobs are left out while the database is away."""
        if time.monotonic() - self.asked_s >= _KEPT_S:
            self.asked_s = time.monotonic()
            up = GaugeMetricFamily("gridgeo_database_up", "Whether the database answers.")
            try:
                self.kept = [*self._read(), up]
                up.add_metric([], 1)
            except StoreError:
                up.add_metric([], 0)
                self.kept = [up]
        yield from self.kept

    def _read(self) -> list[Metric]:
        with self.store.read() as unit:
            states, kinds = unit.jobs.by_state(), unit.jobs.ended_by_kind()
            publications = unit.publications.count(withdrawn_at=None)
        jobs = GaugeMetricFamily("gridgeo_jobs", "Jobs by where they stand.", labels=["state"])
        for state in JobState:
            jobs.add_metric([state.value], states.get(state.value, 0))
        queue = GaugeMetricFamily("gridgeo_queue_length", "Jobs that wait.")
        queue.add_metric([], states.get(JobState.QUEUED.value, 0))
        ended = CounterMetricFamily("gridgeo_jobs_ended", "Jobs that ended.", labels=["kind"])
        seconds = CounterMetricFamily(
            "gridgeo_job_seconds", "How long jobs that ended took; partition and redraw solve.",
            labels=["kind"],
        )  # fmt: skip
        for kind, count, total_s in kinds:
            ended.add_metric([kind], count)
            seconds.add_metric([kind], max(0.0, total_s))
        told = GaugeMetricFamily("gridgeo_publications", "Publications that the public can read.")
        told.add_metric([], publications)
        return [jobs, queue, ended, seconds, told]


def forget_process(pid: int) -> None:
    """Let what a process that is gone had open count no more."""
    if os.environ.get(FOLDER):
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
