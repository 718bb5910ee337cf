"""From `calendar.yaml` and `holidays.yaml` to a calendar, and what is wrong between the two."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from config.calendar_files import (
    BaseFile,
    CalendarFile,
    DatedFile,
    HolidaysFile,
    OutreachFile,
    RuleFile,
    weekdays,
)
from config.documents import Document, Fault
from config.site_hours import CLOSED, DAYS, GROUPS, minutes
from config.site_model import Site
from ivr_flows.hours import DAY, WEEK, WeeklyHours
from ivr_flows.opening.book import always_open, dates
from ivr_flows.opening.model import (
    MODES,
    Calendar,
    Contract,
    Dated,
    HolidayYear,
    Hours,
    LinesFrom,
    Outreach,
    Rule,
    Weekly,
    Yearly,
)

PHONE: Final = "phone"  # the weekly table of a site without a calendar
LONGEST: Final = timedelta(days=400)  # of one dated entry


def calendar_of(file: CalendarFile, holidays: HolidaysFile | None) -> Calendar:
    """The calendar that is written there."""
    agreed = file.contract
    return Calendar(
        base=tuple(_base(file.base, day) for day in DAYS),
        weekly=tuple(Weekly(weekdays(each.days), _rule(each.name, each)) for each in file.weekly),
        periods=tuple(map(_dated, file.periods)),
        closing_days=tuple(
            Yearly(_month_day(each.first), _month_day(each.last), _rule(each.name, each))
            for each in file.closing_days
        ),
        special_openings=tuple(
            Dated(each.date, each.date, _rule(each.name, each), kind=each.kind)
            for each in file.special_openings
        ),
        overrides=tuple(map(_dated, file.overrides)),
        outreach=tuple(map(_outreach, file.outreach)),
        holidays=_holidays(holidays),
        holiday=_rule("祝日", file.holiday),
        modes={name: _mode(name, rule, file) for name, rule in MODES.items()},
        contract=Contract(
            (agreed.special_openings[0], agreed.special_openings[1]),
            (agreed.outreach_days[0], agreed.outreach_days[1]),
            agreed.year_end_openings,
        ),
    )


def opening_of(site: Site) -> Calendar:
    """When a site is open: its calendar, or its weekly table `phone` where it has none."""
    if site.calendar is not None:
        return site.calendar
    table = site.hours.get(PHONE)
    return always_open() if table is None else weekly_calendar(table)


def weekly_calendar(table: WeeklyHours) -> Calendar:
    """A weekly table as a calendar that knows nothing else."""
    spans = [
        (each.opens + shift, each.closes + shift) for each in table.spans for shift in (0, -WEEK)
    ]
    return Calendar(
        base=tuple(
            Rule(table.name, tuple(sorted(_clipped(spans, number * DAY))))
            for number in range(len(DAYS))
        ),
        holidays_matter=False,
    )


def _clipped(spans: Sequence[tuple[int, int]], midnight: int) -> Iterator[Hours]:
    """The parts of spans of the week that lie in one day."""
    for opens, closes in spans:
        first, last = max(opens - midnight, 0), min(closes - midnight, DAY)
        if first < last:
            yield Hours(first, last)


def _rule(name: str, file: RuleFile) -> Rule:
    return Rule(
        name,
        None if file.hours is None else _hours(file.hours),
        _lines(file.lines),
        None if file.services is None else tuple(file.services),
        dict(file.prompts),
    )


def _mode(name: str, usual: Rule, file: CalendarFile) -> Rule:
    """As the site has it, or the usual one."""
    own = {str(key): each for key, each in file.modes.items()}.get(name)
    return usual if own is None else _rule(own.name or usual.name, own)


def _base(file: BaseFile, day: str) -> Rule:
    groups = [group for group in ("weekdays", "weekend", "every_day") if day in GROUPS[group]]
    written = next((file.hours[key] for key in (day, *groups) if key in file.hours), [CLOSED])
    services = None if file.services is None else tuple(file.services)
    name = file.name if written != [CLOSED] else "閉庁日"
    return Rule(name, _hours(written), _lines(file.lines), services, dict(file.prompts))


def _hours(written: Sequence[str]) -> tuple[Hours, ...]:
    return tuple(sorted(Hours(*minutes(each)) for each in written if each != CLOSED))


def _lines(written: Mapping[str, int] | None) -> tuple[LinesFrom, ...] | None:
    if written is None:
        return None
    return tuple(sorted(LinesFrom(_minute(at), lines) for at, lines in written.items()))


def _minute(written: str) -> int:
    hour, minute = written.split(":")
    return int(hour) * 60 + int(minute)


def _month_day(written: str) -> tuple[int, int]:
    month, day = written.split("-")
    return int(month), int(day)


def _dated(file: DatedFile) -> Dated:
    first, last = file.date or file.first, file.date or file.last
    assert first is not None
    assert last is not None
    return Dated(first, last, _rule(file.name, file), weekdays(file.days))


def _outreach(file: OutreachFile) -> Outreach:
    hours = _hours(file.hours)
    return Outreach(
        file.name, file.date, Hours(hours[0].opens, hours[-1].closes), file.place, file.prompt
    )


def _holidays(file: HolidaysFile | None) -> dict[int, HolidayYear]:
    years = {} if file is None else file.root
    return {
        int(year): HolidayYear(
            each.source,
            {date.fromisoformat(day): name for day, name in each.days.items()},
            each.confirmed_by,
            each.confirmed_on,
        )
        for year, each in years.items()
    }


# -- what is wrong ----------------------------------------------------------------------------


def calendar_faults(document: Document, file: CalendarFile, site_lines: int) -> Iterator[Fault]:
    """Contradictions of a calendar whose entries are each in good shape."""
    yield from _twice(document, file)
    for at, rule in rules_with_prompts(file):
        yield from _unknown_services(document, at, rule, file.services)
        most = max((each.lines for each in _lines(rule.lines) or ()), default=0)
        if most > site_lines:
            told = f"{_called(at)}: {most} lines, but the site has {site_lines}"
            yield document.fault((*at, "lines"), told)
    for number, event in enumerate(file.outreach):
        if event.hours == [CLOSED]:
            told = f"outreach.{number}: an event has hours; leave it out if it does not take place"
            yield document.fault(("outreach", number, "hours"), told)


def rules_with_prompts(file: CalendarFile) -> Iterator[tuple[tuple[str | int, ...], RuleFile]]:
    """Every entry that sets something, and where it is written."""
    yield ("holiday",), file.holiday
    layers: Mapping[str, Sequence[RuleFile]] = {
        "weekly": file.weekly,
        "periods": file.periods,
        "closing_days": file.closing_days,
        "special_openings": file.special_openings,
        "overrides": file.overrides,
    }
    for mode, sets in file.modes.items():
        yield ("modes", mode), sets
    for layer, rules in layers.items():
        for number, rule in enumerate(rules):
            yield (layer, number), rule
    yield ("base",), file.base.model_copy(update={"hours": None})


def _called(at: tuple[str | int, ...]) -> str:
    return ".".join(map(str, at))


def _twice(document: Document, file: CalendarFile) -> Iterator[Fault]:
    """Two entries of one layer on one day: nobody could say which holds."""
    weekly = Counter(day for each in file.weekly for day in weekdays(each.days))
    for day, count in weekly.items():
        if count > 1:
            yield document.fault(("weekly",), f"weekly: two entries hold on {DAYS[day]}")
    layers = {"periods": file.periods, "overrides": file.overrides}
    for layer, entries in layers.items():
        yield from _same_date(document, layer, entries)
    special = Counter(each.date for each in file.special_openings)
    for on, count in special.items():
        if count > 1:
            told = f"special_openings: {on} is there {count} times; one day has one entry"
            yield document.fault(("special_openings",), told)


def _same_date(document: Document, layer: str, entries: Sequence[DatedFile]) -> Iterator[Fault]:
    seen: set[date] = set()
    for number, each in enumerate(entries):
        entry = _dated(each)
        if entry.last - entry.first > LONGEST:
            told = (
                f"{layer}.{number}: is longer than {LONGEST.days} days; what always holds is base"
            )
            yield document.fault((layer, number), told)
            continue
        mine = set(dates(entry))
        if not mine:
            yield document.fault((layer, number), f"{layer}.{number}: holds on no day at all")
        if both := seen & mine:
            told = f"{layer}.{number}: two entries of this layer hold on {min(both)}"
            yield document.fault((layer, number), told)
        seen |= mine


def _unknown_services(
    document: Document, at: tuple[str | int, ...], rule: RuleFile, known: Sequence[str]
) -> Iterator[Fault]:
    for service in rule.services or ():
        if service not in known:
            told = f"{_called(at)}: there is no service {service!r}; services names them all"
            yield document.fault((*at, "services"), told)


def holiday_faults(document: Document, file: HolidaysFile) -> Iterator[Fault]:
    """A day that stands in a year that is not its own."""
    for year, each in file.root.items():
        for on in each.days:
            if on[:4] != year:
                yield document.fault((year, "days", on), f"{year}: {on} is in another year")
        if not each.days:
            yield document.fault((year,), f"{year}: has no holiday at all")
