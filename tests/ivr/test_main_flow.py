"""The city's own flow, as callers live it."""

from pathlib import Path

import pytest

from config.site import load
from ivr_flows.engine import (
    CheckCollected,
    Checked,
    Enqueue,
    HangUp,
    Play,
    PromptEnded,
    Request,
    Stop,
    TooLong,
)
from ivr_flows.schema import Flow
from tests.ivr.journey import SUNDAY, WEEKDAYS, Journey

DEMO = Path(__file__).parents[2] / "config" / "site"
GENERAL = Enqueue("general", 0.0, None)
BOOKING = Enqueue("booking", 0.0, None)
# Who is told of a callback hears by which number, and what it never asks.
OUR_CALL = ("callback_from", "number:0942-00-0100", "callback_never")


@pytest.fixture(scope="module")
def main() -> Flow:
    return load(DEMO).flows["main"]


def test_a_caller_who_presses_0_during_the_greeting_is_in_the_queue_at_once(main: Flow) -> None:
    caller = Journey(main).press("0")
    assert caller.last[0] == Stop()
    assert caller.last[-1] == GENERAL
    assert not any(isinstance(action, Play) for action in caller.last)


@pytest.mark.parametrize(
    ("keys", "ends_in", "path"),
    [
        ("0", GENERAL, [("greeting", "0")]),
        ("11", BOOKING, [("main", "1"), ("booking", "1")]),
        ("12", BOOKING, [("main", "1"), ("booking", "2")]),
        ("13", BOOKING, [("main", "1"), ("booking", "3")]),
        ("10", GENERAL, [("main", "1"), ("booking", "0")]),
        ("210", GENERAL, [("main", "2"), ("bring", "1"), ("bring_self", "0")]),
        ("8811", BOOKING, [("main", "1"), ("booking", "1")]),
        ("888", GENERAL, []),
        ("**0", GENERAL, [("greeting", "0")]),
        ("ABCD0", GENERAL, [("greeting", "0")]),
    ],
)
def test_keys_typed_ahead_all_count(
    main: Flow, keys: str, ends_in: Enqueue, path: list[tuple[str, str]]
) -> None:
    caller = Journey(main).press(keys)
    caller.wait_to_the_end()
    assert (caller.left, caller.path) == (ends_in, path)


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        ("21", ("bring_self",)),
        ("22", ("bring_child",)),
        ("23", ("bring_proxy",)),
        ("3", ("renewal_info",)),
        (
            "4",
            (
                "lost_intro",
                "number:0120-95-0178",
                "lost_again",
                "number:0120-95-0178",
                "lost_outro",
            ),
        ),
    ],
)
def test_who_listens_to_the_end_and_wants_no_more_was_informed(
    main: Flow, keys: str, heard: tuple[str, ...]
) -> None:
    caller = Journey(main).press(keys)
    assert caller.playing == heard
    assert not caller.here.informed
    assert caller.listen_out().here.informed
    assert caller.press("*").playing == heard
    caller.listen_out().press("9")
    assert caller.playing == ("goodbye",)
    assert caller.listen_out().left == HangUp(informed=True)


def test_hours_are_told_as_the_calendar_has_them(main: Flow) -> None:
    caller = Journey(main, hours=WEEKDAYS).press("5")
    half_past_eight = ("word:forenoon", "hour:8", "minutes:30", "word:hours_from")
    quarter_past_five = ("word:afternoon", "hour:5", "minutes:15")
    assert caller.playing == (
        *("hours_intro", "word:weekdays", *half_past_eight, *quarter_past_five, "word:until_then"),
        *("word:today_is", *quarter_past_five, "word:until_open"),
        "places_info",
    )
    assert caller.listen_out().here.informed


def test_who_wants_a_person_after_all_was_not_informed(main: Flow) -> None:
    caller = Journey(main).press("5").listen_out().press("0")
    assert caller.left == GENERAL
    assert caller.here.wanted_person


def test_who_wants_a_person_when_there_is_none_any_more_was_not_informed(main: Flow) -> None:
    caller = Journey(main, hours=WEEKDAYS).press("5").listen_out()
    caller.civil = SUNDAY
    caller.press("0").wait_to_the_end()
    assert caller.left == HangUp(informed=False, closed=True)


def test_e2_a_silent_caller_is_told_so_twice_and_then_gets_a_person(main: Flow) -> None:
    caller = Journey(main)
    again = ("no_input", "main_menu")
    heard = caller.wait_to_the_end()
    assert heard == [("greeting",), ("main_menu",), again, again, ("to_person",)]
    assert caller.left == GENERAL


def test_wrong_keys_are_told_so_and_then_lead_to_a_person(main: Flow) -> None:
    caller = Journey(main).press("7")
    assert caller.playing == ("wrong_key", "main_menu")
    assert caller.press("7").playing == ("wrong_key", "main_menu")
    assert caller.press("#").playing == ("to_person",)


def test_out_of_hours_a_caller_hears_so_and_where_to_report_a_lost_card(main: Flow) -> None:
    caller = Journey(main, SUNDAY, WEEKDAYS).listen_out()
    monday = ("word:next", "month:11", "day:23", "weekday:1", "word:forenoon", "hour:8")
    opens = (*monday, "minutes:30", "word:from_then")
    assert caller.playing == ("closed", *opens, "closed_lost", "number:0120-95-0178")
    assert caller.here.closed
    assert caller.listen_out().playing == ("request_offer",)
    assert caller.stay_silent().left == HangUp(informed=False, closed=True)


def test_out_of_hours_a_caller_may_leave_a_request_to_be_called(main: Flow) -> None:
    caller = Journey(main, SUNDAY, WEEKDAYS).press("1")  # for a booking, they believe
    caller.listen_out()
    assert caller.playing[0] == "closed"
    caller.press("1")
    assert caller.playing == ("number_ask",)
    caller.press("••••••••••#")
    assert caller.last[-2] == CheckCollected("callback_number", 10, keep=False)
    caller.tell(Checked(valid=False))
    assert list(caller.playing) == ["number_bad", "number_ask"]
    caller.press("••••••••••#").tell(Checked(valid=True))
    assert list(caller.playing) == ["typed", "number_confirm"]
    caller.press("1").tell(Checked(valid=True))
    assert Request("callback") in caller.last
    assert list(caller.playing) == ["request_taken", *OUR_CALL]
    assert caller.listen_out().left == HangUp(informed=False, closed=True)


@pytest.mark.parametrize("keys", ["0", "00", "1", "7"])
def test_out_of_hours_no_key_reaches_a_queue(main: Flow, keys: str) -> None:
    caller = Journey(main, SUNDAY, WEEKDAYS).press(keys)
    caller.wait_to_the_end()
    assert caller.left == HangUp(informed=False, closed=True)


def test_the_centre_closing_while_a_caller_is_in_the_menu_is_noticed(main: Flow) -> None:
    caller = Journey(main, hours=WEEKDAYS).press("1")
    caller.civil = SUNDAY
    assert caller.press("1").playing[0] == "closed"


@pytest.mark.parametrize("keys", ["", "1", "2", "21", "4"])
def test_five_minutes_of_menus_end_at_a_person(main: Flow, keys: str) -> None:
    assert Journey(main).press(keys).tell(TooLong()).left == GENERAL


@pytest.mark.parametrize("keys", ["", "1", "2", "21", "4"])
def test_after_a_restart_the_same_prompt_begins_again(main: Flow, keys: str) -> None:
    caller = Journey(main).press(keys)
    node, heard = caller.here.node, caller.playing
    assert caller.restart().playing == heard
    assert caller.here.node == node


def test_a_full_queue_sends_callers_back_to_words_and_an_end(main: Flow) -> None:
    caller = Journey(main, caller_known=True).press("0").come_back("too_many_wait")
    assert caller.playing == ("sorry_call_back", *OUR_CALL)
    assert caller.tell(PromptEnded()).left == HangUp(informed=False)


@pytest.mark.parametrize("node", ["too_many_wait", "waited_too_long"])
def test_who_is_sent_away_and_has_no_number_may_leave_one(main: Flow, node: str) -> None:
    caller = Journey(main).press("0").come_back(node).listen_out()
    assert caller.playing == ("request_offer",)
    caller.press("1").press("••••••••••#").tell(Checked(True)).press("1").tell(Checked(True))
    assert Request("callback") in caller.last
    assert list(caller.playing) == ["request_taken", *OUR_CALL]
    silent = Journey(main).press("0").come_back(node)
    silent.wait_to_the_end()
    assert isinstance(silent.left, HangUp)


@pytest.mark.parametrize("node", ["too_many_wait", "waited_too_long"])
def test_who_has_left_a_number_does_not_hear_that_their_own_is_called(
    main: Flow, node: str
) -> None:
    for known in (True, False):
        caller = Journey(main, caller_known=known, number_left=True).press("0").come_back(node)
        assert caller.playing == ("sorry_call_left", *OUR_CALL)
        caller = Journey(main, caller_known=known, number_left=True).press("0")
        caller.come_back("choose_callback")
        assert caller.last[-2:] == [Request("callback"), Play(("request_taken", *OUR_CALL))]


@pytest.mark.parametrize(
    ("node", "queue"), [("surge_general", GENERAL), ("surge_booking", BOOKING)]
)
def test_in_a_surge_whoever_presses_1_is_called_back_and_whoever_does_not_waits(
    main: Flow, node: str, queue: Enqueue
) -> None:
    known = Journey(main, caller_known=True).press("0").come_back(node)
    assert known.last[-1] == Play(("wait_callback",))
    known.press("1")
    assert known.last[-2:] == [Request("callback"), Play(("request_taken", *OUR_CALL))]
    unknown = Journey(main).press("0").come_back(node).press("1")
    assert unknown.last[-1] == Play(("number_ask",))
    for keys in ("", "5"):
        waiting = Journey(main).press("0").come_back(node).press(keys)
        waiting.wait_to_the_end()
        assert waiting.left == queue


# -- the caller's own booking -------------------------------------------------------------------

OWN = ("own_booking",)


def test_no_caller_is_offered_their_own_booking_unless_the_site_says_so(main: Flow) -> None:
    assert Journey(main).press("1").playing == ("booking_menu",)
    assert Journey(main).press("14").playing == ("wrong_key", "booking_menu")
    assert load(DEMO).booking.phone_menu is False
    assert Journey(main, offers=OWN).press("1").playing == ("own_booking_menu",)


def test_a_caller_hears_their_own_booking_and_leaves_informed(main: Flow) -> None:
    caller = Journey(main, offers=OWN).press("14")
    heard = [caller.playing]
    caller.press("•" * 9)
    assert caller.last[-2] == CheckCollected("own_notice", 9, keep=False)
    heard.append(caller.tell(Checked(valid=True)).playing)
    heard.append(caller.press("1").tell(Checked(valid=True)).playing)
    caller.press("•" * 8)
    assert caller.last[-2] == CheckCollected("own_birth", 8)
    heard.append(caller.tell(Checked(valid=True)).playing)
    heard.append(caller.listen_out().press("*").playing)
    assert heard == [
        ("own_notice_ask",), ("typed", "number_confirm"), ("own_birth_ask",),
        ("booking:own",), ("booking:own",),
    ]  # fmt: skip
    caller.wait_to_the_end()
    assert caller.left == HangUp(informed=True)


def test_three_birth_dates_and_then_a_person(main: Flow) -> None:
    caller = Journey(main, offers=OWN).press("14" + "•" * 9).tell(Checked(valid=True))
    caller.press("1").tell(Checked(valid=True))
    heard = [caller.press("•" * 8).tell(Checked(valid=False)).playing for _ in range(3)]
    assert heard == [("own_not_found", "own_birth_ask")] * 2 + [("to_person",)]
    caller.wait_to_the_end()
    assert caller.left == GENERAL


@pytest.mark.parametrize("keys", ["1", "2", "3"])
def test_the_other_keys_of_the_menu_stay_what_they_are(main: Flow, keys: str) -> None:
    caller = Journey(main, offers=OWN).press("1" + keys)
    assert caller.left == BOOKING
    assert caller.path == [("main", "1"), ("booking_with_own", keys)]
