"""Simulated callers and agents at the telephones of the fake Asterisk.

They only do what people can: call, press keys, lose patience, pick up, hang up, press a button on a
screen. What they see is told to `watch`, who judges whether the product did right by them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, AgentState
from telephony.centre import commands as cmd
from telephony.simulation.shell.asterisk_world import Line, Phone, Sight, World
from telephony.simulation.shell.script import Citizen, Script, Worker

BETWEEN_KEYS: Final = 2.0
LOOKS_EVERY: Final = 60.0  # seconds between an agent's looks at their own state
TRIES: Final = 60
TRY_AGAIN: Final = 1.0
DIALLED: Final = "0942000100"
DECLINED_AFTER: Final = 0.5
HELD_AFTER: Final = 4.0  # seconds of talk
HELD_FOR: Final = 5.0
BREAK: Final = 5.0
IDLE: Final = (AgentState.SIGNED_OUT, AgentState.PAUSED)

Ask = Callable[[cmd.Request], Awaitable[None]]  # raises Rejected, and TimeoutError
StateOf = Callable[[str], AgentState | None]


@dataclass(slots=True)
class Visit:
    """One citizen's call as they live it."""

    citizen: Citizen
    channel: str
    talked: bool = False  # ever, with anybody
    together: bool = False  # now
    asked: bool = False  # somebody has pressed hold, transfer or the like
    left: bool = False
    legs: int = 0  # telephones that were rung for them
    ended_at: float | None = None
    broken: list[float] = field(default_factory=list)  # talks that nobody ended


class People:
    """Everybody outside the centre's machines."""

    def __init__(
        self,
        script: Script,
        world: World,
        ask: Ask,
        state_of: StateOf,
        in_the_net: Callable[[Line], None],
    ) -> None:
        self.visits: dict[str, Visit] = {}
        self._script = script
        self._world = world
        self._ask = ask
        self._state_of = state_of
        self._in_the_net = in_the_net
        self._leaving: set[str] = set()  # channels whose far end hangs up just now
        self._moods = {
            f"PJSIP/{worker.seat}": (worker, random.Random(f"{script.seed}/{worker.seat}"))
            for worker in script.workers
        }
        self._home = False
        self._group: asyncio.TaskGroup | None = None
        world.see, world.habit = self._see, self._habit

    def begin(self, group: asyncio.TaskGroup) -> None:
        """Let everybody come."""
        self._group = group
        for citizen in self._script.citizens:
            self._in(citizen.at, self._call, citizen)
        for worker in self._script.workers:
            self._in(worker.ready_at, self._come, worker)

    def go_home(self) -> None:
        """Nobody does anything any more."""
        self._home = True

    def hang_up(self, channel: str) -> None:
        """The far end of this channel hangs up, if it is still there."""
        if channel in self._world.lines and channel not in self._leaving:
            self._leaving.add(channel)
            self._world.hang_up(channel)
            self._leaving.discard(channel)

    # -- citizens ------------------------------------------------------------------------

    def _call(self, citizen: Citizen) -> None:
        origin = f"sip:{citizen.name}@127.0.0.1"
        arrived = f"{self._world.now().timestamp():.3f}"
        args = ("trunk", DIALLED, arrived, origin, "", "")
        channel = self._world.arrive(citizen.name, args=args)
        self.visits[channel] = visit = Visit(citizen, channel)
        for number, key in enumerate(citizen.keys):
            self._in(citizen.first_key + number * BETWEEN_KEYS, self._press, channel, key)
        if citizen.until is None:
            self._in(citizen.patience, self._lose_patience, visit)
        else:
            self._in(citizen.until - citizen.at, self._leave_now, visit)

    def _press(self, channel: str, key: str) -> None:
        line = self._world.lines.get(channel)
        if line is None:
            return
        if line.state == "Up" and line.ours:
            self._world.press(channel, key)
        elif self.visits[channel].citizen.until is not None:
            self._in(TRY_AGAIN, self._press, channel, key)  # who stays hears the menu later

    def _lose_patience(self, visit: Visit) -> None:
        if not visit.together:
            visit.left = True
            self.hang_up(visit.channel)

    def _leave_now(self, visit: Visit) -> None:
        line = self._world.lines.get(visit.channel)
        pair = self._pair(line) if line is not None and line.bridge else None
        by_agent = visit.citizen.agent_ends and pair is not None and pair[1]
        self._end_talk(visit, pair[1][0] if by_agent and pair else visit.channel)

    # -- what they see -------------------------------------------------------------------

    def _see(self, sight: Sight, line: Line) -> None:
        match sight:
            case "entered":
                self._entered(line)
            case "leaving":
                self._left(line)
            case "ended" if line.id in self.visits:
                self.visits[line.id].ended_at = asyncio.get_running_loop().time()
                if not line.entered:
                    self._in_the_net(line)
            case _:
                pass

    def _pair(self, line: Line) -> tuple[Visit, list[str]] | None:
        room = self._world.rooms[line.bridge]
        caller = next((member for member in room.members if member in self.visits), None)
        if room.kind != "mixing" or caller is None:
            return None
        return self.visits[caller], [member for member in room.members if member != caller]

    def _entered(self, line: Line) -> None:
        pair = self._pair(line)
        if pair is None or not pair[1] or pair[0].together:
            return
        visit, (agent, *_) = pair
        visit.together = True
        if not visit.talked:
            visit.talked = True
            if visit.citizen.until is None:
                ends = agent if visit.citizen.agent_ends else visit.channel
                self._in(visit.citizen.talk, self._end_talk, visit, ends)
            self._may_ask(visit, self._world.lines[agent])

    def _end_talk(self, visit: Visit, channel: str) -> None:
        visit.left = True
        there = channel if channel in self._world.lines else visit.channel
        self.hang_up(there)
        self._in(30.0, self.hang_up, visit.channel)  # nobody listens to silence for ever

    def _left(self, line: Line) -> None:
        pair = self._pair(line)
        if pair is None or not pair[0].together or not pair[1]:
            return
        visit, others = pair
        visit.together = False
        by_people = visit.left or visit.asked or {visit.channel, *others} & self._leaving
        if not by_people:
            visit.broken.append(asyncio.get_running_loop().time())
        self._in(visit.citizen.patience + 60.0, self._lose_patience, visit)

    # -- agents --------------------------------------------------------------------------

    def _habit(self, endpoint: str, channel: str) -> Phone:
        worker, mood = self._moods[endpoint]
        visit = self.visits.get(call_of(channel))
        if visit is not None:
            visit.legs += 1
            if visit.legs <= visit.citizen.declined:
                return Phone("declines", DECLINED_AFTER)
        chance = mood.random()
        after = round(1.0 + 4.0 * mood.random(), 3)
        if worker.reliable:
            return Phone("answers", 2.0)
        if chance < 0.9:  # noqa: PLR2004
            return Phone("answers", after)
        if chance < 0.96:  # noqa: PLR2004
            return Phone("rings")
        return Phone("is_busy" if chance < 0.98 else "declines", 0.5)  # noqa: PLR2004

    def _come(self, worker: Worker) -> None:
        self._later(self._insist(cmd.Ready(AgentId(worker.seat))))
        for at in worker.returns:
            self._in(at - BREAK - worker.ready_at, self._sign_out, worker)
        if not worker.returns:
            self._in(LOOKS_EVERY, self._look, worker)

    def _sign_out(self, worker: Worker) -> None:
        agent = AgentId(worker.seat)
        self._later(self._insist(cmd.SignOut(agent)))
        self._in(BREAK, lambda: self._later(self._insist(cmd.Ready(agent))))

    def _look(self, worker: Worker) -> None:
        """An agent who was paused, or forgotten, presses the button again."""
        if self._state_of(worker.seat) in IDLE:
            self._later(self._insist(cmd.Ready(AgentId(worker.seat))))
        self._in(LOOKS_EVERY, self._look, worker)

    def _may_ask(self, visit: Visit, leg: Line) -> None:
        seat = leg.name.removeprefix("PJSIP/").rpartition("-")[0]
        worker, mood = self._moods[f"PJSIP/{seat}"]
        chance = mood.random()
        agent = AgentId(seat)
        if visit.citizen.held:
            self._press_later(visit, HELD_AFTER, cmd.Hold(agent))
            self._press_later(visit, HELD_AFTER + HELD_FOR, cmd.Resume(agent))
        if not worker.asks:
            return
        if chance < 0.08:  # noqa: PLR2004
            self._press_later(visit, 5.0, cmd.Hold(agent))
            self._press_later(visit, 15.0, cmd.Resume(agent))
        elif chance < 0.12:  # noqa: PLR2004
            others = [each.seat for each in self._script.workers if each.seat != seat]
            self._press_later(visit, 8.0, cmd.Transfer(agent, AgentId(mood.choice(others))))
        elif chance < 0.16:  # noqa: PLR2004
            self._press_later(visit, 6.0, cmd.Pause(agent, "lunch"))

    def _press_later(self, visit: Visit, after: float, request: cmd.Request) -> None:
        if not isinstance(request, cmd.Pause):
            visit.asked = True
        self._in(after, lambda: self._later(self._insist(request)))

    async def _insist(self, request: cmd.Request) -> None:
        """Press the button until it does something, or is refused."""
        for _ in range(TRIES):
            try:
                await self._ask(request)
            except TimeoutError:
                await asyncio.sleep(TRY_AGAIN)
            except Rejected:
                return
            else:
                return

    # -- time ----------------------------------------------------------------------------

    def _in(self, seconds: float, act: Callable[..., None], *args: Any) -> None:
        loop = asyncio.get_running_loop()
        if not self._home:
            loop.call_later(seconds, act, *args, context=self._world.context)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._group is not None
        self._group.create_task(work, context=self._world.context.copy())


def call_of(leg: str) -> str:
    """The call that a leg's id names."""
    return leg.partition(".")[2].rpartition(".")[0]
