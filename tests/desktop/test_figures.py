"""Every number that an agent's page shows, against what really happened."""

import re
import time
from collections.abc import Mapping
from typing import Final

import pytest
from playwright.async_api import expect

from agents.catalogue.catalogue import load
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look, narrow
from tests.real.waiting import pause, until_true
from tests.sip import talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d\d)")
ROUNDED: Final = 1.0  # second: the page leaves fractions out
LATE: Final = 1.5  # seconds that a clock on the page may stand before it goes on


def seconds(text: str) -> int:
    """What a clock on the page says; an hour has two colons."""
    found = CLOCK.search(text)
    assert found, text
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(rest)


async def figures(one: Person) -> dict[str, str]:
    """今日の自分, by name, as somebody reads them who has just loaded the page."""
    await one.page.reload()
    shown = one.region("今日の自分").locator("dl")
    await expect(shown).to_be_visible()
    told: dict[str, str] = await shown.evaluate(
        """(list) => Object.fromEntries([...list.querySelectorAll('dt')].map(
             (name) => [name.textContent, name.nextElementSibling.textContent]))"""
    )
    return told


async def test_ones_own_figures_are_what_the_records_of_three_calls_say(r: Room) -> None:
    """One plain, one held, one with a long wrap-up; a colleague is called, and is no citizen."""
    one = await r.seated("a01")
    before = await figures(one)
    calls = []
    for talks_for, held in ((0.7, False), (0.4, True), (1.2, False)):
        call, leg = await r.talking("a01")
        await one.is_so("通話中")
        await talk(call, leg)
        await pause(talks_for)
        if held:
            await one.press("F2")
            await one.is_so("保留中")
            await pause(0.6)
            await one.press("F2")
            await one.is_so("通話中")
        await one.press("Shift+F2")
        await one.is_so("後処理")
        await pause(0.0 if held else 1.1)
        await one.keeps()
        calls.append(call)
    await r.seated("a02")
    await one.button("内線・市役所へ発信").click()
    await one.dialog.get_by_role("button", name="(a02)").click()
    await (await r.centre.phones["a01"].rings()).answer()
    other = await r.centre.phones["a02"].rings()
    await other.answer()
    await one.is_so("通話中")
    await pause(1.1)
    await one.press("Shift+F2")
    await other.ended
    await one.is_so("受付可")

    spent = [await r.centre.wrapped_up(call) for call in calls]
    records = [await r.centre.record(call) for call in calls]
    after = await figures(one)
    assert int(after["応答"]) - int(before["応答"]) == len(calls)
    talked = sum(record["talked"] + record["held"] for record in records)
    assert sum(record["held"] for record in records) > 0.5
    for name, wanted in (("通話", talked), ("後処理", sum(spent))):
        gone = seconds(after[name]) - seconds(before[name])
        assert abs(gone - wanted) <= ROUNDED, (name, gone, wanted)
    assert seconds(after["内線・発信・折り返し"]) >= 1

    # The figures open the calls that they count, and their sums are the figures.
    await one.region("今日の自分").get_by_role("button", name="内訳").click()
    rows = one.dialog.get_by_role("row")
    await expect(rows).to_have_count(int(after["応答"]) + 1)
    listed = [(await row.inner_text()).split("\t") for row in await rows.all()][1:]
    for (when, talk_time, wrapped_up), record, after_it in zip(
        listed, reversed(records), reversed(spent), strict=False
    ):
        assert record["caller"]["number"][-4:] in when
        assert abs(seconds(talk_time) - record["talked"] - record["held"]) <= ROUNDED
        assert abs(seconds(wrapped_up) - after_it) <= ROUNDED
    for name, column in (("通話", 1), ("後処理", 2)):
        total = sum(seconds(row[column]) for row in listed)
        assert 0 <= seconds(after[name]) - total <= len(listed)  # the fractions of each
    await look(one.page, "window-figures")
    await narrow(one.page, "window-figures")
    await one.press("Escape")


async def test_the_line_tiles_and_the_queue_are_as_the_centre_is(r: Room) -> None:
    """One talks, one is held, two wait, two lines are free; then all is over."""
    one, two = await r.seated("a01"), await r.seated("a02")
    await r.talking("a01")
    await r.talking("a02")
    await one.is_so("通話中")
    await two.is_so("通話中")
    await two.press("F2")
    await two.is_so("保留中")
    waiting = [await r.centre.call("0") for _ in range(2)]
    await r.centre.waiting(2)
    for window in (one, two):
        await as_it_is(r, window, {"talking": 1, "hold": 1, "waiting": 2, "idle": 2}, 2)
    await waiting[0].hang_up()
    await r.centre.waiting(1)
    await as_it_is(r, one, {"talking": 1, "hold": 1, "waiting": 1, "idle": 3}, 1)
    await r.centre.hang_up()
    await r.centre.waiting(0)
    await as_it_is(r, one, {"idle": 6}, 0)
    for window in (one, two):
        await window.is_so("後処理")
        await window.keeps()


async def as_it_is(r: Room, one: Person, lines: Mapping[str, int], waiting: int) -> None:
    """Each tile shows its line's state, agent and elapsed time; below them who waits, how long."""
    words = load().states.lines
    panel = one.region("回線")

    async def differences() -> list[str]:
        began = time.time()  # noqa: TID251 -- the page's clock is this machine's
        told = await r.centre.status()
        shown = await panel.get_by_role("listitem").all_inner_texts()
        below = await panel.inner_text()
        span = (began, time.time())  # noqa: TID251
        found = []
        count: dict[str, int] = {}
        for line, tile in zip(told["lines"], shown, strict=True):
            count[line["state"]] = count.get(line["state"], 0) + 1
            seat = line["agent"] and f"窓口{int(line['agent'][1:])}"
            says = [f"外線{line['number']}", words[line["state"]].ja, seat or ""]
            found += [f"{tile!r} without {each}" for each in says if each not in tile]
            if line["state"] != "idle":
                found += elapsed(tile, line["since"], span)
        if count != lines:
            found.append(f"{count} instead of {lines}")
        if f"待ち {waiting}件" not in below:
            found.append(f"{waiting} wait: {below!r}")
        since = [queue["waiting_since"] for queue in told["queues"] if queue["waiting_since"]]
        longest = below.split("最長待ち")[1]
        found += elapsed(longest, min(since), span) if since else wrong(longest, (0, 0))
        return found

    await until_true(differences, lambda found: not found, "the page shows what is")


def elapsed(text: str, since: float, span: tuple[float, float]) -> list[str]:
    """What is wrong about a clock that has gone since then, read within this span."""
    return wrong(text, (span[0] - since - LATE, span[1] - since + ROUNDED))


def wrong(text: str, within: tuple[float, float]) -> list[str]:
    """The clock, unless it lies between the two."""
    return [] if within[0] <= seconds(text) <= within[1] else [f"{text!r} not in {within}"]
