"""The journal as one file that explains itself: whoever has it can replay it, and needs no more.

JSON lines: a header with the site, the kept snapshot if there is one, then every entry in order.
The journal has no personal data; of the site, the names of the people at the seats and all that
concerns the carrier are left out, because they decide nothing.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from config.site import describe, revive
from config.site_model import Phones, Site, Trunk
from telephony.calls import codec
from telephony.calls.engine import CORE_VERSION
from telephony.calls.journal import Journal, KeptSnapshot, Place, Record
from telephony.calls.rules import rules_of
from telephony.centre.model import CentreRules

NO_TRUNK: Final = Trunk("", None, (), (), "ruri", None, None)


class NotAnExport(Exception):
    """A file that is no exported journal, with the line that shows it."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Header(_Line):
    """What the entries were written by, and what a replay needs besides them."""

    line: Literal["header"] = "header"
    version: int = codec.SCHEMA
    core: str = CORE_VERSION
    config: str  # digest of the site as it really is
    site: str  # the site's description, without people and carrier


class SnapshotLine(_Line):
    """The kept snapshot."""

    line: Literal["snapshot"] = "snapshot"
    place: str
    core: str
    config: str
    at: float
    data: dict[str, Any]


class EntryLine(_Line):
    """One entry, as stored."""

    line: Literal["entry"] = "entry"
    place: str
    at: float
    mark: str
    core: str
    config: str
    command: dict[str, Any] | None
    effects: str


_LINE: Final[TypeAdapter[Header | SnapshotLine | EntryLine]] = TypeAdapter(
    Annotated[Header | SnapshotLine | EntryLine, Field(discriminator="line")]
)


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported journal, read again."""

    header: Header
    rules: CentreRules
    timezone: str
    snapshot: KeptSnapshot | None
    records: list[Record]

    @property
    def from_the_beginning(self) -> bool:
        """Nothing was trimmed: the first leader's first entries are there."""
        return bool(self.records) and self.records[0].place <= Place(1, 1)


async def export(journal: Journal, site: Site) -> list[str]:
    """The lines of the file. Raises JournalAway."""
    kept = await journal.snapshot()
    lines: list[_Line] = [Header(config=site.digest, site=describe(bare(site)))]
    if kept is not None:
        lines.append(_snapshot_line(kept))
    lines += [_entry_line(record) async for record in journal.read(None)]
    return [line.model_dump_json() for line in lines]


def bare(site: Site) -> Site:
    """The site with all that decides something, and nobody's name."""
    seats = {name: replace(seat, name=name) for name, seat in site.seats.items()}
    return replace(site, seats=seats, trunk=NO_TRUNK, phones=Phones())


def read_export(lines: Iterable[str]) -> Exported:
    """Raises NotAnExport."""
    read = _read(lines)
    header = next(read, None)
    if not isinstance(header, Header):
        raise NotAnExport("line 1: no header")
    site = _site(header)
    snapshot: KeptSnapshot | None = None
    records: list[Record] = []
    for line in read:
        match line:
            case SnapshotLine():
                snapshot = _snapshot(line)
            case EntryLine():
                records.append(_record(line))
            case Header():
                raise NotAnExport("a second header")
    rules = replace(rules_of(site), digest=header.config)
    return Exported(header, rules, site.timezone, snapshot, records)


def _site(header: Header) -> Site:
    try:
        return revive(header.site)
    except ValidationError as wrong:
        raise NotAnExport("line 1: the site is not one that this version knows") from wrong


def _read(lines: Iterable[str]) -> Iterator[Header | SnapshotLine | EntryLine]:
    for number, line in enumerate(lines, start=1):
        try:
            yield _LINE.validate_json(line)
        except ValidationError as wrong:
            raise NotAnExport(f"line {number}: {wrong.errors()[0]['msg']}") from wrong


def _snapshot_line(kept: KeptSnapshot) -> SnapshotLine:
    data = json.loads(kept.data)
    return SnapshotLine(
        place=str(kept.place), core=kept.core, config=kept.config, at=kept.at, data=data
    )


def _snapshot(line: SnapshotLine) -> KeptSnapshot:
    data = codec.dumps(line.data).encode()
    return KeptSnapshot(_place(line.place), line.core, line.config, data, line.at)


def _entry_line(record: Record) -> EntryLine:
    return EntryLine(
        place=str(record.place),
        at=record.at,
        mark=record.mark,
        core=record.core,
        config=record.config,
        command=record.command,
        effects=record.effects,
    )


def _record(line: EntryLine) -> Record:
    return Record(
        _place(line.place), line.at, line.mark, line.core, line.config, line.command, line.effects
    )


def _place(text: str) -> Place:
    epoch, _, seq = text.partition("-")
    if not (epoch.isdigit() and seq.isdigit()):
        raise NotAnExport(f"{text!r} is no place in a journal")
    return Place(int(epoch), int(seq))
