"""The callers of one day, drawn beforehand.

Everything that belongs to a caller is drawn with them: why they phone, how long they would talk,
how long they would wait at each attempt, whether they would try again. So the same citizens phone
whatever the centre does, and two staffings are compared on the same day, not on two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from telephony.simulation.dice import Dice
from telephony.simulation.model import QUARTER, Reason, Scenario, Town

NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One phone call as the caller would make it."""

    patience: float  # seconds in the queue
    if_refused: float  # below the share of those who try again: they do
    if_abandoned: float
    again_after: float


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody meets a menu; each is compared with a share of the conduct."""

    manner: float
    contented: float
    reaction: float  # seconds of thinking before a key is pressed
    hears_out: float  # how much of a menu they listen to


@dataclass(frozen=True, slots=True)
class Caller:
    """A citizen who has something to ask, on one day."""

    number: int
    arrives: float  # seconds since midnight
    reason: Reason
    talk: float
    wrap_up: float
    habit: Habit
    attempts: tuple[Attempt, ...]


def callers(scenario: Scenario, town: Town, day_factor: float, dice: Dice) -> list[Caller]:
    """Who phones for the first time on this day, in order of time."""
    times = _arrivals(_pieces(scenario, town), scenario.calls * day_factor, dice)
    return [_caller(n, at, scenario, town, dice) for n, at in enumerate(times, start=1)]


def _pieces(scenario: Scenario, town: Town) -> list[tuple[float, float, float]]:
    """Quarters of an hour, the last perhaps shorter: begin, length, relative rate."""
    pieces = []
    begins = scenario.opens
    while begins < scenario.closes:
        ends = min(scenario.closes, (begins // QUARTER + 1) * QUARTER)
        pieces.append((begins, ends - begins, _weight(begins, scenario, town)))
        begins = ends
    return pieces


def _weight(at: float, scenario: Scenario, town: Town) -> float:
    weight = next((each for begins, each in reversed(town.shape) if begins <= at), 1.0)
    for surge in scenario.surges:
        if surge.begins <= at < surge.ends:
            weight *= surge.factor
    return weight


def _arrivals(
    pieces: list[tuple[float, float, float]], expected: float, dice: Dice
) -> Iterator[float]:
    """A Poisson process: even in a time that runs as fast as the calls come."""
    whole = sum(length * weight for _, length, weight in pieces)
    ahead = dice.exponential(1.0)
    for begins, length, weight in pieces:
        room = expected * length * weight / whole
        passed = 0.0
        while ahead < room - passed:
            passed += ahead
            yield begins + length * passed / room
            ahead = dice.exponential(1.0)
        ahead -= room - passed


def _caller(number: int, at: float, scenario: Scenario, town: Town, dice: Dice) -> Caller:
    reason = dice.one_of(scenario.mix, scenario.up_to)
    stretch = _stretch(town, dice)
    habit = Habit(dice.share(), dice.share(), dice.exponential(1.5), dice.between(0.4, 1.0))
    attempts = tuple(_attempt(town, dice) for _ in range(town.retries.most + 1))
    talk = reason.talk * scenario.talk_factor * stretch
    return Caller(number, at, reason, talk, reason.wrap_up * stretch, habit, attempts)


def _stretch(town: Town, dice: Dice) -> float:
    match town.handling.shape:
        case "lognormal":
            return dice.lognormal(town.handling.variation)
        case "exponential":
            return dice.exponential(1.0)


def _attempt(town: Town, dice: Dice) -> Attempt:
    patience = NEVER if town.patience is None else dice.exponential(town.patience)
    return Attempt(patience, dice.share(), dice.share(), dice.between(*town.retries.after))
