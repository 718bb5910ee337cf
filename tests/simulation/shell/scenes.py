"""Calls whose records no delay of two seconds may change, to be played with and without lies.

Everything that people do falls on a grid: whatever decides about a call (who came first, who has
been free longest, which line is idle) is more than two seconds away from the next thing that does.
A product that learns of each thing within two seconds, however it is lied to, writes the same
record, field by field. Each scene begins with idle lines and with the agents in one order, so that
what a blackout did to one says nothing about the next. Where Asterisk refuses and delays, callers
are fewer: a ring that was refused then makes nobody wait who did not.
"""

import random  # noqa: TID251 -- a script by its seed
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from telephony.acd.model import AgentId, QueueId
from telephony.centre.model import CentreRules
from telephony.simulation.shell.faults import Blackout, Fault, Lies, Refusals
from telephony.simulation.shell.script import Citizen, Script, Worker

SLOT: Final = 24.0
FIRST_KEY: Final = 6.0  # after the arrival: one that nobody told of is found before
FIRST_KEY_OF_THE_INFORMED: Final = 10.0  # so that their end is far from any arrival
LEAVES: Final = 15.0  # after the slot's beginning; wrap-up ends five seconds later
STAYS: Final = 7  # slots at most
APART: Final = 2  # slots from one caller to the next where there are few
SHORT_STAYS: Final = 2
CALLERS: Final = 20  # of each of the two sorts, a scene
SLOTS: Final = CALLERS + STAYS + 3
RETURNS: Final = 5.0  # seconds between two agents who come back
LINES: Final = 8
SEATS: Final = {"general": ("a01", "a02"), "booking": ("a04", "a05", "a06")}
KEYS: Final = {"general": ("0", "0", "0", "0", "3", "4", "5", ""), "booking": ("11", "12", "13")}
LATER: Final = {"general": 0.0, "booking": SLOT / 2}
LASTS: Final = SLOTS * SLOT + 5 * RETURNS
BEGINS: Final = 30.0
SHARE: Final = 0.05
DARK: Final = 30.0

Kind = Literal["lies", "refusals", "blackout", "both"]
KINDS: Final[tuple[Kind, ...]] = ("lies", "refusals", "blackout", "both")


@dataclass(frozen=True, slots=True)
class Scene:
    """Forty calls, or twenty, and what Asterisk does while they are there."""

    kind: Kind
    begins: float
    dark: tuple[float, float] | None = None  # when nothing is heard

    @property
    def calm(self) -> bool:
        """Nobody waits for an agent."""
        return self.kind in ("refusals", "both")

    @property
    def ends(self) -> float:
        """Everybody is gone, and the agents are in their order again."""
        return self.begins + LASTS

    def faults(self) -> Iterator[Fault]:
        """X9 from its first to its last second; a blackout, and X10, where it is of that kind."""
        yield Lies(at=self.begins, lasts=LASTS, drop=SHARE, double=SHARE, late=SHARE)
        if self.dark is not None:
            yield Blackout(at=self.dark[0], lasts=DARK)
        if self.calm:
            yield Refusals(at=self.begins, lasts=LASTS, share=SHARE)


def scenes(seed: int, count: int, kinds: tuple[Kind, ...] = KINDS) -> list[Scene]:
    """One after the other, each kind in turn."""
    chance = random.Random(f"scenes/{seed}")
    made = list[Scene]()
    for number in range(count):
        kind, begins = kinds[number % len(kinds)], BEGINS + number * LASTS
        at = round(begins + chance.uniform(0.0, CALLERS * SLOT), 3)
        dark = (at, at + DARK) if kind in ("blackout", "both") else None
        made.append(Scene(kind, begins, dark))
    return made


def lied_to(seed: int, of: list[Scene]) -> Script:
    """The calls of these scenes, and the lies."""
    chance = random.Random(f"callers/{seed}")
    citizens = [each for scene in of for sort in SEATS for each in _callers(scene, sort, chance)]
    seats = [(number, seat) for of_sort in SEATS.values() for number, seat in enumerate(of_sort)]
    workers = tuple(_worker(number, seat, of) for number, seat in seats)
    faults = tuple(fault for scene in of for fault in scene.faults())
    first_to_last = tuple(sorted(citizens, key=lambda each: each.at))
    return Script(seed, of[-1].ends, first_to_last, workers, faults, hosts=1)


def in_truth(script: Script) -> Script:
    """The same people on a good day."""
    return replace(script, faults=())


def site(demo: CentreRules) -> CentreRules:
    """The demo site with eight lines, and agents who serve one of its queues each."""
    queue_of = {AgentId(seat): QueueId(queue) for queue, seats in SEATS.items() for seat in seats}
    agents = {
        seat: replace(agent, queues=(queue_of[seat],)) if seat in queue_of else agent
        for seat, agent in demo.acd.agents.items()
    }
    return replace(demo, acd=replace(demo.acd, agents=agents), lines=tuple(range(1, LINES + 1)))


def _worker(number: int, seat: str, of: list[Scene]) -> Worker:
    """Comes in the seats' order, and back in it at the end of each scene."""
    left = (3 - number) * RETURNS
    returns = tuple(round(scene.ends - left, 3) for scene in of)
    at = 2.0 + number * RETURNS
    return Worker(seat, at, reliable=True, asks=False, returns=returns)


def _callers(scene: Scene, sort: str, chance: random.Random) -> Iterator[Citizen]:
    begins, taken = scene.begins + LATER[sort], set[int]()
    for slot in range(0, CALLERS, APART if scene.calm else 1):
        first = slot + chance.randint(0, SHORT_STAYS if scene.calm else STAYS)
        leaves = next(each for each in range(first, SLOTS + CALLERS) if each not in taken)
        taken.add(leaves)
        keys = chance.choice(KEYS[sort])
        yield Citizen(
            f"094200{slot:02}{sort == 'booking':02}",
            round(begins + slot * SLOT, 3),
            keys,
            agent_ends=chance.random() < 0.25,
            first_key=FIRST_KEY_OF_THE_INFORMED if keys in {"3", "4", "5"} else FIRST_KEY,
            until=round(begins + leaves * SLOT + LEAVES, 3),
            declined=int(chance.random() < 0.15),
            held=chance.random() < 0.2,
        )
