"""Calls that the dialplan kept while no controller was there: they get a record too.

The dialplan leaves one JSON object a line. The file is renamed away before it is read, so that
Asterisk begins a new one, and deleted after its calls are in SQL: whenever we die, it is read
again, and reading it twice writes nothing twice.

A call that was in Stasis when it ended leaves a line too (`left`). The leader has almost always
recorded it, and the line is dropped; but a leader that died in that moment heard of neither its
beginning nor its end. Until that is certain the line waits in a file of its own.
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
Known = Callable[[str, float], Awaitable[bool | None]]  # call, its end; None: not certain yet

_HOW: Final = {
    "answered": Outcome.ANSWERED,
    "abandoned": Outcome.ABANDONED,
    "busy": Outcome.OVERFLOWED,
    "left": Outcome.ABANDONED,
    "unreadable": Outcome.REFUSED,
}
_REFUSALS: Final = (Outcome.OVERFLOWED, Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class _Line:
    text: bytes
    changes: list[row.Change]  # none when it cannot be read
    left: tuple[str, float] | None = None  # call and end of one that was in Stasis


class NetCall(BaseModel):
    """One line of the file; every value is text, empty where there is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    call: str = Field(min_length=1, max_length=64)
    arrived: float
    dialled: str = ""
    sender: str = Field(default="", alias="from")
    pai: str = ""
    privacy: str = ""
    rpid: str = ""
    how: Literal["answered", "abandoned", "busy", "left", "unreadable"]
    seat: str = ""
    answered: float | None = None
    ended: float

    @field_validator("answered", mode="before")
    @classmethod
    def _or_nothing(cls, value: object) -> object:
        return value or None


def where_kept(file: Path) -> tuple[Path, Path, Path]:
    """Where a kept call may be: as Asterisk writes it, being read, not certain yet."""
    return file, file.with_suffix(".importing"), file.with_suffix(".later")


def set_aside(file: Path) -> Path | None:
    """The file under the name of one that is being read; None when there is nothing to read."""
    _, aside, _ = where_kept(file)
    if not aside.exists():
        try:
            file.rename(aside)
        except FileNotFoundError:
            return None
    return aside


async def recorded(call: str, ended: float) -> bool | None:
    """Where nobody can say otherwise, the leader has recorded what was in Stasis."""
    return True


async def bring_in(file: Path, add: Add, known: Known = recorded) -> None:
    """Write every kept call and delete the file; what is away now is tried again later."""
    *_, waiting = where_kept(file)
    try:
        aside = set_aside(file)
        if aside is None and not waiting.exists():
            return
        size = aside.stat().st_size if aside else 0
        kept, later = await _sort(_lines(aside) + _lines(waiting), known)
        unread = [line for line in kept if not line.changes]
        refused = unread + await _write([line for line in kept if line.changes], add)
        _keep_refused(file.with_suffix(".refused.jsonl"), refused)
        _keep_later(waiting, later)
        if aside and aside.stat().st_size == size:  # Asterisk may have had it open still
            aside.unlink()
    except (OSError, DatabaseFailed) as away:  # the file stays, and is read again
        log.error("safety net not imported", error=away)
        return
    if kept:
        log.info("safety net imported", entries=len(kept) - len(refused))


def changes(aside: Path) -> list[row.Change]:
    """What the records must say; a line that cannot be read is counted and left out."""
    return [change for line in _lines(aside) for change in line.changes]


async def _sort(lines: list[_Line], known: Known) -> tuple[list[_Line], list[_Line]]:
    """Those to be written now, and those not certain yet; the others have their records."""
    now, later = list[_Line](), dict[bytes, _Line]()
    for line in lines:
        found = False if line.left is None else await known(*line.left)
        if found is None:
            later[line.text] = line
        elif not found:
            now.append(line)
    return now, list(later.values())


def _keep_later(file: Path, lines: list[_Line]) -> None:
    if not lines:
        file.unlink(missing_ok=True)
        return
    fresh = file.with_suffix(".fresh")
    with open(fresh, "wb", opener=_closed) as kept:  # a path takes no opener
        kept.writelines(line.text + b"\n" for line in lines)
        kept.flush()
        os.fsync(kept.fileno())
    fresh.replace(file)


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


def _lines(aside: Path | None) -> list[_Line]:
    if aside is None or not aside.exists():
        return []
    found = [_read(text) for text in aside.read_bytes().splitlines()]
    unread = sum(not line.changes for line in found)
    if unread:
        log.error("safety net lines unread", count=unread)
    return found


def _read(text: bytes) -> _Line:
    try:
        call = NetCall.model_validate_json(text)
        left = (call.call, call.ended) if call.how == "left" else None
        return _Line(text, list(_of(call)), left)
    except ValidationError:
        return _Line(text, [])


def _of(call: NetCall) -> Iterator[row.Change]:
    caller = identify(call.sender, call.pai, call.privacy, call.rpid, trust_pai=True)
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
        hung_up_by=HungUpBy.SYSTEM if outcome in _REFUSALS else None,
    )
