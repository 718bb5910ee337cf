"""What must be true of a whole day: each call's record is what its citizen lived through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from telephony.acd.model import AgentState
from telephony.centre.effects import LineState
from telephony.simulation.shell import history, offers
from telephony.simulation.shell.asterisk_world import START
from telephony.simulation.shell.people import QUEUE, SATISFIED_AT, Visit
from telephony.store.call_record import CallRecord
from telephony.store.figures import totals
from telephony.store.words import Outcome, OverflowReason

if TYPE_CHECKING:
    from telephony.simulation.shell.theatre import Theatre

ARRIVAL_WITHIN: Final = 1.1  # who is let in within a second counts as come then (`callers.LATE`)
SORRY: Final = {
    "queue_full": {OverflowReason.QUEUE_FULL},
    "max_wait_sorry": {OverflowReason.MAX_WAIT},
    "sorry_call_back": {OverflowReason.QUEUE_FULL, OverflowReason.MAX_WAIT},
    "sorry_call_left": {OverflowReason.QUEUE_FULL, OverflowReason.MAX_WAIT},
    "request_taken": {OverflowReason.CHOICE},
}
CHOOSING: Final = {"number_choice", "number_confirm"}  # the last that is heard before a key agrees
INFORMS: Final = {
    "bring_self", "bring_child", "bring_proxy", "renewal_info",
    "lost_intro", "number:0120-95-0178", "lost_again", "lost_outro",
    "hours_intro", "places_info",
}  # fmt: skip
GOODBYE: Final = "goodbye"
WRONG_KEY: Final = "wrong_key"
PASSING: Final = {AgentState.OFFERED, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP}
Wrong = Iterator[tuple[str, str]]


def of(theatre: Theatre) -> Wrong:
    """Every promise that the day broke, and by what."""
    yield from _records(theatre)
    yield from _left_over(theatre)
    yield from _intervals(theatre)
    yield from _controllers(theatre)
    for visit in theatre.people.visits.values():
        for at in visit.broken:
            yield "I5 no talk is ended by a fault", f"{visit.channel} at {at:.3f}"
    for line in theatre.asterisk.world.silenced:
        yield "who is put to the music hears it", f"{line} heard it already, and then nothing"
    for wrong in history.wrong(theatre.history.events):
        yield "a reservation is exclusive", wrong
    judged = [each for each in theatre.records.calls() if not _forgotten(theatre, each.id)]
    for wrong in offers.wrong(judged):
        yield "I2 I3 I4 one offer at a time, nobody overtaken", wrong


def _forgotten(theatre: Theatre, call: str) -> bool:
    """It was there as the last who knew of it died with the journal's loss."""
    visit = theatre.people.visits.get(call)
    if visit is None:
        return False
    over = visit.ended_at or float("inf")
    return any(visit.came <= at <= over for at in theatre.weather.forgotten) or _undone(
        theatre, visit
    )


def _undone(theatre: Theatre, visit: Visit) -> bool:
    """It was there while one led whose decisions the next could not read."""
    over = visit.ended_at or float("inf")
    return any(visit.came <= until and over >= since for since, until in theatre.weather.undone)


def _records(theatre: Theatre) -> Wrong:
    records = {record.id: record for record in theatre.records.calls()}
    if not totals(records.values()).balanced:
        yield "I11 figures are the fold of the records", "unbalanced"
    for visit in theatre.people.visits.values():
        record = records.pop(visit.channel, None)
        if record is not None:
            yield from _record(theatre, visit, record)
        elif not visit.died:
            yield "I1 a record for each call", f"{visit.channel} has none"
        elif visit.talked or visit.queued_at is not None:
            yield "I1 a record for each call", f"{visit.channel}, which died, has none"
    for stranger in records:
        yield "I1 a record for each call", f"{stranger} never called"


def _record(theatre: Theatre, visit: Visit, record: CallRecord) -> Wrong:
    if record.outcome is None:
        yield "I1 a record for each call", f"{record.id} is still open"
        return
    yield from _arrival(theatre, visit, record)
    if _undone(theatre, visit):
        return
    possible = outcomes(visit)
    if record.outcome not in possible:
        told = " or ".join(sorted(possible))
        yield "the outcome is what happened", f"{record.id} is {record.outcome}, not {told}"
    sorry = {each for sound in visit.heard for each in SORRY.get(sound, ())}
    reason = record.overflow_reason
    if reason is not None and reason not in (sorry or {OverflowReason.ALL_LINES_BUSY}):
        yield "the outcome is what happened", f"{record.id} overflowed by {reason}, not {sorry}"


def outcomes(visit: Visit) -> set[Outcome]:
    """What may be said of a call that was lived through like this: one word, or at an edge two.

    Edges are the moments that take a second to travel: somebody hangs up just as a text begins.
    """
    if visit.talked:
        return {Outcome.ANSWERED}
    if visit.died:
        return {Outcome.LOST}
    if not visit.left:
        return _sent_away(visit)
    if any(sound in SORRY for sound in visit.heard):
        return {Outcome.OVERFLOWED}
    if visit.nearly:
        return {Outcome.ABANDONED, Outcome.ANSWERED}
    if visit.heard and visit.heard[-1] in CHOOSING:  # they may have agreed in that moment
        return {Outcome.ABANDONED, Outcome.OVERFLOWED}
    if not any(sound in INFORMS for sound in visit.heard) or visit.queued_at is not None:
        return {Outcome.ABANDONED}
    return {Outcome.INFORMED} if visit.content else {Outcome.INFORMED, Outcome.ABANDONED}


def _sent_away(visit: Visit) -> set[Outcome]:
    """The centre hung up: it said goodbye, or why, or no line was free."""
    told = list(_informations(visit.heard))
    if visit.queued_at is not None or not (told or {SATISFIED_AT, GOODBYE} & set(visit.heard)):
        return {Outcome.OVERFLOWED}
    whole = [after for last, after in told if last not in visit.cut]
    if any(after != WRONG_KEY for after in whole):
        return {Outcome.INFORMED}
    # A key pressed while they were told has ended that; or was it at the very end?
    return {Outcome.INFORMED, Outcome.ABANDONED} if whole else {Outcome.ABANDONED}


def _informations(heard: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Of each information: which sound was its last, and what was heard then."""
    for at, (sound, after) in enumerate(pairwise([*heard, ""])):
        if sound in INFORMS and after not in INFORMS:
            yield at, after


def _arrival(theatre: Theatre, visit: Visit, record: CallRecord) -> Wrong:
    """I6. Where somebody set the clock meanwhile, before and after are both right."""
    came, ahead = visit.came, theatre.weather.wall_ahead
    gone = visit.ended_at or came
    clocks = [*theatre.off(came, gone), ahead(came), ahead(gone)]
    off = record.arrived_at - START.timestamp() - came
    if not min(clocks) - ARRIVAL_WITHIN < off < max(clocks) + ARRIVAL_WITHIN:
        yield "I6 the arrival time", f"{record.id} is off by {off:.3f}, not {clocks}"


def _left_over(theatre: Theatre) -> Wrong:
    world = theatre.asterisk.world
    for left in [*world.lines, *(world.rooms.keys() - {QUEUE})]:
        yield "I7 nothing outlives its call", left
    leader = theatre.leader
    if leader is None or leader.controller is None:
        yield "somebody leads", "nobody at the end"
        return
    centre = leader.controller.engine.centre
    for call in centre.visits.calls.values():
        yield "I9 nobody is stuck", f"{call.id} in {call.stage}"
    for agent in centre.acd.roster.all():
        if agent.state in PASSING:
            yield "I9 nobody is stuck", f"{agent.id} in {agent.state}"
    for line in centre.lines.all():
        if line.call is not None:
            yield "I9 nobody is stuck", f"line {line.number} with {line.call}"


def _intervals(theatre: Theatre) -> Wrong:
    """What each agent and each line is, by the intervals that SQL has, is what they are."""
    leader = theatre.leader
    if leader is None or leader.controller is None:
        return  # which is said elsewhere
    centre = leader.controller.engine.centre
    told = theatre.records.states()
    for agent in centre.acd.roster.all():
        if (state := told.get(agent.id, AgentState.SIGNED_OUT)) != agent.state:
            yield "I11 intervals are what was", f"{agent.id} is {agent.state}, not {state}"
    for line in centre.lines.all():
        if (state := told.get(line.number, LineState.IDLE)) != line.state:
            yield "I11 intervals are what was", f"line {line.number} is {line.state}, not {state}"


def _controllers(theatre: Theatre) -> Wrong:
    for host in theatre.hosts:
        for fault in host.faults:
            yield "a controller dies only of being told to", f"{host.name}: {fault!r}"
    if any(record.mark == "poison" for record in theatre.journal.every):
        yield "the core never raises", "poison"
