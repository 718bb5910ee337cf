"""Who was offered what in which order, read from the timelines of the records."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from telephony.store.call_record import CallRecord, TimelineEvent

ORDER = {"offer_ended": 0, "ended": 1, "left_queue": 1, "queued": 2, "returned": 2}


@dataclass
class Floor:
    """The calls that wait, in the order in which they came to wait."""

    waiting: dict[str, tuple[float, str]] = field(default_factory=dict)  # since when, for what
    offered: dict[str, str] = field(default_factory=dict)  # call → agent
    handed: set[str] = field(default_factory=set)  # transferred to somebody by name


def events(calls: Iterable[CallRecord]) -> list[tuple[str, TimelineEvent]]:
    """Everything that happened, in order; what frees an agent comes first."""
    found = [(record.id, event) for record in calls for event in record.timeline]
    return sorted(found, key=lambda pair: (pair[1].at, ORDER.get(pair[1].event, 3)))


def one_at_a_time(calls: Iterable[CallRecord]) -> None:
    """I2 and I3: an agent has one live offer, and a call is offered to one agent."""
    live: dict[str, str] = {}
    for call, event in events(calls):
        agent = str(event.detail.get("agent"))
        if event.event == "offered":
            assert call not in live, f"{call} is offered twice"
            assert agent not in live.values(), f"{agent} has two offers"
            live[call] = agent
        elif event.event == "offer_ended":
            assert live.pop(call) == agent


def nobody_overtaken(calls: Iterable[CallRecord]) -> None:  # noqa: C901 -- one arm each
    """I4: whoever is offered has no one before them who only waits; transfers have a target."""
    floor = Floor()
    for call, event in events(calls):
        match event.event:
            case "queued":
                floor.waiting[call] = event.at, str(event.detail["queue"])
            case "returned":
                floor.waiting[call] = 0.0, ""
            case "transfer":
                floor.handed.add(call)
            case "offered":
                _offered(floor, call)
            case "offer_ended":
                floor.offered.pop(call, None)
                if event.detail["end"] == "answered":
                    floor.waiting.pop(call, None)
            case "left_queue" | "ended":
                floor.waiting.pop(call, None)
            case _:
                pass


def _offered(floor: Floor, call: str) -> None:
    floor.offered[call] = ""
    if call in floor.handed:
        floor.handed.discard(call)
        return
    if call not in floor.waiting:
        return
    since, queue = floor.waiting[call]
    before = [
        other
        for other, (at, of) in floor.waiting.items()
        if of == queue and at < since and other not in floor.offered
    ]
    assert before == [], f"{call} was offered before {before}"
