"""Reading a site directory as far as it can be read, and noting where it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from config.calendar_files import CalendarFile, HolidaysFile
from config.calendar_register import RegisterFile
from config.documents import Document, Fault, Unreadable, read
from config.shapes import fitted
from config.site_files import (
    ExtensionsFile,
    HoursFile,
    NumbersFile,
    QueuesFile,
    SeatsFile,
    SiteFile,
)
from ivr_flows.loader import SHIPPED, find
from ivr_flows.schema import Flow

FILES: Final = ("site.yaml", "queues.yaml", "seats.yaml", "numbers.yaml")
CALENDAR: Final = "calendar.yaml"
HOLIDAYS: Final = "holidays.yaml"
HOURS: Final = "hours.yaml"
REGISTER: Final = "register.yaml"
EXTENSIONS: Final = "extensions.yaml"
OPTIONAL: Final = (CALENDAR, HOLIDAYS, REGISTER, HOURS, EXTENSIONS)  # a site need not have them
FLOWS: Final = "flows"

AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Piece(Generic[AnyModel]):
    """One file: its document if it is YAML, its content if it also has the right shape."""

    document: Document | None
    content: AnyModel | None
    absent: bool = False  # and need not be there

    def names(self) -> tuple[str, ...]:
        """What the file names at its top level, even when it says something wrong of it."""
        data = self.document.data if self.document else None
        return tuple(data) if isinstance(data, dict) else ()


@dataclass(frozen=True, slots=True)
class Files:
    """All files of a site."""

    site: Piece[SiteFile]
    queues: Piece[QueuesFile]
    seats: Piece[SeatsFile]
    hours: Piece[HoursFile]
    numbers: Piece[NumbersFile]
    flows: Mapping[str, Piece[Flow]]
    extensions: Piece[ExtensionsFile]
    calendar: Piece[CalendarFile]
    holidays: Piece[HolidaysFile]
    register: Piece[RegisterFile]


def read_files(directory: Path) -> tuple[Files, list[Fault]]:
    """Whatever can be read, and a fault for everything that cannot."""
    reading = _Reading()
    site = reading.piece(directory / "site.yaml", SiteFile)
    files = Files(
        site=site,
        queues=reading.piece(directory / "queues.yaml", QueuesFile),
        seats=reading.piece(directory / "seats.yaml", SeatsFile),
        hours=reading.piece_if_there(directory / HOURS, HoursFile),
        numbers=reading.piece(directory / "numbers.yaml", NumbersFile),
        flows=reading.flows(directory / FLOWS, site),
        extensions=reading.piece_if_there(directory / EXTENSIONS, ExtensionsFile),
        calendar=reading.piece_if_there(directory / CALENDAR, CalendarFile),
        holidays=reading.piece_if_there(directory / HOLIDAYS, HolidaysFile),
        register=reading.piece_if_there(directory / REGISTER, RegisterFile),
    )
    reading.note_strangers(directory)
    return files, reading.faults


def read_site_file(directory: Path) -> tuple[SiteFile | None, list[Fault]]:
    """`site.yaml` alone, or what is wrong with it."""
    reading = _Reading()
    return reading.piece(directory / "site.yaml", SiteFile).content, reading.faults


class _Reading:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def piece(self, path: Path, model: type[AnyModel]) -> Piece[AnyModel]:
        document = None
        try:
            document = read(path)
            return Piece(document, fitted(document, model))
        except Unreadable as unreadable:
            self.faults += unreadable.faults
            return Piece(document, None)

    def piece_if_there(self, path: Path, model: type[AnyModel]) -> Piece[AnyModel]:
        if not path.exists():
            return Piece(None, None, absent=True)
        return self.piece(path, model)

    def flows(self, own: Path, site: Piece[SiteFile]) -> Mapping[str, Piece[Flow]]:
        """The flow the site names, its own or the shipped one, and every other of its own."""
        paths = {path.stem: path for path in sorted(own.glob("*.yaml"))}
        if site.content and site.document:
            name = site.content.flow
            path = find(name, own)
            if path is None:
                shipped = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.yaml")))
                told = f"flow: there is no flow {name!r} in {own.name}/, and shipped are: {shipped}"
                self.faults.append(site.document.fault(("flow",), told))
            else:
                paths[name] = path
        return {name: self.piece(path, Flow) for name, path in paths.items()}

    def note_strangers(self, directory: Path) -> None:
        """A file that nobody reads is a slip of the pen, and its author believes it counts."""
        for path in sorted(directory.glob("*.y*ml")):
            if path.name not in (*FILES, *OPTIONAL):
                told = f"is no file of a site; these are: {', '.join((*FILES, *OPTIONAL))}"
                self.faults.append(Fault(str(path), 1, told))
