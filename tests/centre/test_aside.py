"""What callers do by keys while they wait, and that it costs them neither place nor agent."""

import pytest

from ivr_flows.schema import Flow
from telephony.acd.effects import Ring
from telephony.acd.model import CallId, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import KeyUse
from telephony.centre.effects import Outcome, OverflowReason
from telephony.centre.model import Stage
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, BOOKING, C1, C2, GENERAL, MONDAY, flow, queue, rules
from tests.script import Script

ASKED, CHOICE = "number_wait_ask", "number_choice"


def paths() -> Flow:
    """While they wait: `ask` takes a number, `choose` a callback instead of the wait."""
    number = {
        "kind": "collect", "field": "callback_number", "accept": "phone_number",
        "min_digits": 10, "max_digits": 11, "retries": 0, "otherwise": "back",
        "confirm": ["number_confirm"],
    }  # fmt: skip
    return flow(
        ask={**number, "prompt": ASKED, "then": "back"},
        back={"kind": "enqueue", "queue": "booking"},  # wherever they wait, that is
        choose={
            "kind": "menu", "prompt": CHOICE, "choices": {"1": "wish", "2": "other"},
            "retries": 0, "otherwise": "back",
        },
        other={**number, "retries": 1, "prompt": "number_ask", "then": "wish"},
        wish={"kind": "request", "what": "callback", "then": "thanks"},
        thanks={"kind": "say", "prompt": "request_taken", "then": "bye"},
        sorry={"kind": "say", "prompt": "max_wait_sorry", "then": "bye"},
        bye={"kind": "hang_up"},
    )  # fmt: skip


def desk(**of_queue: object) -> Script:
    given: dict[str, object] = {
        "announce_after": 1.0, "announce_every": 30.0, "ask_number": "ask", "on_1": "choose",
    }  # fmt: skip
    waits = queue(GENERAL, **(given | of_queue))
    exits = {GENERAL: dict.fromkeys(OverflowReason, "sorry")}
    return Script(rules(of=paths(), queues=(waits, queue(BOOKING)), exits=exits)).ignore()


def arrives(call: CallId = C1, caller: str | None = None) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", caller)


def heard(script: Script, call: CallId = C1) -> list[tuple[str, ...]]:
    """What was played to them, in order."""
    plays = (each for each in script._seen if isinstance(each, fx.Play))
    return [each.prompts for each in plays if each.call == call]


def ends(script: Script, call: CallId = C1) -> cmd.PlaybackEnded:
    return cmd.PlaybackEnded(call, script.centre.visits.calls[call].playback)


def types(script: Script, digits: int = 10, call: CallId = C1) -> Script:
    """A number, and # where it is not as long as one can be."""
    script.tell(*[cmd.KeyPressed(call, cmd.MASKED)] * digits)
    return script.tell(cmd.KeyPressed(call, "#")) if digits < 11 else script


def place(script: Script, number: int = 1) -> tuple[str, ...]:
    return ("position_intro", f"position:{number}", "wait_callback")


def noted(script: Script, event: str) -> list[str]:
    found = [each for each in script.news if isinstance(each, fx.CallNoted)]
    return [each.call for each in found if each.event == event]


# -- a caller without a number ----------------------------------------------------------------


def test_a2_who_shows_no_number_is_asked_for_one_and_keeps_the_place() -> None:
    script = desk().tell(arrives(), arrives(C2, "known")).at(1)
    assert heard(script) == [(ASKED,)]
    assert heard(script, C2) == [place(script, 2)]
    assert script.centre.key_use(C1) is KeyUse.COLLECTED
    types(script)
    assert fx.CheckKeys(C1, "callback_number", 10, "phone_number", False) in script._seen
    script.tell(cmd.KeysChecked(C1, True))
    assert heard(script)[-1] == ("typed", "number_confirm")
    script.tell(cmd.KeyPressed(C1, "1"))
    assert fx.KeepKeys(C1, "callback_number") in script._seen
    script.tell(cmd.KeysChecked(C1, True)).at(2)
    assert heard(script)[-1] == place(script)
    call = script.centre.visits.calls[C1]
    assert (call.stage, call.queue, call.left_number) == (Stage.WAITING, GENERAL, True)
    script.tell(cmd.Ready(ANA))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)


def test_they_are_asked_once_and_need_not_answer() -> None:
    script = desk().tell(arrives()).at(1)
    script.tell(ends(script)).at(10)  # they say nothing
    assert heard(script) == [(ASKED,), place(script)]
    script.tell(ends(script)).at(100)
    assert heard(script).count((ASKED,)) == 1
    assert script.centre.acd.entries[C1].queue == GENERAL


def test_an_agent_goes_before_and_the_question_comes_again_if_they_do_not_answer() -> None:
    script = desk().tell(arrives()).at(1).tell(cmd.KeyPressed(C1, cmd.MASKED)).at(2)
    script.ignore().tell(cmd.Ready(ANA))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)
    assert script.centre.key_use(C1) is KeyUse.UNSEEN
    script.tell(cmd.AgentRinging(Offer(C1, 1, ANA))).at(9)
    assert heard(script) == []
    script.tell(
        cmd.AgentLegEnded(Offer(C1, 1, ANA), cmd.LegEnd.DECLINED), cmd.Pause(ANA, "休憩")
    ).at(35)
    assert heard(script)[0] == (ASKED,)


def test_whoever_has_left_a_number_counts_as_known_in_the_flow() -> None:
    script = desk().tell(arrives()).at(1)
    assert not script.centre.floor.occasion(script.now, script.centre.visits.calls[C1]).caller_known
    types(script).tell(cmd.KeysChecked(C1, True), cmd.KeyPressed(C1, "1"))
    script.tell(cmd.KeysChecked(C1, True))
    occasion = script.centre.floor.occasion(script.now, script.centre.visits.calls[C1])
    assert (occasion.caller_known, occasion.number_left) == (True, True)


def test_a_number_that_cannot_be_one_leads_back_to_the_music() -> None:
    script = desk().tell(arrives()).at(1)
    types(script, 3).at(3)
    assert heard(script)[-1] == place(script)
    assert not script.centre.visits.calls[C1].left_number


# -- a callback instead of the wait -----------------------------------------------------------


def test_1_offers_a_callback_and_who_wants_it_waits_no_more() -> None:
    script = desk().tell(arrives(caller="known")).at(1)
    assert script.centre.key_use(C1) is KeyUse.ONE
    script.tell(cmd.KeyPressed(C1, "1"))
    assert heard(script)[-1] == (CHOICE,)
    assert script.centre.key_use(C1) is KeyUse.PLAIN
    script.tell(cmd.KeyPressed(C1, "1"))
    assert noted(script, "requested") == [C1]
    assert C1 not in script.centre.acd.entries
    assert heard(script)[-1] == ("request_taken",)
    script.tell(cmd.Ready(ANA), ends(script), cmd.CallerHungUp(C1))
    (closed,) = script.closed()
    assert (closed.outcome, closed.overflow_reason) == (Outcome.OVERFLOWED, OverflowReason.CHOICE)


def test_another_number_than_their_own_is_read_back_first() -> None:
    script = desk().tell(arrives(caller="known")).at(1)
    script.tell(cmd.KeyPressed(C1, "1"), cmd.KeyPressed(C1, "2"))
    assert script.centre.key_use(C1) is KeyUse.COLLECTED
    types(script).tell(cmd.KeysChecked(C1, True), cmd.KeyPressed(C1, "2"))
    assert noted(script, "requested") == []
    assert heard(script)[-1] == ("number_ask",)
    types(script, 11).tell(cmd.KeysChecked(C1, True), cmd.KeyPressed(C1, "1"))
    script.tell(cmd.KeysChecked(C1, True))
    assert noted(script, "requested") == [C1]


def test_b4_callback_pressed_as_a_telephone_rings_changes_nothing() -> None:
    script = desk().tell(arrives(caller="known")).at(1).tell(cmd.Ready(ANA)).ignore()
    script.tell(cmd.KeyPressed(C1, "1"), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.tell(cmd.KeyPressed(C1, "1"))
    assert heard(script) == []
    assert script.centre.visits.calls[C1].stage is Stage.TALKING
    assert noted(script, "requested") == []


def test_b4_an_agent_who_becomes_free_while_they_choose_is_the_one_outcome() -> None:
    script = desk().tell(arrives(caller="known")).at(1).tell(cmd.KeyPressed(C1, "1"))
    script.tell(cmd.Ready(ANA), cmd.KeyPressed(C1, "1"))  # the key comes a moment too late
    script.tell(cmd.AgentAnswered(Offer(C1, 1, ANA)), cmd.CallerHungUp(C1))
    assert noted(script, "requested") == []
    assert [each.outcome for each in script.closed()] == [Outcome.ANSWERED]


def test_b4_who_has_chosen_first_is_offered_to_nobody() -> None:
    script = desk().tell(arrives(caller="known")).at(1)
    script.tell(cmd.KeyPressed(C1, "1"), cmd.KeyPressed(C1, "1"), cmd.Ready(ANA), cmd.Ready(BO))
    assert not any(isinstance(each, Ring) for each in script._seen)
    assert noted(script, "requested") == [C1]


def test_keys_that_choose_nothing_are_not_seen_and_a_queue_without_the_choice_has_none() -> None:
    script = desk(on_1=None, ask_number=None).tell(arrives()).at(1)
    assert heard(script) == [("position_intro", "position:1", "position_outro")]
    assert script.centre.key_use(C1) is KeyUse.UNSEEN
    script.ignore().tell(cmd.KeyPressed(C1, "1")).at(20)
    assert heard(script) == []


def test_the_longest_wait_does_not_cut_them_short() -> None:
    script = desk(max_wait=5.0).tell(arrives(caller="known")).at(4.5)
    script.tell(cmd.KeyPressed(C1, "1")).at(6)
    assert noted(script, "left_queue") == []
    script.tell(cmd.KeyPressed(C1, "9"))  # neither of the two: they go on waiting, which is over
    assert noted(script, "left_queue") == [C1]
    assert heard(script)[-1] == ("max_wait_sorry",)


def test_that_nobody_works_any_more_does_not_cut_who_types_short_either() -> None:
    script = desk(no_agent_after=5.0).tell(arrives()).at(1)
    script.tell(*[cmd.KeyPressed(C1, cmd.MASKED)] * 4).at(6)
    assert noted(script, "left_queue") == []
    assert script.centre.key_use(C1) is KeyUse.COLLECTED  # what they type on is no menu's
    types(script, 6).tell(cmd.KeysChecked(C1, True), cmd.KeyPressed(C1, "1"))
    script.tell(cmd.KeysChecked(C1, True)).at(7)
    assert noted(script, "left_queue") == [C1]
    assert heard(script)[-1] == ("max_wait_sorry",)


# -- a leader dies, or the flow has no such node ----------------------------------------------


def test_the_next_leader_asks_anew_and_knows_their_place() -> None:
    script = desk().tell(arrives()).at(1).tell(cmd.KeyPressed(C1, cmd.MASKED))
    centre = restore(script.centre.rules, take(script.centre))
    assert centre.key_use(C1) is KeyUse.COLLECTED
    there = (cmd.LiveChannel(C1, True, False, None),)
    asked = Instant(script.now + 1)
    centre.handle(cmd.Reconciled(there, asked, MONDAY), asked)
    assert centre.key_use(C1) is KeyUse.ONE  # what was typed is forgotten
    due = centre.next_deadline()
    assert due is not None
    (question,) = [each for each in centre.wake(due) if isinstance(each, fx.Play)]
    assert question.prompts == (ASKED,)
    assert centre.acd.entries[C1].queue == GENERAL


@pytest.mark.parametrize("playing", [True, False])
def test_a_request_in_doubt_about_somebody_else_does_not_interrupt_them(playing: bool) -> None:
    script = desk().tell(arrives()).at(1)
    if not playing:
        script.tell(ends(script), cmd.KeyPressed(C1, cmd.MASKED))
    there = cmd.LiveChannel(C1, True, False, fx.MUSIC)
    script.ignore().at(2).tell(cmd.Reconciled((there,), script.now, MONDAY, gap=False))
    assert script._seen == []
    assert script.centre.key_use(C1) is KeyUse.COLLECTED


@pytest.mark.parametrize("of_queue", [{"ask_number": "nowhere"}, {"on_1": "nowhere"}])
def test_a_flow_of_before_that_has_no_such_node_lets_them_wait(of_queue: dict[str, object]) -> None:
    script = desk(**of_queue).tell(arrives()).at(1).tell(cmd.KeyPressed(C1, "1")).at(40)
    assert script.centre.visits.calls[C1].stage is Stage.WAITING


# -- how long it will be ----------------------------------------------------------------------


def told(script: Script) -> list[tuple[str, ...]]:
    """Of the announcements, what lies between the place and the end."""
    return [each[2:-1] for each in heard(script) if each[0] == "position_intro"]


def timed(**of_queue: object) -> Script:
    given: dict[str, object] = {"ask_number": None, "tell_wait": True} | of_queue
    return desk(**given).tell(cmd.Ready(ANA), arrives(C2, "talks"))


def talking(script: Script) -> Script:
    return script.tell(cmd.AgentAnswered(Offer(C2, 1, ANA))).ignore()


def test_the_wait_is_told_as_an_interval_in_minutes() -> None:
    script = talking(timed()).tell(arrives(caller="known")).at(1)
    assert told(script) == [("wait_intro", "minutes_about:10")]  # 0 to 600 s
    for n in range(3):
        script.tell(arrives(CallId(f"more{n}"), f"key{n}"))
    script.at(2.5)
    last = heard(script, CallId("more2"))[-1]
    assert last[2:-1] == (
        "wait_intro",
        "minutes:10",
        "word:hours_from",
        "minutes_about:30",
    )  # 1200 ± 600 s


def test_that_it_is_later_than_they_were_told_is_said() -> None:
    script = timed().tell(cmd.Ready(BO), arrives(CallId("d"), "other"))
    script.tell(cmd.AgentAnswered(Offer(C2, 1, ANA)), cmd.AgentAnswered(Offer(CallId("d"), 1, BO)))
    script.ignore().tell(arrives(caller="known")).at(1)
    assert told(script) == [("wait_intro", "minutes_about:5")]  # two work here
    script.tell(ends(script), cmd.SignOut(BO), cmd.CallerHungUp(CallId("d"))).at(31)
    script.tell(ends(script)).at(61)
    later = ("wait_longer", "wait_intro", "minutes_about:10")
    assert told(script)[-1] == later


def test_the_same_ten_minutes_are_later_once_they_are_so_by_a_minute() -> None:
    script = talking(timed()).tell(arrives(caller="known")).at(1)
    ten = ("wait_intro", "minutes_about:10")
    assert told(script) == [ten]
    promised = script.centre.visits.calls[C1].promised_by
    assert promised is not None
    for at in range(31, 122, 30):
        script.tell(ends(script)).at(at)
    # By 61 s what they hear is a minute later than what they heard first, and by 121 s than that.
    assert told(script)[1:] == [ten, ("wait_longer", *ten), ten, ("wait_longer", *ten)]
    assert script.centre.visits.calls[C1].promised_by == promised + 120


def test_after_no_time_was_said_nothing_is_later_than_it() -> None:
    script = talking(timed())
    for n in range(5):
        script.tell(arrives(CallId(f"c{n}x"), f"key{n}"))
    script.at(1)
    assert script.centre.visits.calls[CallId("c4x")].promised_by is None


def test_more_than_half_an_hour_is_not_counted_in_minutes_and_nobody_at_work_is_no_guess() -> None:
    script = talking(timed())
    for n in range(5):
        script.tell(arrives(CallId(f"c{n}x"), f"key{n}"))
    script.at(1)
    assert heard(script, CallId("c4x"))[-1][2:-1] == ("wait_long",)
    empty = desk(ask_number=None, tell_wait=True).tell(arrives(caller="known")).at(1)
    assert told(empty) == [()]
