"""The change register (変更台帳): what was changed in the calendar, why, and who agreed to it.

Once a site has a register, its calendar has to be that of the last entry: `check` and `up` refuse
any other. A proposal is a calendar with its entry that the city has not approved yet.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import Field, RootModel, TypeAdapter

from config.calendar_files import CalendarFile, Date, HolidaysFile, Title
from config.documents import Document, Fault, Unreadable, parse, read
from config.files import write_atomically
from config.shapes import Shape, fitted
from config.site_calendar import calendar_faults, calendar_of
from ivr_flows.opening.book import Book
from ivr_flows.opening.model import Calendar
from ivr_flows.opening.year import Change, changes

CALENDAR: Final = "calendar.yaml"
REGISTER: Final = "register.yaml"
HOLIDAYS: Final = "holidays.yaml"
PREVIEW: Final = timedelta(days=400)  # that a diff looks ahead
PREVIEW_BACK: Final = timedelta(days=1)
_CALENDAR: Final = TypeAdapter(Calendar)

Words = Annotated[str, Field(min_length=1, max_length=200)]


class EntryFile(Shape):
    """One entry of `register.yaml`."""

    calendar: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]  # what the calendar is known by
    what: Words
    why: Words
    agreed_on: Date
    agreed_by: Title
    approved_by: Title
    approved_on: Date


class RegisterFile(RootModel[list[EntryFile]]):
    """register.yaml"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A calendar that is to replace the present one."""

    calendar: str  # the text of the file
    what: str
    why: str
    agreed_on: date
    agreed_by: str
    proposed_by: str = ""

    @property
    def id(self) -> str:
        """By which it is approved: of the text and everything that is said of it."""
        said = json.dumps({**asdict(self), "agreed_on": str(self.agreed_on)}, sort_keys=True)
        return sha256(said.encode()).hexdigest()[:16]


class NotProposed(ValueError):
    """A calendar that cannot replace the present one, with every fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def fingerprint(calendar: Calendar) -> str:
    """What a calendar is known by in the register: what it says, not how it is written.

    The holidays have a confirmation of their own.
    """
    bare = replace(calendar, holidays={})
    plain: dict[str, Any] = _CALENDAR.dump_python(bare, mode="json")
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def register_faults(document: Document, file: RegisterFile, calendar: CalendarFile) -> list[Fault]:
    """The calendar is not the one that was agreed last."""
    present = fingerprint(calendar_of(calendar, None))
    if file.root and file.root[-1].calendar == present:
        return []
    told = (
        f"calendar.yaml was changed without an entry here (it is {present}): propose the change "
        "with `madoguchi calendar propose`, or put the agreed file back"
    )
    last = len(file.root) - 1
    return [document.fault((last,) if file.root else (), told)]


# -- changing it ------------------------------------------------------------------------------


def proposed(site: Path, proposal: Proposal, lines: int) -> Calendar:
    """The calendar that is proposed; raises NotProposed with every fault it has."""
    try:
        document = parse(proposal.calendar, CALENDAR)
        file = fitted(document, CalendarFile)
    except Unreadable as wrong:
        raise NotProposed([f"{each.line}: {each.text}" for each in wrong.faults]) from wrong
    faults = [f"{each.line}: {each.text}" for each in calendar_faults(document, file, lines)]
    if faults:
        raise NotProposed(faults)
    return calendar_of(file, _holidays(site))


def preview(present: Calendar, new: Calendar, today: date) -> list[Change]:
    """Every day on which a caller would meet something else."""
    return changes(Book(present), Book(new), today - PREVIEW_BACK, today + PREVIEW)


def apply(site: Path, proposal: Proposal, approved_by: str, today: date) -> None:
    """Write the calendar and its entry; the calendar last, so that neither is there alone."""
    new = calendar_of(fitted(parse(proposal.calendar, CALENDAR), CalendarFile), None)
    entry = {
        "calendar": fingerprint(new),
        "what": proposal.what,
        "why": proposal.why,
        "agreed_on": str(proposal.agreed_on),
        "agreed_by": proposal.agreed_by,
        "approved_by": approved_by,
        "approved_on": str(today),
    }
    register = site / REGISTER
    known = register.read_text(encoding="utf-8") if register.is_file() else ""
    known = known if not known or known.endswith("\n") else f"{known}\n"
    said = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, default_style='"')
    write_atomically(register, known + said, mode=0o644)
    write_atomically(site / CALENDAR, proposal.calendar, mode=0o644)


def _holidays(site: Path) -> HolidaysFile | None:
    try:
        return fitted(read(site / HOLIDAYS), HolidaysFile)
    except Unreadable:
        return None
