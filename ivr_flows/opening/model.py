"""A calendar as it is written: layers of rules, the strongest first, and the holidays it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

DAY: Final = 24 * 60  # minutes
WEEKDAYS: Final = 7


class Layer(StrEnum):
    """Who decides a day, the strongest first."""

    EMERGENCY = "emergency"
    OVERRIDE = "override"  # 個別変更
    SPECIAL = "special"  # 休日交付, 年末開庁
    HOLIDAY = "holiday"  # 祝日
    CLOSING = "closing"  # 年末年始の閉庁
    PERIOD = "period"  # 繁忙期
    WEEKLY = "weekly"  # 木曜延長
    BASE = "base"


class SpecialKind(StrEnum):
    """Which opening of the contract a special opening is."""

    HOLIDAY_ISSUE = "holiday_issue"  # 休日交付
    YEAR_END = "year_end"  # 年末開庁


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Open from `opens` until just before `closes`, in minutes of the day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, order=True)
class LinesFrom:
    """So many lines are in service from this minute of the day on."""

    minute: int
    lines: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What one entry of a layer sets; what it leaves None, a weaker layer decides."""

    name: str
    hours: tuple[Hours, ...] | None = None  # empty: closed all day
    lines: tuple[LinesFrom, ...] | None = None
    services: tuple[str, ...] | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)  # by what they are for


@dataclass(frozen=True, slots=True)
class SetByHand:
    """One entry of the strongest layer: set while the centre works, and over by itself."""

    rule: Rule
    until: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    """A rule of some days of every week."""

    days: tuple[int, ...]  # 0 is Monday
    rule: Rule


@dataclass(frozen=True, slots=True)
class Yearly:
    """A rule of some days of every year; it may run over New Year."""

    first: tuple[int, int]  # month and day
    last: tuple[int, int]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Dated:
    """A rule of some dates, on some of their weekdays."""

    first: date
    last: date
    rule: Rule
    days: tuple[int, ...] = tuple(range(WEEKDAYS))
    kind: SpecialKind | None = None  # of a special opening


@dataclass(frozen=True, slots=True)
class Outreach:
    """An event away from the city hall (出張申請): announced, but no telephone opens for it."""

    name: str
    on: date
    hours: Hours
    place: str
    prompt: str | None = None  # that names the place


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The national holidays of one year, and who stands for them."""

    source: str
    days: Mapping[date, str]
    confirmed_by: str | None = None  # the city, once it has compared them with the gazette
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed; least and most in a month, and in a year."""

    special_openings: tuple[int, int] = (2, 4)
    outreach_days: tuple[int, int] = (1, 3)
    year_end_openings: int = 1


CLOSED_PROMPT: Final = "closed"  # what a flow says of being closed
MODES: Final[Mapping[str, Rule]] = {  # the strongest first
    "emergency": Rule("緊急", (), prompts={CLOSED_PROMPT: "closed_emergency"}),
    "outage": Rule("システム障害", prompts={"notice": "notice_outage"}),
    "surge": Rule(
        "急激な繁忙",
        prompts={
            "main_menu": "main_menu_short",
            "booking_menu": "booking_menu_short",
            "info_menu": "info_menu_short",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything a site says of its opening hours."""

    base: tuple[Rule, ...]  # of Monday to Sunday
    weekly: tuple[Weekly, ...] = ()
    periods: tuple[Dated, ...] = ()
    closing_days: tuple[Yearly, ...] = ()
    special_openings: tuple[Dated, ...] = ()
    overrides: tuple[Dated, ...] = ()
    outreach: tuple[Outreach, ...] = ()
    holidays: Mapping[int, HolidayYear] = field(default_factory=dict)
    holidays_matter: bool = True  # False: a table that repeats every week whatever the day
    holiday: Rule = Rule("祝日", hours=())  # what any holiday sets; each has its own name
    contract: Contract = Contract()
    modes: Mapping[str, Rule] = field(default_factory=lambda: dict(MODES))  # set by hand


@dataclass(frozen=True, slots=True)
class Reason:
    """One layer that has something to say of a day, and what."""

    layer: Layer
    rule: Rule


@dataclass(frozen=True, slots=True)
class Day:
    """One date, decided."""

    on: date
    layer: Layer  # that decides the hours
    name: str  # of the rule that does
    hours: tuple[Hours, ...]
    lines: tuple[LinesFrom, ...]  # before the first of them: every line
    services: tuple[str, ...] | None  # None: every service
    prompts: Mapping[str, str]
    reasons: tuple[Reason, ...]  # all layers that apply, the strongest first


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the centre is open at one moment, and on whose word."""

    at: datetime
    open: bool
    layer: Layer
    name: str
    opens: datetime | None  # of the present opening; while closed, the day's first
    closes: datetime | None  # of the present opening; while closed, the day's last
    lines: int | None  # in service; None: every line
    services: tuple[str, ...] | None
    prompts: Mapping[str, str]
    reasons: tuple[Reason, ...]
    set_by_hand: bool  # the hours are
    holidays_confirmed: bool  # False: nobody stands for the holidays of this year
