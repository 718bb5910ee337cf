"""Who was offered what in which order, read from the timelines of the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from telephony.store.call_record import CallRecord, TimelineEvent

# What frees an agent comes first among what has the same instant.
ORDER: Final = {"offer_ended": 0, "ended": 1, "left_queue": 1, "queued": 2, "returned": 2}


@dataclass(slots=True)
class _Floor:
    waiting: dict[str, tuple[float, str]] = field(default_factory=dict)  # since when, for what
    offered: dict[str, str] = field(default_factory=dict)  # call → agent
    handed: set[str] = field(default_factory=set)  # transferred to somebody by name


def wrong(calls: Iterable[CallRecord]) -> Iterator[str]:
    """I2, I3, I4: every offer that should not have been."""
    floor = _Floor()
    for call, event in events(calls):
        yield from _step(floor, call, event)


def events(calls: Iterable[CallRecord]) -> list[tuple[str, TimelineEvent]]:
    """Everything that happened, in order."""
    found = [(record.id, event) for record in calls for event in record.timeline]
    return sorted(found, key=lambda pair: (pair[1].at, ORDER.get(pair[1].event, 3)))


def _step(floor: _Floor, call: str, event: TimelineEvent) -> Iterator[str]:
    match event.event:
        case "queued":
            floor.waiting[call] = event.at, str(event.detail["queue"])
        case "returned":
            floor.waiting[call] = 0.0, ""
        case "transfer":
            floor.handed.add(call)
        case "offered":
            yield from _offered(floor, call, str(event.detail["agent"]))
        case "offer_ended":
            floor.offered.pop(call, None)
            if event.detail["end"] == "answered":
                floor.waiting.pop(call, None)
        case "left_queue" | "ended":
            floor.waiting.pop(call, None)
            floor.offered.pop(call, None)
        case _:
            pass


def _offered(floor: _Floor, call: str, agent: str) -> Iterator[str]:
    if call in floor.offered:
        yield f"{call} is offered twice"
    if agent in floor.offered.values():
        yield f"{agent} has two offers"
    before = [] if call in floor.handed or call not in floor.waiting else _before(floor, call)
    if before:
        yield f"{call} was offered before {before}"
    floor.handed.discard(call)
    floor.offered[call] = agent


def _before(floor: _Floor, call: str) -> list[str]:
    since, queue = floor.waiting[call]
    return [
        other
        for other, (at, of) in floor.waiting.items()
        if of == queue and at < since and other not in floor.offered
    ]
