"""The judge of a run: what must hold at every moment, and what must hold at the end.

It looks at the telephones, the journal and the records, never at what a controller believes of
itself, except to say that two of them disagree.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from telephony.acd.model import AgentState
from telephony.simulation.shell import offers
from telephony.simulation.shell.asterisk_world import START
from telephony.simulation.shell.people import Visit, call_of
from telephony.store.call_record import CallRecord
from telephony.store.figures import totals
from telephony.store.words import Outcome

if TYPE_CHECKING:
    from telephony.simulation.shell.theatre import Theatre

LOOKS_EVERY: Final = 15.0
OUTLIVES: Final = 5.0  # seconds a channel, bridge or playback may outlive its call
STRANDED: Final = 30.0  # seconds a caller may wait beside somebody idle
ARRIVAL_WITHIN: Final = 1.1  # who is let in within a second counts as come then (`callers.LATE`)
OF_US: Final = {"waiting"}
PASSING: Final = {AgentState.OFFERED, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP}


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
        self._of = of
        self._over = False
        self._left_over: dict[str, float] = {}  # since when it was seen
        self._idle_beside: float | None = None

    def begin(self) -> None:
        """Look every few seconds."""
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task died, and nobody noticed."""
        self.find("nothing dies unseen", f"{context.get('message')} {context.get('exception')!r}")

    def find(self, invariant: str, about: str) -> None:
        """Note something wrong, once."""
        finding = Finding(invariant, round(asyncio.get_running_loop().time(), 3), about)
        known = {(each.invariant, each.about) for each in self.findings}
        if (invariant, about) not in known:
            self.findings.append(finding)

    # -- while it runs -------------------------------------------------------------------

    def _look(self) -> None:
        if self._over:
            return
        if self._of.calm:
            self._left_overs()
            self._stranded()
            self._legs_of_one_phone()
            self._forgotten_agents()
        else:
            self._left_over.clear()
            self._idle_beside = None
        asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def _left_overs(self) -> None:
        """I7: nothing outlives its call. Seen twice, so it is older than a moment."""
        now = asyncio.get_running_loop().time()
        seen = set(self._orphans())
        for orphan in seen:
            since = self._left_over.setdefault(orphan, now)
            if now - since > OUTLIVES:
                self.find("I7 nothing outlives its call", orphan)
        self._left_over = {each: at for each, at in self._left_over.items() if each in seen}

    def _orphans(self) -> Iterator[str]:
        world = self._of.asterisk.world
        for channel in world.lines:
            if channel.startswith(("o.", "x.")) and call_of(channel) not in world.lines:
                yield channel
        for bridge in world.rooms.keys() - OF_US:
            if bridge.removeprefix("b.") not in world.lines:
                yield bridge

    def _stranded(self) -> None:
        """Nobody waits for long beside a ready agent whose telephone is silent."""
        leader = self._of.leader
        if leader is None or leader.controller is None:
            self.find("somebody leads", "nobody")
            return
        centre, world = leader.controller.engine.centre, self._of.asterisk.world
        now = asyncio.get_running_loop().time()
        busy = {line.name.rpartition("-")[0] for line in world.lines.values()}
        idle = [a.id for a in centre.acd.roster.all()
                if a.state is AgentState.READY and f"PJSIP/{a.id}" not in busy]  # fmt: skip
        served = {queue for agent in idle if agent in centre.rules.acd.agents
                  for queue in centre.rules.acd.agents[agent].queues}  # fmt: skip
        known = set(centre.visits.calls)
        forgotten = [line.id for line in world.lines.values() if line.ours and
                     line.id in self._of.people.visits and line.id not in known]  # fmt: skip
        for caller in forgotten:
            if (START.timestamp() + now) - world.lines[caller].created.timestamp() > STRANDED:
                self.find("every caller is known", caller)
        waiting = [m for m in getattr(world.rooms.get("waiting"), "members", [])
                   if m in known and centre.visits.calls[m].stage == "waiting"
                   and centre.visits.calls[m].queue in served]  # fmt: skip
        if not (idle and waiting):
            self._idle_beside = None
        elif self._idle_beside is None:
            self._idle_beside = now
        elif now - self._idle_beside > STRANDED:
            self.find("nobody is stranded", f"{waiting} beside {idle}")

    def _legs_of_one_phone(self) -> None:
        """I2: a phone has one leg of ours."""
        legs = Counter(
            line.name.rpartition("-")[0]
            for line in self._of.asterisk.world.lines.values()
            if line.id.startswith("o.")
        )
        for phone, count in legs.items():
            if count > 1:
                self.find("I2 one leg a phone", phone)

    def _forgotten_agents(self) -> None:
        """Nobody who came to work is signed out by a fault."""
        now = asyncio.get_running_loop().time()
        for worker in [] if self._of.journal_lost else self._of.script.workers:
            came = worker.ready_at + STRANDED < now
            if (
                came
                and not worker.returns
                and self._of.state_of(worker.seat) is AgentState.SIGNED_OUT
            ):
                self.find("agents keep their state", worker.seat)

    # -- at the end ----------------------------------------------------------------------

    def at_the_end(self) -> None:
        """What must be true of the whole day."""
        self._over = True
        self._one_record_each()
        self._nothing_left()
        for visit in self._of.people.visits.values():
            for at in visit.broken:
                self.find("I5 no talk is ended by a fault", f"{visit.channel} at {at:.3f}")
        for host in self._of.hosts:
            for fault in host.faults:
                self.find("a controller dies only of being told to", f"{host.name}: {fault!r}")
        if not self._of.journal_lost:
            for wrong in offers.wrong(self._of.records.calls()):
                self.find("I2 I3 I4 one offer at a time, nobody overtaken", wrong)
        if any(record.mark == "poison" for record in self._of.journal.every):
            self.find("the core never raises", "poison")

    def _one_record_each(self) -> None:
        records = {record.id: record for record in self._of.records.calls()}
        figures = totals(records.values())
        if not figures.balanced:
            self.find("I11 figures are the fold of the records", "unbalanced")
        for visit in self._of.people.visits.values():
            record = records.pop(visit.channel, None)
            if record is None:
                self.find("I1 a record for each call", f"{visit.channel} has none")
            else:
                self._judge(visit, record)
        for stranger in records:
            self.find("I1 a record for each call", f"{stranger} never called")

    def _judge(self, visit: Visit, record: CallRecord) -> None:
        if record.outcome is None:
            self.find("I1 a record for each call", f"{record.id} is still open")
            return
        self._judge_arrival(visit, record)
        if visit.talked != (record.outcome is Outcome.ANSWERED):
            self.find("the outcome is what happened", f"{record.id} {record.outcome}")

    def _judge_arrival(self, visit: Visit, record: CallRecord) -> None:
        """I6. Where somebody set the clock meanwhile, before and after are both right."""
        came, of = visit.citizen.at, self._of
        gone = visit.ended_at or came
        clocks = [*of.off(came, gone), of.wall_ahead(came), of.wall_ahead(gone)]
        off = record.arrived_at - START.timestamp() - came
        if not min(clocks) - ARRIVAL_WITHIN < off < max(clocks) + ARRIVAL_WITHIN:
            self.find("I6 the arrival time", f"{record.id} is off by {off:.3f}, not {clocks}")

    def _nothing_left(self) -> None:
        world = self._of.asterisk.world
        for left in [*world.lines, *(world.rooms.keys() - OF_US)]:
            self.find("I7 nothing outlives its call", left)
        leader = self._of.leader
        if leader is None or leader.controller is None:
            self.find("somebody leads", "nobody at the end")
            return
        centre = leader.controller.engine.centre
        for call in centre.visits.calls.values():
            self.find("I9 nothing is stuck", f"{call.id} in {call.stage}")
        for agent in centre.acd.roster.all():
            if agent.state in PASSING:
                self.find("I9 nothing is stuck", f"{agent.id} in {agent.state}")
        for line in centre.lines.all():
            if line.call is not None:
                self.find("I9 nothing is stuck", f"line {line.number} with {line.call}")
