"""What opens, joins and closes an obligation; and that it balances whatever happens."""

import random  # noqa: TID251 -- the dice of a test, seeded
from dataclasses import replace
from typing import Any

import pytest

from telephony.centre.effects import Outcome
from telephony.owing.ledger import Ledger
from telephony.owing.model import (
    Attempt,
    CallbackAsked,
    CallbackDone,
    Cause,
    Deed,
    EndedCall,
    Result,
    State,
    Terms,
    What,
    balance,
)
from telephony.owing.rules import misfit
from tests.owing.reference import ledger as slowly

NUMBER, OTHER = "+81942000001", "+81942000002"
TERMS = Terms(short_abandon=10.0, attempts=3)


def ended(call: str, outcome: Outcome = Outcome.ABANDONED, **given: Any) -> EndedCall:
    told: dict[str, Any] = {"number": NUMBER, "arrived_at": 100.0, "ended_at": 130.0} | given
    return EndedCall(call, outcome=outcome, **told)


def only(book: Ledger) -> Any:
    (one,) = book.obligations.values()
    return one


def memo(key: str, name: str = "", at: float = 200.0) -> CallbackAsked:
    return CallbackAsked(key, at, "p1", Cause.MEMO, NUMBER, name)


def test_five_calls_of_one_number_are_one_obligation_with_five_events() -> None:
    book = Ledger(TERMS)
    for n in range(5):
        book.ended(ended(f"c{n}", ended_at=130.0 + n))
    assert (only(book).id, only(book).no, only(book).events) == ("ob-c0", 1, 5)
    assert [each.what for each in book.events] == [What.OPENED, *[What.JOINED] * 4]
    assert [each.call for each in book.events] == ["c0", "c1", "c2", "c3", "c4"]


@pytest.mark.parametrize(
    ("call", "cause"),
    [
        (ended("c"), Cause.MENU),
        (ended("c", queued=True), Cause.ABANDONED),
        (ended("c", ended_at=109.9), None),
        (ended("c", ended_at=110.0), Cause.MENU),
        (ended("c", Outcome.OVERFLOWED, ended_at=100.0), Cause.OVERFLOW),
        (ended("c", Outcome.REFUSED, ended_at=100.0), Cause.REFUSED),
        (ended("c", Outcome.LOST), Cause.LOST),
        (ended("c", Outcome.INFORMED), None),
        (ended("c", Outcome.CLOSED), None),
        (ended("c", Outcome.CLOSED, requested=True), Cause.REQUESTED),
        (ended("c", Outcome.ABANDONED, ended_at=101.0, requested=True), Cause.REQUESTED),
        (ended("c", Outcome.ANSWERED), None),
        (ended("c", Outcome.ANSWERED, requested=True), None),
    ],
)
def test_which_end_owes_something(call: EndedCall, cause: Cause | None) -> None:
    book = Ledger(TERMS)
    book.ended(call)
    assert [each.cause for each in book.obligations.values()] == ([] if cause is None else [cause])


def test_who_shows_no_number_is_a_line_apart_and_not_forgotten() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1", Outcome.OVERFLOWED, number=None))
    assert not book.obligations
    (event,) = book.events
    assert (event.what, event.obligation, event.call) == (What.UNNUMBERED, None, "c1")


def test_who_shows_our_own_number_cannot_be_rung_at_it() -> None:
    book = Ledger(replace(TERMS, own=frozenset({NUMBER})))
    book.ended(ended("c1"))
    assert not book.obligations
    assert [each.what for each in book.events] == [What.UNNUMBERED]


def test_an_overflow_that_was_solved_is_opened_and_contacted() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1", Outcome.OVERFLOWED, overflow_result="solved"))
    assert (only(book).state, only(book).closed_by) == (State.CONTACTED, "c1")
    book.ended(ended("c2", Outcome.OVERFLOWED, overflow_result="wrong_place"))
    assert book.obligations["ob-c2"].state is State.OPEN


def test_a_name_or_topic_is_its_own_under_the_same_number() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.asked(memo("k1", "窓口 花子"))
    book.asked(memo("k2", "窓口 太郎"))
    book.asked(memo("k3", "窓口 花子"))
    book.asked(memo("k4"))
    assert {each.id: each.events for each in book.obligations.values()} == {
        "ob-c1": 2, "ob-k1": 2, "ob-k2": 1,
    }  # fmt: skip
    book.met("c9", NUMBER, 300.0)
    assert all(each.provisional for each in book.obligations.values())


def test_an_answered_call_closes_provisionally_and_is_confirmed_or_split() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.met("c2", NUMBER, 200.0)
    assert (only(book).state, only(book).provisional) == (State.CONTACTED, True)
    sure = Ledger(TERMS, 1, book.obligations.values())
    sure.done(CallbackDone("k1", "ob-c1", Deed.CONFIRM, 210.0, "p1"))
    assert (only(sure).state, only(sure).provisional) == (State.CONTACTED, False)
    book.done(CallbackDone("k1", "ob-c1", Deed.SPLIT, 210.0, "p1"))
    assert only(book).state is State.OPEN
    book.met("c2", NUMBER, 220.0)  # handed on: the same call is nobody else
    assert only(book).state is State.OPEN
    book.met("c3", NUMBER, 230.0)
    assert only(book).state is State.CONTACTED


def test_what_is_promised_in_a_call_is_not_closed_by_its_end() -> None:
    book = Ledger(TERMS)
    book.asked(replace(memo("k1", at=150.0), cause=Cause.PROMISED, call="c1"))
    book.met("c1", NUMBER, 120.0)
    assert only(book).state is State.OPEN


def test_one_that_is_reopened_beside_a_newer_one_is_taken_over_by_it() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.met("c2", NUMBER, 200.0)
    book.ended(ended("c3", ended_at=300.0))
    book.done(CallbackDone("k1", "ob-c1", Deed.SPLIT, 310.0, "p1"))
    assert book.obligations["ob-c1"].state is State.WITHDRAWN
    newer = book.obligations["ob-c3"]
    assert (newer.state, newer.events, newer.due_at) == (State.OPEN, 2, 130.0 + TERMS.due_within)


def attempt(n: int, result: Result, at: float = 1000.0) -> Attempt:
    return Attempt(f"a{n}", "ob-c1", "a01", at, None, at + 20.0, result)


def test_f5_so_many_attempts_in_vain_exhaust_it_and_are_spaced() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.tried_to_reach(attempt(1, Result.NO_ANSWER))
    assert (only(book).attempts, only(book).next_at) == (1, 1020.0 + TERMS.spacing)
    book.tried_to_reach(attempt(2, Result.FAILED, 9000.0))
    book.tried_to_reach(attempt(3, Result.CANCELLED, 9100.0))
    book.tried_to_reach(attempt(6, Result.BROKEN_OFF, 9150.0))  # our own telephone was lost
    assert (only(book).attempts, only(book).next_at) == (1, 1020.0 + TERMS.spacing)
    book.tried_to_reach(attempt(4, Result.MACHINE, 9200.0))
    book.tried_to_reach(attempt(4, Result.MACHINE, 9200.0))
    assert (only(book).attempts, only(book).state) == (2, State.OPEN)
    book.tried_to_reach(attempt(5, Result.BUSY, 19200.0))
    assert (only(book).state, only(book).closed_by) == (State.EXHAUSTED, "a5")


def test_what_the_agent_says_later_counts() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.tried_to_reach(attempt(1, Result.ANSWERED))
    assert (only(book).state, only(book).attempts) == (State.OPEN, 0)
    book.tried_to_reach(attempt(1, Result.REACHED))
    assert only(book).state is State.CONTACTED
    book.tried_to_reach(attempt(1, Result.MACHINE))
    assert (only(book).state, only(book).attempts) == (State.OPEN, 1)
    book.tried_to_reach(attempt(2, Result.WRONG_NUMBER))
    assert only(book).state is State.EXHAUSTED


def test_f4_the_second_of_two_who_reach_for_one_is_told_who_has_it() -> None:
    book = Ledger(TERMS)
    book.ended(ended("c1"))
    book.done(CallbackDone("k1", "ob-c1", Deed.CLAIM, 200.0, "p1"))
    second = CallbackDone("k2", "ob-c1", Deed.CLAIM, 201.0, "p2")
    assert "somebody else" in (misfit(only(book), second) or "")
    book.done(second)
    assert only(book).holder(201.0) == "p1"
    book.done(replace(second, key="k3", at=200.0 + TERMS.lease))  # the lease is over
    assert only(book).holder(200.0 + TERMS.lease) == "p2"


def test_f5_hours_move_what_is_due_and_the_next_attempt() -> None:
    class Mornings:
        def after(self, at: float, seconds: float) -> float:
            return max(at, 5000.0) + seconds

    book = Ledger(replace(TERMS, hours=Mornings()))
    book.ended(ended("c1"))
    assert (only(book).due_at, only(book).next_at) == (5000.0 + TERMS.due_within, 5000.0)
    book.asked(CallbackAsked("k1", 140.0, "p1", Cause.PROMISED, NUMBER, wanted_at=7000.0))
    assert (only(book).due_at, only(book).next_at) == (7000.0, 7000.0)


# -- whatever happens ----------------------------------------------------------------------------


def steps(dice: random.Random, many: int) -> list[dict[str, Any]]:
    """Random steps of a small town, some of them told twice."""
    found: list[dict[str, Any]] = []
    ids: list[str] = []
    at = 0.0
    for n in range(many):
        at += dice.choice((0.0, 1.0, 30.0, 600.0))
        number = f"+8194200000{dice.randrange(4)}"
        kind = dice.choices(
            (
                "ended",
                "met",
                "asked",
                "attempt",
                "claim",
                "release",
                "withdraw",
                "confirm",
                "split",
            ),
            (30, 12, 10, 20, 8, 3, 4, 5, 8),
        )[0]
        step: dict[str, Any] = {"do": kind, "at": at, "number": number}
        if kind == "ended":
            step |= {
                "call": f"c{n}", "arrived": at - dice.choice((5.0, 10.0, 60.0)),
                "outcome": dice.choice([each.value for each in Outcome]),
                "requested": dice.random() < 0.1, "solved": dice.random() < 0.2,
            }  # fmt: skip
            if dice.random() < 0.1:
                step["number"] = None
            ids.append(f"ob-c{n}")
        elif kind == "met":
            step |= {"call": f"m{dice.randrange(max(1, n - 3), n + 2)}"}
        elif kind == "asked":
            step |= {"key": f"k{n}", "name": dice.choice(("", "", "甲", "乙"))}
            ids.append(f"ob-k{n}")
        else:
            step |= {"key": f"k{n}", "of": dice.choice(ids[-12:]) if ids else "ob-none"}
            step |= {"by": f"p{dice.randrange(2)}"}
        if kind == "attempt":
            step["id"] = f"a{n // 2} of {step['of']}"  # never of two
            step["result"] = dice.choice([each.value for each in Result])
        found.append(step)
        if dice.random() < 0.05:
            found.append(dict(dice.choice(found[-5:])))
    return found


def take(book: Ledger, step: dict[str, Any]) -> None:
    match step["do"]:
        case "ended":
            book.ended(
                EndedCall(
                    step["call"], step["number"], step["arrived"], step["at"],
                    Outcome(step["outcome"]), requested=step["requested"],
                    overflow_result="solved" if step["solved"] else "",
                )
            )  # fmt: skip
        case "met":
            book.met(step["call"], step["number"], step["at"])
        case "asked":
            book.asked(
                CallbackAsked(
                    step["key"], step["at"], "p", Cause.MEMO, step["number"], step["name"]
                )
            )
        case "attempt":
            result, at = Result(step["result"]), step["at"]
            book.tried_to_reach(Attempt(step["id"], step["of"], "a01", at, None, at, result))
        case deed:
            book.done(CallbackDone(step["key"], step["of"], Deed(deed), step["at"], step["by"]))


def assert_balanced(book: Ledger) -> None:
    """K39 and K40, from the events alone and from the obligations."""
    opened = [each.obligation for each in book.events if each.what is What.OPENED]
    assert sorted(map(str, opened)) == sorted(book.obligations)
    last = {each.obligation: each.state for each in book.events if each.obligation is not None}
    assert last == {each.id: each.state for each in book.obligations.values()}
    assert balance(len(opened), [each.state for each in book.obligations.values()]).balanced
    open_ones = [each.identity for each in book.obligations.values() if each.state is State.OPEN]
    assert len(set(open_ones)) == len(open_ones)


def test_k39_k40_a_hundred_thousand_random_steps_keep_the_balance() -> None:
    for seed in range(100):
        told = steps(random.Random(seed), 1_000)
        book = Ledger(TERMS)
        for n, step in enumerate(told):
            take(book, step)
            if n % 50 == 0:
                assert_balanced(book)
        assert_balanced(book)
        owing = {
            each["call"]
            for each in told
            if each["do"] == "ended" and each["outcome"] in ("overflowed", "refused", "lost")
        }
        with_event = [each.call for each in book.events if each.key.startswith("call:")]
        assert owing <= set(with_event)
        assert len(with_event) == len(set(with_event))


def test_it_is_what_a_slow_and_obvious_ledger_says() -> None:
    for seed in range(300):
        told = steps(random.Random(1_000 + seed), 120)
        book = Ledger(TERMS)
        for n, step in enumerate(told):
            take(book, step)
            if n % 10 == 9 or n == len(told) - 1:
                slow = slowly(told[: n + 1], TERMS.attempts, TERMS.short_abandon)
                assert {each["id"]: each["state"] for each in slow} == {
                    each.id: each.state.value for each in book.obligations.values()
                }, (seed, n)
