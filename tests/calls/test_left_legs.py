"""A leg that nobody wants any more is ended, also when the first attempt came to nothing."""

import pytest

from telephony.ari.errors import AriError, AriUnreachable
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.centre_site import Site
from tests.calls.leading import later


@pytest.mark.parametrize("why", [AriError(500, "not now"), AriUnreachable("no answer")], ids=repr)
def test_a_leg_that_asterisk_would_not_end_is_ended_at_the_next_look(why: AriError) -> None:
    @virtually
    async def ended() -> None:
        site = Site()
        site.phones(Phone("answers", after=1.0))
        async with site.led(ready=[ANA]) as lead:
            call = site.arrives()
            await later(3.0)
            assert site.together() == [{call, f"o.{call}.1"}]
            site.asterisk.refuse("hang_up", why)
            site.hang_up(call)
            await later(3.0)
            assert site.left_over() == set()
            assert lead.agent(ANA).state == "wrap_up"

    ended()
