"""Closing time: who came in time is served to the end, and enough people stay until then.

At the edge of the calendar nothing is cut: callers in the menus, in the queue and in a talk go on.
Whoever waits is told that they will still be served. Of the agents only so many have to stay as
calls are left; the last of them cannot sign out before, but a supervisor may let them go.
"""

from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.errors import Rejected
from telephony.acd.model import Afterwards, Agent, AgentId, AgentState, Instant
from telephony.acd.roster import IN_CALL
from telephony.centre import effects as fx
from telephony.centre.floor import Floor
from telephony.centre.model import Call, CentreRules, Stage
from telephony.centre.waiting import Waiting

EDGE: Final = ("calendar", "")  # the deadline of the calendar's next change
LEFT: Final = frozenset({Stage.MENU, Stage.WAITING, Stage.TALKING, Stage.HOLD})
RELEASED: Final = "released"  # the reason of a sign-out that a supervisor allowed


class Closing:
    """The calendar's edges, and the end of the day."""

    def __init__(self, floor: Floor, waiting: Waiting) -> None:
        self._floor = floor
        self._waiting = waiting
        self._has_edges = _has_edges(floor)

    # -- edges ---------------------------------------------------------------------------

    def watch(self, now: Instant) -> None:
        """Know the lines in service, and when that may change next."""
        floor = self._floor
        if not self._has_edges:
            if floor.lines.in_service is not None:  # left by an earlier life, or by a mode
                floor.keep_lines(now)
        elif floor.deadlines.at(EDGE) is None:
            floor.keep_lines(now)
            ahead = floor.next_edge(now)
            if ahead is not None:
                floor.deadlines.set(EDGE, ahead)

    def passed(self, now: Instant) -> None:
        """An edge of the calendar was passed; `watch` sets the next."""
        if self._floor.has_closed(now):
            for call in list(self._floor.calls.values()):
                if call.stage is Stage.WAITING and not (call.told_served or call.aside):
                    self._waiting.announce_again(call, now)

    def take_up(self, rules: CentreRules, now: Instant) -> None:
        """Another calendar: its lines, its edges; who waits beyond its closing is told so."""
        self._floor.go_by(rules)
        self._has_edges = _has_edges(self._floor)
        self._floor.deadlines.cancel(EDGE)
        self._floor.keep_lines(now)
        self.passed(now)

    # -- who stays -----------------------------------------------------------------------

    def left(self) -> list[Call]:
        """The callers who are still to be served, or are being."""
        return [
            call
            for call in self._floor.calls.values()
            if call.stage in LEFT and not call.position.closed
        ]

    def needed(self, now: Instant) -> int:
        """How many of the agents have to stay: as many as calls are left once it has closed."""
        return len(self.left()) if self._floor.has_closed(now) else 0

    def asked_to_stay(self, now: Instant) -> list[AgentId]:
        """The agents who cannot leave: everybody there, once no more are there than are needed."""
        needed, there = self.needed(now), self._staying()
        return [agent.id for agent in there] if 0 < len(there) <= needed else []

    def check_leaving(self, agent: Agent, now: Instant) -> None:
        """Raise Rejected where a caller would be left without anybody."""
        needed = self.needed(now)
        if not needed or agent.state is AgentState.SIGNED_OUT:
            return
        others = [each for each in self._staying() if each.id != agent.id]
        leaving = [*self._leaving(), agent]
        served = sum(each.state in IN_CALL for each in {each.id: each for each in leaving}.values())
        if len(others) < needed - served:
            raise Rejected(
                f"受付時間内の電話があと{needed}件あります。終わるまで席を離れられません。"
                "業務管理者は退席を認められます "
                f"({needed} calls that came in time are left: stay, or ask a supervisor)"
            )

    def _staying(self) -> list[Agent]:
        return [
            agent
            for agent in self._floor.acd.roster.all()
            if agent.state is not AgentState.SIGNED_OUT and not _leaves(agent.afterwards)
        ]

    def _leaving(self) -> list[Agent]:
        return [agent for agent in self._floor.acd.roster.all() if _leaves(agent.afterwards)]

    # -- overtime ------------------------------------------------------------------------

    def note_overtime(self, now: Instant) -> None:
        """Whoever ends a call, or the work after it, once it has closed has worked until now."""
        ended = [
            effect.agent
            for effect in self._floor.out
            if isinstance(effect, acd_fx.WrapUpEnded)
            or (isinstance(effect, acd_fx.AgentMoved) and effect.state is AgentState.WRAP_UP)
        ]
        if not ended or (closed_at := self._floor.closed_at(now)) is None:
            return
        for name in dict.fromkeys(ended):
            person = self._floor.acd.roster[name].person
            self._floor.out.append(fx.OvertimeWorked(name, person, closed_at, now))


def _has_edges(floor: Floor) -> bool:
    return floor.book.changes and not floor.rules.always_open


def _leaves(then: Afterwards | None) -> bool:
    return then is not None and then.state is AgentState.SIGNED_OUT
