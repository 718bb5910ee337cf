"""What the records of a day would say, by the product's own folds, without a database."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId, Instant
from telephony.caller_id import Caller, CallerKind
from telephony.calls.publisher import to_changes
from telephony.centre import effects as fx
from telephony.store.call_record import CallRecord
from telephony.store.changes import (
    AgentMoved,
    CallNoted,
    LineMoved,
    NotOfCall,
)
from telephony.store.drafts import CallDraft, grown
from telephony.store.intervals import Place, Span, chained, span

NOBODY: Final = Caller(None, CallerKind.UNKNOWN, CallerKind.UNKNOWN.label)
# What a call went through, and its timeline, are in no figure.
HEARS: Final[tuple[type[fx.Effect], ...]] = (
    fx.CallOpened, fx.CallClosed, fx.LineMoved, acd_fx.AgentMoved, acd_fx.WrapUpEnded,
)  # fmt: skip
_COMMON: Final = tuple(
    each.name for each in fields(CallRecord) if each.name not in {"caller", "timeline"}
)


@dataclass(frozen=True, slots=True)
class DayBook:
    """One day's rows; intervals in the order in which they began."""

    opens: Instant
    closes: Instant
    ends: Instant  # the last caller was served, and everybody signed out
    records: tuple[CallRecord, ...]
    agents: tuple[Span, ...]
    lines: tuple[Span, ...]
    reached: frozenset[str] = frozenset()  # citizens who were called back, and talked to


class Ledger:
    """Takes effects as they come; gives a day when it is over."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._drafts: dict[str, CallDraft] = {}
        self._spans: dict[type, list[Span]] = {AgentMoved: [], LineMoved: []}
        self._current: dict[type, dict[str | int, Span]] = {AgentMoved: {}, LineMoved: {}}
        self._part = 0

    def hear(self, effect: fx.Effect, now: Instant) -> None:
        """Keep what the effect would write."""
        for change in to_changes(effect, _unknown, now):
            match change:
                case AgentMoved() | LineMoved() as move:
                    kind = type(move)
                    self._part += 1
                    begun = span(move, Place(1, self._part, 0))
                    self._spans[kind] += chained(self._current[kind], [begun])
                case CallNoted():
                    pass
                case _ if isinstance(change, NotOfCall):
                    pass
                case about_call:
                    known = self._drafts.get(about_call.call)
                    self._drafts[about_call.call] = grown(known, about_call)

    def day(
        self, opens: Instant, closes: Instant, ends: Instant, reached: frozenset[str] = frozenset()
    ) -> DayBook:
        """Close the books of the day; everybody begins anew."""
        book = DayBook(
            opens,
            closes,
            ends,
            tuple(_record(draft) for draft in self._drafts.values()),
            _ended(self._spans[AgentMoved], ends),
            _ended(self._spans[LineMoved], ends),
            reached,
        )
        self._begin()
        return book


def _ended(spans: Sequence[Span], ends: Instant) -> tuple[Span, ...]:
    for each in spans:
        if each.ended_at is None:
            each.ended_at = ends
    return tuple(spans)


def _unknown(_call: CallId) -> Caller:
    return NOBODY


def _record(draft: CallDraft) -> CallRecord:
    known = {name: getattr(draft, name) for name in _COMMON}
    return CallRecord(**known, caller=NOBODY, timeline=())
