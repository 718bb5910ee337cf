"""A year laid out, what differs between two calendars, and what the contract says of the counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Final

from ivr_flows.opening.book import ONE_DAY, Book
from ivr_flows.opening.model import Calendar, Day, Hours, Outreach, SpecialKind

MONTHS: Final = 12
APRIL: Final = 4
DECEMBER: Final = 12
AHEAD: Final = 60  # days before a year begins, by which its holidays have to be confirmed


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the city should know of a calendar that is otherwise in order."""

    month: date  # its first day
    text: str


def days_of(book: Book, first: date, last: date) -> list[Day]:
    """Every day of a stretch, decided."""
    return [book.day(first + ONE_DAY * ahead) for ahead in range((last - first).days + 1)]


def year_of(year: int, *, fiscal: bool) -> tuple[date, date]:
    """The first and the last day of a calendar year, or of a fiscal one (April to March)."""
    if fiscal:
        return date(year, APRIL, 1), date(year + 1, APRIL, 1) - ONE_DAY
    return date(year, 1, 1), date(year, DECEMBER, 31)


def outreach_on(calendar: Calendar, on: date) -> tuple[Outreach, ...]:
    """The events away from the city hall on this date."""
    return tuple(each for each in calendar.outreach if each.on == on)


def notices(calendar: Calendar, first: date, last: date) -> Iterator[Notice]:
    """Where the counts of each whole month are not what was agreed."""
    month = first.replace(day=1)
    while month <= last:
        yield from _of_month(calendar, month)
        if month.month == DECEMBER:
            yield from _of_year_end(calendar, month)
        month = _next_month(month)


def _of_month(calendar: Calendar, month: date) -> Iterator[Notice]:
    agreed = calendar.contract
    special = [
        each.first
        for each in calendar.special_openings
        if each.kind is SpecialKind.HOLIDAY_ISSUE and each.first.replace(day=1) == month
    ]
    away = [each.on for each in calendar.outreach if each.on.replace(day=1) == month]
    for name, english, count, (least, most) in (
        ("休日交付", "special openings", len(special), agreed.special_openings),
        ("出張申請", "outreach days", len(away), agreed.outreach_days),
    ):
        if not least <= count <= most:
            told = f"{month:%Y-%m}: {name}が{count}回です。契約は月{least}~{most}回です"
            yield Notice(month, f"{told} ({count} {english}; the contract says {least} to {most})")


def _of_year_end(calendar: Calendar, month: date) -> Iterator[Notice]:
    openings = [
        each
        for each in calendar.special_openings
        if each.kind is SpecialKind.YEAR_END and each.first.year == month.year
    ]
    agreed = calendar.contract.year_end_openings
    if len(openings) != agreed:
        told = f"{month.year}: 年末開庁が{len(openings)}日です。契約は{agreed}日です"
        english = f"{len(openings)} year-end openings; the contract says {agreed}"
        yield Notice(month, f"{told} ({english})")


def _next_month(month: date) -> date:
    year, index = divmod(month.month, MONTHS)
    return date(month.year + year, index + 1, 1)


def unconfirmed(book: Book, today: date) -> int | None:
    """The first year, this one or one that begins within `AHEAD` days, nobody has confirmed."""
    years = sorted({today.year, (today + AHEAD * ONE_DAY).year})
    return next((year for year in years if not book.is_confirmed(year)), None)


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller meets differently on one day."""

    on: date
    before: str
    after: str


def changes(before: Book, after: Book, first: date, last: date) -> list[Change]:
    """Every difference that callers can see or hear, day by day."""
    found = []
    for ahead in range((last - first).days + 1):
        on = first + ahead * ONE_DAY
        was, will = visible(before, on), visible(after, on)
        if was != will:
            found.append(Change(on, was, will))
    return found


def visible(book: Book, on: date) -> str:
    """Whatever a caller of this day can notice, in one line."""
    day = book.day(on)
    said = [hours_text(day.hours), *lines_text(day)]
    if day.services is not None:
        said.append("業務 " + "・".join(day.services))
    said += [f"{name}={prompt}" for name, prompt in sorted(day.prompts.items())]
    said += [
        f"出張申請 {each.name} {hours_text((each.hours,))}"
        for each in outreach_on(book.calendar, on)
    ]
    return " / ".join(said)


def hours_text(hours: tuple[Hours, ...]) -> str:
    """`8:30-17:15`, or that it is closed."""
    if not hours:
        return "休み"
    return " ".join(f"{clock(each.opens)}-{clock(each.closes)}" for each in hours)


def lines_text(day: Day) -> list[str]:
    """How many lines are in service from when on; nothing where it is all of them, all day."""
    steps = [(minute, lines) for minute, lines in _steps(day) if _in_hours(day, minute)]
    told = [
        f"{lines}回線" if minute == 0 else f"{clock(minute)}から{lines}回線"
        for minute, lines in steps
    ]
    return [" ".join(told)] if told else []


def _steps(day: Day) -> Iterator[tuple[int, int]]:
    for lines, group in groupby(day.lines, key=lambda each: each.lines):
        yield next(group).minute, lines


def _in_hours(day: Day, minute: int) -> bool:
    return any(minute < each.closes for each in day.hours)


def clock(minute: int) -> str:
    """A minute of the day as people write it."""
    return f"{minute // 60}:{minute % 60:02}"


def midnight(on: date) -> datetime:
    """Where a day begins."""
    return datetime.combine(on, time())
