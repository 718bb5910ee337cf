"""What the calendar says aloud: references of `ivr_flows.prompts.speak`, in order.

calendar:hours      the week as it always is
calendar:today      this day, or that it is over, or that there is none
calendar:next       when it opens next
calendar:outreach   the next event away from the city hall; nothing where none is planned
calendar:notice     what whoever works here wants told first; nothing on a usual day
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Final

from ivr_flows.opening.book import Book, outreach_ahead
from ivr_flows.opening.model import Hours, Rule, SetByHand, Standing

CALENDAR: Final = "calendar:"
NOTICE: Final = "notice"  # of a rule's prompts: told before anything else
NOON: Final = 12
HALF_DAY: Final = 12
FIVE_DAYS: Final = (0, 1, 2, 3, 4)

Spoken = tuple[str, ...]


def announced(
    kind: str, book: Book, civil: datetime, set_by_hand: Sequence[SetByHand] = ()
) -> Spoken:
    """What a reference `calendar:<kind>` says at this local time."""
    if kind == "next":
        return _next(civil, book.next_opening(civil, set_by_hand))
    if kind == "hours":
        return _hours(book)
    return _TODAY[kind](book, book.at(civil, set_by_hand))


def is_known(kind: str) -> bool:
    """Whether there is such an announcement."""
    return kind in {*_TODAY, "hours", "next"}


def may_be_silent(kind: str) -> bool:
    """Whether there are days on which it has nothing to say."""
    return kind in {"outreach", NOTICE}


@lru_cache(maxsize=8)  # a book never changes, and this is asked with nearly every call
def _hours(book: Book) -> Spoken:
    calendar = book.calendar
    said = ["hours_intro"]
    for named, hours in _week(calendar.base):
        said += [*named, *_spans(hours)]
    for weekly in calendar.weekly:
        if weekly.rule.hours:
            days = (f"weekday:{day + 1}" for day in weekly.days)
            said += [*days, "word:except_holidays", *_spans(weekly.rule.hours)]
    return (*said, *(("special_days",) if calendar.special_openings else ()))


def _week(base: Sequence[Rule]) -> Iterator[tuple[Spoken, tuple[Hours, ...]]]:
    """Days that are open alike, and their hours."""
    for hours, group in groupby(range(len(base)), key=lambda day: base[day].hours or ()):
        days = tuple(group)
        if not hours:
            continue
        named = tuple(f"weekday:{day + 1}" for day in days)
        yield ("word:weekdays",) if days == FIVE_DAYS else named, hours


def _spans(hours: Sequence[Hours]) -> Iterator[str]:
    for each in hours:
        yield from (
            *spoken_time(each.opens),
            "word:hours_from",
            *spoken_time(each.closes),
            "word:until_then",
        )


def _today(_book: Book, standing: Standing) -> Spoken:
    if standing.opens is None or standing.closes is None:
        return ("today_closed",)
    if standing.at >= standing.closes:
        return ("today_over",)
    until = spoken_time(_minute(standing.closes))
    if standing.open:
        return ("word:today_is", *until, "word:until_open")
    opens = spoken_time(_minute(standing.opens))
    return ("word:today_is", *opens, "word:hours_from", *until, "word:until_open")


def _next(civil: datetime, ahead: datetime | None) -> Spoken:
    if ahead is None:
        return ("goodbye",)
    day = ("word:today",) if ahead.date() == civil.date() else spoken_date(ahead)
    return ("word:next", *day, *spoken_time(_minute(ahead)), "word:from_then")


def _outreach(book: Book, standing: Standing) -> Spoken:
    event = outreach_ahead(book.calendar, standing.at)
    if event is None:
        return ()
    on = standing.at.replace(year=event.on.year, month=event.on.month, day=event.on.day)
    opens, closes = spoken_time(event.hours.opens), spoken_time(event.hours.closes)
    place = event.prompt or "outreach_place"
    return (
        "outreach_intro", *spoken_date(on), *opens, "word:hours_from", *closes,
        "word:hours_until", place,
    )  # fmt: skip


def _notice(_book: Book, standing: Standing) -> Spoken:
    notice = standing.prompts.get(NOTICE)
    return () if notice is None else (notice,)


_TODAY: Final[Mapping[str, Callable[[Book, Standing], Spoken]]] = {
    "today": _today,
    "outreach": _outreach,
    NOTICE: _notice,
}


def spoken_date(at: date) -> Spoken:
    """12月3日、木曜日."""
    return (f"month:{at.month}", f"day:{at.day}", f"weekday:{at.isoweekday()}")


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute


def spoken_time(minute: int) -> Spoken:
    """午後5時15分, as it is said at a counter; midnight is 午前0時, or 午後12時 as an end."""
    hour, rest = divmod(minute, 60)
    half = "forenoon" if hour < NOON else "afternoon"
    shown = hour if hour <= HALF_DAY - 1 else hour - HALF_DAY
    return (f"word:{half}", f"hour:{shown}", *((f"minutes:{rest}",) if rest else ()))
