"""The ledger: happenings in, obligations and their events out; the same happening twice is one.

It is handed those obligations, keys and attempts that the happenings can touch, and tells what it
has changed. An obligation ends by contact, by exhaustion or by withdrawal, and each end is an
event: none is closed silently.
"""

from collections.abc import Iterable
from dataclasses import replace

from telephony.centre.effects import Outcome
from telephony.owing.model import (
    COUNTED,
    NO_CONTACT,
    SOLVED,
    Attempt,
    CallbackAsked,
    CallbackDone,
    Deed,
    EndedCall,
    Event,
    Obligation,
    Result,
    State,
    Terms,
    What,
)
from telephony.owing.rules import cause_of, misfit


class Ledger:
    """What is known of it, and what the happenings add."""

    def __init__(
        self,
        terms: Terms,
        last: int = 0,
        known: Iterable[Obligation] = (),
        keys: Iterable[str] = (),
        attempts: Iterable[Attempt] = (),
    ) -> None:
        """`last` is the last number given; `keys` are those of events that are there."""
        self.last = last
        self.obligations = {each.id: each for each in known}
        self.attempts = {each.id: each for each in attempts}
        self.changed: set[str] = set()
        self.tried: set[str] = set()  # attempts that are new or told anew
        self.events: list[Event] = []
        self._terms = terms
        self._keys = set(keys)
        self._of_number: dict[str, list[str]] = {}
        for each in self.obligations.values():
            self._of_number.setdefault(each.number, []).append(each.id)

    # -- calls ---------------------------------------------------------------------------

    def ended(self, call: EndedCall, short_abandon: float | None = None) -> None:
        """A call is over; `short_abandon` is what held then, where that was another."""
        short = self._terms.short_abandon if short_abandon is None else short_abandon
        cause = cause_of(call, short)
        if cause is None or call_key(call.call) in self._keys:
            return
        if call.number is None or call.number in self._terms.own:
            event = Event(
                call_key(call.call), None, 0, call.ended_at, What.UNNUMBERED, None, cause, call.call
            )
            self._keys.add(event.key)
            self.events.append(event)
            return
        owed = self._owe(
            Obligation(
                id=call_id(call.call),
                no=0,
                number=call.number,
                cause=cause,
                opened_at=call.ended_at,
                due_at=self._terms.hours.after(call.ended_at, self._terms.due_within),
                next_at=self._terms.hours.after(call.ended_at, 0.0),
            ),
            Event(call_key(call.call), "", 0, call.ended_at, What.OPENED, None, cause, call.call),
        )
        if call.overflow_result == SOLVED and call.outcome is Outcome.OVERFLOWED:
            closed = _closed(owed, State.CONTACTED, call.ended_at, call.call)
            key = f"solved:{call.call}"
            self._note(closed, Event(key, "", 0, call.ended_at, What.SOLVED, None, "", call.call))

    def met(self, call: str, number: str | None, at: float) -> None:
        """Somebody of this number was answered: what was owed to it is theirs, provisionally."""
        if number is None:
            return
        for each in self._open_of(number):
            key = met_key(call, each.id)
            if each.opened_at <= at and key not in self._keys:
                closed = replace(_closed(each, State.CONTACTED, at, call), provisional=True)
                self._note(closed, Event(key, "", 0, at, What.MET, None, "", call))

    # -- staff ---------------------------------------------------------------------------

    def asked(self, asked: CallbackAsked) -> None:
        """Opened by somebody, or joined to the caller's open one of the same name and topic."""
        key = request_key(asked.key)
        if key in self._keys:
            return
        wanted = asked.wanted_at
        hours = self._terms.hours
        due = hours.after(asked.at, self._terms.due_within) if wanted is None else wanted
        owed = Obligation(
            id=request_id(asked.key),
            no=0,
            number=asked.number,
            cause=asked.cause,
            opened_at=asked.at,
            due_at=due,
            next_at=hours.after(asked.at, 0.0) if wanted is None else wanted,
            name=asked.name,
            topic=asked.topic,
            wanted_at=wanted,
        )
        event = Event(
            key, "", 0, asked.at, What.OPENED, None, asked.cause, asked.call, None, asked.by,
            asked.note,
        )  # fmt: skip
        self._owe(owed, event)

    def done(self, done: CallbackDone) -> None:
        """A deed at the worklist; one that does not fit changes nothing."""
        known, key = self.obligations.get(done.obligation), request_key(done.key)
        if known is None or key in self._keys or misfit(known, done) is not None:
            return
        event = Event(
            key, known.id, 0, done.at, What.NOTED, None, "", None, None, done.by, done.text
        )
        match done.deed:
            case Deed.CLAIM:
                until = done.at + self._terms.lease if done.until is None else done.until
                held = replace(known, claimed_by=done.by, claimed_until=until)
                self._note(held, replace(event, what=What.CLAIMED))
            case Deed.RELEASE:
                free = replace(known, claimed_by=None, claimed_until=None)
                self._note(free, replace(event, what=What.RELEASED))
            case Deed.POSTPONE if done.until is not None:
                later = replace(known, wanted_at=done.until, due_at=done.until, next_at=done.until)
                self._note(later, replace(event, what=What.POSTPONED))
            case Deed.CONFIRM:
                sure = replace(known, provisional=False)
                self._note(sure, replace(event, what=What.CONFIRMED, call=known.closed_by))
            case Deed.SPLIT:
                self._reopen(known, replace(event, what=What.REOPENED, call=known.closed_by))
            case Deed.WITHDRAW:
                gone = _closed(known, State.WITHDRAWN, done.at, done.by)
                self._note(gone, replace(event, what=What.WITHDRAWN))
            case _:
                self._note(known, event)

    # -- attempts ------------------------------------------------------------------------

    def tried_to_reach(self, attempt: Attempt) -> None:
        """They were rung, or what came of that is told anew."""
        key = attempt_key(attempt)
        known = self.obligations.get(attempt.obligation)
        if known is None or key in self._keys:
            return
        self.attempts[attempt.id] = attempt
        self.tried.add(attempt.id)
        event = Event(
            key, known.id, 0, attempt.ended_at, What.ATTEMPTED, None, attempt.result, None,
            attempt.id, attempt.agent,
        )  # fmt: skip
        counted = sum(
            each.result in COUNTED for each in self.attempts.values() if each.obligation == known.id
        )
        known = replace(known, attempts=counted)
        if known.state is State.OPEN:
            self._note(self._after(known, attempt), event)
        elif known.closed_by == attempt.id and self._state_after(known, attempt) is State.OPEN:
            self._reopen(known, event)  # what closed it was a mistake
        elif known.closed_by == attempt.id:
            self._note(replace(known, state=self._state_after(known, attempt)), event)
        else:
            self._note(known, event)

    def _after(self, known: Obligation, attempt: Attempt) -> Obligation:
        state = self._state_after(known, attempt)
        if state is not State.OPEN:
            return _closed(known, state, attempt.ended_at, attempt.id)
        if attempt.result in NO_CONTACT:
            return known
        again = self._terms.hours.after(attempt.ended_at + self._terms.spacing, 0.0)
        return replace(known, next_at=again)

    def _state_after(self, known: Obligation, attempt: Attempt) -> State:
        if attempt.result is Result.REACHED:
            return State.CONTACTED
        spent = known.attempts >= self._terms.attempts and attempt.result in COUNTED
        return State.EXHAUSTED if spent or attempt.result is Result.WRONG_NUMBER else State.OPEN

    # -- within --------------------------------------------------------------------------

    def _owe(self, owed: Obligation, event: Event) -> Obligation:
        """Open it, or join the open one of the same caller, name and topic."""
        open_one = self._open_like(owed)
        if open_one is None:
            self.last += 1
            owed = replace(owed, no=self.last)
            self._of_number.setdefault(owed.number, []).append(owed.id)
            return self._note(owed, event)
        if owed.wanted_at is not None:
            open_one = replace(
                open_one, wanted_at=owed.wanted_at, due_at=owed.due_at, next_at=owed.next_at
            )
        return self._note(open_one, replace(event, what=What.JOINED))

    def _reopen(self, known: Obligation, event: Event) -> None:
        other = self._open_like(known)
        if other is not None:  # there is one open of this caller at most: that one takes it over
            gone = _closed(known, State.WITHDRAWN, event.at, event.by)
            self._note(gone, replace(event, what=What.MERGED, told=other.id))
            earliest = replace(other, due_at=min(other.due_at, known.due_at))
            joined = replace(event, key=f"{event.key}:joined", what=What.JOINED, told=known.id)
            self._note(earliest, joined)
            return
        again = replace(known, state=State.OPEN, provisional=False, closed_at=None, closed_by=None)
        if event.what is What.ATTEMPTED:
            spaced = self._terms.hours.after(event.at + self._terms.spacing, 0.0)
            again = replace(again, next_at=max(again.next_at, spaced))
        self._note(again, event)

    def _note(self, now: Obligation, event: Event) -> Obligation:
        now = replace(now, events=now.events + 1)
        self.obligations[now.id] = now
        self.changed.add(now.id)
        self._keys.add(event.key)
        self.events.append(replace(event, obligation=now.id, seq=now.events, state=now.state))
        return now

    def _open_of(self, number: str) -> list[Obligation]:
        all_of = (self.obligations[each] for each in self._of_number.get(number, ()))
        return [each for each in all_of if each.state is State.OPEN]

    def _open_like(self, owed: Obligation) -> Obligation | None:
        same = (each for each in self._open_of(owed.number) if each.identity == owed.identity)
        return next(same, None)


def _closed(known: Obligation, state: State, at: float, by: str | None) -> Obligation:
    return replace(
        known,
        state=state,
        provisional=False,
        closed_at=at,
        closed_by=by,
        claimed_by=None,
        claimed_until=None,
    )


def call_id(call: str) -> str:
    """The obligation that a call opens."""
    return f"ob-{call}"


def call_key(call: str) -> str:
    """The event by which a call opens or joins one."""
    return f"call:{call}"


def request_id(key: str) -> str:
    """The obligation that a request opens."""
    return f"ob-{key}"


def request_key(key: str) -> str:
    """The event of a request."""
    return f"asked:{key}"


def met_key(call: str, obligation: str) -> str:
    """The event by which an answered call closes one."""
    return f"met:{call}:{obligation}"


def attempt_key(attempt: Attempt) -> str:
    """The event of what was told of an attempt."""
    return f"attempt:{attempt.id}:{attempt.result}"
