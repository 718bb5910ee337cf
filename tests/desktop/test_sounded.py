"""How a call sounded stands on its card: good where nothing was lost, and bad where much was."""

from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.desktop.audio import hears_something, sound
from tests.desktop.headset import answered, at_the_page, is_heard, tone_microphone
from tests.desktop.losing import Losing, losing
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

A_WHILE: Final = 600  # packets: Asterisk reports what it got each five seconds
A_FIFTH: Final = 0.2  # is lost, and a little was not before
GOOD: Final = 4.0  # MOS; without any loss it is 4.4
POOR: Final = 3.1  # and with a fifth of it lost, 2.6


async def ended(r: Room, one: Person, call: OutgoingCall) -> dict[str, Any]:
    """By the page's key; what the card says of its one leg."""
    r.centre.told_to_end.add(caller(call))
    await one.press("Shift+F2")
    await call.ended
    await one.is_so("後処理")
    record = await r.centre.record(call)

    async def legs() -> list[dict[str, Any]]:
        status, card = await one.fetch("GET", f"/api/calls/{record['id']}/card")
        assert status == 200, card
        return list(card["quality"])

    (leg,) = await until_true(legs, lambda found: len(found) == 1, "it is kept")
    assert leg["seat"] == "a01"
    return leg


async def talked(one: Person, way: Losing) -> None:
    """For a while."""
    await hears_something(one)
    begun, passed = await sound(one), way.passed
    await until_true(
        lambda: sound(one),
        lambda now: max(now.came - begun.came, way.passed - passed) > A_WHILE,
        "a while",
    )


async def test_a_good_line_and_one_that_loses_a_fifth(r: Room) -> None:
    context = await tone_microphone(await r.context())
    async with losing() as way:
        await way.stands_between(context)
        one = await at_the_page(r, "a01", context)
        call = await answered(r, one)
        await is_heard(call)
        await talked(one, way)
        good = await ended(r, one, call)
        await one.keeps()

        call = await answered(r, one)
        await is_heard(call)
        way.is_bad(True)
        await talked(one, way)
        bad = await ended(r, one, call)

        for side in ("heard", "sent"):
            assert good[side]["loss"] < A_FIFTH / 4, good
            assert good[side]["mos"] > GOOD, good
            assert A_FIFTH / 2 < bad[side]["loss"] < 2 * A_FIFTH, bad
            assert bad[side]["mos"] < POOR, bad
            assert bad[side]["jitter"] > 0.005, bad
        assert good["round_trip"] is not None
        await one.page.reload()
        shown = one.region("通話品質(推定)")
        await expect(shown).to_contain_text(f"受話 MOS {bad['heard']['mos']:.1f}")
        await one.keeps()
        await r.leave()  # everybody signs out while their line is there
