"""Small plans for tests: a town without menus, lunches or retries, unless they are asked for."""

from dataclasses import replace
from typing import Any, Final

from telephony.centre.model import CentreRules
from telephony.simulation.model import (
    Conduct,
    Handling,
    Lunch,
    Reason,
    Retries,
    Scenario,
    Town,
)
from telephony.simulation.run import Plan, staffed
from tests.builders import BOOKING, GENERAL, queue, rules

HOUR: Final = 3600.0
STRAIGHT: Final = Conduct(menus=False)
NO_RETRIES: Final = Retries(0.0, 0.0, (300.0, 900.0), 0)


def town(**changes: Any) -> Town:
    """Even arrivals, exponential talks, nobody gives up, phones again or eats."""
    even = Town(
        shape=((0.0, 1.0),),
        reasons={},
        mixes={},
        handling=Handling("exponential", 1.0),
        patience=None,
        retries=NO_RETRIES,
        lunch=Lunch((), 0.0),
        conducts={"table": STRAIGHT},
    )
    return replace(even, **changes)


def scenario(per_hour: float, talk: float, hours: float = 12.0, **changes: Any) -> Scenario:
    """So many calls an hour from midnight on, each of this talk and without wrap-up."""
    even = Scenario(
        name="even",
        title="even",
        title_ja="",
        opens=0.0,
        closes=hours * HOUR,
        calls=per_hour * hours,
        mix=(Reason("any", talk, 0.0, {}),),
        up_to=(1.0,),
        agents=1,
        lines=1,
        week={0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0},
        surges=(),
        talk_factor=1.0,
        planned=(),
    )
    return replace(even, **changes)


def plain_rules(agents: int, lines: int, **queue_rules: Any) -> CentreRules:
    """A flow that begins in the queue, which grants no wrap-up of its own."""
    only = queue(GENERAL, wrap_up_for=0.0, **queue_rules)
    return staffed(rules(queues=(only, queue(BOOKING, wrap_up_for=0.0))), agents, lines)


def silent(_prompts: object) -> float:
    """No prompt takes any time."""
    return 0.0


def plan(agents: int, lines: int, of: Scenario, seed: int = 1, **changes: Any) -> Plan:
    """A town that behaves as the theory has it."""
    return Plan(plain_rules(agents, lines), of, town(**changes), STRAIGHT, seed)
