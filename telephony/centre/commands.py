"""Everything that can happen. Requests (imperative) may be refused, facts (past tense) may not."""

from dataclasses import dataclass
from enum import StrEnum

from ivr_flows.opening.model import Calendar
from telephony.acd.model import AgentId, CallId, Device, Instant, Offer, Phone, Work
from telephony.centre.effects import AttemptEnd

MASKED = "•"  # a digit that the core must not see


class LegEnd(StrEnum):
    """Why an agent's leg ended, as far as the network told."""

    HUNG_UP = "hung_up"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FAILED = "failed"  # we could not ring it
    LOST = "lost"  # no hang-up was heard: the media or the telephone is gone
    NOT_JOINED = "not_joined"  # picked up, but Asterisk would not put them together


# -- facts about callers ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller's channel is ours. `arrived_at` when that was before now."""

    call: CallId
    dialled: str
    caller: str | None  # keyed hash of the caller's number; None when there is no number
    arrived_at: Instant | None = None
    admitted: bool = True  # False: events come in faster than they are handled
    talking: Offer | None = None  # found in a talk with this agent: left in it
    apart: bool = False  # answered, but not yet brought together
    plain: bool = False  # no flow, straight to a person: the flow made the core raise
    attempts: int = 0  # legs that were made for them before, and must not be made again
    ours: bool = False  # shows a number of ours: forged, or sent round in a circle


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller's channel is gone."""

    call: CallId


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key; `MASKED` where digits are being collected."""

    call: CallId
    key: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """A playback finished, failed or was stopped."""

    call: CallId
    playback: int
    heard: bool = True  # False when Asterisk refused it, or could not play it to its end


@dataclass(frozen=True, slots=True)
class KeysChecked:
    """What was typed has been looked at outside, and kept there when valid."""

    call: CallId
    valid: bool


@dataclass(frozen=True, slots=True)
class FaxToneHeard:
    """The tone with which a fax machine calls."""

    call: CallId


# -- facts about agents' legs -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentRinging:
    """The offered telephone rings."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The offered leg is up."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class AgentLegEnded:
    """The offered leg is gone."""

    offer: Offer
    end: LegEnd


@dataclass(frozen=True, slots=True)
class PhoneLost:
    """The answered leg of this offer sends no sound any more."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A telephone of an agent's seat changed."""

    agent: AgentId
    device: Device
    phone: Phone = Phone.DESK


# -- facts about legs to the outside ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExternalAnswered:
    """The outside party of this attempt is up."""

    call: CallId
    attempt: int


@dataclass(frozen=True, slots=True)
class ExternalEnded:
    """The outside party of this attempt is gone, or was never reached."""

    call: CallId
    attempt: int
    end: LegEnd = LegEnd.LOST  # as far as the network told


@dataclass(frozen=True, slots=True)
class ExternalKey:
    """Whoever took an overflowed call outside says by a key what came of it."""

    call: CallId
    attempt: int
    key: str


# -- facts about the world --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LiveChannel:
    """A channel that Asterisk has."""

    id: str
    up: bool
    ringing: bool
    bridge: str | None
    seat: str = ""  # of an agent's channel


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What Asterisk has, after a time in which events may have been lost, or after a request of
    which nobody knows whether it was carried out."""

    channels: tuple[LiveChannel, ...]
    asked_at: Instant  # what began since is not in the list, and is not missing
    up_since: Instant  # when this Asterisk started
    # Channels whose making was under way, which are not missing either, and calls whose ends were
    # being put together, which are not apart.
    in_flight: tuple[str, ...] = ()
    gap: bool = True  # events may have been lost, and keys leave no trace


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock now differs by `offset` seconds from the instants handed in."""

    offset: float


@dataclass(frozen=True, slots=True)
class AsteriskJudged:
    """Asterisk does its work within the limits, or does not; nobody is offered while not."""

    well: bool


@dataclass(frozen=True, slots=True)
class ModeOnRecord:
    """A mode that somebody set, as its record has it."""

    mode: str
    since: Instant
    until: Instant
    by: str
    closes: bool
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class ModesOnRecord:
    """The modes that the records say are on, where the journal may have lost one."""

    modes: tuple[ModeOnRecord, ...]
    known_at: Instant  # a mode set since is not in them, and is on all the same


@dataclass(frozen=True, slots=True)
class FlowFailed:
    """A command about this caller made the core raise; they get plain handling."""

    call: CallId


@dataclass(frozen=True, slots=True)
class DeadlineFailed:
    """What was due made the core raise; it is due no more."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Woken:
    """A deadline has passed."""


# -- requests ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a request is known again: fingerprints, because the journal keeps them."""

    key: str = ""  # of this one request, however often it is sent
    client: str = ""  # who counts
    seq: int = 0  # that client's number of it; 0 where none is counted


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody sits down at the desk of a seat."""

    agent: AgentId
    person: str  # an opaque id
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The agent takes calls; from this work, or in reserve, only what no first choice takes."""

    agent: AgentId
    stamp: Stamp | None = None
    reserve: bool = False
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The agent takes no calls, for a reason.

    What is imposed on them is not their own wish: it ends no wrap-up, and no break of theirs.
    """

    agent: AgentId
    reason: str
    stamp: Stamp | None = None
    imposed: bool = False


@dataclass(frozen=True, slots=True)
class SignOut:
    """The agent leaves; with callers left after closing, only once a supervisor lets them go."""

    agent: AgentId
    stamp: Stamp | None = None
    released_by: str = ""  # the supervisor, as an opaque id or a seat


@dataclass(frozen=True, slots=True)
class Answer:
    """The agent takes the call that rings, without touching the telephone."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """The agent is done with the last call."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The caller hears music, the agent nothing."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Caller and agent hear each other again."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the caller to another agent, unannounced."""

    agent: AgentId
    target: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class AskAside:
    """Consult a colleague or a city extension while the caller hears music."""

    agent: AgentId
    target: str
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Talk to the other one: the caller or whoever is consulted."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Confer:
    """Caller, agent and whoever is consulted hear each other."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Leave the caller to whoever is consulted."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class EndConsult:
    """Back to the caller; whoever is consulted goes."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class CallUp:
    """Call a colleague or a city extension, from the agent's own telephone."""

    agent: AgentId
    target: str
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class CallBack:
    """Call the citizen to whom something is owed; the agent's own telephone rings first."""

    agent: AgentId
    obligation: str
    stamp: Stamp | None = None
    caller: str = ""  # keyed hash of the number that will be dialled


@dataclass(frozen=True, slots=True)
class CallAgain:
    """Call the citizen whose talk with this agent has just broken off."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """Who had answered when a citizen was called back; said again, the later word counts."""

    agent: AgentId
    attempt: CallId
    result: AttemptEnd
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class EndCall:
    """Hang up on behalf of the agent."""

    agent: AgentId
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class SetMode:
    """Switch a mode on: `emergency`, `outage`, `surge`. It ends by itself."""

    mode: str
    lasts: float  # seconds
    by: str  # an opaque id, or where it was asked
    closes: bool | None = None  # the lines; None: as the mode is configured
    prompt: str = ""  # said instead of the mode's own


@dataclass(frozen=True, slots=True)
class EndMode:
    """Switch it off before its time."""

    mode: str
    by: str


@dataclass(frozen=True, slots=True)
class TakeUpCalendar:
    """Another calendar holds from now on; `digest` names the configuration that it is part of."""

    calendar: Calendar
    digest: str


Fact = (
    CallArrived | CallerHungUp | KeyPressed | PlaybackEnded | KeysChecked | FaxToneHeard
    | AgentRinging | AgentAnswered | AgentLegEnded | PhoneLost | DeviceChanged
    | ExternalAnswered | ExternalEnded | ExternalKey
    | Reconciled | ClockStepped | AsteriskJudged | ModesOnRecord | FlowFailed | DeadlineFailed
    | Woken
)  # fmt: skip
OfAgent = (
    SignIn | Ready | Pause | SignOut | EndWrapUp
    | Answer | Hold | Resume | Transfer | AskAside | Swap | Confer | HandOver | EndConsult
    | CallUp | CallBack | CallAgain | AttemptResult | EndCall
)  # fmt: skip
OfSite = SetMode | EndMode | TakeUpCalendar
Request = OfAgent | OfSite
Command = Fact | Request
