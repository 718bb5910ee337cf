"""What the queue core asks for (imperative), and the news it makes (past tense)."""

from dataclasses import dataclass

from telephony.acd.model import AgentId, AgentState, CallId, Instant, Offer, OfferEnd, Phone


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring the agent's telephone for this call; the core itself ends the ringing."""

    offer: Offer
    ring_for: float
    phone: Phone = Phone.DESK


@dataclass(frozen=True, slots=True)
class PickUp:
    """Ask the telephone that rings for this offer to answer by itself."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class DropLeg:
    """End the agent's leg of this offer, whatever it is doing; one that is gone is gone."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class Connect:
    """Let caller and agent hear each other."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class AgentMoved:
    """News: the agent's state began."""

    agent: AgentId
    state: AgentState
    reason: str | None
    call: CallId | None
    at: Instant


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """News: how an offer ended."""

    offer: Offer
    end: OfferEnd
    at: Instant


@dataclass(frozen=True, slots=True)
class NotPickedUp:
    """News: the telephone was asked to answer, and goes on ringing."""

    offer: Offer
    at: Instant


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """News: the agent is done with the call, `seconds` after it ended."""

    agent: AgentId
    call: CallId
    seconds: float
    at: Instant
    called_back: bool = False  # the agent had called: it is none of the citizens' calls


Effect = (
    Ring | PickUp | DropLeg | Connect | AgentMoved | OfferEnded | NotPickedUp | WrapUpEnded
)  # fmt: skip
