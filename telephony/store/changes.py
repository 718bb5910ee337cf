"""What the publisher tells the store: one small value for each thing a journal entry changed.

`None` in an optional field means that nothing is known yet, never that something is cleared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as hidden

from telephony.caller_id import Caller
from telephony.owing.model import CallbackAsked, CallbackDone
from telephony.store.words import HungUpBy, Outcome, OverflowReason

Scalar = str | int | float | None
Detail = Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class CallOpened:
    """A call arrived; `at` is its arrival time, also when a restart found it already up."""

    call: str
    at: float
    line: int | None
    dialled: str
    caller: Caller | None


@dataclass(frozen=True, slots=True)
class CallNoted:
    """One line of the call's timeline."""

    call: str
    at: float
    event: str
    detail: Detail


@dataclass(frozen=True, slots=True)
class CallAdvanced:
    """More is known about an open call; the latest value of each field counts."""

    call: str
    at: float
    line: int | None = None
    menu_path: str | None = None
    queue: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class CallClosed:
    """The call is over; the first of these is its terminal record. Durations in seconds."""

    call: str
    at: float
    outcome: Outcome
    overflow_reason: OverflowReason | None
    waited: float
    talked: float
    held: float
    hung_up_by: HungUpBy | None


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """An agent is done with the call; after a transfer there is one for each agent."""

    call: str
    agent: str
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """An agent's state began, and the one before it ended."""

    agent: str
    seat: str
    at: float
    state: str
    reason: str | None
    call: str | None


@dataclass(frozen=True, slots=True)
class LineMoved:
    """A line's state began, and the one before it ended."""

    line: int
    at: float
    state: str
    call: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class OwnCallClosed:
    """A call that an agent began is over; it is none of the citizens' calls."""

    call: str
    kind: str
    agent: str
    target: str
    began_at: float
    answered_at: float | None
    at: float
    end: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt to call a citizen back is over; the later one of the same attempt counts.

    First it says what the network told, then who the agent says it was.
    """

    obligation: str
    attempt: str  # the id of the agent's call
    agent: str
    began_at: float
    answered_at: float | None
    ended_at: float
    result: str


@dataclass(frozen=True, slots=True)
class OvertimeWorked:
    """Somebody has worked beyond closing until `at`; the latest of a seat and closing counts."""

    agent: str
    person: str | None
    closed_at: float
    at: float


@dataclass(frozen=True, slots=True)
class ModeBegan:
    """Somebody switched a mode on."""

    mode: str
    since: float
    until: float
    by: str
    closes: bool
    prompt: str = ""  # said instead of the mode's own


@dataclass(frozen=True, slots=True)
class ModeEnded:
    """It is over; `by` is empty where its time was."""

    mode: str
    since: float
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class InputKept:
    """A caller typed this where a flow asked for it; typed again, the last counts."""

    call: str
    field: str
    at: float
    value: str = hidden(repr=False)


CallChange = CallOpened | CallNoted | CallAdvanced | CallClosed | WrappedUp
NotOfCall = (
    OwnCallClosed | AgentMoved | LineMoved | InputKept | OvertimeWorked | ModeBegan | ModeEnded
    | AttemptEnded | CallbackAsked | CallbackDone
)  # fmt: skip
Change = CallChange | NotOfCall
