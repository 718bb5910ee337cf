"""Who phones and who answers, as values: what a scenario says, and what it assumes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

DAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
QUARTER: Final = 900.0  # seconds


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody phones: how long that takes on average, and what they press where."""

    name: str
    talk: float
    wrap_up: float
    keys: Mapping[str, str]  # by the prompt that is heard


@dataclass(frozen=True, slots=True)
class Handling:
    """How single calls differ from the average; `variation` is of the log-normal only."""

    shape: Literal["lognormal", "exponential"]
    variation: float


@dataclass(frozen=True, slots=True)
class Retries:
    """Who phones again after getting nobody, and when."""

    refused: float  # share of those who found no line, or had to leave the queue
    abandoned: float  # share of those who gave up
    after: tuple[float, float]  # seconds, evenly between the two
    most: int


@dataclass(frozen=True, slots=True)
class Lunch:
    """Agents eat in turns: the n-th goes with the n-th sitting, and so on round."""

    sittings: tuple[float, ...]  # seconds since midnight
    lasts: float


@dataclass(frozen=True, slots=True)
class Conduct:
    """What people do besides phoning and talking; every share is between 0 and 1."""

    menus: bool  # False: callers press 0 at once, and so are in the queue at once
    silent: float = 0.0
    person_at_once: float = 0.0
    leaves_menu: float = 0.0
    satisfied: float = 0.0  # of those who heard an information
    pick_up: float = 0.0  # seconds on average
    rings: float = 0.0  # seconds before that, always, in which nobody gives up
    misses: float = 0.0
    agent_hangs_up: float = 0.0
    hold_share: float = 0.0
    hold_lasts: float = 0.0
    break_every: float = 0.0  # 0: no breaks
    break_lasts: float = 0.0


@dataclass(frozen=True, slots=True)
class Town:
    """The assumptions that all scenarios share."""

    shape: tuple[tuple[float, float], ...]  # from this second of the day: relative weight
    reasons: Mapping[str, Reason]
    mixes: Mapping[str, Mapping[str, float]]
    handling: Handling
    patience: float | None  # None: nobody gives up
    retries: Retries
    lunch: Lunch
    conducts: Mapping[str, Conduct]


@dataclass(frozen=True, slots=True)
class Surge:
    """A part of the day with more calls than usual."""

    begins: float
    ends: float
    factor: float


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the planning table: means over `days`, rates as shares."""

    agents: int
    lines: int
    days: int
    figures: Mapping[str, float]
    steps: Mapping[str, float]  # half a unit of the last digit given


@dataclass(frozen=True, slots=True)
class Scenario:
    """One sort of day, or the days of a week in turn."""

    name: str
    title: str
    title_ja: str
    opens: float  # seconds since midnight
    closes: float
    calls: float  # first attempts on an average day
    mix: tuple[Reason, ...]
    up_to: tuple[float, ...]  # the weights of the reasons, added up
    agents: int
    lines: int
    week: Mapping[int, float]  # weekday, Monday is 0: factor of the calls
    surges: tuple[Surge, ...]
    talk_factor: float
    planned: tuple[Planned, ...]
