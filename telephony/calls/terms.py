"""What was agreed of callbacks, and the calendar that it is counted by."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from config.site_calendar import opening_of
from config.site_model import Site
from ivr_flows.opening.book import Book
from telephony.caller_id import e164
from telephony.owing.model import AlwaysOpen, Hours, Terms

MOST_SPANS: Final = 1000  # openings that are looked through; then whatever is left counts at once


class OpenHours:
    """The calendar's hours as instants; what is set by hand while the centre works is not in it."""

    def __init__(self, book: Book, timezone: ZoneInfo) -> None:
        self._book = book
        self._timezone = timezone

    def go_by(self, book: Book, timezone: ZoneInfo) -> None:
        """Another calendar holds from now on; what is due already keeps its time."""
        self._book, self._timezone = book, timezone

    def after(self, at: float, seconds: float) -> float:
        """The instant by which it has been open so long since; 0: the first open one."""
        left = seconds
        for _ in range(MOST_SPANS):
            civil = datetime.fromtimestamp(at, self._timezone).replace(tzinfo=None)
            standing = self._book.at(civil)
            if standing.open and standing.closes is not None:
                room = (standing.closes - civil).total_seconds()
                if left < room:
                    return at + left
                at, left = at + room, left - room
                continue
            opening = self._book.next_opening(civil)
            if opening is None:
                break
            at += (opening - civil).total_seconds()
        return at + left


def terms_of(site: Site) -> Terms:
    """The site's settings as the ledger knows them."""
    zone, agreed = ZoneInfo(site.timezone), site.callbacks
    since = 0.0
    if agreed.since is not None:
        midnight = datetime.combine(date.fromisoformat(agreed.since), time(), zone)
        since = midnight.timestamp()
    return Terms(
        short_abandon=site.limits.short_abandon,
        due_within=agreed.due_within,
        attempts=agreed.attempts,
        spacing=agreed.spacing,
        again_within=agreed.again_within,
        lease=agreed.lease,
        since=since,
        hours=hours_of(site),
        own=frozenset(each for each in map(e164, site.dids) if each is not None),
    )


def hours_of(site: Site) -> Hours:
    """When callbacks are due and may be made."""
    if site.always_open:
        return AlwaysOpen()
    return OpenHours(Book(opening_of(site)), ZoneInfo(site.timezone))
