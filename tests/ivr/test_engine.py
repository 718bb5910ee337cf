"""What the engine does with each kind of node and each kind of input."""

from typing import Any

import pytest

from ivr_flows import engine
from ivr_flows.engine import (
    BUDGET,
    CheckCollected,
    Checked,
    Enqueue,
    Failed,
    HangUp,
    KeepCollected,
    Key,
    Listen,
    Play,
    Position,
    PromptEnded,
    Silence,
    Stop,
    TooLong,
    Transfer,
)
from ivr_flows.occasion import Occasion
from tests.ivr.flows import END, MENU, flow
from tests.ivr.journey import MONDAY, SUNDAY, WEEKDAYS, Journey

DESK = Enqueue("desk", 0.0, None)
ASK: dict[str, Any] = {
    "kind": "collect",
    "field": "callback",
    "accept": "phone_number",
    "prompt": "ask",
    "invalid": "bad",
    "min_digits": 3,
    "max_digits": 5,
    "timeout": 6,
    "then": "thanks",
    "otherwise": "desk",
}
THANKS = {"kind": "say", "prompt": "thanks", "then": "end"}


def asking() -> Journey:
    return Journey(flow("ask", "desk", ask=ASK, thanks=THANKS, end=END))


def test_listening_begins_when_the_prompt_has_ended() -> None:
    caller = Journey(flow())
    assert caller.last == [Play(("menu",))]
    assert caller.listen_out().last == [Listen(5.0)]


def test_a_key_stops_the_prompt() -> None:
    assert Journey(flow()).press("1").last == [Stop(), engine.Chose("menu", "1"), DESK]


def test_a_key_after_the_prompt_clears_the_timer() -> None:
    caller = Journey(flow()).listen_out().press("1")
    assert caller.last == [Listen(None), engine.Chose("menu", "1"), DESK]


def test_star_repeats_and_costs_no_try() -> None:
    caller = Journey(flow()).press("9**")
    assert caller.playing == ("menu",)
    assert caller.here.tries == 1


def test_a_key_during_words_that_lead_to_a_menu_is_a_key_of_that_menu() -> None:
    hello = {"kind": "say", "prompt": "hello", "then": "gate"}
    gate = {"kind": "hours", "table": "phone", "open": "menu", "closed": "end"}
    speaking = flow("hello", "desk", hello=hello, gate=gate, end=END)
    assert Journey(speaking).press("1").left == DESK
    assert Journey(speaking).press("5").playing == ("wrong", "menu")
    assert Journey(speaking, SUNDAY, WEEKDAYS).press("5").playing == ("hello",)


def test_a_key_during_words_before_a_queue_cuts_them_short() -> None:
    hello = {"kind": "say", "prompt": "hello", "then": "desk"}
    assert Journey(flow("hello", hello=hello)).press("5").last == [Stop(), DESK]


def test_a_stray_key_does_not_cut_off_the_last_words() -> None:
    bye = {"kind": "say", "prompt": "bye", "then": "end"}
    caller = Journey(flow("bye", bye=bye, end=END)).press("5")
    assert (caller.last, caller.playing) == ([], ("bye",))


def test_silence_may_lead_elsewhere_than_wrong_keys() -> None:
    patient = MENU | {"silence": {"retries": 0, "otherwise": "end"}}
    caller = Journey(flow(menu=patient, end=END))
    assert caller.stay_silent().left == HangUp(informed=False)
    assert Journey(flow(menu=patient, end=END)).press("9").playing == ("wrong", "menu")


def test_late_inputs_change_nothing() -> None:
    caller = Journey(flow()).listen_out()
    before = caller.here
    for late in (PromptEnded(), Checked(True), Failed()):
        assert caller.tell(late).last == []
    assert caller.here == before
    caller.press("0").tell(Key("1"), PromptEnded(), Silence(), TooLong(), Checked(True), Failed())
    assert (caller.left, caller.last) == (DESK, [])


def test_a_timer_that_fires_too_late_does_not_cut_words_short() -> None:
    caller = Journey(flow())
    assert caller.tell(Silence()).last == []
    assert caller.playing == ("menu",)


def test_a_restart_does_not_forgive_wrong_keys() -> None:
    caller = Journey(flow()).press("9").restart()
    assert (caller.playing, caller.here.tries) == (("menu",), 1)


def test_whoever_was_in_a_queue_wanted_a_person() -> None:
    caller = Journey(flow(bye={"kind": "say", "prompt": "bye", "then": "end"}, end=END))
    assert not caller.here.wanted_person
    assert caller.press("1").here.wanted_person
    assert caller.come_back("bye").here.wanted_person


def test_digits_are_counted_and_handed_over_when_all_are_there() -> None:
    caller = asking().press("••••")
    assert caller.last == [Listen(6.0)]
    caller.press("•")
    assert caller.last == [CheckCollected("callback", 5), Listen(6.0)]
    assert caller.tell(Checked(True)).playing == ("thanks",)


def test_the_first_digit_stops_the_prompt() -> None:
    assert asking().press("•").last == [Stop(), Listen(6.0)]


@pytest.mark.parametrize("done", [Key("#"), Silence()])
def test_hash_or_a_pause_ends_an_entry(done: engine.Input) -> None:
    assert asking().press("•••").tell(done).last == [CheckCollected("callback", 3), Listen(6.0)]


def test_too_short_an_entry_is_invalid() -> None:
    caller = asking().press("••#")
    assert caller.playing == ("bad", "ask")
    assert (caller.here.typed, caller.here.tries) == (0, 1)


def test_an_entry_refused_is_asked_for_again_and_at_last_goes_on_without() -> None:
    caller = asking()
    for _ in range(2):
        assert caller.press("•••••").tell(Checked(False)).playing == ("bad", "ask")
    assert caller.press("•••••").tell(Checked(False)).left == DESK


def test_no_answer_to_an_entry_counts_as_refused() -> None:
    assert asking().press("•••••").tell(Silence()).playing == ("bad", "ask")


def test_digits_beyond_the_last_change_nothing() -> None:
    caller = asking().press("•••••")
    before = caller.here
    for key in "•#":
        assert caller.press(key).last == []
    assert caller.here == before


def test_star_forgets_what_was_typed_and_the_check_that_was_under_way() -> None:
    caller = asking().press("•••••*")
    assert caller.playing == ("ask",)
    assert caller.here.typed == 0
    assert caller.tell(Checked(True)).playing == ("ask",)


def test_nothing_typed_at_all_is_silence() -> None:
    assert asking().stay_silent().playing == ("silent", "ask")


def test_a_restart_forgets_the_digits() -> None:
    caller = asking().press("••").restart()
    assert caller.last == [Stop(), Listen(None), Play(("ask",))]
    assert caller.here.typed == 0


def test_digits_are_masked_from_the_words_that_announce_the_collecting_on() -> None:
    before = {"kind": "say", "prompt": "before", "then": "gate"}
    gate = {"kind": "hours", "table": "phone", "open": "ask", "closed": "end"}
    nodes = {"before": before, "gate": gate, "ask": ASK, "thanks": THANKS, "end": END}
    masking = flow("before", "desk", **nodes)
    shown = {name: engine.collecting(masking, Position(name)) for name in masking.nodes}
    assert [name for name, masked in shown.items() if masked] == ["before", "ask"]
    caller = Journey(masking).press("•••••")
    assert caller.last == [CheckCollected("callback", 5), Listen(6.0)]
    assert not engine.collecting(masking, caller.tell(Checked(True)).here)


CONFIRM = {**ASK, "confirm": "is_it_right"}


def confirming() -> Journey:
    """Typed, found valid, and read back."""
    caller = Journey(flow("ask", "desk", ask=CONFIRM, thanks=THANKS, end=END)).press("•••••")
    assert caller.last == [CheckCollected("callback", 5, keep=False), Listen(6.0)]
    return caller.tell(Checked(True))


def test_an_entry_is_read_back_and_kept_when_it_is_confirmed() -> None:
    caller = confirming()
    assert caller.playing == ("typed", "is_it_right")
    assert not engine.collecting(caller.flow, caller.here)  # 1 and 2 are no secret
    caller.press("1")
    assert caller.last == [Stop(), KeepCollected("callback"), Listen(6.0)]
    assert caller.press("12*").last == []  # it is being kept
    assert caller.tell(Checked(True)).playing == ("thanks",)


def test_one_that_is_wrong_is_asked_for_again_and_at_last_goes_on_without() -> None:
    caller = confirming()
    for _ in range(2):
        assert caller.press("2").playing == ("ask",)
        assert engine.collecting(caller.flow, caller.here)
        assert caller.press("•••••").tell(Checked(True)).playing == ("typed", "is_it_right")
    assert caller.press("2").left == DESK


def test_one_that_nobody_confirms_is_read_back_again_and_is_left_at_last() -> None:
    caller = confirming().stay_silent()
    assert caller.playing == ("silent", "typed", "is_it_right")
    assert caller.press("7").playing == ("wrong", "typed", "is_it_right")
    assert caller.press("*").playing == ("typed", "is_it_right")  # costs no try
    assert caller.stay_silent().left == DESK


def test_one_that_could_not_be_kept_is_asked_for_again() -> None:
    assert confirming().press("1").tell(Checked(False)).playing == ("bad", "ask")
    assert confirming().press("1").tell(Silence()).playing == ("bad", "ask")


def test_a_person_is_a_key_away_again_while_it_is_read_back() -> None:
    assert confirming().press("0").left == DESK


def test_a_restart_while_it_is_read_back_asks_for_it_anew() -> None:
    caller = confirming().restart()
    assert caller.playing == ("ask",)
    assert engine.collecting(caller.flow, caller.here)


@pytest.mark.parametrize(("known", "said"), [(True, ("thanks",)), (False, ("ask",))])
def test_who_is_known_by_their_number_need_not_type_it(known: bool, said: tuple[str]) -> None:
    by = {"kind": "caller", "known": "thanks", "unknown": "ask"}
    of = flow("by", "desk", by=by, ask=ASK, thanks=THANKS, end=END)
    assert Journey(of, caller_known=known).playing == said
    assert not engine.collecting(of, Position("by"))  # nobody stands there


def test_digits_are_masked_before_a_node_that_may_lead_to_a_collect() -> None:
    before = {"kind": "say", "prompt": "before", "then": "by"}
    by = {"kind": "caller", "known": "thanks", "unknown": "ask"}
    of = flow("before", "desk", before=before, by=by, ask=ASK, thanks=THANKS, end=END)
    assert engine.collecting(of, Position("before"))
    assert Journey(of).press("•••••").last == [CheckCollected("callback", 5), Listen(6.0)]


def test_a_call_that_overflows_to_another_line_says_what_is_said_there() -> None:
    out = {
        "kind": "transfer", "number": "hall", "otherwise": "end",
        "overflow": {"announce": ["hall_told", "caller:number"], "ask": "hall_asked"},
    }  # fmt: skip
    caller = Journey(flow("out", "desk", out=out, end=END))
    assert caller.left == Transfer("hall", ("hall_told", "caller:number"), ("hall_asked",))


def test_an_unanswered_transfer_comes_back() -> None:
    out = {"kind": "transfer", "number": "lost_card", "otherwise": "sorry"}
    sorry = {"kind": "say", "prompt": "sorry", "then": "menu"}
    caller = Journey(flow("out", out=out, sorry=sorry))
    assert caller.left == Transfer("lost_card")
    assert caller.tell(Key("0"), TooLong()).left == Transfer("lost_card")
    assert caller.tell(Failed()).last == [Play(("sorry",))]


def test_an_information_cut_short_does_not_count() -> None:
    news = {"kind": "say", "prompt": "news", "informed": True, "then": "menu"}
    assert not Journey(flow("news", news=news)).press("9").here.informed
    assert Journey(flow("news", news=news)).tell(PromptEnded()).here.informed
    assert not Journey(flow("news", news=news)).tell(PromptEnded(heard=False)).here.informed


def test_a_missing_table_of_hours_strands_nobody() -> None:
    gate = {"kind": "hours", "table": "gone", "open": "desk", "closed": "end"}
    assert Journey(flow("gate", gate=gate, end=END)).left == DESK


def test_a_position_of_a_flow_that_is_gone_begins_again() -> None:
    there, actions = engine.resume(flow(), Position("gone", steps=7), Occasion(MONDAY))
    assert (there.node, actions[-1]) == ("menu", Play(("menu",)))


def test_e2_a_flood_of_keys_ends_at_a_person_after_the_budget() -> None:
    caller = Journey(flow(menu=MENU | {"choices": {"1": "menu"}}))
    for _ in range(BUDGET - 1):
        assert caller.press("1").left is None
    assert caller.press("1").left == DESK


def test_e4_a_flow_that_goes_round_by_itself_lets_go_of_the_caller() -> None:
    gate = {"kind": "hours", "table": "phone", "open": "gate", "closed": "gate"}
    caller = Journey(flow("gate", "gate", gate=gate))
    assert caller.left == HangUp(informed=False)
    assert caller.here.steps <= BUDGET + engine.GRACE + 1
    assert caller.tell(Key("1"), TooLong()).last == []
    assert engine.resume(caller.flow, caller.here, Occasion(MONDAY))[1] == [HangUp(informed=False)]
