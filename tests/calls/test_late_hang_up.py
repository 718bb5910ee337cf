"""A hang-up that nobody answered may arrive late: until then its leg is nobody's talk."""

from telephony.ari.errors import AriUnreachable
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later

RUNG_OUT = 25.0


@virtually
async def test_d1_nobody_is_put_through_to_a_leg_whose_hang_up_may_still_arrive() -> None:
    site = Site()
    site.phones(RINGS, ANA)
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        leg = f"o.{call}.1"
        site.asterisk.disconnect()
        site.asterisk.refuse("hang_up", AriUnreachable("no answer in time"))
        site.answer(leg)  # which nobody hears
        await later(RUNG_OUT)
        site.asterisk.connect()
        await later(0.2)
        assert lead.calls() == {call: "waiting"}
        assert {call, leg} not in site.together()
        assert leg not in site.asterisk.world.lines  # asked for again, and heard
