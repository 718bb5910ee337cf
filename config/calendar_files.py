"""The shape of `calendar.yaml` and `holidays.yaml`; docs/calendar.md tells how they are written."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal, Self
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, Field, RootModel, model_validator

from config.shapes import Shape
from config.site_hours import CLOSED, DAYS, GROUPS, known_day, known_times, minutes
from ivr_flows.opening.model import DAY, SpecialKind
from ivr_flows.schema import Name

LEAP_YEAR: Final = 2024  # in which every day of a year exists
NEVER_SHOWN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _shown(text: str) -> str:
    """Pages and commands print it: nothing that a terminal obeys, or that turns words around."""
    if any(category(each) in NEVER_SHOWN for each in text) or not text.strip():
        raise ValueError("may hold no control or invisible characters, and must say something")
    return text


def _date(value: object) -> object:
    """ISO dates only: `2027-02-11`."""
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        raise ValueError("is no date; write 2027-02-11")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is a day that no calendar has") from error


def _day_of_year(value: str) -> str:
    try:
        month, day = value.split("-")
        date(LEAP_YEAR, int(month), int(day))
    except ValueError as error:
        raise ValueError("is no day of a year; write 12-29") from error
    return value


def _within_a_day(values: list[str]) -> list[str]:
    known_times(tuple(values))
    if any(minutes(each)[1] > DAY for each in values if each != CLOSED):
        raise ValueError("runs past midnight: write the rest on the next day, from 0:00")
    return values


def _minute(value: str) -> str:
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value, re.ASCII):
        raise ValueError("is no time of day; write 17:15")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _all_day(value: object) -> object:
    return {"0:00": value} if isinstance(value, int) else value


def _year(value: str) -> str:
    if not re.fullmatch(r"20[0-9]{2}", value, re.ASCII):
        raise ValueError('is no year; write "2027", in quotes')
    return value


Date = Annotated[date, BeforeValidator(_date)]
DayOfYear = Annotated[str, AfterValidator(_day_of_year)]
Title = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_shown)]
Hours = Annotated[
    list[str], BeforeValidator(_listed), Field(min_length=1, max_length=6),
    AfterValidator(_within_a_day),
]  # fmt: skip
Minute = Annotated[str, AfterValidator(_minute)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Lines = Annotated[Mapping[Minute, Count], BeforeValidator(_all_day), Field(min_length=1)]
Days = Annotated[list[Annotated[str, AfterValidator(known_day)]], Field(min_length=1)]
Services = Annotated[list[Name], Field(max_length=50)]
Range = Annotated[list[Annotated[int, Field(ge=0, le=31)]], Field(min_length=2, max_length=2)]
EVERY_DAY: Final = ["every_day"]


class RuleFile(Shape):
    """What every layer may set."""

    hours: Hours | None = None
    lines: Lines | None = None
    services: Services | None = None
    prompts: Mapping[Name, str] = Field(default_factory=dict)


class NamedRule(RuleFile):
    name: Title


class BaseFile(RuleFile):
    """The base sets hours by day of the week; a day that is not mentioned is closed."""

    name: Title = "通常"
    hours: Mapping[Annotated[str, AfterValidator(known_day)], Hours]  # type: ignore[assignment]


class WeeklyFile(NamedRule):
    days: Days


class YearlyFile(NamedRule):
    first: DayOfYear
    last: DayOfYear
    hours: Hours | None = Field(default_factory=lambda: [CLOSED])


class DatedFile(NamedRule):
    """An entry of one date, or of some weekdays from one date to another."""

    date: Date | None = None
    first: Date | None = None
    last: Date | None = None
    days: Days = Field(default_factory=lambda: list(EVERY_DAY))

    @model_validator(mode="after")
    def _when(self) -> Self:
        if (self.date is None) == (self.first is None) or (self.first is None) != (
            self.last is None
        ):
            raise ValueError("has to say when: either date, or first and last")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("ends before it begins")
        return self


class SpecialFile(NamedRule):
    kind: SpecialKind = Field(strict=False)
    date: Date
    hours: Hours


class OutreachFile(Shape):
    name: Title
    date: Date
    hours: Hours
    place: Title
    prompt: str | None = None


class ContractFile(Shape):
    special_openings: Range = Field(default_factory=lambda: [2, 4])
    outreach_days: Range = Field(default_factory=lambda: [1, 3])
    year_end_openings: Count = 1


class HolidayRuleFile(RuleFile):
    """What any national holiday sets."""

    hours: Hours | None = Field(default_factory=lambda: [CLOSED])


class ModeFile(RuleFile):
    """What a mode sets that is switched on by hand."""

    name: Title | None = None


class CalendarFile(Shape):
    """calendar.yaml"""

    base: BaseFile
    weekly: list[WeeklyFile] = Field(default_factory=list)
    periods: list[DatedFile] = Field(default_factory=list)
    closing_days: list[YearlyFile] = Field(default_factory=list)
    holiday: HolidayRuleFile = HolidayRuleFile()
    special_openings: list[SpecialFile] = Field(default_factory=list)
    overrides: list[DatedFile] = Field(default_factory=list)
    outreach: list[OutreachFile] = Field(default_factory=list)
    services: Services = Field(default_factory=list)
    contract: ContractFile = ContractFile()
    modes: Mapping[Literal["emergency", "outage", "surge"], ModeFile] = Field(default_factory=dict)


class HolidayYearFile(Shape):
    source: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_shown)]
    confirmed_by: Title | None = None
    confirmed_on: Date | None = None
    days: Mapping[Annotated[str, AfterValidator(lambda value: str(_date(value)))], Title]

    @model_validator(mode="after")
    def _confirmed(self) -> Self:
        if (self.confirmed_by is None) != (self.confirmed_on is None):
            raise ValueError("confirmed_by and confirmed_on go together; one is missing")
        return self


class HolidaysFile(RootModel[Mapping[Annotated[str, AfterValidator(_year)], HolidayYearFile]]):
    """holidays.yaml"""


def weekdays(days: list[str]) -> tuple[int, ...]:
    """The numbers of named days and groups of days, Monday being 0."""
    named = {day for each in days for day in GROUPS.get(each, (each,))}
    return tuple(number for number, day in enumerate(DAYS) if day in named)
