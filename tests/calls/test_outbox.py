"""Effects on their way: in order for one caller, side by side for all, and failures as facts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from telephony.acd.effects import Connect, DropLeg, Ring
from telephony.acd.model import Offer
from telephony.ari.errors import AriError, AriGoneError, AriUnreachable, refusal
from telephony.calls.outbox import Outbox, lane_of
from telephony.calls.performer import Performer, consequence
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Refusal
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, C1, C2
from tests.calls.centre_site import NamedSounds
from tests.calls.leading import later

OFFER = Offer(C1, 1, ANA)


@dataclass(slots=True)
class Sending:
    """An outbox before an Asterisk, and the facts that came back."""

    asterisk: FakeAsterisk
    outbox: Outbox
    facts: list[cmd.Command] = field(default_factory=list)
    doubts: list[None] = field(default_factory=list)

    def asked(self) -> list[str]:
        """The requests Asterisk got, in order."""
        return [str(request[0]) for request in self.asterisk.requests]


@asynccontextmanager
async def sending(latency: float = 0.01) -> AsyncIterator[Sending]:
    asterisk = FakeAsterisk(latency=latency)
    facts: list[cmd.Command] = []
    doubts: list[None] = []

    async def look(_: fx.CheckKeys) -> None:
        """No number is asked for here."""

    performer = Performer(asterisk, NamedSounds(), lambda _: "", "0942000100", look, facts.append)
    async with asterisk.open(), asyncio.TaskGroup() as group:
        outbox = Outbox(performer, group, facts.append, lambda: doubts.append(None))
        await performer.prepare()
        asterisk.requests.clear()
        yield Sending(asterisk, outbox, facts, doubts)


@virtually
async def test_one_callers_effects_are_carried_out_in_order_one_at_a_time() -> None:
    async with sending() as out:
        call = out.asterisk.world.arrive()
        for effect in (fx.AnswerCall(call), fx.Play(call, 1, ("hello",)), fx.StopPlay(call, 1)):  # type: ignore[arg-type]
            out.outbox.put(effect)
        assert out.outbox.backlog == 3
        await later(0.015)
        assert out.asked() == ["answer", "play"]
        await later(0.02)
        assert out.asked() == ["answer", "play", "stop_playback"]
        assert out.outbox.backlog == 0


@virtually
async def test_many_callers_effects_are_carried_out_side_by_side() -> None:
    async with sending(latency=1.0) as out:
        calls = [out.asterisk.world.arrive() for _ in range(50)]
        for call in calls:
            out.outbox.put(fx.AnswerCall(call))  # type: ignore[arg-type]
        await later(1.01)
        assert all(line.state == "Up" for line in out.asterisk.world.lines.values())


@virtually
async def test_ringing_an_agent_does_not_wait_for_the_caller_to_be_moved() -> None:
    async with sending() as out:
        out.asterisk.phone("ana")
        call = out.asterisk.world.arrive()
        out.asterisk.world.play(out.asterisk.world.lines[call], "long", ("sound:long",))
        out.asterisk.world.durations["sound:long"] = 10.0
        out.outbox.put(fx.Park(call))  # type: ignore[arg-type]
        out.outbox.put(Ring(Offer(call, 1, ANA), 15.0))  # type: ignore[arg-type]
        await later(0.05)
        assert f"o.{call}.1" in out.asterisk.world.lines


@virtually
async def test_the_room_for_a_talk_is_there_before_the_agent_answers() -> None:
    async with sending() as out:
        out.asterisk.phone("ana", Phone("answers", after=60.0))
        call = out.asterisk.world.arrive()
        out.outbox.put(Ring(Offer(call, 1, ANA), 15.0))  # type: ignore[arg-type]
        await later(0.05)
        assert f"b.{call}" in out.asterisk.world.rooms


@virtually
async def test_a_leg_is_dropped_only_after_it_was_dialled() -> None:
    async with sending() as out:
        out.asterisk.phone("ana")
        call = out.asterisk.world.arrive()
        offer = Offer(call, 1, ANA)  # type: ignore[arg-type]
        out.outbox.put(Ring(offer, 15.0))
        out.outbox.put(DropLeg(offer))
        await later(1.0)
        assert [each for each in out.asked() if each != "create_bridge"] == ["originate", "hang_up"]
        assert offer.leg not in out.asterisk.world.lines


@virtually
async def test_a_telephone_is_not_rung_before_the_leg_that_it_had_was_hung_up() -> None:
    async with sending() as out:
        out.asterisk.phone("ana", Phone("rings"))
        caller, other = out.asterisk.world.arrive(), out.asterisk.world.arrive()
        missed, next_ = Offer(caller, 1, ANA), Offer(other, 1, ANA)  # type: ignore[arg-type]
        out.outbox.put(Ring(missed, 15.0))
        await later(1.0)
        out.asterisk.requests.clear()
        out.outbox.put(DropLeg(missed))
        out.outbox.put(Ring(next_, 15.0))
        assert out.outbox.busy(missed.leg)
        assert out.outbox.busy(next_.leg)
        await later(1.0)
        asked = [request[:2] for request in out.asterisk.requests if request[0] != "create_bridge"]
        assert asked == [("hang_up", missed.leg), ("originate", next_.leg)]
        assert not out.outbox.busy(missed.leg)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Ring(OFFER, 15.0), DropLeg(OFFER)),
        (fx.DialOut(C1, 1, "0942000110", 30.0), fx.DropExternal(C1, 1)),
        (fx.Park(C1), Connect(OFFER)),
        (DropLeg(OFFER), Ring(Offer(C2, 1, ANA), 15.0)),
    ],
)
def test_what_must_not_overtake_shares_a_lane(first: fx.Work, then: fx.Work) -> None:
    assert lane_of(first) == lane_of(then)


@virtually
async def test_a_telephone_that_cannot_be_rung_comes_back_as_a_fact() -> None:
    async with sending() as out:
        out.asterisk.phone("ana", Phone(registered=False))
        call = out.asterisk.world.arrive()
        offer = Offer(call, 1, ANA)  # type: ignore[arg-type]
        out.outbox.put(Ring(offer, 15.0))
        await later(0.1)
        assert out.facts == [cmd.AgentLegEnded(offer, cmd.LegEnd.UNREACHABLE)]


@virtually
async def test_after_a_failure_the_lane_goes_on() -> None:
    async with sending() as out:
        call = out.asterisk.world.arrive()
        out.asterisk.refuse("play", AriError(500, "no"))
        out.outbox.put(fx.Play(call, 1, ("hello",)))  # type: ignore[arg-type]
        out.outbox.put(fx.HangUp(call))  # type: ignore[arg-type]
        await later(0.1)
        assert out.facts == [cmd.PlaybackEnded(call, 1, heard=False)]  # type: ignore[arg-type]
        assert call not in out.asterisk.world.lines


@virtually
async def test_a_lost_reply_is_doubted_and_a_caller_who_is_gone_is_not() -> None:
    async with sending() as out:
        call = out.asterisk.world.arrive()
        out.asterisk.lose_reply("hang_up")
        out.outbox.put(fx.HangUp(call))  # type: ignore[arg-type]
        await later(0.1)
        assert len(out.doubts) == 1
        out.outbox.put(fx.AnswerCall(C2))
        await later(0.1)
        assert len(out.doubts) == 1
        assert out.facts == [cmd.CallerHungUp(C2)]


@pytest.mark.parametrize(
    ("effect", "error", "fact"),
    [
        (Ring(OFFER, 15.0), AriGoneError(404, ""), cmd.AgentLegEnded(OFFER, cmd.LegEnd.FAILED)),
        (Ring(OFFER, 15.0), AriUnreachable(""), cmd.AgentLegEnded(OFFER, cmd.LegEnd.FAILED)),
        (Ring(OFFER, 15.0), AriError(500, ""), cmd.AgentLegEnded(OFFER, cmd.LegEnd.UNREACHABLE)),
        (
            Connect(OFFER),
            AriGoneError(404, ""),
            cmd.AgentLegEnded(OFFER, cmd.LegEnd.NOT_JOINED),
        ),
        (Connect(OFFER), AriUnreachable(""), None),
        (fx.Play(C1, 3, ("x",)), AriError(500, ""), cmd.PlaybackEnded(C1, 3, heard=False)),
        (fx.Play(C1, 3, ("x",)), AriUnreachable(""), None),
        (
            fx.DialOut(C1, 2, "0942", 30.0),
            AriError(500, ""),
            cmd.ExternalEnded(C1, 2, cmd.LegEnd.FAILED),
        ),
        (fx.ConnectExternal(C1, 2), AriGoneError(404, ""), cmd.ExternalEnded(C1, 2)),
        (fx.ConnectExternal(C1, 2), AriUnreachable(""), None),
        (fx.AnswerCall(C1), AriGoneError(404, ""), cmd.CallerHungUp(C1)),
        (fx.Park(C1), AriGoneError(422, ""), cmd.CallerHungUp(C1)),
        (fx.Park(C1), refusal(404, "Channel not found"), cmd.CallerHungUp(C1)),
        (fx.Park(C1), refusal(404, "Bridge not found"), None),
        (fx.Park(C1), AriError(500, ""), None),
        (fx.RefuseCall(C1, Refusal.BUSY), AriError(500, ""), None),
        (DropLeg(OFFER), AriUnreachable(""), None),
    ],
)
def test_what_follows_from_an_effect_that_failed(
    effect: fx.Work, error: AriError, fact: cmd.Fact | None
) -> None:
    assert consequence(effect, error) == fact
