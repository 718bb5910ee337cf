"""A request that is sent again, because nobody knows whether the leader who died had granted it."""

from telephony.centre import commands as cmd
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.centre_site import Site

PAUSE = cmd.Pause(ANA, "休憩", cmd.Stamp("k1", "page", 3))


@virtually
async def test_f3_what_one_leader_granted_the_next_does_not_do_again() -> None:
    site = Site()
    async with site.led(ready=[ANA]) as one:
        await one.controller.request(PAUSE)
        await one.controller.request(cmd.Ready(ANA, cmd.Stamp("k2", "page", 4)))
    async with site.led() as other:
        await other.controller.request(PAUSE)
        assert other.agent(ANA).state == "ready"


@virtually
async def test_f3_what_the_leader_who_died_never_heard_the_next_one_does() -> None:
    site = Site()
    async with site.led(ready=[ANA]):
        pass
    async with site.led() as other:
        await other.controller.request(PAUSE)
        assert other.agent(ANA).state == "paused"
