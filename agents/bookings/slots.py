"""Sites, slots, rules and capacities: which places there are on which day. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from agents.bookings.moments import Moment
from agents.catalogue.shapes import Code, Word

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAP: Final = 2000  # a year that has every day of every month


def _day_of_year(text: str) -> str:
    datetime.strptime(f"{_LEAP}-{text}", "%Y-%m-%d")  # noqa: DTZ007 -- a day, no instant
    return text


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Dated(_Shape):
    since: date
    until: date | None = None

    def holds(self, on: date) -> bool:
        """On this day."""
        return self.since <= on and (self.until is None or on <= self.until)


class PickupSite(Word):
    """交付場所; `transfer_days` is how long a card takes to get there, in days of the week."""

    address: str = ""
    transfer_days: Annotated[int, Field(ge=0, le=60)] = 0


class Rules(_Dated):
    """What may be agreed on; days are counted from today to the visit."""

    open_days_before: Annotated[int, Field(ge=1, le=800)]
    close_days_before: Annotated[int, Field(ge=0, le=60)]
    party_max: Annotated[int, Field(ge=1, le=20)]
    late_grace_minutes: Annotated[int, Field(ge=0, le=120)] = 5  # then whoever is next goes first
    # So many days after the visit a booking nobody kept is over: another time is a new booking.
    no_show_becomes_new_from: Annotated[int, Field(ge=1, le=60)] = 1
    hold_minutes: Annotated[int, Field(ge=1, le=60)]
    undo_minutes: Annotated[int, Field(ge=0, le=60)]


class _Times(_Shape):
    first: time
    last: time
    every: Annotated[int, Field(ge=5, le=480)]
    capacity: Annotated[int, Field(ge=0, le=999)]

    def starts(self) -> Iterator[time]:
        """Of each slot; the last one too, if the steps meet it."""
        first, last = _minute(self.first), _minute(self.last)
        for minute in range(first, last + 1, self.every):
            yield time(minute // 60, minute % 60)


class Week(_Dated, _Times):
    """The slots of a week at some sites."""

    sites: Annotated[tuple[Code, ...], Field(min_length=1)]
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)]


class OneDay(_Shape):
    """A day that is different at some sites: closed, or with times of its own."""

    sites: Annotated[tuple[Code, ...], Field(min_length=1)]
    day: date
    closed: bool = False
    times: tuple[_Times, ...] = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.closed == bool(self.times):
            raise ValueError("a day is either closed or has times")
        return self


class SlotBook(_Shape):
    """`sites.yaml`."""

    sites: Annotated[Mapping[Code, PickupSite], Field(min_length=1)]
    rules: Annotated[tuple[Rules, ...], Field(min_length=1)]
    weeks: tuple[Week, ...]
    days: tuple[OneDay, ...] = ()
    closed_yearly: tuple[Annotated[str, AfterValidator(_day_of_year)], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """予約枠: a site and a start, for so many people."""

    site: Code
    when: Moment
    capacity: int


class NoRules(Exception):
    """No rules hold on this day."""


def rules_on(book: SlotBook, on: date) -> Rules:
    """The rules in force on a day."""
    found = next((rules for rules in book.rules if rules.holds(on)), None)
    if found is None:
        raise NoRules(f"この日の予約の規則がありません (no rules for {on})")
    return found


def slots(book: SlotBook, holidays: frozenset[date], first: date, last: date) -> Iterator[Slot]:
    """Every slot from a first to a last day, by day; of two that meet, the larger."""
    different = {(site, one.day): one for one in book.days for site in one.sites}
    closed = frozenset(book.closed_yearly)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        shut = day in holidays or day.strftime("%m-%d") in closed
        for site in book.sites:
            one = different.get((site, day))
            yield from _of_day(site, day, _times(book, site, day, one, shut=shut))


def _times(
    book: SlotBook, site: Code, day: date, one: OneDay | None, *, shut: bool
) -> Sequence[_Times]:
    if one is not None:
        return one.times
    weekday = WEEKDAYS[day.weekday()]
    return [
        week
        for week in book.weeks
        if not shut and week.holds(day) and site in week.sites and weekday in week.weekdays
    ]


def _of_day(site: Code, day: date, times: Iterable[_Times]) -> Iterator[Slot]:
    capacities: dict[time, int] = {}
    for each in times:
        for start in each.starts():
            capacities[start] = max(each.capacity, capacities.get(start, 0))
    for start in sorted(capacities):
        yield Slot(site, Moment(day, start), capacities[start])


def window(book: SlotBook, site: Code, today: date) -> tuple[date, date]:
    """The first and the last day on which a visit may be agreed on today.

    A branch gets its card by a courier of the city, so the first day there is later; days on
    which nobody works are the city's to add, for the courier's calendar is not ours.
    """
    rules = rules_on(book, today)
    ahead = max(rules.close_days_before, book.sites[site].transfer_days)
    return today + timedelta(days=ahead), today + timedelta(days=rules.open_days_before)


def faults(book: SlotBook) -> Iterator[str]:
    """What would make a day ambiguous or a slot nobody's, for the author."""
    named = [(f"week {at}", week.sites) for at, week in enumerate(book.weeks, 1)]
    named += [(f"day {one.day}", one.sites) for one in book.days]
    for where, sites in named:
        yield from (f"{where}: {site} is no site" for site in sites if site not in book.sites)
    for before, after in pairwise(sorted(book.rules, key=lambda rules: rules.since)):
        if before.until is None or before.until >= after.since:
            yield f"two rules are in force on {after.since}"
    seen = [(site, one.day) for one in book.days for site in one.sites]
    yield from (
        f"{site}, {day}: said twice" for site, day in set(seen) if seen.count((site, day)) > 1
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
