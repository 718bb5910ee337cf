"""Calls that agents begin, before a whole Asterisk: who hears whom, what is left, what is kept."""

import pytest

from telephony.acd.model import AgentId
from telephony.centre import commands as cmd
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from telephony.store.changes import OwnCallClosed
from tests.builders import ANA, BO, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later

TOWN = "PJSIP/0942000120@trunk"


def site() -> Site:
    """Two desks and a town hall that answers."""
    town = {"town": "0942-00-0120"}
    made = Site(rules(extensions=town, tolls=TollRules(("0942",), 9)))
    made.phones(Phone("answers", after=1.0))
    made.asterisk.phone("0942000120@trunk", Phone("answers", after=2.0))
    return made


def records(of: Site) -> list[OwnCallClosed]:
    return [each for each in of.records.changes if isinstance(each, OwnCallClosed)]


@virtually
async def test_a_colleague_is_called_talked_to_and_nothing_is_left() -> None:
    at = site()
    async with at.led(ready=[ANA, BO]) as lead:
        await lead.controller.request(cmd.CallUp(ANA, BO))
        await later(3.0)
        ((own, _),) = lead.controller.engine.centre.own.calls.items()
        assert at.together() == [{f"o.{own}.1", f"o.{own}.2"}]
        told = [n.call for n in at.news.told if n.kind == "call"]
        assert (told[-1].stage, told[-1].direction, told[-1].target) == ("talking", "internal", BO)
        at.hang_up(f"o.{own}.2")
        await later(2.0)
        assert at.left_over() == set()
        (record,) = records(at)
        assert (record.kind, record.end) == ("internal", "hung_up")
        assert at.records.calls() == []
        assert [n.call.stage for n in at.news.told if n.kind == "call"][-1] == "ended"
        assert (lead.agent(ANA).state, lead.agent(BO).state) == ("ready", "ready")


@virtually
async def test_the_town_hall_is_called_over_a_line_of_the_trunk() -> None:
    at = site()
    async with at.led(ready=[ANA]) as lead:
        await lead.controller.request(cmd.CallUp(ANA, "town"))
        await later(4.0)
        ((own, _),) = lead.controller.engine.centre.own.calls.items()
        assert at.together() == [{f"o.{own}.1", f"x.{own}.2"}]
        assert at.asterisk.world.lines[f"x.{own}.2"].name.startswith(TOWN.partition("@")[0])
        at.hang_up(f"o.{own}.1")
        await later(2.0)
        assert at.left_over() == set()
        assert [line.call for line in lead.controller.engine.centre.lines.all()] == [None] * 6


@pytest.mark.parametrize("after", [0.5, 1.5, 3.0])
def test_the_next_controller_goes_on_with_it_whenever_the_last_one_died(after: float) -> None:
    @virtually
    async def dies() -> None:
        at = site()
        async with at.led(ready=[ANA, BO]) as lead:
            await lead.controller.request(cmd.CallUp(ANA, BO))
            await later(after)
        async with at.led() as lead:
            await later(3.0)
            ((own, _),) = lead.controller.engine.centre.own.calls.items()
            assert at.together() == [{f"o.{own}.1", f"o.{own}.2"}]
            at.hang_up(f"o.{own}.1")
            await later(2.0)
            assert at.left_over() == set()
            assert len(records(at)) == 1

    dies()


@virtually
async def test_lost_events_are_found_by_the_sweep() -> None:
    at = site()
    async with at.led(ready=[ANA, BO]) as lead:
        at.asterisk.lose_events("StasisStart", count=2)
        await lead.controller.request(cmd.CallUp(ANA, BO))
        await later(9.0)
        ((own, _),) = lead.controller.engine.centre.own.calls.items()
        assert at.together() == [{f"o.{own}.1", f"o.{own}.2"}]
        at.asterisk.lose_events("ChannelDestroyed", "ChannelHangupRequest", "StasisEnd", count=3)
        at.hang_up(f"o.{own}.2")
        await later(5.0)
        assert lead.controller.engine.centre.own.calls == {}
        assert at.left_over() == set()


@virtually
async def test_a_telephone_that_asterisk_cannot_ring_ends_it_at_once() -> None:
    at = site()
    async with at.led(ready=[ANA, BO]) as lead:
        at.asterisk.phone(ANA, Phone(registered=False))
        await lead.controller.request(cmd.CallUp(ANA, BO))
        await later(3.0)
        assert lead.controller.engine.centre.own.calls == {}
        assert at.left_over() == set()
        assert records(at)[0].end == "cancelled"


@virtually
async def test_a_citizen_is_handed_to_the_town_hall() -> None:
    at = site()
    async with at.led(ready=[ANA]) as lead:
        call = at.arrives()
        await later(2.0)
        await lead.controller.request(cmd.Transfer(ANA, AgentId("town")))
        await later(1.0)
        assert call in at.asterisk.world.rooms["waiting"].members
        await later(2.0)
        assert at.together() == [{call, f"x.{call}.2"}]
        assert lead.agent(ANA).state == "wrap_up"
        at.hang_up(call)
        await later(2.0)
        assert at.left_over() == set()
        assert at.records.closed()[0].outcome == "answered"


@virtually
async def test_a_town_hall_that_does_not_answer_gives_the_citizen_back() -> None:
    at = site()
    at.asterisk.phone("0942000120@trunk", Phone("is_busy", after=2.0))
    at.phones(RINGS, BO)
    async with at.led(ready=[ANA]) as lead:
        call = at.arrives()
        await later(2.0)
        await lead.controller.request(cmd.Transfer(ANA, AgentId("town")))
        await later(2.5)
        await lead.controller.request(cmd.Ready(BO))
        await later(1.0)
        assert lead.agent(BO).state == "offered"
        at.answer(f"o.{call}.3")
        await later(1.0)
        assert at.together() == [{call, f"o.{call}.3"}]
