"""What the process counts about itself, in Prometheus' text format; labels are routes, never paths.

Numbers that a process counts go through `prometheus_client`'s shared files, so that any process
of a machine can show the sum (PROMETHEUS_MULTIPROC_DIR). Numbers that the database or Redis knows
are read when somebody asks: the apps register a reader for each.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

logger = logging.getLogger(__name__)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOB_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

requests_total = Counter("taskhouse_http_requests", "Answers given.", ["method", "route", "status"])
request_seconds = Histogram(
    "taskhouse_http_request_seconds", "Time to the answer.", ["method", "route"], buckets=SECONDS
)
in_flight = Gauge("taskhouse_http_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum")
queries_total = Counter("taskhouse_http_queries", "SQL statements of requests.", ["route"])
query_seconds_total = Counter("taskhouse_http_query_seconds", "Time spent in SQL by requests.", ["route"])
throttled_total = Counter("taskhouse_throttled", "Requests rejected by a rate limit.", ["scope"])
filter_rejected_total = Counter("taskhouse_filter_rejected", "Filters rejected, by what is wrong.", ["code"])
events_total = Counter("taskhouse_events", "Events written to the log.", ["type", "origin"])
stream_connections = Gauge("taskhouse_stream_connections", "Open live streams.", multiprocess_mode="livesum")
sync_requests_total = Counter("taskhouse_sync_requests", "Pages of sync, by what is on them.", ["kind"])
login_failures_total = Counter("taskhouse_login_failures", "Logins with wrong credentials or locked out.")
webhook_attempts_total = Counter("taskhouse_webhook_attempts", "What became of attempts of webhooks.", ["outcome"])
ledger_outcomes_total = Counter("taskhouse_ledger_outcomes", "What became of ledger rows.", ["kind", "outcome"])
job_seconds = Histogram("taskhouse_job_seconds", "Run time of jobs.", ["name", "outcome"], buckets=JOB_SECONDS)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer."""
    requests, times = _request_samples(method, route, status)
    requests.inc()
    times.observe(seconds)


def count_queries(route: str, number: int, seconds: float) -> None:
    """Count the statements of a request and the time they took."""
    queries, times = _query_samples(route)
    queries.inc(number)
    times.inc(seconds)


# Finding a sample by its labels takes a lock and makes strings; routes and statuses are few.
@lru_cache(maxsize=1_024)
def _request_samples(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return requests_total.labels(method, route, str(status)), request_seconds.labels(method, route)


@lru_cache(maxsize=1_024)
def _query_samples(route: str) -> tuple[Counter, Counter]:
    return queries_total.labels(route), query_seconds_total.labels(route)


@dataclass(frozen=True)
class StateGauge:
    """A number that is read, not counted: `read` returns {label value: number}, "" without a label."""

    name: str
    help: str
    read: Callable[[], Mapping[str, float]]
    label: str = ""

    def family(self) -> Metric:
        """Return the samples as they are now."""
        family = GaugeMetricFamily(self.name, self.help, labels=[self.label] if self.label else [])
        for value, number in self.read().items():
            family.add_metric([value] if self.label else [], number)
        return family


_state_gauges: dict[str, StateGauge] = {}


def register_gauge(name: str, help_text: str, read: Callable[[], Mapping[str, float]], *, label: str = "") -> None:
    """Show `read()` as gauge `name` at every scrape; apps call this in `AppConfig.ready()`."""
    _state_gauges[name] = StateGauge(name, help_text, read, label)


class StateCollector(Collector):
    """All registered gauges; one that cannot be read is left out, with a log line."""

    def collect(self) -> Iterator[Metric]:
        unreadable = GaugeMetricFamily("taskhouse_unreadable_gauges", "Gauges that could not be read.")
        count = 0
        for gauge in _state_gauges.values():
            try:
                yield gauge.family()
            except Exception as error:  # noqa: BLE001 - the other numbers matter most when a part is down
                count += 1
                logger.warning("%s cannot be read: %s", gauge.name, type(error).__name__)
        unreadable.add_metric([], count)
        yield unreadable


def registry(*, with_state: bool) -> CollectorRegistry:
    """Return what this machine's processes have counted, with the house's state if asked for."""
    shown = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    else:
        shown.register(REGISTRY)
    if with_state:
        shown.register(StateCollector())
    return shown


def metrics(request: HttpRequest, *, with_state: bool = True) -> HttpResponse:
    """Answer a scrape that brings `Authorization: Bearer <METRICS_TOKEN>`; 404 while none is set."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    return HttpResponse(generate_latest(registry(with_state=with_state)), content_type=CONTENT_TYPE_LATEST)
