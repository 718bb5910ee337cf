"""The room as it is now, from the controller's `status` and the news that followed it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from agents.web.fields import Answer
from telephony.link.news import AgentNews, CallNews, ClosingNews, LineNews, News, QueueNews
from telephony.link.seen import NOBODY_STAYS, AgentSeen, CallSeen, ClosingSeen, LineSeen, QueueSeen

ENDED: Final = "ended"
REMEMBERED: Final = 500  # calls that are over, so that a late page still finds its own


class FloorSeen(Answer):
    """What every page shows; ids, states and times only."""

    lines: list[LineSeen]
    queues: list[QueueSeen]
    agents: list[AgentSeen]
    calls: list[CallSeen]
    closing: ClosingSeen
    alarms: list[dict[str, Any]]
    away: bool  # nobody leads, or the news are away: this is how it was
    led: bool  # a controller is there; while none is, the safety net rings the telephones


class Floor:
    """Kept by one follower; whoever looks gets the present."""

    def __init__(self) -> None:
        self.away = True
        self.led = True  # until somebody has looked
        self._lines: dict[int, LineSeen] = {}
        self._queues: dict[str, QueueSeen] = {}
        self._agents: dict[str, AgentSeen] = {}
        self._calls: dict[str, CallSeen] = {}
        self._closing = NOBODY_STAYS
        self._alarms: list[dict[str, Any]] = []

    def replace(self, status: Mapping[str, Any]) -> None:
        """Begin again from the whole."""
        self._lines = {one.number: one for one in _each(LineSeen, status["lines"])}
        self._queues = {one.name: one for one in _each(QueueSeen, status["queues"])}
        self._agents = {one.seat: one for one in _each(AgentSeen, status["agents"])}
        self._calls = {one.id: one for one in _each(CallSeen, status.get("calls", ()))}
        self._closing = ClosingSeen.model_validate(status["closing"])
        self._alarms = list(status.get("alarms", ()))
        self.away = False
        self.led = True

    def take(self, news: News) -> None:
        """One thing is as told now."""
        match news:
            case LineNews(line=line):
                self._lines[line.number] = line
            case QueueNews(queue=queue):
                self._queues[queue.name] = queue
            case ClosingNews(closing=closing):
                self._closing = closing
            case AgentNews(agent=agent):
                self._agents[agent.seat] = agent
            case CallNews(call=call):
                self._calls.pop(call.id, None)
                self._calls[call.id] = call
                self._forget_old()
            case _:
                pass

    def agent(self, seat: str) -> AgentSeen | None:
        """Whoever works at this seat."""
        return self._agents.get(seat)

    def call(self, call: str) -> CallSeen | None:
        """One of now, or of a moment ago."""
        return self._calls.get(call)

    def seen(self) -> FloorSeen:
        """The whole, as it is sent."""
        return FloorSeen(
            lines=list(self._lines.values()),
            queues=list(self._queues.values()),
            agents=list(self._agents.values()),
            calls=[call for call in self._calls.values() if call.stage != ENDED],
            closing=self._closing,
            alarms=self._alarms,
            away=self.away,
            led=self.led,
        )

    def _forget_old(self) -> None:
        over = [call.id for call in self._calls.values() if call.stage == ENDED]
        for call in over[:-REMEMBERED]:
            del self._calls[call]


def _each(shape: type[Any], told: Iterable[Any]) -> list[Any]:
    return [shape.model_validate(one) for one in told]
