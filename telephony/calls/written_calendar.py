"""The calendar of the site directory, which may be written anew while the centre works.

What is taken up is the whole site with nothing changed but the calendar and its holidays; any other
change waits for a restart, and so does a calendar that is written beside one.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from config.files import write_if_changed
from config.site import SiteFaults, describe, load
from config.site_calendar import opening_of
from config.site_model import Site
from config.site_reading import CALENDAR, HOLIDAYS, REGISTER
from ivr_flows.opening.book import Book
from telephony.acd.errors import Rejected
from telephony.calls.terms import OpenHours
from telephony.centre.commands import TakeUpCalendar
from telephony.owing.model import Hours

FILES: Final = (CALENDAR, HOLIDAYS, REGISTER)
Stamp = tuple[int | None, ...]


class CalendarSource(Protocol):
    """Where a leader finds what the calendar is by now."""

    def is_news(self, digest: str) -> bool:
        """Whether something else may be written than what is known by this digest."""

    async def read(self) -> TakeUpCalendar:
        """The calendar as it is written. Raises Rejected."""

    async def taken_up(self) -> None:
        """The one that was read last holds now; raises OSError when the home cannot be written."""


class WrittenCalendar:
    """The site directory's; beside the core it is told to the home and to the callbacks' hours."""

    def __init__(
        self, directory: Path, kept: Path, began_with: Site, hours: Hours, stamp: Stamp
    ) -> None:
        self._stamp = stamp  # of the files as they were just before `began_with` was read
        self._directory = directory
        self._kept = kept
        self._began_with = began_with
        self._hours = hours
        self._site = began_with

    def is_news(self, digest: str) -> bool:
        """Whether something else may be written than what is known by this digest."""
        return digest != self._site.digest or self._stamp != stamp_of(self._directory)

    async def read(self) -> TakeUpCalendar:
        """The calendar as it is written. Raises Rejected."""
        stamp = stamp_of(self._directory)
        try:
            site = await asyncio.to_thread(load, self._directory)
        except SiteFaults as wrong:
            first, *more = wrong.faults
            told = f"{first}" + (f" … ({len(more)} more)" if more else "")
            raise Rejected(
                f"設定に誤りがあるため、今のカレンダーのまま続けます: {told} "
                "(the site has faults: `madoguchi check` lists them)"
            ) from wrong
        if _without_calendar(site) != _without_calendar(self._began_with):
            raise Rejected(
                "カレンダー以外の設定も変わっています。制御部の再起動で反映されます "
                "(more than the calendar has changed: `madoguchi restart controller`)"
            )
        self._site, self._stamp = site, stamp
        return TakeUpCalendar(opening_of(site), site.digest)

    async def taken_up(self) -> None:
        """Callbacks are due by it, and whoever starts later and finds faults has it."""
        if isinstance(self._hours, OpenHours):
            self._hours.go_by(Book(opening_of(self._site)), ZoneInfo(self._site.timezone))
        await asyncio.to_thread(write_if_changed, self._kept, describe(self._site))


def stamp_of(directory: Path) -> Stamp:
    """When the calendar's files were written last."""
    return tuple(_written_at(directory / name) for name in FILES)


def _written_at(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None


def _without_calendar(site: Site) -> str:
    return describe(replace(site, calendar=None))
