"""What grows with calls, or while something is away, has a bound: nothing fills the memory."""

import asyncio
from collections.abc import Sequence

import pytest

from telephony.acd.effects import Ring
from telephony.acd.errors import Rejected
from telephony.acd.model import CallId, Instant, Offer
from telephony.ari.inbox import Connected, Inbox, LookAgain
from telephony.caller_id import identify
from telephony.calls import callers, legs
from telephony.calls.callers import Callers
from telephony.calls.legs import Legs
from telephony.calls.owed import Owed
from telephony.calls.publisher import ANSWER_WITHIN
from telephony.calls.spool import SpoolFailed
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.spool import FakeSpool
from tests.builders import ANA, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later


class Refusing(FakeSpool):
    """A disk that takes nothing, whatever room it seemed to have."""

    async def append(self, owed: Sequence[Owed]) -> None:
        raise SpoolFailed("no room")


@virtually
async def test_requests_that_wait_for_a_disk_leave_nothing_behind_while_none_takes_them() -> None:
    site = Site(spool=Refusing())
    async with site.led(ready=[ANA]) as lead:
        site.records.away = True
        for number in range(5):
            asked = asyncio.get_running_loop().create_task(
                lead.controller.request(cmd.Pause(ANA, f"reason {'x' * number}"))
            )
            await later(0.1)
            assert len(lead.controller.publisher._asking) == 1
            with pytest.raises(Rejected):
                await asked
            assert lead.controller.publisher._asking == []
        site.records.away = False
        await later(ANSWER_WITHIN)


@virtually
async def test_doubts_while_a_look_is_slow_wait_as_one() -> None:
    inbox = Inbox()
    for _ in range(100):
        inbox.mark(LookAgain())
    inbox.mark(Connected())
    assert await inbox.batch() == [LookAgain(), Connected()]
    inbox.mark(LookAgain())  # of a doubt that came after the last look began
    assert await inbox.batch() == [LookAgain()]


def test_callers_whose_call_never_ends_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST", 100)
    known, who = Callers(b"s" * 32, lambda _: None), identify("", "", "", trust_pai=False)
    for number in range(1000):
        known.remember(CallId(f"c{number}"), who)
    assert len(known._callers) == 100
    assert known.get(CallId("c999")) is not None
    assert known.get(CallId("c899")) is None


def test_legs_that_nobody_tells_of_make_us_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legs, "SPARE", 10)
    known, centre = Legs(), Centre(rules())
    centre.handle(cmd.CallArrived(CallId("c1"), "0942000100", "key"), Instant(0))
    known.learn(centre)
    crowded = []
    for attempt in range(1, 11):
        known.note([Ring(Offer(CallId("c1"), attempt, ANA), 15.0)])
        crowded.append(known.crowded)
    assert crowded == [False] * 9 + [True]
    known.keep((), centre)
    assert (known.get("o.c1.10"), known.crowded) == (None, False)
    assert known.get("c1") is not None


@virtually
async def test_a_crowd_of_legs_is_looked_at_within_a_tick() -> None:
    site = Site()
    async with site.led() as lead:
        known = lead.controller.legs
        for attempt in range(2000):
            known.note([Ring(Offer(CallId("gone"), attempt, ANA), 15.0)])
        await later(2.5)
        assert known.get("o.gone.7") is None
