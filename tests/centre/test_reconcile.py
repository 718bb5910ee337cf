"""What follows from what Asterisk has after a gap, and that a snapshot loses nothing."""

from dataclasses import replace

import pytest

from telephony.acd.effects import Connect
from telephony.acd.model import CallId, Instant, Offer
from telephony.calls import codec
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import Outcome
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, C1, C2, GENERAL, MONDAY, flow, queue, rules
from tests.script import Script

MENU = {"kind": "menu", "prompt": "main_menu", "choices": {"1": "booking"}, "otherwise": "general"}
OFFER = Offer(C1, 1, ANA)


def arrives(call: CallId) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None)


def has(
    channel: str, *, up: bool = True, ringing: bool = False, bridge: str | None = None
) -> cmd.LiveChannel:
    return cmd.LiveChannel(channel, up, ringing, bridge)


def finds(*channels: cmd.LiveChannel, asked: float = 1e6, since: float = -1e6) -> cmd.Reconciled:
    return cmd.Reconciled(channels, Instant(MONDAY + asked), Instant(MONDAY + since))


def test_what_began_after_asterisk_was_asked_is_not_missing() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA)).at(5).tell(arrives(C1)).ignore()
    script.at(6).tell(finds(asked=4)).expect()
    assert script.centre.acd.entries[C1].offer == OFFER


def test_a_leg_that_is_being_made_is_not_missing() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1)).ignore()
    found = finds(has(C1))
    script.tell(cmd.Reconciled(found.channels, found.asked_at, found.up_since, (OFFER.leg,)))
    script.expect(fx.Park(C1))
    assert script.centre.acd.entries[C1].offer == OFFER


def test_a_caller_who_left_meanwhile_has_abandoned() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).at(10).tell(finds())
    assert script.closed()[0].outcome is Outcome.ABANDONED


def test_a_call_that_asterisk_lost_is_lost() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).at(10).tell(finds(since=5))
    assert script.closed()[0].outcome is Outcome.LOST
    assert script.closed()[0].hung_up_by == "system"


def test_a_call_that_asterisk_lost_on_its_way_to_the_music_is_lost_too() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).at(10).tell(replace(finds(since=5), in_flight=(C1,)))
    assert script.closed()[0].outcome is Outcome.LOST


def test_a_talk_that_asterisk_lost_was_answered_all_the_same() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(OFFER)).at(10).tell(finds(since=5))
    assert script.closed()[0].outcome is Outcome.ANSWERED
    assert script.closed()[0].hung_up_by == "system"


def test_a_caller_in_a_menu_hears_the_prompt_from_its_start() -> None:
    script = Script(rules(of=flow("menu", menu=MENU)))
    script.tell(arrives(C1)).expect(fx.AnswerCall(C1), fx.Play(C1, 1, ("main_menu",)))
    script.tell(finds(has(C1))).expect(fx.StopPlay(C1, 1), fx.Play(C1, 2, ("main_menu",)))
    script.tell(cmd.KeyPressed(C1, "1"))
    assert script.centre.acd.entries[C1].queue == "booking"


def test_where_no_event_was_lost_nobody_in_a_menu_is_asked_again() -> None:
    script = Script(rules(of=flow("menu", menu=MENU)))
    script.tell(arrives(C1)).ignore()
    script.tell(replace(finds(has(C1)), gap=False)).expect()
    script.tell(cmd.PlaybackEnded(C1, 1), replace(finds(has(C1)), gap=False)).expect()
    script.tell(replace(finds(has(C1, up=False)), gap=False))
    script.expect(fx.AnswerCall(C1), fx.Play(C1, 2, ("main_menu",)))


def test_where_no_event_was_lost_an_announcement_is_not_cut() -> None:
    script = Script(rules(queues=(queue(GENERAL, announce_after=1.0),)))
    script.at(0).tell(arrives(C1)).at(1).ignore()
    script.tell(replace(finds(has(C1, bridge=fx.MUSIC)), gap=False)).expect()
    script.tell(finds(has(C1, bridge=fx.MUSIC))).expect(fx.StopPlay(C1, 1))


def test_an_announcement_hides_nobody_whom_no_music_follows() -> None:
    script = Script(rules(queues=(queue(GENERAL, announce_after=1.0),)))
    script.at(0).tell(arrives(C1)).at(1).ignore()
    script.tell(replace(finds(has(C1)), gap=False)).expect(fx.StopPlay(C1, 1), fx.Park(C1))


def test_who_is_being_put_to_the_music_is_not_put_there_twice() -> None:
    script = Script(rules(queues=(queue(GENERAL, announce_after=1.0),)))
    script.at(0).tell(arrives(C1)).ignore()
    on_its_way = replace(finds(has(C1)), in_flight=(C1,))
    script.at(0.5).tell(on_its_way).expect()
    script.at(1).ignore()
    script.tell(replace(on_its_way, gap=False)).expect()


def test_a_waiting_caller_is_put_to_the_music_again() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).ignore()
    script.tell(finds(has(C1))).expect(fx.Park(C1))


def test_an_announcement_is_cut_before_its_caller_is_moved() -> None:
    script = Script(rules(queues=(queue(GENERAL, announce_after=1.0),)))
    script.at(0).tell(arrives(C1)).at(1).ignore()
    script.tell(finds(has(C1))).expect(fx.StopPlay(C1, 1), fx.Park(C1))


def test_who_hears_music_already_is_not_put_there_once_more() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).ignore()
    script.tell(finds(has(C1, bridge=fx.MUSIC))).expect()
    script.tell(finds(has(C1))).expect(fx.Park(C1))


def test_an_answer_that_was_missed_is_found() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1)).ignore()
    script.tell(finds(has(C1), has(OFFER.leg)))
    assert script.centre.visits.calls[C1].stage == "talking"


def test_a_ringing_leg_rings_on_and_one_that_vanished_is_nobodys_fault() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1)).ignore()
    script.tell(finds(has(C1), has(OFFER.leg, up=False, ringing=True))).expect(fx.Park(C1))
    script.tell(finds(has(C1)))
    assert script.centre.acd.roster[ANA].misses == 0
    assert script.centre.acd.entries[C1].offer is None


def test_two_who_talk_are_left_alone() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(OFFER)).ignore()
    script.tell(finds(has(C1, bridge="b.c1"), has(OFFER.leg, bridge="b.c1"))).expect()


def test_two_who_should_talk_are_connected_again() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(OFFER)).ignore()
    script.tell(finds(has(C1, bridge="waiting"), has(OFFER.leg))).expect(Connect(OFFER))


def test_a_caller_whose_agent_vanished_goes_back_to_the_head() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(OFFER)).ignore()
    script.tell(finds(has(C1, bridge="b.c1")))
    assert script.centre.acd.board.position(script.centre.acd.entries[C1]) == 1


def talks(attempt: int = 1, seat: str = "ana") -> tuple[cmd.LiveChannel, cmd.LiveChannel]:
    """The caller of C1 and an agent, together in the call's own bridge."""
    leg = cmd.LiveChannel(f"o.c1.{attempt}", True, False, "b.c1", seat)
    return has(C1, bridge="b.c1"), leg


@pytest.mark.parametrize("offered", [True, False])
def test_a_talk_that_was_never_heard_of_is_not_torn_apart(offered: bool) -> None:
    script = Script(rules())
    script.tell(arrives(C1))
    if offered:
        script.tell(cmd.Ready(ANA))
    script.at(5).ignore()
    script.tell(finds(*talks()))
    assert script.centre.acd.roster[ANA].state == "talking"
    assert script.centre.visits.calls[C1].offer == OFFER
    assert C1 not in script.centre.acd.entries
    work = [effect for effect in script._seen if isinstance(effect, fx.Work)]
    assert work == []
    script.ignore()
    script.at(65).tell(cmd.AgentLegEnded(OFFER, cmd.LegEnd.HUNG_UP), cmd.CallerHungUp(C1))
    assert (script.closed()[0].outcome, script.closed()[0].talked) == (Outcome.ANSWERED, 60.0)


def test_somebody_who_answered_and_was_not_connected_yet_is_connected() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).ignore()
    leg = cmd.LiveChannel(OFFER.leg, True, False, None, "ana")
    script.at(5).tell(finds(has(C1, bridge="waiting"), leg))
    assert [e for e in script._seen if isinstance(e, fx.Work)] == [Connect(OFFER)]


def test_an_agent_found_talking_takes_no_other_call() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).at(1).tell(cmd.Ready(ANA), arrives(C2)).at(2)
    script.tell(cmd.AgentLegEnded(OFFER, cmd.LegEnd.DECLINED)).at(8)
    script.ignore()
    script.tell(finds(has(C2), *talks(attempt=9)))
    assert script.centre.acd.roster[ANA].offer == Offer(C1, 9, ANA)
    assert script.centre.acd.entries[C2].offer is None


def test_a_caller_who_talks_is_adopted_as_one_who_talks() -> None:
    script = Script(rules())
    script.tell(cmd.CallArrived(C1, "0942000100", None, talking=Offer(C1, 4, ANA)))
    assert script.centre.acd.roster[ANA].state == "talking"
    assert not any(isinstance(effect, fx.Work) for effect in script._seen)
    assert script.centre.lines.all()[0].state == "talking"
    script.tell(cmd.CallArrived(C2, "0942000100", None, talking=Offer(C2, 1, BO), apart=True))
    assert Connect(Offer(C2, 1, BO)) in script._seen


def test_d8_a_leftover_leg_does_not_part_whom_we_know_to_talk() -> None:
    script = Script(rules())
    script.tell(arrives(C1), cmd.Ready(ANA)).ignore()
    script.tell(cmd.AgentLegEnded(OFFER, cmd.LegEnd.BUSY), cmd.Ready(BO))
    script.tell(cmd.AgentAnswered(Offer(C1, 2, BO))).ignore()
    left = cmd.LiveChannel("o.c1.1", True, False, None, "ana")
    script.tell(finds(*talks(attempt=2, seat="bo"), left)).expect()
    assert script.centre.visits.calls[C1].offer == Offer(C1, 2, BO)


def test_a_caller_in_a_menu_who_still_hears_the_music_is_taken_from_it() -> None:
    script = Script(rules(of=flow("menu", menu=MENU)))
    script.tell(arrives(C1)).ignore()
    script.tell(finds(has(C1, bridge="waiting")))
    script.expect(fx.StopPlay(C1, 1), fx.Unpark(C1), fx.Play(C1, 2, ("main_menu",)))


def test_d5_a_leg_that_a_leader_made_unrecorded_lends_nobody_its_id() -> None:
    script = Script(rules())
    script.tell(arrives(C1)).ignore()
    leftover = has("o.c1.3", up=False, ringing=True)
    script.at(6).tell(finds(has(C1, bridge="waiting"), leftover)).ignore()
    script.at(7).tell(cmd.Ready(ANA)).ignore()
    assert script.centre.acd.entries[C1].offer == Offer(C1, 4, ANA)


def test_d8_the_legs_of_somebody_taken_in_get_numbers_that_are_not_in_use() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA)).ignore()
    script.tell(cmd.CallArrived(C1, "0942000100", None, attempts=3))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 4, ANA)


def busy() -> Script:
    """A centre with one caller in a menu, one waiting, one ringing, one talking, one on hold."""
    script = Script(rules(of=flow("menu", menu=MENU)))
    script.tell(cmd.Ready(ANA), cmd.Ready(BO))
    for number in range(1, 5):
        script.tell(arrives(CallId(f"c{number}")))
    script.tell(*(cmd.KeyPressed(call, "1") for call in (C1, C2, CallId("c3"))))
    script.at(1).tell(cmd.AgentAnswered(OFFER)).at(2).tell(cmd.Hold(ANA))
    return script.ignore()


LATER: list[cmd.Command] = [
    cmd.Resume(ANA),
    cmd.AgentAnswered(Offer(C2, 1, BO)),
    cmd.KeyPressed(CallId("c4"), "1"),
    cmd.CallerHungUp(C1),
    cmd.EndWrapUp(ANA),
    cmd.Woken(),
]


def test_a_restored_centre_goes_on_exactly_like_the_one_it_was_taken_from() -> None:
    script = busy()
    kept = codec.encode_snapshot(take(script.centre))
    again = restore(script.centre.rules, codec.decode_snapshot(kept))
    for second, command in enumerate(LATER, start=3):
        now = Instant(MONDAY + second)
        assert again.handle(command, now) == script.centre.handle(command, now)
        assert again.next_deadline() == script.centre.next_deadline()


@pytest.mark.parametrize("command", [*LATER, finds(has(C1)), cmd.ClockStepped(3600.0)])
def test_every_command_comes_back_from_the_journal_as_it_was(command: cmd.Command) -> None:
    assert codec.decode(codec.encode(command)) == command


def test_a_snapshot_under_other_rules_keeps_live_calls() -> None:
    script = busy()
    fewer = rules(lines=(1,), of=flow())
    again: Centre = restore(fewer, take(script.centre))
    again.handle(finds(*(has(f"c{n}") for n in range(1, 5))), Instant(MONDAY + 5))
    assert len(again.visits.calls) == 4
    assert CallId("c4") in again.acd.entries  # whose node is gone went to a person
