"""Which ended call owes what, and which deed fits; each in one place."""

from telephony.centre.effects import Outcome
from telephony.owing.model import (
    CallbackAsked,
    CallbackDone,
    Cause,
    Deed,
    EndedCall,
    Event,
    Obligation,
    State,
    What,
)

_BY_OUTCOME = {
    Outcome.OVERFLOWED: Cause.OVERFLOW,
    Outcome.REFUSED: Cause.REFUSED,
    Outcome.LOST: Cause.LOST,
}

_WHAT = {
    Deed.CLAIM: (What.CLAIMED,),
    Deed.RELEASE: (What.RELEASED,),
    Deed.POSTPONE: (What.POSTPONED,),
    Deed.NOTE: (What.NOTED,),
    Deed.CONFIRM: (What.CONFIRMED,),
    Deed.SPLIT: (What.REOPENED, What.MERGED),
    Deed.WITHDRAW: (What.WITHDRAWN,),
}


def cause_of(call: EndedCall, short_abandon: float) -> Cause | None:
    """Why its caller is owed a callback; None: nothing is owed."""
    if call.outcome is Outcome.ANSWERED:
        return None
    if call.requested:
        return Cause.REQUESTED
    if call.outcome is Outcome.ABANDONED:
        if call.ended_at - call.arrived_at < short_abandon:
            return None
        return Cause.ABANDONED if call.queued else Cause.MENU
    return _BY_OUTCOME.get(call.outcome)


def is_what_was_asked(known: Obligation, event: Event, asked: CallbackAsked) -> bool:
    """Whether this stands as it was opened or joined then: the request is the same, sent again."""
    stands = (known.identity, known.wanted_at, event.told, event.note, event.call)
    wanted = (asked.number, asked.name, asked.topic), asked.wanted_at
    return stands == (*wanted, asked.cause, asked.note, asked.call)


def is_what_was_done(known: Obligation | None, event: Event, done: CallbackDone) -> bool:
    """Whether the event is of this very deed, sent again; what it was put off to still stands."""
    if event.what is What.POSTPONED and (known is None or known.wanted_at != done.until):
        return False
    did = (event.obligation, event.by, event.note)
    return event.what in _WHAT[done.deed] and did == (done.obligation, done.by, done.text)


def misfit(known: Obligation, done: CallbackDone) -> str | None:
    """Why this cannot be done with it, as one sentence."""
    match done.deed:
        case Deed.NOTE:
            return None
        case Deed.CONFIRM | Deed.SPLIT:
            if known.state is State.CONTACTED and known.provisional:
                return None
            return (
                "電話に出た相手がまだ分からない折り返しではありません。一覧を読み直してください "
                "(it is not one whose contact is still to be confirmed: read the list again)"
            )
        case _ if known.state is not State.OPEN:
            return (
                "この折り返しはもう終わっています。一覧を読み直してください "
                "(this callback is over: read the list again)"
            )
        case Deed.CLAIM | Deed.RELEASE | Deed.POSTPONE | Deed.WITHDRAW:
            return _of_another(known, done)


def _of_another(known: Obligation, done: CallbackDone) -> str | None:
    holder = known.holder(done.at)
    if holder is None or holder == done.by:
        return None
    return "ほかの人が対応しています (somebody else has it)"
