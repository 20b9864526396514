"""Metrics for Prometheus: requests, searches by step and legs, queue, cache, errors, jobs.

In: what happened. Out: the text of ``/metrics``. Labels hold names of routes, steps and archives,
never anything that a client typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from hybridsearch.domain.results import Answer

if TYPE_CHECKING:
    from services.api.jobs import Jobs
    from services.api.served import Served

MEDIA_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Metrics:
    """All metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        name = "hybridsearch"
        self._requests = Counter(
            "http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            namespace=name,
            registry=self.registry,
        )
        self._seconds = Histogram(
            "http_request_seconds",
            "Time from the request's first byte to the answer's last.",
            ("method", "route"),
            namespace=name,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._steps = Histogram(
            "search_step_seconds",
            "Time of each step of a search.",
            ("archive", "step"),
            namespace=name,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._legs = Histogram(
            "search_seconds",
            "Time of whole searches, by the legs that were asked.",
            ("archive", "legs"),
            namespace=name,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._queued = Histogram(
            "search_queue_seconds",
            "Time that searches waited for a thread.",
            namespace=name,
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge(
            "searches_waiting", "Searches in the queue.", namespace=name, registry=self.registry
        )
        self._errors = Counter(
            "errors",
            "Answers that were problems, by kind.",
            ("kind",),
            namespace=name,
            registry=self.registry,
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def search(self, archive: str, answer: Answer, queued: float) -> None:
        """A search was answered; ``queued`` is how long it waited, in seconds."""
        self._queued.observe(queued)
        for step, milliseconds in answer.milliseconds.items():
            self._steps.labels(archive, step).observe(milliseconds / 1000)
        legs = "+".join(leg.name for leg in answer.plan.legs) or "none"
        self._legs.labels(archive, legs).observe(sum(answer.milliseconds.values()) / 1000)

    def error(self, kind: str) -> None:
        """A problem was answered."""
        self._errors.labels(kind).inc()

    def watch(self, served: Sequence[Served], jobs: Jobs) -> None:
        """Tell the caches and jobs too, read when somebody asks."""
        self.registry.register(_State(served, jobs))

    def text(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self.registry)


class _State(Collector):
    """What is counted elsewhere."""

    def __init__(self, served: Sequence[Served], jobs: Jobs) -> None:
        self._served = served
        self._jobs = jobs

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for this at registration."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The state as it is now."""
        with_encoder = [(each.name, each.encoder) for each in self._served if each.encoder]
        counters: tuple[tuple[str, str, Callable[..., int]], ...] = (
            ("hits", "Query vectors found in the cache.", lambda encoder: encoder.hits),
            ("misses", "Query vectors that were made.", lambda encoder: encoder.misses),
            ("batches", "Batches of texts given to the encoder.", lambda encoder: encoder.batches),
        )
        for name, told, count in counters:
            family = CounterMetricFamily(
                f"hybridsearch_query_vectors_{name}", told, labels=("archive",)
            )
            for archive, encoder in with_encoder:
                family.add_metric([archive], count(encoder))
            yield family
        waiting = GaugeMetricFamily(
            "hybridsearch_encoder_queue", "Texts that wait for the encoder.", labels=("archive",)
        )
        for archive, encoder in with_encoder:
            waiting.add_metric([archive], encoder.waiting)
        yield waiting
        states = GaugeMetricFamily(
            "hybridsearch_jobs", "Jobs of this run, by state.", labels=("state",)
        )
        jobs = self._jobs.all()
        for state in dict.fromkeys(job.state for job in jobs):
            states.add_metric([state], sum(job.state is state for job in jobs))
        yield states
