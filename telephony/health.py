"""For machines that watch us: alive, ready, and the figures behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from telephony.calls.controller import Controller
from telephony.watch.alarms import RULES
from telephony.watch.lag import SAMPLED_EVERY, Lag
from telephony.watch.measures import Measures
from telephony.watch.watch import Watch

HOST: Final = "127.0.0.1"


@dataclass(slots=True)
class Duty:
    """What this process is for at the moment: to lead, or to stand by."""

    controller: Controller | None = None
    lag: Lag = field(default_factory=Lag)

    @contextmanager
    def leading(self, controller: Controller) -> Iterator[None]:
        """It leads for as long as the block lasts."""
        self.controller = controller
        try:
            yield
        finally:
            self.controller = None


class Figures(Collector):
    """What is measured, read from the controller when asked."""

    def __init__(self, duty: Duty) -> None:
        self._duty = duty

    def collect(self) -> Iterator[Metric]:
        """Every figure of this moment; of a standby, only that it is one, and its lag."""
        of = self._duty.controller
        yield HistogramMetricFamily(
            "madoguchi_event_loop_lag_seconds",
            f"how late a tick of {SAMPLED_EVERY:g} s came",
            buckets=self._duty.lag.buckets(),
            sum_value=self._duty.lag.seconds,
        )
        yield _gauge("leading", "1 on the controller that leads", float(of is not None))
        if of is not None:
            yield from _figures(of)


def _figures(of: Controller) -> Iterator[Metric]:
    status, counts = of.status(), of.counts
    yield _gauge("ready", "1 when calls can be taken", float(status["ready"]))
    yield _by("lines", "lines by state", "state", _tally(status["lines"]))
    yield _by("agents", "agents by state", "state", _tally(status["agents"]))
    waiting = {queue["name"]: queue["waiting"] for queue in status["queues"]}
    yield _by("queue_waiting", "callers waiting by queue", "queue", waiting)
    longest = {queue["name"]: queue["longest_wait"] for queue in status["queues"]}
    yield _by("queue_longest_wait_seconds", "longest wait by queue", "queue", longest)
    yield _totals("calls", "calls ended, by outcome", "outcome", dict(counts.outcomes))
    yield _total("events", "ARI events", counts.events)
    yield _total("commands", "commands to the core", counts.commands)
    yield _total("reconciles", "times Asterisk was asked what lives", counts.reconciles)
    yield _gauge("journal_away", "1 while the journal does not answer", float(of.engine.away))
    yield _gauge("records_behind", "journal entries not yet in SQL", of.publisher.backlog)
    yield _gauge("records_away", "1 while SQL does not answer", float(of.publisher.away))
    yield _gauge("records_spooled", "of these, those in the spool", of.publisher.spooled)
    yield _total("poisoned", "commands that made the core raise", of.engine.poisoned)
    if (reachable := status["trunk"]["reachable"]) is not None:
        yield _gauge("trunk_reachable", "1 while the carrier answers", float(reachable))
    told = status["controller"]
    yield _totals("stream", "what came in over the event stream", "of", told["stream"])
    yield from _made_good(told["sweeps"], told["put_right"])
    yield _gauge("inbox", "events that wait to be acted on", told["inbox"])
    yield _gauge("outbox", "effects that Asterisk has not carried out", told["outbox"])
    yield _total("sounds_missing", "sounds that were not heard", told["sounds_missing"])
    withheld = of.engine.centre.acd.withheld
    yield _gauge("offers_withheld", "1 while nobody is offered", float(withheld))
    yield _gauge("lease_away", "1 while the lease cannot be renewed", float(of.lease_away))
    offset = of.inside().clock_offset
    yield _gauge("clock_offset_seconds", "the wall clock ahead of when we started", offset)
    if isinstance(of.watch, Watch):
        raised = {alarm["id"] for alarm in status["alarms"]}
        alarms = {name: float(name in raised) for name in RULES}
        yield _by("alarm", "1 while it is raised, by id", "id", alarms)
        yield from _measured(of.watch.measures)


def _measured(seen: Measures) -> Iterator[Metric]:
    """What the watch has measured; what it could not find out is left out."""
    if seen.ari is not None:
        yield _gauge("ari_seconds", "of the last request of the watch to Asterisk", seen.ari)
    sip = {str(port): took for port, took in seen.sip.items()}
    yield _by("sip_seconds", "of the last OPTIONS of the watch", "port", sip)
    if seen.task_processor is not None:
        yield _gauge("task_processor_depth", "tasks in the fullest queue", seen.task_processor)
    if seen.strangers is not None:
        yield _gauge("strangers_requests", "SIP of nobody we know, lately", seen.strangers)
    free = {str(disk.folder): float(disk.free) for disk in seen.disks}
    yield _by("disk_free_bytes", "free, by folder", "folder", free)
    if seen.clock_synchronised is not None:
        told = float(seen.clock_synchronised)
        yield _gauge("clock_synchronised", "1 when the kernel says that somebody keeps it", told)
    if seen.letter_waits is not None:
        yield _gauge("city_letter_seconds", "the oldest letter waits", seen.letter_waits)
    if seen.letters_refused is not None:
        yield _gauge("city_letters_refused", "by the city's system", seen.letters_refused)
    yield _gauge(
        "records_stuck_seconds", "in which records wait and none is written", seen.records_stuck
    )


def _made_good(found: dict[str, Any], right: dict[str, Any]) -> Iterator[Metric]:
    yield _total("sweeps", "times Asterisk was compared with the centre", found["done"])
    yield _total("sweeps_failed", "comparisons without an answer", found["failed"])
    yield _totals("events_missed", "lost events made good, by fact", "fact", found["repaired"])
    yield _totals("reaped", "leftovers ended, by kind", "kind", right["reaped"])
    yield _total("adopted", "callers taken in whom no journal knew", right["adopted"])
    yield _total("records_closed", "records closed that nobody knew", right["closed_lost"])


def _tally(things: list[dict[str, str]]) -> dict[str, float]:
    states = [thing["state"] for thing in things]
    return {state: states.count(state) for state in sorted(set(states))}


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"madoguchi_{name}", text, value=value)


def _total(name: str, text: str, value: float) -> Metric:
    """Counted since this process began to lead; a restart begins at 0, as Prometheus expects."""
    return CounterMetricFamily(f"madoguchi_{name}", text, value=value)


def _totals(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = CounterMetricFamily(f"madoguchi_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _by(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"madoguchi_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


async def serve(duty: Duty, port: int) -> web.AppRunner:
    """`/healthz`, `/readyz` and `/metrics` on loopback."""
    registry = CollectorRegistry()
    registry.register(Figures(duty))
    routes = web.RouteTableDef()

    @routes.get("/healthz")
    async def healthz(request: web.Request) -> web.Response:
        """The process lives and its loop turns."""
        return web.Response(text="ok\n")

    @routes.get("/readyz")
    async def readyz(request: web.Request) -> web.Response:
        """Calls can be taken, by this process; a line for each alarm that is raised."""
        if duty.controller is None:
            return web.Response(text="standing by\n", status=503)
        ready = duty.controller.ready()
        alarms = "".join(f"alarm {each['id']}\n" for each in duty.controller.status()["alarms"])
        return web.Response(
            text=("ready\n" if ready else "not ready\n") + alarms, status=200 if ready else 503
        )

    @routes.get("/metrics")
    async def metrics(request: web.Request) -> web.Response:
        """In Prometheus' text format."""
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner
