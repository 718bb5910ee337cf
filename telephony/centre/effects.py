"""What the centre asks for (imperative), and what the records must say (past tense)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telephony.acd import effects as acd
from telephony.acd.model import AgentId, CallId, Instant, Offer, Phone

Detail = Mapping[str, str | int | float | None]


class LineState(StrEnum):
    """What a line is doing; the words are those of the screens and the records."""

    IDLE = "idle"
    RINGING = "ringing"
    MENU = "menu"
    WAITING = "waiting"
    TALKING = "talking"
    HOLD = "hold"
    DIALLING = "dialling"
    OUTBOUND = "outbound"
    CLOSED = "closed"
    FAULT = "fault"


class Outcome(StrEnum):
    """What became of a call. Exactly one for each."""

    ANSWERED = "answered"
    INFORMED = "informed"  # heard an information end and left satisfied, or was put through
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CLOSED = "closed"
    REFUSED = "refused"
    LOST = "lost"


class OverflowReason(StrEnum):
    """Why a call left by rule instead of being answered."""

    ALL_LINES_BUSY = "all_lines_busy"
    MAX_WAIT = "max_wait"
    QUEUE_FULL = "queue_full"
    NO_AGENT = "no_agent"
    ESTIMATED_WAIT = "estimated_wait"
    CHOICE = "choice"  # a callback or another line instead of the wait, by a key
    SURGE = "surge"  # offered to be called back, while that mode was on


class Party(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class OwnKind(StrEnum):
    """What kind of call an agent began; also the reason of their state in it."""

    INTERNAL = "internal"  # to a colleague
    OUTBOUND = "outbound"  # to the outside
    CALLBACK = "callback"  # to a citizen to whom something is owed


class OwnEnd(StrEnum):
    """What became of a call that an agent began."""

    HUNG_UP = "hung_up"  # after they talked
    NO_ANSWER = "no_answer"
    BUSY = "busy"  # the colleague was called away meanwhile
    CANCELLED = "cancelled"  # by the agent, or their own telephone was not answered
    PHONE_LOST = "phone_lost"  # the agent's own was, in the talk, and did not come back


class AttemptEnd(StrEnum):
    """What came of calling a citizen back: first as the network tells, then as the agent does."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"  # we or the carrier could not dial
    CANCELLED = "cancelled"  # by the agent, for want of a line, or the citizen got through first
    ANSWERED = "answered"  # by somebody; who it was, the agent has not said
    BROKEN_OFF = "broken_off"  # somebody has answered, and the agent's telephone was lost
    REACHED = "reached"
    OTHER_PERSON = "other_person"
    MACHINE = "machine"
    WRONG_NUMBER = "wrong_number"


class Refusal(StrEnum):
    """How a call is turned away before it is answered."""

    BUSY = "busy"  # SIP 486
    CONGESTION = "congestion"  # SIP 503


# -- work for Asterisk ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefuseCall:
    """Turn the caller away unanswered."""

    call: CallId
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Answer the caller's channel; one that is up already stays up."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Play:
    """Play prompts to the caller; they are references of `ivr_flows.prompts.speak`."""

    call: CallId
    playback: int
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPlay:
    """Cut a playback short."""

    call: CallId
    playback: int


MUSIC: Final = "waiting"  # the bridge whose participants hear music, by its id in Asterisk


@dataclass(frozen=True, slots=True)
class Park:
    """Put the caller where there is music, and never one who is there already.

    Asterisk lets a channel that is put into its bridge once more hear nothing from then on.
    """

    call: CallId


@dataclass(frozen=True, slots=True)
class Unpark:
    """Take the caller away from the music, back to the flow."""

    call: CallId


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the caller's channel."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """Look at the last digits typed, keep them under this field when valid, tell which."""

    call: CallId
    field: str
    length: int
    accept: str  # what it may be, as a `collect` of the flow has it
    keep: bool = True  # at once; else when the caller has heard and confirmed it (`KeepKeys`)


@dataclass(frozen=True, slots=True)
class DialOut:
    """Dial a published number for this caller. It has passed the toll gate."""

    call: CallId
    attempt: int
    number: str
    ring_for: float


@dataclass(frozen=True, slots=True)
class PlayOutside:
    """Play prompts to whoever has answered outside, before or after the caller hears them."""

    call: CallId
    attempt: int
    playback: int
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeepKeys:
    """Keep what was typed and found valid, now that the caller has confirmed it; tell whether."""

    call: CallId
    field: str


@dataclass(frozen=True, slots=True)
class ConnectExternal:
    """Let caller and outside party hear each other."""

    call: CallId
    attempt: int


@dataclass(frozen=True, slots=True)
class DropExternal:
    """End the leg to the outside."""

    call: CallId
    attempt: int


@dataclass(frozen=True, slots=True)
class RingOwn:
    """Ring a telephone of ours for a call that an agent began."""

    offer: Offer
    ring_for: float
    shown: str  # who calls, or who will be called
    waits: str  # the leg that hears it ring; "" for the agent's own
    phone: Phone = Phone.DESK


@dataclass(frozen=True, slots=True)
class RingAgain:
    """Ring a telephone of the seat whose own was lost in a talk; a page answers by itself."""

    offer: Offer
    ring_for: float
    phone: Phone


@dataclass(frozen=True, slots=True)
class Gather:
    """Exactly these legs of a call hear each other; those that are `apart` hear music."""

    call: CallId
    legs: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DialOwn:
    """Dial a city extension for an agent whose own leg is up. It has passed the toll gate."""

    call: CallId
    attempt: int
    number: str
    ring_for: float
    waits: str  # the leg that hears it ring


@dataclass(frozen=True, slots=True)
class DialBack:
    """Dial a citizen for an agent whose own leg is up. Its number is known outside only.

    It is that of the obligation, or of whoever rang in that call.
    """

    call: CallId
    attempt: int
    obligation: str
    of_call: CallId | None
    ring_for: float
    waits: str  # the leg that hears it ring


@dataclass(frozen=True, slots=True)
class Join:
    """Let the two ends of a call that an agent began hear each other."""

    call: CallId
    legs: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of this call may remain: bridge, playback, collected digits."""

    call: CallId


# -- what the records must say ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallOpened:
    """A call record begins."""

    call: CallId
    line: int | None
    dialled: str
    at: Instant


@dataclass(frozen=True, slots=True)
class CallNoted:
    """Something for the call's timeline."""

    call: CallId
    event: str
    at: Instant
    detail: Detail


@dataclass(frozen=True, slots=True)
class CallAdvanced:
    """What is known of an open call."""

    call: CallId
    menu_path: str
    queue: str | None
    agent: AgentId | None


@dataclass(frozen=True, slots=True)
class CallClosed:
    """The one terminal record of a call; durations in seconds."""

    call: CallId
    outcome: Outcome
    overflow_reason: OverflowReason | None
    waited: float  # from joining the first queue to the answer, or to leaving
    talked: float  # without hold
    held: float
    hung_up_by: Party
    at: Instant


@dataclass(frozen=True, slots=True)
class OwnCallClosed:
    """The record of a call that an agent began: not one of the citizens' calls."""

    call: CallId
    kind: OwnKind
    agent: AgentId
    target: str
    began_at: Instant
    answered_at: Instant | None
    end: OwnEnd
    at: Instant


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt to call a citizen back is over; told again when the agent says who answered."""

    obligation: str
    attempt: CallId
    agent: AgentId
    began_at: Instant
    answered_at: Instant | None
    ended_at: Instant
    result: AttemptEnd


@dataclass(frozen=True, slots=True)
class ModeBegan:
    """A mode is in force."""

    mode: str
    since: Instant
    until: Instant
    by: str
    closes: bool
    prompt: str = ""  # said instead of the mode's own


@dataclass(frozen=True, slots=True)
class ModeEnded:
    """It is not any more; `by` is empty where its time was over."""

    mode: str
    since: Instant
    by: str
    at: Instant


@dataclass(frozen=True, slots=True)
class OvertimeWorked:
    """An agent has worked beyond closing until now; a later one of the same day replaces it."""

    agent: AgentId
    person: str | None  # who signed in at the desk
    closed_at: Instant
    at: Instant


@dataclass(frozen=True, slots=True)
class LineMoved:
    """A line's state began."""

    line: int
    state: LineState
    call: CallId | None
    agent: AgentId | None
    at: Instant


Work = (
    acd.Ring | acd.PickUp | acd.DropLeg | acd.Connect
    | RefuseCall | AnswerCall | Play | StopPlay | Park | Unpark | HangUp | CheckKeys
    | KeepKeys | DialOut | PlayOutside | ConnectExternal | DropExternal
    | RingOwn | RingAgain | DialOwn | DialBack | Join | Gather | Forget
)  # fmt: skip
News = (
    acd.AgentMoved | acd.OfferEnded | acd.NotPickedUp | acd.WrapUpEnded
    | CallOpened | CallNoted | CallAdvanced | CallClosed | OwnCallClosed | LineMoved
    | AttemptEnded | OvertimeWorked | ModeBegan | ModeEnded
)  # fmt: skip
Effect = Work | News


def external_leg(call: str, attempt: int) -> str:
    """The id of a channel to the outside."""
    return f"x.{call}.{attempt}"
