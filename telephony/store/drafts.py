"""How a call's record grows with each change. Pure: the database only keeps what comes out."""

from dataclasses import dataclass, field, replace

from telephony.store.changes import (
    CallAdvanced,
    CallChange,
    CallClosed,
    CallNoted,
    CallOpened,
    WrappedUp,
)
from telephony.store.words import HungUpBy, Outcome, OverflowReason


@dataclass(frozen=True, slots=True)
class CallDraft:
    """One row of `calls`, field by field."""

    id: str
    arrived_at: float
    line: int | None = None
    caller_number: str | None = field(default=None, repr=False)
    caller_kind: str | None = None
    caller_name: str | None = field(default=None, repr=False)
    caller_told: str | None = field(default=None, repr=False)
    dialled: str | None = None
    menu_path: str | None = None
    queue: str | None = None
    agent: str | None = None
    outcome: Outcome | None = None
    overflow_reason: OverflowReason | None = None
    waited: float | None = None
    talked: float | None = None
    held: float | None = None
    wrapped_up: float | None = None
    ended_at: float | None = None
    hung_up_by: HungUpBy | None = None


def grown(draft: CallDraft | None, change: CallChange) -> CallDraft:
    """The record after the change; a change to a call nobody opened begins a record."""
    draft = draft or CallDraft(id=change.call, arrived_at=change.at)
    match change:
        case CallOpened():
            return _opened(draft, change)
        case CallAdvanced():
            return _advanced(draft, change)
        case CallClosed():
            return _closed(draft, change)
        case WrappedUp():
            return replace(draft, wrapped_up=(draft.wrapped_up or 0.0) + change.seconds)
        case CallNoted():
            return draft


def _opened(draft: CallDraft, change: CallOpened) -> CallDraft:
    """A second opening, of a call found again after a restart, only fills what is missing."""
    draft = replace(
        draft,
        arrived_at=min(draft.arrived_at, change.at),
        line=change.line if draft.line is None else draft.line,
        dialled=draft.dialled or change.dialled,
    )
    caller = change.caller
    if caller is None or draft.caller_kind is not None:
        return draft
    return replace(
        draft,
        caller_number=caller.number,
        caller_kind=caller.kind,
        caller_name=caller.name or None,
        caller_told=caller.told,
    )


def _advanced(draft: CallDraft, change: CallAdvanced) -> CallDraft:
    if draft.outcome is not None:
        return draft
    return replace(
        draft,
        line=draft.line if change.line is None else change.line,
        menu_path=draft.menu_path if change.menu_path is None else change.menu_path,
        queue=draft.queue if change.queue is None else change.queue,
        agent=draft.agent if change.agent is None else change.agent,
    )


def _closed(draft: CallDraft, change: CallClosed) -> CallDraft:
    if draft.outcome is not None:
        return draft
    nobody = None if change.outcome is Outcome.ANSWERED else 0.0  # nobody there to wrap up
    return replace(
        draft,
        outcome=change.outcome,
        overflow_reason=change.overflow_reason,
        waited=change.waited,
        talked=change.talked,
        held=change.held,
        wrapped_up=nobody if draft.wrapped_up is None else draft.wrapped_up,
        ended_at=change.at,
        hung_up_by=change.hung_up_by,
    )
