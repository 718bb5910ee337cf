"""What the controller knows of the carrier, and a line that nobody can still be on (A10)."""

from dataclasses import replace

import pytest

from telephony.ari.errors import AriUnreachable
from telephony.ari.events import DeviceStateChanged
from telephony.ari.models import DeviceState
from telephony.calls.carrier import TRUNK_DEVICE, CarrierFacts
from telephony.calls.rounds import LINES_EVERY
from telephony.calls.silence import LOOK_EVERY as LOOK_EVERY_FEW
from telephony.centre import commands as cmd
from telephony.centre.lines import Line
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, rules
from tests.calls.centre_site import Leader, Site, virtual_clock
from tests.calls.leading import later
from tests.watch.answers import Answers, watch_of

AN_HOUR = 3600.0


def watched(facts: CarrierFacts | None = None) -> Site:
    """With somebody who raises alarms."""
    return Site(watch=watch_of(Answers(), virtual_clock()), carrier=facts or CarrierFacts())


def alarms(lead: Leader) -> list[str]:
    """Those that are raised."""
    return [alarm["id"] for alarm in lead.controller.status()["alarms"]]


def taken(lead: Leader) -> list[Line]:
    """Lines with a call on them."""
    return [line for line in lead.controller.engine.centre.lines.all() if line.call is not None]


def shown(site: Site) -> list[str]:
    """Each line's state for whoever follows the news, in order of the lines that were told."""
    told = {each.line.number: each.line.state for each in site.news.told if each.kind == "line"}
    return [state for _, state in sorted(told.items())]


def carrier(site: Site, state: str) -> None:
    """Asterisk tells that the carrier is so."""
    told = DeviceState(name=TRUNK_DEVICE, state=state)
    site.asterisk.emit(DeviceStateChanged(device_state=told))


@virtually
async def test_a10_a_line_longer_in_one_state_than_any_call_may_last_is_freed() -> None:
    site = watched(CarrierFacts(longest_call=AN_HOUR / 6))
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(AN_HOUR / 6)
        assert lead.calls() == {call: "talking"}  # no longer than is allowed
        await later(60 + LINES_EVERY + 2)
        assert lead.calls() == {}
        assert site.left_over() == set()
        assert site.records.closed()[0].outcome == "answered"
        assert alarms(lead) == ["line_stuck"]
        await later(AN_HOUR)
        assert alarms(lead) == []


@virtually
async def test_a10_a_line_of_a_call_that_an_agent_began_is_freed_too() -> None:
    town = rules(extensions={"town": "0942-00-0120"}, tolls=TollRules(("0942",), 9))
    site = replace(watched(CarrierFacts(longest_call=AN_HOUR / 6)), rules=town)
    site.phones(Phone("answers", after=1.0))
    site.asterisk.phone("0942000120@trunk", Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        await lead.controller.request(cmd.CallUp(ANA, "town"))
        await later(AN_HOUR / 6)
        assert [line.state.value for line in taken(lead)] == ["outbound"]
        await later(60 + LINES_EVERY + 2)
        assert taken(lead) == []
        assert site.left_over() == set()
        assert alarms(lead) == ["line_stuck"]


@virtually
async def test_a10_a_carrier_that_is_gone_is_an_alarm_and_its_idle_lines_are_at_fault() -> None:
    site = watched()
    async with site.led() as lead:
        call = site.arrives()
        carrier(site, "UNAVAILABLE")
        await later(59)
        states = [line["state"] for line in lead.controller.status()["lines"]]
        assert states == ["waiting"] + ["fault"] * (len(states) - 1)
        assert alarms(lead) == []
        await later(3)
        assert alarms(lead) == ["carrier_gone"]
        carrier(site, "NOT_INUSE")
        await later(1)
        assert alarms(lead) == []
        assert lead.calls() == {call: "waiting"}
        assert "fault" not in [line["state"] for line in lead.controller.status()["lines"]]


@virtually
async def test_a10_lines_that_stay_full_are_an_alarm_and_one_full_minute_is_none() -> None:
    site = watched()
    async with site.led() as lead:
        lines = len(lead.controller.engine.centre.lines.all())
        calls = [site.arrives() for _ in range(lines)]
        await later(60)
        assert alarms(lead) == []
        for turn in range(5):  # each minute somebody leaves, and the next one takes the line
            site.hang_up(calls[turn % lines])
            await later(1)
            calls[turn % lines] = site.arrives()
            await later(60)
        assert alarms(lead) == ["lines_full"]
        for call in calls:
            site.hang_up(call)
        await later(400)
        assert alarms(lead) == []


@virtually
async def test_a10_a_number_that_is_not_ours_is_served_and_an_alarm() -> None:
    site = watched()
    async with site.led() as lead:
        args = ("trunk", "0942000777", "", "sip:0942000101@127.0.0.1", "", "")
        call = site.asterisk.world.arrive("0942000101", args=args)
        await later(1)
        assert lead.calls() == {call: "waiting"}
        assert alarms(lead) == ["unknown_number"]


@virtually
async def test_a11_a_caller_of_whom_no_packet_ever_came_is_ended_and_a_silent_one_is_not() -> None:
    site = Site(carrier=CarrierFacts(media_timeout=20))
    async with site.led() as lead:
        silent, gone = site.arrives(), site.arrives("0942000102")
        site.asterisk.world.lines[gone].mute = True
        await later(19)
        assert lead.calls().keys() == {silent, gone}
        await later(3 * LOOK_EVERY_FEW)
        assert lead.calls().keys() == {silent}
        record = await site.records.call(gone)
        assert record is not None
        assert record.outcome == "abandoned"
        assert "never_heard" in [event["event"] for event in record.to_json()["timeline"]]
        asked = [each[1] for each in site.asterisk.requests if each[0] == "packets_received"]
        assert asked.count(silent) == 1  # heard once is enough


@virtually
async def test_a11_a_talk_is_ended_by_people_however_silent_one_side_is() -> None:
    site = Site(carrier=CarrierFacts(media_timeout=20))
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        site.asterisk.world.lines[call].mute = True
        await later(120)
        assert lead.calls() == {call: "talking"}


@virtually
async def test_a11_an_asterisk_that_does_not_answer_ends_nobody() -> None:
    site = Site(carrier=CarrierFacts(media_timeout=20))
    async with site.led() as lead:
        gone = site.arrives()
        site.asterisk.world.lines[gone].mute = True
        for _ in range(3):
            site.asterisk.refuse("packets_received", AriUnreachable("no answer"))
        await later(20 + 4 * LOOK_EVERY_FEW)
        assert lead.calls().keys() == {gone}
        await later(2 * LOOK_EVERY_FEW)
        assert lead.calls() == {}


@virtually
async def test_the_status_says_whether_the_carrier_answers() -> None:
    site = Site()
    async with site.led() as lead:
        for state, reachable in (("UNAVAILABLE", False), ("NOT_INUSE", True), ("INVALID", False)):
            carrier(site, state)
            await later()
            assert lead.controller.status()["trunk"]["reachable"] is reachable
        assert lead.controller.engine.poisoned == 0


@pytest.mark.parametrize("visible", [True, False])
@virtually
async def test_without_spare_sessions_the_status_says_what_overflow_figures_lack(
    visible: bool,
) -> None:
    site = Site(carrier=CarrierFacts(sessions=8, busy_tone_visible=visible))
    async with site.led() as lead:
        told = lead.controller.status()["trunk"]
        assert told["busy_tone_visible"] is visible
        assert ("note" in told) is not visible


@virtually
async def test_a10_whoever_follows_the_news_sees_the_fault_as_soon_as_it_is_known() -> None:
    site = watched()
    async with site.led() as lead:
        call = site.arrives()
        await later(1)
        carrier(site, "UNAVAILABLE")
        await later(1)
        as_asked = [line["state"] for line in lead.controller.status()["lines"]]
        assert as_asked == ["waiting"] + ["fault"] * 5
        assert shown(site) == as_asked
        site.hang_up(call)
        await later(1)
        assert shown(site) == ["fault"] * 6
        carrier(site, "NOT_INUSE")
        await later(1)
        assert shown(site) == ["idle"] * 6
