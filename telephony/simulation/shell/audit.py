"""The judge of a run: what must hold at every moment; `verdict` says what must hold at the end.

It looks at the telephones, the journal and the records, never at what a controller believes of
itself, except to say that two of them disagree. Nothing is left out of its judgement but what a
loss really took: where the last controller that knew what the journal held died before it could
put it right, the calls of that moment and what agents had pressed; and what a leader decided who
was cut off from the journal alone, until another took over (decision 0019).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from telephony.acd.model import Agent, AgentState
from telephony.simulation.shell import verdict
from telephony.simulation.shell.desks import Desk
from telephony.simulation.shell.host import Host
from telephony.simulation.shell.people import QUEUE, call_of

if TYPE_CHECKING:
    from telephony.simulation.shell.theatre import Theatre

LOOKS_EVERY: Final = 1.0
OUTLIVES: Final = 5.0  # seconds a channel, bridge or playback may outlive its call
STRANDED: Final = 5.0  # seconds a caller may wait beside somebody idle, or be known to nobody
OVERDUE: Final = 2.0  # seconds by which a passing state may outlast its time
LEGLESS: Final = 5.0  # seconds an agent may be said to talk without a channel
LOOK_AGAIN: Final = 70.0  # seconds in which agents find that they were forgotten, and press
BEGIN: Final = 30.0  # seconds until everybody has come to work
OF_US: Final = {QUEUE}
TALKING: Final = {AgentState.TALKING, AgentState.HOLD}
OFFERED: Final = {AgentState.READY, AgentState.OFFERED}


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that was broken."""

    invariant: str
    at: float
    about: str


class Audit:
    """Everything that is found wrong, in the order of finding."""

    def __init__(self, of: Theatre) -> None:
        self.findings: list[Finding] = []
        self.waiting: Counter[int] = Counter()
        self._of = of
        self._over = False
        self._since: dict[tuple[str, str, float], float] = {}  # what was seen in calm, since when

    def begin(self) -> None:
        """Look every second."""
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task died, and nobody noticed."""
        self.find("nothing dies unseen", f"{context.get('message')} {context.get('exception')!r}")

    def find(self, invariant: str, about: str) -> None:
        """Note something wrong, once."""
        finding = Finding(invariant, round(_now(), 3), about)
        known = {(each.invariant, each.about) for each in self.findings}
        if (invariant, about) not in known:
            self.findings.append(finding)

    def at_the_end(self) -> None:
        """What must be true of the whole day."""
        self._over = True
        for invariant, about in verdict.of(self._of):
            self.find(invariant, about)

    # -- while it runs -------------------------------------------------------------------

    def _look(self) -> None:
        if self._over:
            return
        queue = self._of.asterisk.world.rooms.get(QUEUE)
        self.waiting[len(queue.members) if queue is not None else 0] += 1
        if self._of.weather.calm:
            self._judge()
        else:
            self._since.clear()
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def _judge(self) -> None:
        """What is wrong is only wrong when it lasts longer than it may."""
        now = _now()
        wrong = dict.fromkeys(self._wrong())
        self._since = {each: self._since.get(each, now) for each in wrong}
        for (invariant, about, may_last), since in self._since.items():
            if now - since > may_last:
                self.find(invariant, about)

    def _wrong(self) -> Iterator[tuple[str, str, float]]:
        yield from self._orphans()
        yield from self._legs_of_one_phone()
        leader = self._of.leader
        if leader is None:
            yield "somebody leads", "nobody", 0.0
            return
        yield from self._stranded(leader)
        yield from self._agents(leader)

    def _orphans(self) -> Iterator[tuple[str, str, float]]:
        world = self._of.asterisk.world
        for channel in world.lines:
            if channel.startswith(("o.", "x.")) and call_of(channel) not in world.lines:
                yield "I7 nothing outlives its call", channel, OUTLIVES
        for bridge in world.rooms.keys() - OF_US:
            if bridge.removeprefix("b.") not in world.lines:
                yield "I7 nothing outlives its call", bridge, OUTLIVES

    def _legs_of_one_phone(self) -> Iterator[tuple[str, str, float]]:
        """I2: a phone has one leg of ours."""
        legs = Counter(
            line.name.rpartition("-")[0]
            for line in self._of.asterisk.world.lines.values()
            if line.id.startswith("o.")
        )
        for phone, count in legs.items():
            if count > 1:
                yield "I2 one leg a phone", phone, 0.0

    def _stranded(self, leader: Host) -> Iterator[tuple[str, str, float]]:
        """Nobody waits beside a ready agent whose telephone is silent, or is known to nobody."""
        assert leader.controller is not None
        centre, world = leader.controller.engine.centre, self._of.asterisk.world
        known = centre.visits.calls
        for line in world.lines.values():
            if line.ours and line.id in self._of.people.visits and line.id not in known:
                yield "every caller is known", line.id, STRANDED
        queue = world.rooms.get(QUEUE)
        rung = {call_of(line) for line in world.lines if line.startswith("o.")}
        members = set(queue.members) - rung if queue is not None else ()
        if not members:
            return
        busy = {line.name.rpartition("-")[0] for line in world.lines.values()}
        idle = [
            each.id
            for each in centre.acd.roster.all()
            if each.state is AgentState.READY
            and not each.resting
            and f"PJSIP/{each.id}" not in busy
        ]
        serves = centre.rules.acd.agents
        served = {queue for agent in idle if agent in serves for queue in serves[agent].queues}
        for call in known.values():
            if call.id in members and call.stage == "waiting" and call.queue in served:
                yield "nobody is stranded", f"{call.id} beside {idle[0]}", STRANDED
                return

    def _agents(self, leader: Host) -> Iterator[tuple[str, str, float]]:
        """I9: nobody is stuck; and what they were granted still holds."""
        assert leader.controller is not None
        legs = {line.name.rpartition("-")[0] for line in self._of.asterisk.world.lines.values()}
        for agent in leader.controller.engine.centre.acd.roster.all():
            desk = self._of.people.desks.all.get(agent.id)
            if desk is None:
                continue
            here = f"PJSIP/{agent.id}" in legs
            yield from self._passing(agent, here)
            if agent.state is AgentState.SIGNED_OUT and self._came(desk) and not self._forgot(desk):
                yield "agents keep their state", agent.id, 0.0
            if desk.paused and agent.state in OFFERED and not self._undone(desk.paused_at):
                yield "a pause that was granted holds", agent.id, 0.0

    def _passing(self, agent: Agent, here: bool) -> Iterator[tuple[str, str, float]]:
        """A state that passes by itself, or with the channel (`here`)."""
        may_last = self._may_last(agent, here)
        if may_last is not None:
            about = f"{agent.id} is {agent.state} since {agent.since:.3f}"
            yield "I9 nobody is stuck", about, may_last

    def _may_last(self, agent: Agent, here: bool) -> float | None:
        rules = self._of.rules.acd
        if agent.state is AgentState.OFFERED:
            return max(queue.ring_for for queue in rules.queues.values()) + OVERDUE
        if agent.state is AgentState.WRAP_UP:
            return max(queue.wrap_up_for for queue in rules.queues.values()) + OVERDUE
        if agent.state in TALKING and not here:
            return LEGLESS
        return rules.retry_after + OVERDUE if agent.resting else None

    @staticmethod
    def _came(desk: Desk) -> bool:
        return not desk.worker.returns and _now() > desk.worker.ready_at + BEGIN

    def _undone(self, at: float) -> bool:
        """What was granted then is in no memory."""
        return any(since <= at <= until for since, until in self._of.weather.undone)

    def _forgot(self, desk: Desk) -> bool:
        """Nobody remembers what they pressed, and they had not the time to press again.

        Who eats or writes up does not look at their state.
        """
        weather = self._of.weather
        moments = (*weather.forgotten, *(until for _, until in weather.undone))
        latest = max((at for at in moments if at <= _now()), default=None)
        if latest is None or desk.granted_at > latest:
            return False
        return desk.busy or _now() < max(latest, desk.free_since) + LOOK_AGAIN


def _now() -> float:
    return asyncio.get_running_loop().time()
