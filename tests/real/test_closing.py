"""Closing time, and modes, on the real product, with the time of day handed in: K28 to K30."""

import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from telephony.link.client import Refused
from tests.real.centre import CARRIER, Centre, begun, caller, up_command
from tests.real.invariants import invariants
from tests.real.site_copy import copy
from tests.real.tones import hears
from tests.real.waiting import until_true
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

RING_FOR: Final = 20.0  # seconds; nobody here is to miss an offer
REACH_FOR: Final = 10.0
JAPAN: Final = ZoneInfo("Asia/Tokyo")
CALENDAR: Final = """
services: [booking]
base: {name: 毎日, hours: {every_day: 8:30-17:15}, lines: 6}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own, whose site closes, and whose time of day is a file."""
    folder = tmp_path_factory.mktemp("closing")
    async with instance(folder / "home") as made:
        site = copy(folder, made.base + CARRIER, RING_FOR, REACH_FOR)
        (site / "hours.yaml").write_text("never: {monday: 4:00-4:01}\n", encoding="utf-8")
        (site / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
        (site / "holidays.yaml").write_text(_no_holiday_near(), encoding="utf-8")
        hand_in(folder, "12:00:00")
        told = ["env", f"MADOGUCHI_REHEARSAL={folder / 'seconds'}", *up_command(made, site)]
        async with begun(made, told, made.base + CARRIER) as started:
            yield started


def _no_holiday_near() -> str:
    now = datetime.now(JAPAN)  # noqa: TID251 -- of the machine the test runs on
    far = {
        year: now.replace(year=year, day=1) + timedelta(days=180)
        for year in (now.year, now.year + 1)
    }
    years = (
        f'"{day.year}":\n  source: test\n  confirmed_by: test\n  confirmed_on: 2020-01-01\n'
        f"  days: {{{day:%Y-%m-%d}: 祝日}}\n"
        for day in {day.year: day for day in far.values()}.values()
    )
    return "".join(years)


def hand_in(folder: Path, wanted: str) -> None:
    """Let the controllers take it to be that late."""
    now = datetime.now(JAPAN)  # noqa: TID251 -- what is shifted
    hour, minute, second = map(int, wanted.split(":"))
    then = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    fresh = folder / "seconds.new"
    fresh.write_text(str((then - now).total_seconds()), encoding="ascii")
    fresh.replace(folder / "seconds")


async def is_late(c: Centre, wanted: str) -> None:
    """The time of day is handed in, and the controller has noticed."""
    entries = len(await c.journal())
    hand_in(c.site.parent, wanted)

    async def stepped() -> bool:
        fresh = (await c.journal())[entries:]
        return any(each["is"] == "ClockStepped" for each in fresh)

    await until_true(stepped, lambda done: done, f"it is {wanted}", 15)


async def calls_left(c: Centre, count: int, within: float = 10.0) -> None:
    await until_true(
        c.status,
        lambda status: status["closing"]["calls_left"] == count,
        f"{count} calls left",
        within,
    )


async def test_k28_k29_k30_who_came_in_time_is_served_over_a_crash_and_a_step(
    running: Centre,
) -> None:
    c = running
    c.begin()
    await is_late(c, "17:00:00")
    talking, leg = await c.talking("a01")
    waiting = await c.call("0")
    await c.waiting(1)
    choosing = await c.call()
    closing = time.monotonic()
    await is_late(c, "17:14:59")
    await calls_left(c, 3)
    await hears(waiting, "still_served", since=closing)
    assert (await c.status())["closing"]["asked_to_stay"] == ["a01"]
    late = await c.call()
    await hears(late, "closed_lost")  # the words before it are told from the greeting by little
    late.hang_up()
    with pytest.raises(Refused, match="あと3件"):
        await c.ask("a01", "sign_out")

    former = (await c.instance.pids())["controller"]
    os.kill(former, signal.SIGKILL)
    await c.instance.until(lambda pids: pids.get("controller", former) != former)
    await until_true(c.status, lambda status: status["ready"], "the next leader hears", 20)
    await calls_left(c, 3)
    await is_late(c, "17:35:00")
    await choosing.send_key("0")
    await c.waiting(2)
    talking.hang_up()
    await leg.ended
    phone = c.phones["a01"]
    left = {caller(call): call for call in (waiting, choosing)}
    while left:
        next_leg = await phone.rings()
        await next_leg.answer()
        await c.together("a01")
        left.pop(next_leg.caller).hang_up()
        await next_leg.ended
    await c.quiet()
    await c.agent_is("a01", "state", "ready")
    await c.ask("a01", "sign_out")
    outcomes = [(await c.record(call))["outcome"] for call in (talking, waiting, choosing, late)]
    assert outcomes == ["answered", "answered", "answered", "closed"]
    worked = await c.records_of.overtime(0.0, c.wall() + 86_400)
    assert [each.agent for each in worked] == ["a01"] * len(worked)
    assert max(each.at - each.closed_at for each in worked) > 19 * 60
    await invariants(c)


async def test_a_mode_set_while_six_calls_are_up_touches_none_of_them(running: Centre) -> None:
    c = running
    await is_late(c, "12:00:00")
    c.begin()
    talking, _ = await c.talking("a01")
    waiting = [await c.call("0"), await c.call("0")]
    await c.waiting(2)
    choosing = [await c.call(), await c.call(), await c.call()]
    await c.link.set_mode("emergency", 10, "u9", prompt="closed_weather")
    (mode,) = (await c.status())["modes"]
    assert (mode["mode"], mode["by"], mode["closes"]) == ("emergency", "u9", True)
    choosing[0].hang_up()
    await c.line_is(4, "idle")
    comer = await c.call()
    await hears(comer, "closed_weather")
    await c.waiting(2)
    await c.together("a01")
    assert [call for call in (talking, *waiting) if call.ended.happened] == []
    await c.link.set_mode("emergency", 0, "u9")
    assert (await c.status())["modes"] == []
    comer.hang_up()
    await c.line_is(4, "idle")
    other = await c.call("0")
    for call in (talking, *waiting, *choosing[1:], other):
        call.hang_up()
    await c.clear()
    outcomes = [(await c.record(call))["outcome"] for call in (talking, *waiting, comer, other)]
    assert outcomes == ["answered", "abandoned", "abandoned", "closed", "abandoned"]
    await invariants(c)


async def test_a_calendar_that_is_written_holds_for_the_next_caller_and_the_next_leader(
    running: Centre,
) -> None:
    c = running
    await is_late(c, "12:00:00")
    c.begin()
    talking, leg = await c.talking("a01")
    before = (await c.status())["controller"]
    calendar = c.site / "calendar.yaml"
    calendar.write_text(CALENDAR.replace("8:30-17:15", "8:30-11:00"), encoding="utf-8")
    try:
        await c.link.take_up_calendar()
        after = (await c.status())["controller"]
        assert (after["pid"], after["epoch"]) == (before["pid"], before["epoch"])
        assert after["config"] != before["config"]
        await _hears_that_it_is_closed(c)
        former = (await c.instance.pids())["controller"]
        os.kill(former, signal.SIGKILL)  # its successor was started with the former calendar
        await c.instance.until(lambda pids: pids.get("controller", former) != former)
        await until_true(c.status, lambda status: status["ready"], "the next leader hears", 20)
        assert (await c.status())["controller"]["config"] == after["config"]
        await _hears_that_it_is_closed(c)
        await c.together("a01")
    finally:
        calendar.write_text(CALENDAR, encoding="utf-8")
    await c.link.take_up_calendar()
    assert (await c.status())["controller"]["config"] == before["config"]
    other = await c.call("0")
    await c.waiting(1)
    for call in (other, talking):
        call.hang_up()
    await leg.ended
    await c.clear()
    await invariants(c)


async def _hears_that_it_is_closed(c: Centre) -> None:
    late = await c.call()
    await hears(late, "closed_lost")
    await late.hang_up()


def _has_recalled(journal: list[dict[str, Any]]) -> bool:
    return "ModesOnRecord" in {each["is"] for each in journal}


async def test_a_mode_outlives_the_journal(running: Centre) -> None:
    c = running
    c.begin()
    await c.link.set_mode("emergency", 30, "u9", prompt="closed_weather")
    (known,) = (await c.status())["modes"]
    pids = await until_true(c.instance.pids, lambda found: "standby" in found, "a pair", 30)
    pair = [pids[name] for name in ("controller", "standby")]
    for pid in pair:  # neither may write any more what it knows
        os.kill(pid, signal.SIGSTOP)
    await c.redis.flushall()
    for pid in pair:
        os.kill(pid, signal.SIGKILL)
    await c.instance.until(lambda now: now.get("controller", pair[0]) not in pair)
    await until_true(c.status, lambda status: bool(status["modes"]), "it is on again", 30)
    assert (await c.status())["modes"] == [known]
    await until_true(
        c.journal, _has_recalled, "the journal has it as well"
    )  # applied, then written
    await until_true(c.status, lambda status: status["ready"], "the next leader hears", 20)
    comer = await c.call()
    await hears(comer, "closed_weather")
    await comer.hang_up()
    await c.link.set_mode("emergency", 0, "u9")
    # What is promised is on a disk: in the spool first, where the database takes its time.
    await until_true(c.records_of.modes_on, [].__eq__, "it is off in the records, too")
    await c.clear()
    await invariants(c)
