"""What a new leader is told by Asterisk one answer after the other, while callers come and go."""

from telephony.ari.models import Channel
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA
from tests.calls.centre_site import Site
from tests.calls.leading import later


class LeftWhileListed(FakeAsterisk):
    """Somebody hangs up just after the channels were listed."""

    leaves = ""

    async def channels(self) -> list[Channel]:
        """As asked, and then they are gone."""
        listed = await super().channels()
        if self.leaves:
            self.world.hang_up(self.leaves)
            self.leaves = ""
        return listed


@virtually
async def test_whoever_leaves_a_short_talk_while_all_is_listed_has_talked() -> None:
    """Listed among the channels, but in no room any more: that is no talk that never began."""
    asterisk = LeftWhileListed()
    site = Site(asterisk=asterisk)
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(0.5)
        site.answer(f"o.{call}.1")
        await later(0.5)
        assert lead.calls() == {call: "talking"}
    asterisk.leaves = call
    asterisk.lie = lambda event: [(1.0, event)]  # answers come by another connection
    async with site.led() as lead:
        await later(2.0)
        assert lead.calls() == {}
    assert [each.outcome for each in site.records.closed()] == ["answered"]
