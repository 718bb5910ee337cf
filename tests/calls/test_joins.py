"""Joining a caller and whoever answered: asked once, and what it is when Asterisk refuses."""

from collections.abc import Sequence

import pytest

from telephony.ari.client import BridgeRole
from telephony.ari.errors import AriError, AriUnreachable, refusal
from telephony.ari.inbox import LookAgain
from telephony.calls.performer import WAITING
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.loop import virtually
from telephony.store.words import Outcome
from tests.builders import ANA, BO
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

TAKES = 0.3  # seconds until Asterisk does what it was asked, or refuses


class Slow(FakeAsterisk):
    """Takes its time to put channels into a bridge, and writes down when it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.joins: list[str] = []

    async def add_channel(
        self, bridge: str, channels: Sequence[str], role: BridgeRole | None = None
    ) -> None:
        """As asked, but later."""
        if bridge.startswith("b."):
            self.joins.append(bridge)
        await later(TAKES)
        await super().add_channel(bridge, channels, role=role)


REFUSALS = [
    AriError(500, "Bridge operation failed"),
    refusal(422, "Channel not in Stasis application"),
    refusal(409, "Channel currently recording"),
]


def look(lead: Leader) -> None:
    """As after a request whose answer was lost."""
    lead.controller.world.inbox.mark(LookAgain())


@virtually
async def test_d3_a_look_while_a_join_is_on_its_way_asks_for_no_second_one() -> None:
    asterisk = Slow()
    site = Site(asterisk=asterisk)
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        site.answer(f"o.{call}.1")
        await later(0.001)
        look(lead)
        await later(1.5)
        assert lead.calls() == {call: "talking"}
        assert {call, f"o.{call}.1"} in site.together()
        assert asterisk.joins == [f"b.{call}"]


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda error: str(error.status))
def test_d3_whoever_could_not_be_joined_to_an_agent_has_waited_and_not_talked(
    refused: AriError,
) -> None:
    @virtually
    async def not_joined() -> None:
        site = Site()
        site.phones()
        async with site.led(ready=[ANA]) as lead:
            call = site.arrives()
            await later(1.0)
            site.asterisk.refuse("add_channel", refused)
            site.answer(f"o.{call}.1")
            await later(1.0)
            assert lead.calls() == {call: "waiting"}
            assert f"o.{call}.1" not in site.asterisk.world.lines  # nobody holds a dead receiver
            site.hang_up(call)
            await later(1.0)
            (record,) = site.records.calls()
            assert (record.outcome, record.talked) == (Outcome.ABANDONED, 0.0)
            assert record.waited == pytest.approx(2.0, abs=0.05)
            reasons = [e.detail["reason"] for e in record.timeline if e.event == "returned"]
            assert reasons == ["not_joined"]

    not_joined()


@virtually
async def test_d3_a_later_agent_who_is_joined_has_answered_them() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA, BO]) as lead:
        call = site.arrives()
        await later(1.0)
        site.asterisk.refuse("add_channel", REFUSALS[0])
        site.answer(f"o.{call}.1")
        await later(1.0)
        site.answer(f"o.{call}.2")
        await later(3.0)
        assert {call, f"o.{call}.2"} in site.together()
        assert lead.calls() == {call: "talking"}
        site.hang_up(call)
        await later(1.0)
        (record,) = site.records.calls()
        assert (record.outcome, record.agent) == (Outcome.ANSWERED, BO)
        assert record.waited == pytest.approx(2.0, abs=0.05)
        assert record.talked == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda error: str(error.status))
def test_d3_whoever_could_not_be_taken_out_of_the_music_is_not_put_there_again(
    refused: AriError,
) -> None:
    @virtually
    async def still_there() -> None:
        site = Site()
        site.phones()
        async with site.led(ready=[ANA]) as lead:
            call = site.arrives()
            await later(1.0)
            site.asterisk.refuse("add_channel", AriError(500, "Bridge operation failed"))
            site.asterisk.refuse("remove_channel", refused)
            site.answer(f"o.{call}.1")
            await later(1.0)
            assert lead.calls() == {call: "waiting"}
            assert call in site.asterisk.world.rooms[WAITING].members
            assert site.asterisk.world.silenced == []

    still_there()


class Late(FakeAsterisk):
    """Its first answer about the music is given up, and done when it is asked about it again."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[str] | None = None

    async def add_channel(
        self, bridge: str, channels: Sequence[str], role: BridgeRole | None = None
    ) -> None:
        """As asked, but for the first."""
        if bridge == WAITING and self.held is None:
            self.held = list(channels)
            raise AriUnreachable("no answer in time")
        await self._arrives()
        await super().add_channel(bridge, channels, role=role)

    async def remove_channel(self, bridge: str, channel: str) -> None:
        """As asked, after what was asked before."""
        await self._arrives()
        await super().remove_channel(bridge, channel)

    async def _arrives(self) -> None:
        if self.held:
            channels, self.held = self.held, []
            await super().add_channel(WAITING, channels, role="holding_participant")


@virtually
async def test_d3_a_request_for_the_music_that_comes_late_is_not_doubled() -> None:
    site = Site(asterisk=Late())
    async with site.led() as lead:
        call = site.arrives()
        await later(5.0)
        assert lead.calls() == {call: "waiting"}
        assert call in site.asterisk.world.rooms[WAITING].members
        assert site.asterisk.world.silenced == []
