"""What goes wrong inside shows outside: in the metrics, in the status, in the log."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client.core import Metric

from config import logs
from config.database import open_database
from telephony.ari.errors import AriGoneError, AriNoBridgeError, refusal
from telephony.ari.stream import Counts
from telephony.centre import commands as cmd
from telephony.health import Duty, Figures
from telephony.simulation.shell.loop import virtually
from telephony.store.changes import InputKept
from telephony.store.fence import StaleEpoch
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.builders import C1
from tests.calls.centre_site import Site
from tests.calls.leading import later, leading
from tests.calls.test_in_doubt import Faulty


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What was logged; the logging of the other tests is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    stream = io.StringIO()
    logs.configure("controller", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def line(out: io.StringIO, event: str) -> dict[str, object]:
    """The first line that tells of it."""
    told = [json.loads(text) for text in out.getvalue().splitlines()]
    found: dict[str, object] = next(each for each in told if each["event"] == event)
    return found


def figures(metrics: Iterator[Metric]) -> dict[str, float]:
    """By name, and by label where there is one."""
    return {
        ".".join([sample.name, *sample.labels.values()]): sample.value
        for metric in metrics
        for sample in metric.samples
    }


@virtually
async def test_what_is_counted_is_shown() -> None:
    site = Site()
    async with site.led() as lead:
        world = lead.controller.world
        world.heard.overflows, world.heard.connects = 3, 2
        world.sounds.missing = 5
        site.asterisk.latency = 5.0
        call = site.arrives()
        await later(0.1)
        site.asterisk.world.press(call, "1")  # nobody has looked at it yet
        shown = figures(Figures(Duty(lead.controller)).collect())
        assert shown["madoguchi_stream_total.overflows"] == 3
        assert shown["madoguchi_stream_total.connects"] == 2
        assert shown["madoguchi_sounds_missing_total"] == 5
        assert (shown["madoguchi_inbox"], shown["madoguchi_outbox"]) == (1, 2)
        told = lead.controller.status()["controller"]
        assert told["stream"].keys() == set(Counts.__slots__)
        assert (told["inbox"], told["outbox"], told["sounds_missing"]) == (1, 2, 5)


def test_how_late_the_loop_is_is_a_histogram_also_of_a_standby() -> None:
    @virtually
    async def hears() -> dict[str, float]:
        duty = Duty()
        sampling = asyncio.get_running_loop().create_task(duty.lag.sample())
        await later(1.01)
        sampling.cancel()
        duty.lag.note(0.15)  # somebody held the loop up
        return figures(Figures(duty).collect())

    shown = hears()
    assert shown["madoguchi_leading"] == 0
    name = "madoguchi_event_loop_lag_seconds"
    assert shown[f"{name}_count"] == shown[f"{name}_bucket.+Inf"] == 21
    assert (shown[f"{name}_bucket.0.1"], shown[f"{name}_bucket.0.2"]) == (20, 21)
    assert shown[f"{name}_sum"] == pytest.approx(0.15, abs=0.01)


@virtually
async def test_what_only_grows_is_a_counter_and_what_is_now_a_gauge() -> None:
    site = Site()
    site.phones()
    async with site.led() as lead:
        site.arrives()
        await later(1.0)
        families = list(Figures(Duty(lead.controller)).collect())
    kinds = {family.name.removeprefix("madoguchi_"): family.type for family in families}
    grow = {"calls", "events", "commands", "reconciles", "stream", "poisoned", "sounds_missing"}
    grow |= {"sweeps", "sweeps_failed", "events_missed", "reaped", "adopted", "records_closed"}
    assert {name for name, kind in kinds.items() if kind == "counter"} == grow
    assert {name for name, kind in kinds.items() if kind == "histogram"} == {
        "event_loop_lag_seconds"
    }


def test_why_the_stream_broke_is_logged(out: io.StringIO) -> None:
    @virtually
    async def breaks() -> None:
        site = Site()
        async with site.led():
            site.asterisk.disconnect("closed 1006")
            await later(0.1)

    breaks()
    assert line(out, "events_lost")["reason"] == "closed_1006"


def test_where_the_core_raised_is_logged(out: io.StringIO) -> None:
    @virtually
    async def raises() -> None:
        async with leading() as lead:
            lead.engine.centre.__class__ = Faulty
            lead.engine.submit(cmd.CallerHungUp(C1))

    raises()
    told = line(out, "poison")
    assert (told["command"], told["error"]) == ("CallerHungUp", "KeyError")
    assert str(told["at"]).startswith("['engine.py:")
    assert "planted" not in out.getvalue()


def test_a_bridge_that_is_not_there_says_nothing_about_the_channel() -> None:
    assert isinstance(refusal(404, "POST /x: Bridge not found"), AriNoBridgeError)
    for status, text in ((404, "Channel not found"), (400, "Channel not found")):
        assert type(refusal(status, text)) is AriGoneError


async def test_a_former_leader_keeps_nothing_that_was_typed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    await migrate(url)
    database = open_database(url)
    records = Records(database)
    await records.claim(2)
    await records.add(2, [InputKept("c1", "callback", 1.0, "0942000123")])
    with pytest.raises(StaleEpoch):
        await records.add(1, [InputKept("c1", "callback", 2.0, "0942000124")])
    await database.close()
