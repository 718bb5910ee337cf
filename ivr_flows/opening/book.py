"""Questions of a calendar: which layer decides, until when it is open, when it opens next.

Theory of operation. A date is decided once: every layer that applies to it is a `Reason`, the
strongest first. The hours are those of the strongest reason that sets hours, and its layer is the
one that *wins*; the base sets the hours of every weekday, so exactly one always does. Lines,
services and prompts each come from the strongest reason that sets them: so an entry may change the
lines of an evening without repeating its hours. Under a rule that closes the day weaker ones are
not heard. Hours end within their day; what is open past midnight is written on the next day too.

What is set by hand while the centre works is no entry of the calendar but handed in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from ivr_flows.opening.model import (
    DAY,
    Calendar,
    Dated,
    Day,
    Hours,
    Layer,
    LinesFrom,
    Outreach,
    Reason,
    Rule,
    SetByHand,
    Standing,
)

LOOK_AHEAD: Final = 400  # days in which a centre that ever opens has opened
OUTREACH_AHEAD: Final = 31  # days
KEPT_DAYS: Final = 4000  # decided days that are remembered
ONE_DAY: Final = timedelta(days=1)


class Book:
    """One calendar, indexed by date."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._overrides = _by_date(calendar.overrides)
        self._special = _by_date(calendar.special_openings)
        self._periods = _by_date(calendar.periods)
        self._days: dict[date, Day] = {}
        self._opened: dict[date, tuple[Hours, ...]] = {}
        self.changes = not _is_constant(calendar)

    def day(self, on: date) -> Day:
        """How this date is decided."""
        found = self._days.get(on)
        if found is None:
            if len(self._days) >= KEPT_DAYS:
                self._days.clear()
            found = self._days[on] = self._decided(on)
        return found

    def at(self, civil: datetime, set_by_hand: Sequence[SetByHand] = ()) -> Standing:
        """How it stands at this local time; the closing minute itself is closed."""
        day = self._day_at(civil, set_by_hand)
        minute = civil.hour * 60 + civil.minute
        open_now = _present(day.hours, minute)
        shown = open_now or (Hours(day.hours[0].opens, day.hours[-1].closes) if day.hours else None)
        return Standing(
            at=civil,
            open=open_now is not None,
            layer=day.layer,
            name=day.name,
            opens=None if shown is None else _moment(day.on, shown.opens),
            closes=None if shown is None else _moment(day.on, shown.closes),
            lines=_lines_at(day.lines, minute),
            services=day.services,
            prompts=day.prompts,
            reasons=day.reasons,
            set_by_hand=day.layer is Layer.EMERGENCY,
            holidays_confirmed=self.is_confirmed(day.on.year),
        )

    def prompts(self, civil: datetime, set_by_hand: Sequence[SetByHand] = ()) -> Mapping[str, str]:
        """The prompts that replace others at this local time."""
        return self._day_at(civil, set_by_hand).prompts

    def is_open(self, civil: datetime) -> bool:
        """Whether it is open at this local time, emergencies aside."""
        minute = civil.hour * 60 + civil.minute
        return _present(self._hours(civil.date()), minute) is not None

    def next_opening(
        self, civil: datetime, set_by_hand: Sequence[SetByHand] = ()
    ) -> datetime | None:
        """The first moment after this one at which it opens; None when it does not in a year."""
        closed = [each.until for each in set_by_hand if each.rule.hours == ()]
        if (until := max(closed, default=civil)) > civil:
            if self.is_open(until):
                return until
            civil = until
        return next((each for each in self._openings(civil.date()) if each > civil), None)

    def next_edge(self, civil: datetime) -> datetime | None:
        """The next moment at which hours or lines may change; None where none ever does."""
        if not self.changes:
            return None
        on = civil.date()
        day = self.day(on)
        minutes = [
            *(minute for each in day.hours for minute in (each.opens, each.closes)),
            *(each.minute for each in day.lines),
            DAY,
        ]
        return min(at for at in (_moment(on, minute) for minute in minutes) if at > civil)

    def last_closing(self, civil: datetime) -> datetime | None:
        """When it last closed on this day, at or before this moment."""
        ends = (_moment(civil.date(), each.closes) for each in self._hours(civil.date()))
        return max((end for end in ends if end <= civil), default=None)

    def is_confirmed(self, year: int) -> bool:
        """Whether somebody stands for this year's holidays, or they do not matter."""
        known = self.calendar.holidays.get(year)
        confirmed = known is not None and known.confirmed_by is not None
        return confirmed or not self.calendar.holidays_matter

    def _day_at(self, civil: datetime, set_by_hand: Sequence[SetByHand]) -> Day:
        day = self.day(civil.date())
        if not set_by_hand:
            return day
        present = [each.rule for each in set_by_hand if civil < each.until]
        if not present:
            return day
        by_hand = tuple(Reason(Layer.EMERGENCY, rule) for rule in present)
        return _decided_by(day.on, (*by_hand, *day.reasons))

    def _openings(self, on: date) -> Iterator[datetime]:
        """Where each opening begins that does not just go on over midnight."""
        open_till = self._end_of(on - ONE_DAY)
        for ahead in range(LOOK_AHEAD):
            day = on + ahead * ONE_DAY
            for each in self._hours(day):
                opens = _moment(day, each.opens)
                if opens != open_till:
                    yield opens
                open_till = _moment(day, each.closes)

    def _end_of(self, on: date) -> datetime | None:
        hours = self._hours(on)
        return _moment(on, hours[-1].closes) if hours else None

    def _hours(self, on: date) -> tuple[Hours, ...]:
        """The hours alone, which is all that most days are ever asked."""
        found = self._opened.get(on)
        if found is None:
            if len(self._opened) >= KEPT_DAYS:
                self._opened.clear()
            rules = (each.rule.hours for each in self._reasons(on))
            found = self._opened[on] = next(hours for hours in rules if hours is not None)
        return found

    def _decided(self, on: date) -> Day:
        return _decided_by(on, tuple(self._reasons(on)))

    def _reasons(self, on: date) -> Iterator[Reason]:
        for layer, rule in (
            (Layer.OVERRIDE, self._overrides.get(on)),
            (Layer.SPECIAL, self._special.get(on)),
            (Layer.HOLIDAY, self._holiday(on)),
        ):
            if rule is not None:
                yield Reason(layer, rule)
        for yearly in self.calendar.closing_days:
            if _within(on, yearly.first, yearly.last):
                yield Reason(Layer.CLOSING, yearly.rule)
        if (period := self._periods.get(on)) is not None:
            yield Reason(Layer.PERIOD, period)
        for weekly in self.calendar.weekly:
            if on.weekday() in weekly.days:
                yield Reason(Layer.WEEKLY, weekly.rule)
        yield Reason(Layer.BASE, self.calendar.base[on.weekday()])

    def _holiday(self, on: date) -> Rule | None:
        """Named when it is asked for: a standby makes a book of years each few seconds."""
        year = self.calendar.holidays.get(on.year)
        name = year.days.get(on) if year is not None else None
        return replace(self.calendar.holiday, name=name) if name is not None else None


def dates(entry: Dated) -> Iterator[date]:
    """Every date an entry holds on."""
    on = entry.first
    while on <= entry.last:
        if on.weekday() in entry.days:
            yield on
        on += ONE_DAY


def _by_date(entries: tuple[Dated, ...]) -> Mapping[date, Rule]:
    return {on: entry.rule for entry in entries for on in dates(entry)}


def _within(on: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether a day of the year lies in a stretch that may run over New Year."""
    today = (on.month, on.day)
    if first <= last:
        return first <= today <= last
    return today >= first or today <= last


def _decided_by(on: date, reasons: tuple[Reason, ...]) -> Day:
    winner = next(each for each in reasons if each.rule.hours is not None)
    heard = reasons if winner.rule.hours else reasons[: reasons.index(winner) + 1]
    prompts: dict[str, str] = {}
    for each in reversed(heard):
        prompts |= each.rule.prompts
    services = (each.rule.services for each in heard if each.rule.services is not None)
    return Day(
        on=on,
        layer=winner.layer,
        name=winner.rule.name,
        hours=winner.rule.hours or (),
        lines=_flat([each.rule.lines for each in heard if each.rule.lines]),
        services=next(services, None),
        prompts=prompts,
        reasons=reasons,
    )


def _flat(schedules: Sequence[Sequence[LinesFrom]]) -> tuple[LinesFrom, ...]:
    """One schedule of several, the strongest first: each holds from its own first minute on."""
    minutes = sorted({each.minute for schedule in schedules for each in schedule})
    found = ((minute, _first_of(schedules, minute)) for minute in minutes)
    return tuple(LinesFrom(minute, lines) for minute, lines in found if lines is not None)


def _first_of(schedules: Sequence[Sequence[LinesFrom]], minute: int) -> int | None:
    found = (_lines_at(schedule, minute) for schedule in schedules)
    return next((lines for lines in found if lines is not None), None)


def _lines_at(schedule: Sequence[LinesFrom], minute: int) -> int | None:
    named = [each.lines for each in schedule if each.minute <= minute]
    return named[-1] if named else None


def _present(hours: tuple[Hours, ...], minute: int) -> Hours | None:
    return next((each for each in hours if each.opens <= minute < each.closes), None)


def _moment(on: date, minute: int) -> datetime:
    return datetime.combine(on, time()) + timedelta(minutes=minute)


def _is_constant(calendar: Calendar) -> bool:
    """Open all day, every day, on every line."""
    layers = (
        calendar.weekly,
        calendar.periods,
        calendar.closing_days,
        calendar.special_openings,
        calendar.overrides,
        calendar.holidays,
    )
    whole = all(rule.hours == (Hours(0, DAY),) and not rule.lines for rule in calendar.base)
    return whole and not any(layers)


def outreach_ahead(calendar: Calendar, civil: datetime) -> Outreach | None:
    """The next event that is not over, within `OUTREACH_AHEAD` days."""
    soon = [
        each
        for each in calendar.outreach
        if _moment(each.on, each.hours.closes) > civil
        and (each.on - civil.date()).days <= OUTREACH_AHEAD
    ]
    return min(soon, key=lambda each: (each.on, each.hours), default=None)


def always_open() -> Calendar:
    """A calendar that is open at every moment."""
    return Calendar(base=(Rule("常時", (Hours(0, DAY),)),) * 7, holidays_matter=False)
