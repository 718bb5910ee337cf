"""Random scenes from a seed each: a hundred thousand of them, where Hypothesis has hundreds.

The size varies too: from two agents of one queue to fifteen in some of fifty.
"""

from random import Random  # noqa: TID251 -- a seed is handed in
from typing import Final

from telephony.acd.model import QueueId, Strategy
from tests.acd import queueing
from tests.acd.queueing import Act, Scene
from tests.acd.reference import offers

QUEUES: Final = tuple(QueueId(f"q{number:02}") for number in range(50))
FIFTY: Final = tuple(f"skill{number:02}" for number in range(50))
COUNTS: Final = (1, 2, 3, 5, 10, 50)  # how many of them there are in a scene
HAPPENS: Final = (*queueing.HAPPENS, *("join",) * 3, *("ready",) * 6, "answer", "hang_up")


def scene(seed: int) -> Scene:
    """The scene of this seed, the same on every machine."""
    dice = Random(seed)
    queues = QUEUES[: dice.choice(COUNTS)]
    skills = dice.choice(((), queueing.SKILLS, FIFTY))
    agents = [(some(dice, queues, 1), some(dice, skills)) for _ in range(dice.randint(2, 15))]
    wanted = [
        (dice.choice(queues), dice.choice(("", *(skills or FIFTY[:1]))), dice.choice((0.0, 3.0)))
        for _ in range(dice.randint(1, 20))
    ]
    acts = (
        Act(dice.choice(HAPPENS), dice.randrange(20), dice.randrange(4), dice.randrange(10))
        for _ in range(dice.randint(20, 100))
    )
    made = tuple(acts)
    ways = tuple(
        queueing.Way(
            dice.choice(list(Strategy)), dice.choice((None, 0.0, 3.0)), dice.choice((0.0, 2.0))
        )
        for _ in range(3)
    )
    return Scene(queueing.staff(agents), queueing.callers(wanted), made, ways)


def some(dice: Random, of: tuple[str, ...], least: int = 0) -> tuple[str, ...]:
    """Any of these, in one order."""
    count = dice.randint(least, len(of))
    return tuple(sorted(dice.sample(of, count)))


def compared(seed: int) -> tuple[int, int]:
    """How often the core settled in this scene, and how many offers it made; all as by scanning."""
    settled = made = 0
    for acd, moment, rings in queueing.act(scene(seed)):
        expected = offers(acd.entries.values(), acd.roster.all(), acd.rules.agents, moment)
        acd.settle(moment.now)
        found = rings()
        assert found == expected, f"seed {seed}"
        settled, made = settled + 1, made + len(found)
    return settled, made
