"""A calendar's answers as plain data, and in words for people who ask why."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Final

from ivr_flows.opening.book import Book
from ivr_flows.opening.model import Day, Layer, Outreach, Reason, SetByHand, Standing
from ivr_flows.opening.year import clock, days_of, hours_text, lines_text, notices, outreach_on

WEEKDAYS: Final = "月火水木金土日"
LAYER_NAMES: Final = {
    Layer.EMERGENCY: "緊急",
    Layer.OVERRIDE: "個別変更",
    Layer.SPECIAL: "臨時開庁",
    Layer.HOLIDAY: "祝日",
    Layer.CLOSING: "閉庁日",
    Layer.PERIOD: "期間",
    Layer.WEEKLY: "曜日",
    Layer.BASE: "通常",
}


def why_told(
    book: Book, civil: datetime, zone: tzinfo, set_by_hand: Sequence[SetByHand] = ()
) -> dict[str, Any]:
    """How it stands at a local time, and on whose word."""
    found = book.at(civil, set_by_hand)
    return {
        "at": _iso(civil, zone),
        "open": found.open,
        "layer": found.layer.value,
        "name": found.name,
        "opens": _iso(found.opens, zone),
        "closes": _iso(found.closes, zone),
        "lines": found.lines if found.open else 0,
        "services": None if found.services is None else list(found.services),
        "prompts": dict(found.prompts),
        "next_opening": _iso(book.next_opening(civil, set_by_hand), zone),
        "holidays_confirmed": found.holidays_confirmed,
        "reasons": [_reason_told(each) for each in found.reasons],
        "outreach": [_outreach_told(each) for each in outreach_on(book.calendar, civil.date())],
    }


def year_told(book: Book, first: date, last: date) -> dict[str, Any]:
    """Every day of a stretch, and what the city should know of it."""
    days = days_of(book, first, last)
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "days": [day_told(book, day) for day in days],
        "notices": [each.text for each in notices(book.calendar, first, last)],
        "holidays_confirmed": {
            str(year): book.is_confirmed(year) for year in sorted({first.year, last.year})
        },
    }


def day_told(book: Book, day: Day) -> dict[str, Any]:
    """One day as decided."""
    return {
        "date": day.on.isoformat(),
        "weekday": day.on.isoweekday(),
        "open": bool(day.hours),
        "layer": day.layer.value,
        "name": day.name,
        "hours": [[clock(each.opens), clock(each.closes)] for each in day.hours],
        "lines": [{"from": clock(each.minute), "lines": each.lines} for each in day.lines],
        "services": None if day.services is None else list(day.services),
        "outreach": [_outreach_told(each) for each in outreach_on(book.calendar, day.on)],
    }


def why_lines(told: dict[str, Any], standing: Standing) -> list[str]:
    """The same for people, a sentence a line."""
    state = "受付中 open" if standing.open else "受付時間外 closed"
    said = [
        f"{spoken_moment(standing.at)} {state}",
        f"決め手 decided by: {_named(standing.layer, standing.name)}",
    ]
    if standing.opens is not None and standing.closes is not None:
        said.append(f"受付時間 hours: {standing.opens:%H:%M}-{standing.closes:%H:%M}")
    if standing.open:
        count = "全回線 all" if standing.lines is None else f"{standing.lines}"
        said.append(f"回線数 lines: {count}")
    if told["next_opening"]:
        ahead = datetime.fromisoformat(told["next_opening"])
        said.append(f"次の受付 next opening: {spoken_moment(ahead)}")
    if not standing.holidays_confirmed:
        said.append(
            f"注意: {standing.at.year}年の祝日はまだ確認されていません "
            "(the holidays of this year are not confirmed)"
        )
    said.append("理由(強い順) why, the strongest first:")
    return said + [f"  {line}" for line in reason_lines(standing.reasons)]


def reason_lines(reasons: Sequence[Reason]) -> list[str]:
    """What each layer says of the day."""
    return [f"{_named(each.layer, each.rule.name)} {_says(each)}" for each in reasons]


def _named(layer: Layer, name: str) -> str:
    return f"{LAYER_NAMES[layer]} {layer.value}「{name}」"


def day_line(book: Book, day: Day) -> str:
    """One day on one line of a sheet."""
    said = [hours_text(day.hours), *(lines_text(day) if day.hours else [])]
    said += [f"出張申請 {each.place}" for each in outreach_on(book.calendar, day.on)]
    decided = day.name if day.layer is not Layer.BASE else ""
    return f"{day.on:%m-%d}({WEEKDAYS[day.on.weekday()]}) {decided:<12} {' '.join(said)}".rstrip()


def spoken_moment(at: datetime) -> str:
    """`2027-02-12(金) 08:30`."""
    return f"{at:%Y-%m-%d}({WEEKDAYS[at.weekday()]}) {at:%H:%M}"


def _says(reason: Reason) -> str:
    rule = reason.rule
    said = [] if rule.hours is None else [hours_text(rule.hours)]
    said += [f"{clock(each.minute)}から{each.lines}回線" for each in rule.lines or ()]
    said += [] if rule.services is None else ["業務 " + "・".join(rule.services)]
    return " ".join(said) or "-"


def _reason_told(reason: Reason) -> dict[str, Any]:
    return {"layer": reason.layer.value, "name": reason.rule.name, "says": _says(reason)}


def _outreach_told(event: Outreach) -> dict[str, Any]:
    return {
        "name": event.name,
        "date": event.on.isoformat(),
        "opens": clock(event.hours.opens),
        "closes": clock(event.hours.closes),
        "place": event.place,
    }


def _iso(civil: datetime | None, zone: tzinfo) -> str | None:
    return None if civil is None else civil.replace(tzinfo=zone).isoformat()
