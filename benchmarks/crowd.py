"""A centre of a prefecture's size: ten thousand agents, ten thousand waiting callers.

Two crowds, each bad in its way. *Busy*: every agent talks and every caller waits, so each agent who
becomes free takes the head of long lists. *Mismatched*: ten thousand agents are idle while ten
thousand callers wait for a skill that none of them has, which a matching that scans would pay for.
"""

from collections import deque
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import count
from random import Random
from time import thread_time
from typing import Any, Final

from ivr_flows.schema import Flow
from telephony.acd import effects as acd_fx
from telephony.acd.model import (
    AcdRules,
    AgentId,
    AgentRules,
    CallId,
    Device,
    Instant,
    Offer,
    QueueId,
    QueueRules,
)
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from telephony.centre.tolls import TollRules

# Two keys lead there: the first is a menu of nine. The core's skill is a queue that one serves.
QUEUES: Final = tuple(QueueId(f"q{n:02}") for n in range(50))
KEYS: Final = tuple(f"{n // 9 + 1}{n % 9 + 1}" for n in range(len(QUEUES)))
MOST: Final = 8  # queues that one agent serves
LANGUAGES: Final = ("english", "chinese", "vietnamese", "sign")
FIFTY: Final = tuple(f"skill{n:02}" for n in range(len(QUEUES)))  # each queue asks for its own
RARE: Final = "rare"  # behind key 9; only a busy crowd's agents have it
JAPAN: Final = timezone(timedelta(hours=9))
OPENING: Final = Instant(1_700_000_000.0)
DIALLED: Final = "0942000100"


def crowd_rules(
    agents: int, lines: int, rare: bool, skills: tuple[str, ...] = LANGUAGES
) -> CentreRules:
    """Fifty queues, which ask for a skill; every agent serves some, and has half of the skills."""
    dice = Random(4)
    people = [AgentId(f"a{n:05}") for n in range(agents)]
    given = {
        name: AgentRules(
            name,
            tuple(sorted(dice.sample(QUEUES, dice.randint(1, MOST)))),
            frozenset((*dice.sample(skills, len(skills) // 2), *((RARE,) if rare else ()))),
        )
        for name in people
    }
    queues = {name: QueueRules(name, announce_after=45.0, wrap_up_for=30.0) for name in QUEUES}
    return CentreRules(
        digest="crowd",
        lines=tuple(range(1, lines + 1)),
        numbers_dialled=(DIALLED,),
        acd=replace(AcdRules(queues, given), pause_after_misses=1000),
        flow=_flow(skills),
        hours={},
        exits={},
        numbers={},
        tolls=TollRules(),
        timezone=JAPAN,
    )


def _flow(skills: tuple[str, ...]) -> Flow:
    heads = sorted({keys[0] for keys in KEYS})
    nodes: dict[str, dict[str, Any]] = {
        "menu": _menu({head: f"menu{head}" for head in heads} | {"9": "rare"}),
        "rare": {"kind": "enqueue", "queue": QUEUES[0], "skill": RARE},
    }
    for head in heads:
        nodes[f"menu{head}"] = _menu({k[1]: f"n{k}" for k in KEYS if k[0] == head})
    for n, (keys, queue) in enumerate(zip(KEYS, QUEUES, strict=True)):
        skill = {"skill": asked} if (asked := _asked(n, skills)) else {}
        nodes[f"n{keys}"] = {"kind": "enqueue", "queue": queue} | skill
    prompts = {"wrong_key": "wrong_key", "silence": "no_input"}
    return Flow.model_validate(
        {"start": "menu", "person": f"n{KEYS[0]}", "prompts": prompts, "nodes": nodes}
    )


def _asked(queue: int, skills: tuple[str, ...]) -> str:
    """Every second queue is for a language; of fifty skills each queue has one."""
    if skills is FIFTY:
        return FIFTY[queue]
    return skills[queue // 2 % len(skills)] if queue % 2 else ""


def _menu(choices: dict[str, str]) -> dict[str, Any]:
    otherwise = f"n{KEYS[0]}"
    return {"kind": "menu", "prompt": "main_menu", "choices": choices, "otherwise": otherwise}


class Crowd:
    """A filled centre and who is where in it; `live` keeps what each `handle` took."""

    def __init__(self, size: int, *, busy: bool, skills: tuple[str, ...] = LANGUAGES) -> None:
        self.steps: list[tuple[str, float]] = []  # kind of command, seconds of this thread's work
        self.centre = Centre(crowd_rules(size, 3 * size, rare=busy, skills=skills))
        self._now = OPENING
        self._calls = count(1)
        self._dice = Random(7)
        self._waiting: list[CallId] = []
        self._ringing: deque[Offer] = deque()
        self._talking: deque[Offer] = deque()
        self._agents = list(self.centre.rules.acd.agents)
        for n in range(2 * size if busy else size):
            self._arrive(KEYS[n % len(KEYS)] if busy and n % 9 else "9")
        for agent in self._agents:
            self._tell(cmd.DeviceChanged(agent, Device.FREE))
            self._tell(cmd.Ready(agent))
            self._answer_all()

    @property
    def waiting(self) -> int:
        """Callers with a place in a queue."""
        return len(self.centre.acd.entries)

    def live(self, rounds: int) -> None:
        """Each round is a little of everything; now and then the process was away for a moment."""
        self.steps = []
        for n in range(rounds):
            self._arrive(self._dice.choice((*KEYS, "9")))
            self._answer_all()
            self._arrive("9")
            self._answer_all()
            self._hang_up()
            self._leave()
            self._ask_position()
            self._pause_and_return()
            self._now = Instant(self._now + (0.6 if n % 10 == 0 else 0.02))
            self._tell(cmd.Woken())
            self._answer_all()

    # -- one thing that happens ------------------------------------------------------------

    def _arrive(self, keys: str) -> None:
        call = CallId(f"n1-{next(self._calls)}")
        self._tell(cmd.CallArrived(call, DIALLED, None))
        for key in keys:
            self._tell(cmd.KeyPressed(call, key))
        self._waiting.append(call)

    def _answer_all(self) -> None:
        while self._ringing:
            offer = self._ringing.popleft()
            if self._dice.random() < 0.05:
                self._tell(cmd.AgentLegEnded(offer, cmd.LegEnd.DECLINED))
                continue
            self._tell(cmd.AgentRinging(offer))
            self._tell(cmd.AgentAnswered(offer))
            self._talking.append(offer)

    def _hang_up(self) -> None:
        for _ in range(min(2, len(self._talking))):
            offer = self._talking.popleft()
            self._tell(cmd.AgentLegEnded(offer, cmd.LegEnd.HUNG_UP))
            self._tell(cmd.CallerHungUp(offer.call))
            self._tell(cmd.EndWrapUp(offer.agent))
            self._answer_all()

    def _leave(self) -> None:
        call = self._somebody_waiting()
        self._waiting.remove(call)
        self._tell(cmd.CallerHungUp(call))

    def _ask_position(self) -> None:
        self._tell(cmd.KeyPressed(self._somebody_waiting(), "*"))

    def _somebody_waiting(self) -> CallId:
        while (call := self._dice.choice(self._waiting)) not in self.centre.acd.entries:
            self._waiting.remove(call)
        return call

    def _pause_and_return(self) -> None:
        agent = self._dice.choice(self._agents)
        self._tell(cmd.Pause(agent, "break"))
        self._tell(cmd.Ready(agent))

    def _tell(self, command: cmd.Command) -> None:
        began = thread_time()
        effects = self.centre.handle(command, self._now)
        self.steps.append((type(command).__name__, thread_time() - began))
        self._ringing.extend(e.offer for e in effects if isinstance(e, acd_fx.Ring))
