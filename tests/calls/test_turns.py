"""Whom a sweep asks about: each in turn, however many there are."""

from typing import Any

from telephony.calls.turns import AT_MOST, Turns
from telephony.simulation.shell.loop import virtually
from tests.builders import flow, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

MANY = [f"p.{number}" for number in range(2 * AT_MOST + 5)]
TALES: dict[str, Any] = {
    "menu": {
        "kind": "menu", "prompt": "main_menu", "choices": {"1": "tale"}, "timeout": 60.0,
        "otherwise": "general",
    },
    "tale": {"kind": "say", "prompt": "tale", "then": "general"},
}  # fmt: skip


def test_each_is_asked_about_in_turn() -> None:
    turns = Turns()
    asked = [turns.take(MANY) for _ in range(3)]
    assert [len(each) for each in asked] == [AT_MOST] * 3
    assert {name for each in asked for name in each} == set(MANY)
    assert asked[0] + asked[1] + asked[2][:5] == MANY


def test_however_many_come_nobody_starves() -> None:
    turns = Turns()
    there = MANY[:40]
    asked: set[str] = set()
    for number in range(20):
        there = [*there, *(f"new.{number}.{each}" for each in range(8))]
        asked.update(turns.take(there))
    assert asked > set(MANY[:40])  # although more have come each time
    for _ in range(len(there) // AT_MOST):
        asked.update(turns.take(there))
    assert asked == set(there)


def test_what_one_answer_has_shown_is_asked_again_at_once() -> None:
    turns = Turns()
    turns.take(MANY)
    doubted = {MANY[3], MANY[60]}
    assert set(turns.take(MANY, doubted)[:2]) == doubted


def test_whoever_is_gone_keeps_no_place() -> None:
    turns = Turns()
    turns.take(MANY)
    assert turns.take(MANY[60:]) == MANY[60:]
    assert turns.take(MANY)[:9] == MANY[60:]  # the others have come anew


@virtually
async def test_the_end_of_a_prompt_that_was_lost_is_found_behind_many_that_sound() -> None:
    site = Site(rules(of=flow("menu", **TALES), lines=tuple(range(1, AT_MOST + 9))))
    site.asterisk.world.durations["sound:tale"] = 500.0
    async with site.led() as lead:
        for _ in range(AT_MOST + 7):
            site.asterisk.world.press(site.arrives(), "1")
        await later(2.0)
        site.asterisk.lose_events("PlaybackFinished", count=1)
        last = site.arrives()
        await later(1.1)  # the prompt takes a second
        assert lead.call(last).playing
        await later(5.0)
        assert not lead.call(last).playing
        assert lead.controller.sweeper.counts.repaired == {"PlaybackEnded": 1}
