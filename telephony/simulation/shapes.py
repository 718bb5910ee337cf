"""The shape of the two sorts of file: the town's, and a scenario's."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.shapes import Shape
from telephony.simulation.model import DAYS

MOST_CALLS = 100_000
MOST_PEOPLE = 1000
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")


def seconds(time: str) -> float:
    """Seconds since midnight of a time of the day."""
    hours, minutes = time.split(":")
    return 3600.0 * int(hours) + 60.0 * int(minutes)


def _time(value: str) -> str:
    if not TIME.fullmatch(value):
        raise ValueError("is no time of the day such as 8:30")
    return value


def _hours(value: str) -> str:
    opens, dash, closes = value.partition("-")
    if not (dash and TIME.fullmatch(opens) and TIME.fullmatch(closes)):
        raise ValueError("is no span of hours such as 8:30-17:15")
    if seconds(opens) >= seconds(closes):
        raise ValueError("closes before it opens")
    return value


def _day(value: str) -> str:
    if value not in DAYS:
        raise ValueError(f"is no day: use {', '.join(DAYS)}")
    return value


Time = Annotated[str, AfterValidator(_time)]
Hours = Annotated[str, AfterValidator(_hours)]
Day = Annotated[str, AfterValidator(_day)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
People = Annotated[int, Field(ge=1, le=MOST_PEOPLE)]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]


class ReasonFile(Shape):
    """Why somebody phones."""

    talk: Seconds
    wrap_up: Seconds
    keys: dict[str, Key] = Field(default_factory=dict)


class HandlingFile(Shape):
    """How single calls differ."""

    shape: Literal["lognormal", "exponential"]
    variation: Annotated[float, Field(ge=0, le=5)] = 0.7


class RetriesFile(Shape):
    """Who phones again."""

    refused: Share
    abandoned: Share
    after: Annotated[list[Seconds], Field(min_length=2, max_length=2)]
    most: Annotated[int, Field(ge=0, le=10)]


class LunchFile(Shape):
    """Who eats when."""

    sittings: Annotated[list[Time], Field(max_length=12)]
    lasts: Seconds


class HoldsFile(Shape):
    """How often a caller is put on hold."""

    share: Share
    lasts: Seconds


class BreaksFile(Shape):
    """Short pauses; `every` 0 is none."""

    every: Seconds
    lasts: Seconds


class ConductFile(Shape):
    """What people do besides."""

    menus: bool
    silent: Share
    person_at_once: Share
    leaves_menu: Share
    satisfied: Share
    pick_up: Seconds
    rings: Seconds = 0.0
    misses: Share
    agent_hangs_up: Share
    holds: HoldsFile
    breaks: BreaksFile


class TownFile(Shape):
    """`town.yaml`."""

    source: str
    shape: dict[Time, Weight]
    reasons: dict[str, ReasonFile]
    mixes: dict[str, dict[str, Weight]]
    handling: HandlingFile
    patience: Seconds | None
    retries: RetriesFile
    lunch: LunchFile
    conducts: dict[Literal["table", "life"], ConductFile]

    @model_validator(mode="after")
    def _reasons_exist(self) -> Self:
        unknown = {r for mix in self.mixes.values() for r in mix} - self.reasons.keys()
        if unknown:
            raise ValueError(f"mixes name no reason: {', '.join(sorted(unknown))}")
        if any(sum(mix.values()) <= 0 for mix in self.mixes.values()):
            raise ValueError("has a mix without any weight")
        return self


class SurgeFile(Shape):
    """More calls than usual, for a while."""

    begins: Annotated[Time, Field(alias="from")]
    ends: Annotated[Time, Field(alias="until")]
    factor: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class PlannedFile(Shape):
    """A row of the planning table; rates in percent."""

    agents: People
    lines: People
    days: Annotated[int, Field(ge=2)]
    offered: Weight
    answered: Weight
    abandoned: Weight
    overflowed: Weight
    answer_rate: Weight
    service_level: Weight
    asa: Seconds
    occupancy: Weight
    all_lines_busy: Weight


class ScenarioFile(Shape):
    """`scenarios/<name>.yaml`."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    title_ja: str = ""
    open: Hours
    calls: Annotated[float, Field(gt=0, le=MOST_CALLS, allow_inf_nan=False)]
    mix: str
    agents: People
    lines: People
    week: dict[Day, Weight] = Field(default=dict.fromkeys(DAYS[:5], 1.0), min_length=1)
    surges: list[SurgeFile] = Field(default_factory=list)
    talk_factor: Annotated[float, Field(gt=0, le=10)] = 1.0
    planned: list[PlannedFile] = Field(default_factory=list)
