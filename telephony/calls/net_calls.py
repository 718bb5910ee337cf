"""Calls that the dialplan kept while no controller was there: they get a record too.

The dialplan leaves one JSON object a line. The file is renamed away before it is read, so that
Asterisk begins a new one, and deleted after its calls are in SQL: whenever we die, it is read
again, and reading it twice writes nothing twice.
"""

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.database import DatabaseFailed
from telephony.caller_id import identify
from telephony.store import changes as row
from telephony.store.words import HungUpBy, Outcome, OverflowReason

log = structlog.get_logger(__name__)

Add = Callable[[Sequence[row.Change]], Awaitable[None]]

_HOW: Final = {
    "answered": Outcome.ANSWERED,
    "abandoned": Outcome.ABANDONED,
    "busy": Outcome.OVERFLOWED,
}


@dataclass(frozen=True, slots=True)
class _Line:
    text: bytes
    changes: list[row.Change]  # none when it cannot be read


class NetCall(BaseModel):
    """One line of the file; every value is text, empty where there is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    call: str = Field(min_length=1, max_length=64)
    arrived: float
    dialled: str = ""
    sender: str = Field(default="", alias="from")
    pai: str = ""
    privacy: str = ""
    how: Literal["answered", "abandoned", "busy"]
    seat: str = ""
    answered: float | None = None
    ended: float

    @field_validator("answered", mode="before")
    @classmethod
    def _or_nothing(cls, value: object) -> object:
        return value or None


def set_aside(file: Path) -> Path | None:
    """The file under the name of one that is being read; None when there is nothing to read."""
    aside = file.with_suffix(".importing")
    if not aside.exists():
        try:
            file.rename(aside)
        except FileNotFoundError:
            return None
    return aside


async def bring_in(file: Path, add: Add) -> None:
    """Write every kept call and delete the file; what is away now is tried again later."""
    try:
        aside = set_aside(file)
        if aside is None:
            return
        kept = _lines(aside)
        unread = [line for line in kept if not line.changes]
        refused = unread + await _write([line for line in kept if line.changes], add)
        _keep_refused(file.with_suffix(".refused.jsonl"), refused)
        aside.unlink()
    except (OSError, DatabaseFailed) as away:  # the file stays, and is read again
        log.error("safety net not imported", error=away)
        return
    log.info("safety net imported", entries=len(kept) - len(refused))


def changes(aside: Path) -> list[row.Change]:
    """What the records must say; a line that cannot be read is counted and left out."""
    return [change for line in _lines(aside) for change in line.changes]


async def _write(lines: list[_Line], add: Add) -> list[_Line]:
    """All at once; or one by one, where SQL is there and refuses. Those refused are left."""
    try:
        await add([change for line in lines for change in line.changes])
    except DatabaseFailed:
        return [line for line in lines if await _is_refused(line, add)]
    return []


async def _is_refused(line: _Line, add: Add) -> bool:
    """Raises DatabaseFailed when the line is not to blame: SQL does not take nothing either."""
    try:
        await add(line.changes)
    except DatabaseFailed as why:
        await add([])
        log.error("safety net line refused", error=why)
        return True
    return False


def _keep_refused(file: Path, refused: list[_Line]) -> None:
    if not refused:
        return
    with open(file, "ab", opener=_closed) as kept:  # a path takes no opener
        kept.writelines(line.text + b"\n" for line in refused)


def _closed(path: str, flags: int) -> int:
    """Telephone numbers are in it."""
    return os.open(path, flags, 0o600)


def _lines(aside: Path) -> list[_Line]:
    found = [_read(text) for text in aside.read_bytes().splitlines()]
    unread = sum(not line.changes for line in found)
    if unread:
        log.error("safety net lines unread", count=unread)
    return found


def _read(text: bytes) -> _Line:
    try:
        return _Line(text, list(_of(NetCall.model_validate_json(text))))
    except ValidationError:
        return _Line(text, [])


def _of(call: NetCall) -> Iterator[row.Change]:
    caller = identify(call.sender, call.pai, call.privacy, trust_pai=True)
    yield row.CallOpened(call.call, call.arrived, None, call.dialled, caller)
    told: row.Detail = {"how": call.how, "seat": call.seat or None}
    yield row.CallNoted(call.call, call.arrived, "safety_net", told)
    if call.seat:
        yield row.CallAdvanced(call.call, call.ended, agent=call.seat)
    outcome = _HOW[call.how]
    until = call.ended if call.answered is None else call.answered
    yield row.CallClosed(
        call.call,
        call.ended,
        outcome,
        OverflowReason.ALL_LINES_BUSY if outcome is Outcome.OVERFLOWED else None,
        waited=until - call.arrived,
        talked=0.0 if call.answered is None else call.ended - call.answered,
        held=0.0,
        hung_up_by=HungUpBy.SYSTEM if outcome is Outcome.OVERFLOWED else None,
    )
