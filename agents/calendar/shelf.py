"""The calendar in force, and the changes that are proposed and not approved yet.

In force is what the controllers were started with: the site that was last in order. A proposal is a
file of the home; approved, it is written into the site directory and holds from the next restart.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.calendar_register import (
    Proposal,
    RegisterFile,
    apply,
    fingerprint,
    preview,
    proposed,
)
from config.documents import Unreadable, read
from config.files import write_atomically
from config.shapes import fitted
from config.site import revive
from config.site_calendar import opening_of
from config.site_model import Site
from config.site_reading import CALENDAR, REGISTER
from ivr_flows.opening.book import Book
from ivr_flows.opening.model import Calendar
from ivr_flows.opening.year import Change

MOST_PROPOSALS: Final = 50
FOLDER: Final = "calendar"


@dataclass(frozen=True, slots=True)
class Pending:
    """A proposal, and every day on which callers would meet something else."""

    proposal: Proposal
    changes: list[Change]


class Shelf:
    """What the calendar's routes work with."""

    def __init__(self, site: Site, directory: Path, home: Path, clock: Callable[[], float]) -> None:
        self.zone = ZoneInfo(site.timezone)
        self._started_with = site
        self.seats = frozenset(site.seats)
        self._directory = directory
        self._kept = home / "site.json"
        self._folder = home / FOLDER
        self._clock = clock
        self._read_at: float | None = None
        self._in_force = site
        self._book = Book(opening_of(site))

    def book(self) -> Book:
        """The calendar in force; looked up anew once the controllers were started again."""
        try:
            changed = self._kept.stat().st_mtime
        except OSError:
            return self._book
        if changed != self._read_at:
            self._in_force = revive(self._kept.read_text(encoding="utf-8"))
            self._book = Book(opening_of(self._in_force))
            self._read_at = changed
        return self._book

    def now(self) -> datetime:
        """The local time."""
        return datetime.fromtimestamp(self._clock(), self.zone).replace(tzinfo=None, microsecond=0)

    def text(self) -> str:
        """The calendar as it is written, to be edited."""
        path = self._directory / CALENDAR
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def is_applied(self) -> bool:
        """Whether the written calendar is the one in force; else a restart takes it up.

        Where none is written, the weekly table has to be all there is.
        """
        book, text = self.book(), self.text()
        if not text:
            return self._in_force.calendar is None
        try:
            written = self._calendar(text)
        except ValueError:
            return False
        return fingerprint(written) == fingerprint(book.calendar)

    def register(self) -> list[dict[str, Any]]:
        """Every entry of the change register, the latest first."""
        try:
            file = fitted(read(self._directory / REGISTER), RegisterFile)
        except Unreadable:
            return []
        return [each.model_dump(mode="json") for each in reversed(file.root)]

    # -- proposals -----------------------------------------------------------------------

    def propose(self, proposal: Proposal) -> Pending:
        """Keep it, with its preview. Raises NotProposed with every fault."""
        pending = self._pending(proposal)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        plain = asdict(proposal) | {"agreed_on": str(proposal.agreed_on)}
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        write_atomically(self._folder / f"{proposal.id}.json", text)
        return pending

    def pending(self) -> list[Pending]:
        """Every proposal, the latest first."""
        files = sorted(self._folder.glob("*.json"), key=lambda each: -each.stat().st_mtime)
        return [self._pending(_proposal(file)) for file in files[:MOST_PROPOSALS]]

    def find(self, proposal_id: str) -> Pending | None:
        """One proposal."""
        file = self._folder / f"{proposal_id}.json"
        return self._pending(_proposal(file)) if file.is_file() else None

    def approve(self, pending: Pending, by: str) -> None:
        """Write it into the site with its entry; the proposal is done with. Raises OSError."""
        apply(self._directory, pending.proposal, by, self.now().date())
        self.drop(pending)

    def drop(self, pending: Pending) -> None:
        """It is not to be."""
        (self._folder / f"{pending.proposal.id}.json").unlink(missing_ok=True)

    def _pending(self, proposal: Proposal) -> Pending:
        new = proposed(self._directory, proposal, len(self._started_with.lines))
        present = self._present()
        return Pending(proposal, preview(present, new, self.now().date()))

    def _present(self) -> Calendar:
        try:
            return self._calendar(self.text())
        except ValueError:
            return self.book().calendar

    def _calendar(self, text: str) -> Calendar:
        bare = Proposal(text, "", "", date.min, "")
        return proposed(self._directory, bare, len(self._started_with.lines))


def _proposal(file: Path) -> Proposal:
    plain = json.loads(file.read_text(encoding="utf-8"))
    return Proposal(**plain | {"agreed_on": date.fromisoformat(plain["agreed_on"])})
