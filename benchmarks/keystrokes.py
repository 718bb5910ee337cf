"""How many keys an agent presses, scenario by scenario: counted while a real page does the work.

`python -m benchmarks keystrokes` prints the table that stands in `docs/desk.md`. Keys of free text
(a note, a password) are not counted: they are as long as what is said. A 受電メモ is counted with
its text, because it has to be filled within twenty seconds: its keys are turned into seconds by
the keystroke-level model of Card, Moran and Newell, for somebody who types forty words a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import Page, expect

from agents.calls.rules import CUT_OFF
from benchmarks.desk_office import NO_CALL, PIN, WITHIN, Office, Place, office
from benchmarks.plan import Plan
from benchmarks.product import OURS
from benchmarks.report import Row
from tests.real.waiting import until_true
from tests.sip import IncomingCall, OutgoingCall

SEAT, OTHER = "a01", "a02"
KEY_TAKES, THOUGHT_TAKES = 0.28, 1.35  # seconds: of the model
MEMO_WITHIN: Final = 20.0  # seconds
# What is typed on a Japanese keyboard, romaji by romaji, then converted and taken by two keys.
NAME, TOPIC = ("窓口", "madoguti"), ("更新", "kousin")
CONVERTED: Final = ("Space", "Enter")
WANTED: Final = (*"12032026", "Tab", *"0200P")  # of a browser that speaks English
OPENS: Final = frozenset({"a", "w", "Shift+F4"})  # keys that open a list to choose from


@dataclass
class Keys:
    """One page's keyboard, with a counter."""

    page: Page
    pressed: list[str] = field(default_factory=list)
    thoughts: int = 0  # what has to be thought of first, where that is reckoned

    async def press(self, *keys: str) -> None:
        """Each of them once."""
        for key in keys:
            await self.page.keyboard.press(key)
            self.pressed.append(key)
            if key in OPENS:
                await self.page.get_by_role("dialog").wait_for()

    async def japanese(self, shown: str, romaji: str) -> None:
        """A word, as an input method makes it of these keys: a page hears only what came out."""
        await self.page.keyboard.insert_text(shown)
        self.pressed += [*romaji, *CONVERTED]

    @property
    def seconds(self) -> float:
        """How long that takes, by the model."""
        return len(self.pressed) * KEY_TAKES + self.thoughts * THOUGHT_TAKES


@dataclass
class Desk:
    """Where the scenarios happen: only this seat is ready."""

    at: Office
    place: Place

    @property
    def page(self) -> Page:
        """Of the seat."""
        return self.place.page

    async def state(self, seat: str = SEAT) -> str:
        """By the controller's word."""
        agents = (await self.at.link.status())["agents"]
        return str(next(agent["state"] for agent in agents if agent["seat"] == seat))

    async def becomes(self, state: str, seat: str = SEAT) -> None:
        """Wait for it."""
        await until_true(lambda: self.state(seat), lambda now: now == state, state, WITHIN)

    async def talks(self, keys: Keys, menu: str) -> tuple[OutgoingCall, IncomingCall]:
        """A caller who chose this in the menu, answered at the telephone by F2."""
        call = await self.at.trunk.call(OURS)
        await call.answered
        for key in (*menu, "0"):
            await asyncio.sleep(0.4)
            await call.send_key(key)
        leg = await self.place.phone.rings(WITHIN)
        await self.page.get_by_role("button", name="応答").wait_for()
        await keys.press("F2")
        await self.becomes("talking")
        # Keys follow the eye: the next one comes when the page shows that they talk.
        await self.page.get_by_role("button", name="保留", exact=True).wait_for()
        await asyncio.sleep(CUT_OFF + 0.5)  # a shorter talk would be taken for one cut off
        return call, leg

    async def over(self, call: OutgoingCall, leg: IncomingCall) -> None:
        """The caller hangs up."""
        call.hang_up()
        await call.ended
        await leg.ended
        await self.wraps_up()

    async def wraps_up(self) -> None:
        """As the page shows it: nobody's finger is faster than that."""
        await self.page.get_by_role("button", name="保存して終了").wait_for()


async def begin(desk: Desk, keys: Keys) -> None:
    """Ready for calls."""
    await keys.press("r")
    await desk.becomes("ready")


async def plain(desk: Desk, keys: Keys) -> None:
    """A plain enquiry answered from one topic: F2, and F4 at its end."""
    call, leg = await desk.talks(keys, "21")
    await desk.over(call, leg)
    await keys.press("F4")
    await desk.becomes("ready")


async def _with_key(desk: Desk, keys: Keys, key: str, code: str) -> None:
    call, leg = await desk.talks(keys, "")
    await desk.over(call, leg)
    await keys.press(key)
    await expect(desk.page.get_by_label("結果", exact=True)).to_have_value(code)
    await keys.press("F4")
    await desk.becomes("ready")


async def wrong_number(desk: Desk, keys: Keys) -> None:
    """One key more."""
    await _with_key(desk, keys, "x", "D12")


async def silence(desk: Desk, keys: Keys) -> None:
    """One key more."""
    await _with_key(desk, keys, "m", "D11")


async def hold(desk: Desk, keys: Keys) -> None:
    """Held and taken back, within a plain enquiry."""
    call, leg = await desk.talks(keys, "21")
    await keys.press("F2")
    await desk.becomes("hold")
    await desk.page.get_by_role("button", name="保留解除").wait_for()
    await keys.press("F2")
    await desk.becomes("talking")
    await desk.over(call, leg)
    await keys.press("F4")
    await desk.becomes("ready")


async def transfer(desk: Desk, keys: Keys) -> None:
    """To the first colleague who is free, with the outcome kept."""
    call, leg = await desk.talks(keys, "21")
    await desk.at.link.request(OTHER, "ready")  # not before: the call would be theirs
    await desk.becomes("ready", OTHER)
    await keys.press("Shift+F4", "Enter")
    other = await desk.at.places[OTHER].phone.rings(WITHIN)
    await leg.ended
    await desk.wraps_up()
    await keys.press("F4")
    await desk.becomes("ready")
    call.hang_up()
    await call.ended
    await other.ended
    await desk.at.link.request(OTHER, "pause", reason="away")
    await desk.becomes("paused", OTHER)


async def hang_up(desk: Desk, keys: Keys) -> None:
    """The agent ends the call."""
    call, leg = await desk.talks(keys, "21")
    await keys.press("Shift+F2")
    await call.ended
    await leg.ended
    await desk.wraps_up()
    await keys.press("F4")
    await desk.becomes("ready")


async def card_work(desk: Desk, keys: Keys) -> None:
    """Begin card work, count eleven pieces, take one back, end it."""
    await keys.press("w", "Enter")
    await desk.page.get_by_role("button", name="+10").wait_for()
    await keys.press("*", "+", "-")
    await keys.press("r")
    await desk.page.get_by_role("button", name="+10").wait_for(state="detached")


async def break_with_lock(desk: Desk, keys: Keys) -> None:
    """Away and locked; back with the day's PIN."""
    await keys.press("a", "Tab", "Enter")
    await desk.page.get_by_label("PIN", exact=True).wait_for()
    await keys.press(*PIN, "Enter")
    await desk.page.get_by_text("通話はありません").wait_for()
    await keys.press("r")
    await desk.becomes("ready")


async def memo(desk: Desk, keys: Keys) -> None:
    """Somebody of the city has taken a call: number, name, topic and wanted time, from the desk."""
    await desk.page.get_by_role("button", name="折り返し", exact=True).click()
    await desk.page.get_by_role("button", name="受電メモ").wait_for()
    await keys.press("m")
    number = desk.page.get_by_role("textbox", name="電話番号")
    await expect(number).to_be_focused()
    await keys.press(*"0942000131", "Enter")
    await keys.japanese(*NAME)
    await keys.press("Enter")
    await keys.japanese(*TOPIC)
    await keys.press("Enter", *WANTED)
    await expect(desk.page.get_by_label("希望の時刻")).to_have_value("2026-12-03T14:00")
    await keys.press("F4")
    await desk.page.get_by_text("登録しました。").wait_for()
    keys.thoughts = 5  # one a field, and that it is complete
    await desk.page.evaluate("window.location.hash = ''")
    await desk.page.get_by_text(NO_CALL).wait_for()


SCENARIOS: Final[tuple[tuple[str, Callable[[Desk, Keys], Awaitable[None]]], ...]] = (
    ("ready for calls", begin),
    ("plain enquiry answered from one topic: answer, outcome, next call", plain),
    ("the same, held once", hold),
    ("the same, ended by the agent", hang_up),
    ("the same, handed to the first free colleague", transfer),
    ("wrong number", wrong_number),
    ("silence", silence),
    ("card work: begin, 10 and 1 pieces, one back, end", card_work),
    ("受電メモ: number, name, topic, wanted time, with their text", memo),
    ("break: away and locked, back with the PIN of six digits, ready", break_with_lock),
)


def run(_: Plan) -> list[Row]:
    """Each scenario once: the count does not depend on the machine."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    async with office() as at:
        for seat in at.places:
            await at.link.request(seat, "pause", reason="away")
        desk, rows = Desk(at, at.places[SEAT]), []
        for what, scenario in SCENARIOS:
            keys = Keys(desk.page)
            await desk.page.evaluate("document.activeElement?.blur()")
            await scenario(desk, keys)
            rows.append(_row(what, keys))
        return rows


def _row(what: str, keys: Keys) -> Row:
    kept: dict[str, Any] = {"keys": keys.pressed}
    told = f"{len(keys.pressed)}: {' '.join(keys.pressed)}"
    if not keys.thoughts:
        return Row(f"keys: {what}", told, figures=kept)
    kept |= {"thoughts": keys.thoughts, "seconds": round(keys.seconds, 2)}
    target, met = f"≤ {MEMO_WITHIN:g} s", keys.seconds <= MEMO_WITHIN
    return Row(
        f"keys: {what}", f"{keys.seconds:.1f} s; {told}", target=target, met=met, figures=kept
    )
