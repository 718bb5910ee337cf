"""What became of a call, and of an offer, in one word each."""

from telephony.acd.model import OfferEnd
from telephony.centre.commands import LegEnd
from telephony.centre.effects import Outcome
from telephony.centre.model import Call


def outcome_of(call: Call, lost: bool) -> Outcome:
    """The one word for what became of the call. Having talked to somebody outranks all else."""
    if call.answered:
        return Outcome.ANSWERED
    if lost:
        return Outcome.LOST
    if call.overflow is not None:
        return Outcome.OVERFLOWED
    if call.position.closed:
        return Outcome.CLOSED
    informed = call.position.informed or call.put_through
    return Outcome.INFORMED if informed and not call.wanted_person else Outcome.ABANDONED


def offer_end(end: LegEnd) -> OfferEnd:
    """How an offer ended whose leg ended so before it was answered."""
    match end:
        case LegEnd.BUSY:
            return OfferEnd.BUSY
        case LegEnd.DECLINED | LegEnd.HUNG_UP:
            return OfferEnd.DECLINED
        case LegEnd.NO_ANSWER:
            return OfferEnd.NO_ANSWER
        case LegEnd.UNREACHABLE | LegEnd.LOST:
            return OfferEnd.UNREACHABLE
        case LegEnd.FAILED | LegEnd.NOT_JOINED:
            return OfferEnd.FAILED
