"""Whose a call is, and what became of one that somebody handed on. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.calls.figures import WITH_A_CALL, Sitting
from telephony.store.call_record import CallRecord
from telephony.store.intervals import AgentInterval

Became = Literal["underway", "taken", "returned"]
Telephone = Literal["desk", "browser"]


@dataclass(frozen=True, slots=True)
class HandedOn:
    """A caller whom somebody handed to a colleague or the city."""

    target: str
    at: float
    became: Became


def had(intervals: Iterable[AgentInterval], sittings: Sequence[Sitting]) -> list[str]:
    """The calls that whoever sat so was in, in order."""
    found = [
        interval.call
        for interval in sorted(intervals, key=lambda interval: interval.started_at)
        if interval.call is not None
        and interval.state in WITH_A_CALL
        and any(_sat(interval, sitting) for sitting in sittings)
    ]
    return list(dict.fromkeys(found))


def _sat(interval: AgentInterval, sitting: Sitting) -> bool:
    began = sitting.until is None or interval.started_at < sitting.until
    lasted = interval.ended_at is None or interval.ended_at > sitting.since
    return interval.seat == sitting.seat and began and lasted


def handed_on(record: CallRecord, sittings: Sequence[Sitting]) -> HandedOn | None:
    """The last time that whoever sat so handed the caller on, if nobody has done so after it."""
    found: HandedOn | None = None
    for event in record.timeline:
        by, target = event.detail.get("agent"), event.detail.get("target")
        if event.event == "transfer":
            mine = any(sitting.has(str(by), event.at) for sitting in sittings)
            found = HandedOn(str(target), event.at, "underway") if mine else None
        elif found is not None:
            found = _after(found, event.event, str(by), str(event.detail.get("end")))
    return found


def telephone_of(record: CallRecord | None, seat: str, at: float) -> Telephone | None:
    """Which telephone of the seat rang for the offer that ended then; None: nobody says."""
    timeline = [] if record is None else record.timeline
    rung = [
        event.detail.get("phone")
        for event in timeline
        if event.event == "offered" and event.detail.get("agent") == seat and event.at <= at
    ]
    match rung[-1:]:
        case ["desk"]:
            return "desk"
        case ["browser"]:
            return "browser"
        case _:
            return None


def _after(found: HandedOn, event: str, agent: str, end: str) -> HandedOn:
    """Whoever takes the caller at last, has them; until then they wait again."""
    if event in ("connected", "connected_outside"):
        return HandedOn(found.target, found.at, "taken")
    failed = event == "offer_ended" and agent == found.target and end != "answered"
    if failed or event == "returned":
        return HandedOn(found.target, found.at, "returned")
    return found
