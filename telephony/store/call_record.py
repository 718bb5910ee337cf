"""A call record as everybody outside the store sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from telephony.caller_id import Caller
from telephony.store.changes import Scalar
from telephony.store.words import HungUpBy, Outcome, OverflowReason

JAPAN: Final = timezone(timedelta(hours=9))


def civil(at: float) -> str:
    """ISO 8601 to the millisecond with Japan's offset."""
    # isoformat would cut: 0.9996 s belongs to the next second.
    return datetime.fromtimestamp(round(at, 3), JAPAN).isoformat(timespec="milliseconds")


def _seconds(value: float | None) -> float | None:
    """To the millisecond, as the instants are shown."""
    return None if value is None else round(value, 3)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One thing that happened in a call."""

    at: float
    event: str
    detail: Mapping[str, Scalar]

    def to_json(self) -> dict[str, Any]:
        """The detail's keys stand beside `at` and `event`, which win."""
        return {**self.detail, "at": civil(self.at), "event": self.event}


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call; open while `outcome` is None. Seconds are None while they are not known."""

    id: str
    arrived_at: float
    line: int | None
    caller: Caller
    dialled: str | None
    menu_path: str | None
    queue: str | None
    agent: str | None
    outcome: Outcome | None
    overflow_reason: OverflowReason | None
    waited: float | None
    talked: float | None
    held: float | None
    wrapped_up: float | None
    ended_at: float | None
    hung_up_by: HungUpBy | None
    timeline: tuple[TimelineEvent, ...]

    def to_json(self) -> dict[str, Any]:
        """The keys scripts rely on; the number is in full, so whoever shows it masks it."""
        return {
            "id": self.id,
            "arrived_at": civil(self.arrived_at),
            "line": self.line,
            "caller": {"number": self.caller.number, "kind": self.caller.kind.value},
            "dialled": self.dialled,
            "menu_path": self.menu_path,
            "queue": self.queue,
            "agent": self.agent,
            "outcome": self.outcome and self.outcome.value,
            "overflow_reason": self.overflow_reason and self.overflow_reason.value,
            "waited": _seconds(self.waited),
            "talked": _seconds(self.talked),
            "held": _seconds(self.held),
            "wrapped_up": _seconds(self.wrapped_up),
            "timeline": [event.to_json() for event in self.timeline],
        }
