"""The page's answer key, from the request to whoever hears whom."""

import pytest

from telephony.acd.errors import Rejected
from telephony.centre import commands as cmd
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later


@virtually
async def test_the_telephone_answers_when_the_page_says_so() -> None:
    site = Site()
    site.phones(RINGS, ANA)
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        await lead.controller.request(cmd.Answer(ANA))
        await later(0.5)
        assert site.together() == [{call, f"o.{call}.1"}]
        assert lead.agent(ANA).answers


@virtually
async def test_a_telephone_that_cannot_goes_on_ringing_and_the_page_is_told() -> None:
    site = Site()
    site.phones(Phone("answers", after=3600.0, talks=False), ANA)
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        await lead.controller.request(cmd.Answer(ANA))
        await later(4.0)
        assert lead.agent(ANA).state == "offered"
        with pytest.raises(Rejected, match="lift the handset"):
            await lead.controller.request(cmd.Answer(ANA))
        told = [n.agent for n in site.news.told if n.kind == "agent"]
        assert (told[-1].seat, told[-1].answers) == (ANA, False)
        (record,) = site.records.calls()
        assert "not_picked_up" in [event.event for event in record.timeline]
        site.answer(f"o.{call}.1")
        await later(0.5)
        assert lead.agent(ANA).state == "talking"
