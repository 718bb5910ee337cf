"""A desk phone's own keys, before an Asterisk that keeps state."""

from telephony.centre import commands as cmd
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later


async def talking(site: Site, lead: Leader) -> tuple[str, str]:
    """A caller and Ana's leg."""
    call = site.arrives()
    await later(2.0)
    assert lead.agent(ANA).state == "talking"
    return call, f"o.{call}.1"


@virtually
async def test_hold_and_unhold_are_the_agents_own_requests() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call, leg = await talking(site, lead)
        site.asterisk.world.hold(leg)
        await later(0.5)
        assert lead.calls() == {call: "hold"}
        site.asterisk.world.hold(leg)  # told twice
        site.asterisk.world.hold(leg, held=False)
        await later(0.5)
        assert lead.calls() == {call: "talking"}
        assert site.together() == [{call, leg}]


@virtually
async def test_a_callers_keys_of_that_kind_move_nobody() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call, _ = await talking(site, lead)
        await lead.controller.request(cmd.Ready(BO))
        site.asterisk.world.hold(call)
        site.asterisk.world.ask_transfer(call, BO)
        await later(0.5)
        assert lead.calls() == {call: "talking"}
        assert lead.agent(BO).state == "ready"


@virtually
async def test_a_transfer_is_granted_to_a_free_seat_and_refused_otherwise() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call, leg = await talking(site, lead)
        for target in (BO, "nobody", "", "0942000199"):
            site.asterisk.world.ask_transfer(leg, target)
            await later(0.1)
            assert lead.calls() == {call: "talking"}
        await lead.controller.request(cmd.Ready(BO))
        site.asterisk.world.ask_transfer(leg, BO)
        await later(2.0)
        assert site.together() == [{call, f"o.{call}.2"}]
        told = [each[2] for each in site.asterisk.requests if each[0] == "transfer_progress"]
        assert told == ["channel_unavailable"] * 4 + ["channel_answered"]
