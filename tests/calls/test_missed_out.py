"""Offers that ring at an empty desk: whoever looks after the room hears of it (C5)."""

from telephony.acd.model import AcdRules
from telephony.centre import commands as cmd
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later

ONE_RING = 16.0  # seconds; the queue rings for 15


@virtually
async def test_c5_an_agent_who_misses_every_offer_is_counted_until_somebody_is_back() -> None:
    base = rules()
    acd = AcdRules(base.acd.queues, base.acd.agents, pause_after_misses=2)
    site = Site(rules=rules(acd=acd))
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(ONE_RING)
        assert lead.controller.inside().missing_offers == 0  # once is not for the supervisor
        await later(ONE_RING)
        assert lead.agent(ANA).reason == "missed_no_answer"
        assert lead.controller.inside().missing_offers == 1
        assert lead.calls() == {call: "waiting"}  # with the place they had
        await lead.controller.request(cmd.Pause(BO, "lunch"))
        assert lead.controller.inside().missing_offers == 1  # a pause of one's own is none
        await lead.controller.request(cmd.Ready(ANA))
        assert lead.controller.inside().missing_offers == 0
