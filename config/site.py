"""The site directory: read, checked whole, and handed out as plain values."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.documents import Fault
from config.site_calendar import calendar_of
from config.site_check import faults_between
from config.site_files import BookingFile, DeskFile, PhonesFile, SeatFile, TrunkFile
from config.site_hours import weekly
from config.site_model import (
    AllLinesBusy,
    Booking,
    Callbacks,
    Desk,
    DialledFrom,
    Extension,
    Limits,
    Phones,
    Queue,
    Role,
    Seat,
    Site,
    TollGate,
    Trunk,
)
from config.site_reading import Files, read_files, read_site_file
from config.site_text import describe, digested, revive
from ivr_flows.hours import WeeklyHours
from ivr_flows.loader import with_numbers
from ivr_flows.opening.model import Calendar
from ivr_flows.prompts.speak import known

__all__ = [
    "Desk",
    "DialledFrom",
    "Fault",
    "Limits",
    "Phones",
    "Queue",
    "Role",
    "Seat",
    "Site",
    "SiteFaults",
    "TollGate",
    "Trunk",
    "describe",
    "load",
    "load_desk",
    "revive",
]


class SiteFaults(Exception):
    """A site directory that is not fit to take calls with."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def load(directory: Path, known_prompt: Callable[[str], bool] = known) -> Site:
    """The site; `SiteFaults` with every fault of every file when it has any."""
    files, faults = read_files(directory)
    faults += faults_between(files, known_prompt)
    site = None if faults else _built(directory, files)
    if site is None:
        raise SiteFaults(sorted(set(faults)))
    return digested(site)


def load_desk(directory: Path) -> tuple[str, Desk]:
    """The site's name and its desk, as `site.yaml` alone has them; `SiteFaults` of that file.

    For whoever makes the certificate without which the site is not whole.
    """
    site, faults = read_site_file(directory)
    if site is None:
        raise SiteFaults(sorted(faults))
    return site.name, _desk(directory, site.desk)


def _built(directory: Path, files: Files) -> Site | None:
    site, queues, seats = files.site.content, files.queues.content, files.seats.content
    numbers = files.numbers.content
    if not (site and queues and seats and numbers):
        return None
    flows = {name: piece.content for name, piece in files.flows.items() if piece.content}
    return Site(
        name=site.name,
        timezone=site.timezone,
        lines=tuple(range(1, site.lines + 1)),
        dids=tuple(site.dids),
        flow=site.flow,
        trunk=_trunk(directory, site.trunk),
        queues={name: Queue(name, **dict(queue)) for name, queue in queues.root.items()},
        seats={name: _seat(name, seat) for name, seat in seats.root.items()},
        hours=_tables(files),
        numbers=dict(numbers.root),
        phones=_phones(site.phones),
        tolls=TollGate(
            tuple(site.tolls.allow),
            site.tolls.per_hour,
            site.tolls.per_number,
            site.tolls.per_day,
            site.tolls.per_number_day,
            site.tolls.per_agent,
        ),
        flows={name: with_numbers(flow, numbers.root) for name, flow in flows.items()},
        limits=Limits(**dict(site.limits)),
        desk=_desk(directory, site.desk),
        booking=_booking(directory, site.booking),
        callbacks=Callbacks(**dict(site.callbacks)),
        digest="",
        extensions=_extensions(files),
        calendar=_calendar(files),
        always_open=site.always_open,
        all_lines_busy=AllLinesBusy(**dict(site.all_lines_busy)),
    )


def _extensions(files: Files) -> dict[str, Extension]:
    content = files.extensions.content
    found = content.root if content is not None else {}
    return {name: Extension(each.name, each.number) for name, each in found.items()}


def _phones(file: PhonesFile) -> Phones:
    return Phones(file.bind, tuple(file.networks), file.page_lost_after, file.phone_lost_after)


def _tables(files: Files) -> dict[str, WeeklyHours]:
    tables = files.hours.content.root if files.hours.content else {}
    return {name: _table(name, days) for name, days in tables.items()}


def _calendar(files: Files) -> Calendar | None:
    written = files.calendar.content
    return None if written is None else calendar_of(written, files.holidays.content)


def _trunk(directory: Path, trunk: TrunkFile) -> Trunk:
    told = dict(trunk)
    for listed in ("match", "codecs", "local_networks"):
        told[listed] = tuple(told[listed])
    if trunk.password_file is not None:
        told["password_file"] = str(directory.absolute() / trunk.password_file)
    return Trunk(**told)


def _booking(directory: Path, booking: BookingFile) -> Booking:
    told = dict(booking)
    if booking.webhook_secret_file is not None:
        told["webhook_secret_file"] = str(directory.absolute() / booking.webhook_secret_file)
    return Booking(**told)


def _seat(name: str, seat: SeatFile) -> Seat:
    return Seat(
        name,
        seat.name,
        seat.role,
        tuple(seat.queues),
        frozenset(seat.skills),
        dict(seat.penalties),
    )


def _desk(directory: Path, desk: DeskFile) -> Desk:
    told = dict(desk)
    for listed in ("names", "tls_proxies", "networks", "second_factor"):
        told[listed] = tuple(told[listed])
    for file in ("certificate", "key_file"):
        if told[file] is not None:
            told[file] = str(directory.absolute() / told[file])
    return Desk(**told)


def _table(name: str, days: Mapping[str, list[str]]) -> WeeklyHours:
    return weekly(name, {day: tuple(times) for day, times in days.items()})
