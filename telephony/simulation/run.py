"""A run: the real core and flows, day after day, with the same citizens for every staffing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from telephony.acd.model import AcdRules, AgentId, AgentRules, CallId, Instant
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from telephony.simulation import callbacks, citizens, ledger, staff, watch
from telephony.simulation.callbacks import CallsBack
from telephony.simulation.citizens import Citizens, Lengths
from telephony.simulation.dice import Dice
from telephony.simulation.ledger import DayBook, Ledger
from telephony.simulation.model import Conduct, Scenario, Town
from telephony.simulation.population import callers
from telephony.simulation.staff import Staff
from telephony.simulation.watch import PASSING, InvariantBroken, Watch, Wish
from telephony.simulation.world import World

FIRST_MONDAY: Final = date(2024, 1, 8)  # any; figures depend on the weekday alone
MOST_STEPS_AFTER_CLOSING: Final = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated, apart from how many days of it."""

    rules: CentreRules
    scenario: Scenario
    town: Town
    conduct: Conduct
    seed: int
    calls_back: bool = False  # whoever got nobody, while nobody waits


def staffed(rules: CentreRules, agents: int, lines: int) -> CentreRules:
    """The site's rules with this many agents, who serve every queue, and this many lines."""
    queues = tuple(rules.acd.queues)
    skills = frozenset(s for each in rules.acd.agents.values() for s in each.skills)
    seats = [AgentId(f"a{n:02}") for n in range(1, agents + 1)]
    people = {seat: AgentRules(seat, queues, skills) for seat in seats}
    acd: AcdRules = replace(rules.acd, agents=people)
    return replace(rules, acd=acd, lines=tuple(range(1, lines + 1)))


class Run:
    """One centre that lives through the days; each gives its books, and is checked as a whole."""

    def __init__(self, plan: Plan, lengths: Lengths) -> None:
        self._plan = plan
        centre = Centre(plan.rules)
        self.world = World(centre, self._instant(0, 0.0))
        self._citizens = Citizens(
            self.world, plan.conduct, plan.town.retries, lengths, Dice(plan.seed, "talks")
        )
        self._staff = Staff(
            self.world, plan.conduct, self._citizens.wrap_up_of, Dice(plan.seed, "staff")
        )
        self._ledger = Ledger()
        ring_for = max(queue.ring_for for queue in plan.rules.acd.queues.values())
        self.watch = Watch(ring_for, self._wish_of)
        self.world.let_hear(self.watch.hear, *watch.HEARS)
        self.world.let_hear(self._ledger.hear, *ledger.HEARS)
        self.world.let_hear(self._staff.hear, *staff.HEARS)
        self._calls_back = CallsBack(
            self.world, self._citizens, self._staff, Dice(plan.seed, "callbacks")
        )
        if plan.calls_back:  # before the citizens, who are gone when their call is closed
            self.world.let_hear(self._calls_back.hear, *callbacks.HEARS)
        self.world.let_hear(self._citizens.hear, *citizens.HEARS)

    def days(self, many: int) -> Iterator[DayBook]:
        """One after the other; raises InvariantBroken."""
        for day in range(many):
            yield self._day(day)

    def _day(self, day: int) -> DayBook:
        scenario, town = self._plan.scenario, self._plan.town
        midnight = self._instant(day, 0.0)
        opens, closes = self._instant(day, scenario.opens), self._instant(day, scenario.closes)
        self.world.jump(opens)
        self._staff.begin(midnight, town.lunch)
        dice = Dice(self._plan.seed, "citizens", day)
        today = callers(scenario, town, self._factor(day), dice)
        self._citizens.begin(day, midnight, scenario.closes, today)
        if self._plan.calls_back:
            self._calls_back.begin(closes)
        while self.world.step(closes):
            pass
        self._serve_the_last()
        self._staff.end()
        self.watch.settled(self.world.centre, self.world.now)
        reached = frozenset(self._calls_back.reached)
        return self._ledger.day(opens, closes, self.world.now, reached)

    def _serve_the_last(self) -> None:
        """After closing nobody phones any more, and whoever is there is served."""
        for _ in range(MOST_STEPS_AFTER_CLOSING):
            if self._quiet() or not self.world.step():
                return
        raise InvariantBroken("I9: the day does not end")

    def _quiet(self) -> bool:
        centre = self.world.centre
        working = any(agent.state in PASSING for agent in centre.acd.roster.all())
        return not (centre.visits.calls or centre.own.calls or working)

    def _wish_of(self, call: CallId) -> Wish:
        known = self.world.centre.visits.calls[call]
        assert known.queue is not None  # it waits
        return known.queue, known.skill, known.head_start

    def _factor(self, day: int) -> float:
        return list(self._plan.scenario.week.items())[day % len(self._plan.scenario.week)][1]

    def _instant(self, day: int, seconds: float) -> Instant:
        """So many seconds into the n-th day of the run."""
        weekdays = list(self._plan.scenario.week)
        weeks, at = divmod(day, len(weekdays))
        on = FIRST_MONDAY + timedelta(weeks=weeks, days=weekdays[at])
        midnight = datetime.combine(on, time(), self._plan.rules.timezone)
        return Instant(midnight.timestamp() + seconds)
