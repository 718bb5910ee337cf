"""Who is signed in after a start: what the rule says, whatever was lost."""

import pytest

from telephony.acd.model import AgentState, Device, Instant
from telephony.calls.cold_start import DARK_FOR, ColdStart
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO, C1, MONDAY, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

SIGNED_OUT, READY = AgentState.SIGNED_OUT, AgentState.READY


def yesterday() -> Centre:
    """Ana was ready and Bo paused when the lights went out."""
    centre = Centre(rules())
    for command in (cmd.DeviceChanged(ANA, Device.FREE), cmd.Ready(ANA), cmd.Ready(BO)):
        centre.handle(command, MONDAY)
    centre.handle(cmd.Pause(BO, "lunch"), MONDAY)
    return centre


@pytest.mark.parametrize(
    ("dark_for", "asterisk_lived", "ends"),
    [
        (DARK_FOR, False, [ANA, BO]),
        (DARK_FOR - 1, False, []),  # a power cut
        (14 * 3600.0, True, []),  # a controller that was away over a quiet night
    ],
)
def test_a_dark_place_is_a_new_day(dark_for: float, asterisk_lived: bool, ends: list[str]) -> None:
    now = Instant(MONDAY + dark_for)
    up_since = Instant(MONDAY - 60 if asterisk_lived else now - 5)
    start = ColdStart(MONDAY)
    assert [each.agent for each in start.ends(yesterday(), up_since, now)] == ends
    assert start.ends(yesterday(), up_since, now) == []  # only the first look decides


def test_an_agent_in_the_last_calls_wrap_up_leaves_too() -> None:
    centre, later_on = yesterday(), Instant(MONDAY + DARK_FOR + 1)
    centre.handle(cmd.CallArrived(C1, "0942000100", None), MONDAY)
    offer = centre.acd.roster[ANA].offer
    assert offer is not None
    centre.handle(cmd.AgentAnswered(offer), MONDAY)
    found = cmd.Reconciled((), later_on, up_since=later_on)
    centre.handle(found, later_on)
    for request in ColdStart(MONDAY).ends(centre, later_on, later_on):
        centre.handle(request, later_on)
    assert {each.id: each.state for each in centre.acd.roster.all()} == {
        ANA: SIGNED_OUT,
        BO: SIGNED_OUT,
    }


@virtually
async def test_a_fresh_home_has_nobody_signed_in() -> None:
    async with Site().led() as lead:
        assert [lead.agent(each).state for each in (ANA, BO)] == [SIGNED_OUT, SIGNED_OUT]


@virtually
async def test_a_controller_that_comes_back_finds_everybody_as_they_were() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA, BO]) as lead:
        await lead.controller.request(cmd.Pause(BO, "lunch"))
    async with site.led() as lead:
        assert lead.agent(ANA).state == "ready"
        assert (lead.agent(BO).state, lead.agent(BO).reason) == ("paused", "lunch")


@virtually
async def test_without_a_journal_all_are_signed_out_but_who_talks() -> None:
    site = Site()
    site.phones(Phone("answers", after=0.5))
    async with site.led(ready=[ANA, BO]) as lead:
        call = site.arrives()
        await later(2.0)
        talking = next(each for each in (ANA, BO) if lead.agent(each).state == "talking")
    site.journal = FakeJournal()  # Redis' data is gone
    async with site.led() as lead:
        assert lead.calls() == {call: "talking"}
        assert lead.agent(talking).state == "talking"
        other = BO if talking == ANA else ANA
        assert lead.agent(other).state == SIGNED_OUT
