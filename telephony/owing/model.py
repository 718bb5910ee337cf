"""An obligation, and what happens to it. Instants are UTC epoch seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from telephony.centre.effects import Outcome

SOLVED: Final = "solved"  # what whoever took the overflowed call pressed


class State(StrEnum):
    """Each obligation is in exactly one: this is the balance."""

    OPEN = "open"
    CONTACTED = "contacted"
    EXHAUSTED = "exhausted"  # the agreed attempts were made, or the number is nobody's
    WITHDRAWN = "withdrawn"  # said to be needless, by somebody who is named


class Cause(StrEnum):
    """Why something is owed."""

    OVERFLOW = "overflow"
    ABANDONED = "abandoned"  # in the queue
    MENU = "menu"  # hung up in the menu, without the key that says solved
    REFUSED = "refused"
    LOST = "lost"  # we were at fault
    REQUESTED = "requested"  # asked for by keys, also after hours
    PROMISED = "promised"  # by an agent
    MEMO = "memo"  # 受電メモ of somebody who took the call elsewhere


class What(StrEnum):
    """What an event of an obligation was."""

    OPENED = "opened"
    JOINED = "joined"
    MET = "met"  # they rang and were answered: contacted, as long as nobody says otherwise
    SOLVED = "solved"  # by whoever took the overflowed call
    ATTEMPTED = "attempted"
    CLAIMED = "claimed"
    RELEASED = "released"
    POSTPONED = "postponed"
    NOTED = "noted"
    CONFIRMED = "confirmed"  # 済
    REOPENED = "reopened"  # 別の方
    MERGED = "merged"  # reopened into another one of the same caller
    WITHDRAWN = "withdrawn"
    UNNUMBERED = "unnumbered"  # something is owed to somebody whose number nobody knows


class Result(StrEnum):
    """What came of ringing them."""

    REACHED = "reached"
    OTHER_PERSON = "other_person"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    WRONG_NUMBER = "wrong_number"
    FAILED = "failed"  # it could not be dialled
    CANCELLED = "cancelled"
    ANSWERED = "answered"  # by somebody, and the agent has not said whom
    BROKEN_OFF = "broken_off"  # the agent's telephone was lost in the talk


COUNTED: Final = frozenset(
    {Result.OTHER_PERSON, Result.NO_ANSWER, Result.BUSY, Result.MACHINE}
)  # their telephone was tried, in vain


NO_CONTACT: Final = frozenset(
    {Result.FAILED, Result.CANCELLED, Result.BROKEN_OFF}
)  # through no doing of theirs: they are called as soon as before


class Deed(StrEnum):
    """What somebody does with one on the worklist."""

    CLAIM = "claim"
    RELEASE = "release"
    POSTPONE = "postpone"
    NOTE = "note"
    CONFIRM = "confirm"
    SPLIT = "split"
    WITHDRAW = "withdraw"


class Hours(Protocol):
    """When the centre is open."""

    def after(self, at: float, seconds: float) -> float:
        """The instant by which it has been open so long since; 0: the first open one."""


class AlwaysOpen:
    """At any hour."""

    def after(self, at: float, seconds: float) -> float:
        """Every second counts."""
        return at + seconds


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with the city; durations in seconds."""

    short_abandon: float = 10.0
    due_within: float = 7200.0  # of opening time
    attempts: int = 3
    spacing: float = 3600.0  # from the end of one attempt to the next
    again_within: float = 60.0  # after an attempt: it broke off, and may be made again at once
    lease: float = 900.0  # how long one claim holds
    since: float = 0.0  # records of earlier calls open nothing
    hours: Hours = field(default_factory=AlwaysOpen)
    own: frozenset[str] = frozenset()  # our own numbers: who shows one cannot be rung at it


@dataclass(frozen=True, slots=True)
class EndedCall:
    """What a call's record says once it is over."""

    call: str
    number: str | None = field(repr=False)  # to be rung: typed by the caller, else the caller's own
    arrived_at: float
    ended_at: float
    outcome: Outcome
    queued: bool = False
    requested: bool = False  # the caller asked for it by keys
    overflow_result: str = ""  # what was pressed where the call overflowed to


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """Somebody of the staff opens one."""

    key: str  # the request's; the obligation's id is made of it
    at: float
    by: str
    cause: Cause
    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    topic: str = ""
    wanted_at: float | None = None
    note: str = field(default="", repr=False)
    call: str | None = None  # during which it was promised


@dataclass(frozen=True, slots=True)
class CallbackDone:
    """A deed at the worklist."""

    key: str
    obligation: str
    deed: Deed
    at: float
    by: str
    text: str = field(default="", repr=False)
    until: float | None = None  # of a claim; the wanted time of a postponement


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to the citizen; told again under its id, the later one counts."""

    id: str
    obligation: str
    agent: str
    began_at: float
    answered_at: float | None
    ended_at: float
    result: Result


@dataclass(frozen=True, slots=True)
class Obligation:
    """As it stands."""

    id: str
    no: int  # counted without a gap: a missing row shows
    number: str = field(repr=False)
    cause: Cause
    opened_at: float
    due_at: float
    next_at: float  # not to be rung before
    name: str = field(default="", repr=False)
    topic: str = ""
    wanted_at: float | None = None
    state: State = State.OPEN
    provisional: bool = False  # contacted, as far as nobody has said otherwise
    closed_at: float | None = None
    closed_by: str | None = None  # a call, an attempt, or a person
    claimed_by: str | None = None
    claimed_until: float | None = None
    attempts: int = 0  # those that count
    events: int = 0

    @property
    def identity(self) -> tuple[str, str, str]:
        """Of those who share it at most one is open."""
        return self.number, self.name, self.topic

    def holder(self, now: float) -> str | None:
        """Who has claimed it, as long as the lease lasts."""
        held = self.claimed_until is not None and self.claimed_until > now
        return self.claimed_by if held and self.state is State.OPEN else None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an obligation's history; nothing in it is changed."""

    key: str  # the same happening twice is one event
    obligation: str | None  # None: unnumbered
    seq: int  # within the obligation, from one
    at: float
    what: What
    state: State | None  # after it
    told: str = ""  # cause, result or reason, in one word
    call: str | None = None
    attempt: str | None = None
    by: str | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Balance:
    """opened = contacted + exhausted + withdrawn + open."""

    opened: int
    contacted: int
    exhausted: int
    withdrawn: int
    open: int

    @property
    def balanced(self) -> bool:
        """Nothing was closed silently."""
        return self.opened == self.contacted + self.exhausted + self.withdrawn + self.open


def balance(opened: int, states: Sequence[State]) -> Balance:
    """So many were opened, and this is what stands; the two are counted apart."""
    return Balance(
        opened,
        states.count(State.CONTACTED),
        states.count(State.EXHAUSTED),
        states.count(State.WITHDRAWN),
        states.count(State.OPEN),
    )
