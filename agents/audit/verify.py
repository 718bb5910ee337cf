"""Proving an audit log: the first place where it is not what was written, and how it shows."""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, select

from agents.audit.chain import BEGINNING, KEPT, LOG, Head, chained, mark
from agents.tables import AUDIT, AUDIT_HEAD

PORTION: Final = 5000  # rows held at a time
REPEATED: Final = ("seq", "at", "who", "word", "object")


class Fault(StrEnum):
    """How a log shows that it is not what was written."""

    FORGED_BEGINNING = "where the log begins is not what was written"
    OLDER = "the checkpoint is older than what is kept: take a later one"
    NOT_THE_CHECKPOINT = "is not the line of the checkpoint"
    ENDS_EARLY = "the log ends before the checkpoint"
    MISSING = "a line is missing here"
    CHANGED = "is not what was written, or not where it was written"
    COLUMNS_CHANGED = "its searched columns are not those that were written"
    NO_HEAD = "the head of the log is missing"
    FORGED_HEAD = "the head of the log is not what was written"
    CUT_OFF = "lines are missing at the end"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found."""

    lines: int
    head: Head
    fault: Fault | None = None  # None: everything fits
    at: int | None = None  # the line where it begins

    @property
    def sound(self) -> bool:
        """Nothing was edited, deleted, swapped, cut off or put beside it."""
        return self.fault is None


def verify(connection: Connection, key: bytes, checkpoint: Head | None = None) -> Verdict:
    """Walk the whole log; `checkpoint` is where it once ended, as kept elsewhere."""
    begin = begins(connection, key)
    if begin is None:
        return Verdict(0, BEGINNING, Fault.FORGED_BEGINNING, 1)
    rows = connection.execute(
        select(AUDIT).order_by(AUDIT.c.seq), execution_options={"yield_per": PORTION}
    )
    verdict = walked(rows, key, checkpoint, begin)
    return _ended(connection, key, verdict) if verdict.sound else verdict


def begins(connection: Connection, key: bytes) -> Head | None:
    """After which line the log begins: lines past their time are gone. None: somebody forged it."""
    row = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.log == KEPT)).one_or_none()
    if row is None:
        return BEGINNING
    begin = Head(row.seq, row.hash)
    return begin if hmac.compare_digest(mark(key, begin, KEPT), row.mark) else None


def walked(
    rows: Iterable[Any], key: bytes, checkpoint: Head | None = None, begin: Head = BEGINNING
) -> Verdict:
    """The lines alone, in order; also of an export, where there is no database."""
    here = begin
    wanted = None if checkpoint == BEGINNING else checkpoint
    if wanted is not None and wanted.seq < begin.seq:
        return Verdict(0, begin, Fault.OLDER, wanted.seq)
    met = wanted is None or wanted == begin
    for row in rows:
        fault = _fault_of(row, here, key)
        if fault is not None:
            return Verdict(here.seq - begin.seq, here, fault, here.seq + 1)
        here = Head(row.seq, row.hash)
        if wanted is not None and here.seq == wanted.seq:
            if not hmac.compare_digest(here.hash, wanted.hash):
                return _at(here, begin, Fault.NOT_THE_CHECKPOINT)
            met = True
    return _at(here, begin, None if met else Fault.ENDS_EARLY)


def _at(here: Head, begin: Head, fault: Fault | None) -> Verdict:
    return Verdict(here.seq - begin.seq, here, fault, None if fault is None else here.seq)


def _fault_of(row: Any, before: Head, key: bytes) -> Fault | None:
    if row.seq != before.seq + 1:
        return Fault.MISSING
    if not hmac.compare_digest(chained(key, before.hash, row.line), row.hash):
        return Fault.CHANGED
    told = json.loads(row.line)
    if any(told[name] != getattr(row, name) for name in REPEATED):
        return Fault.COLUMNS_CHANGED
    return None


def _ended(connection: Connection, key: bytes, walked: Verdict) -> Verdict:
    row = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.log == LOG)).one_or_none()
    if row is None:
        fault = None if walked.head == BEGINNING else Fault.NO_HEAD
    elif not hmac.compare_digest(mark(key, Head(row.seq, row.hash)), row.mark):
        fault = Fault.FORGED_HEAD
    elif Head(row.seq, row.hash) != walked.head:
        fault = Fault.CUT_OFF
    else:
        fault = None
    return Verdict(walked.lines, walked.head, fault, None if fault is None else walked.head.seq)
