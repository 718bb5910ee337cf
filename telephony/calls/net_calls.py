"""Calls that the dialplan kept while no controller was there: they get a record too.

The dialplan leaves one JSON object a line. The file is renamed away before it is read, so that
Asterisk begins a new one, and deleted after its calls are in SQL: whenever we die, it is read
again, and reading it twice writes nothing twice.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from telephony.caller_id import identify
from telephony.store import changes as row
from telephony.store.words import HungUpBy, Outcome, OverflowReason

log = structlog.get_logger(__name__)

_HOW: Final = {
    "answered": Outcome.ANSWERED,
    "abandoned": Outcome.ABANDONED,
    "busy": Outcome.OVERFLOWED,
}


class NetCall(BaseModel):
    """One line of the file; every value is text, empty where there is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

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


def changes(aside: Path) -> list[row.Change]:
    """What the records must say; a line that cannot be read is counted and left out."""
    found: list[row.Change] = []
    unread = 0
    for line in aside.read_bytes().splitlines():
        try:
            found += _of(NetCall.model_validate_json(line))
        except ValidationError:
            unread += 1
    if unread:
        log.error("safety net lines unread", count=unread)
    return found


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
