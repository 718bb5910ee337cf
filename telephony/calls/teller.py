"""Tells the news of what was released. No call waits for it, and none is harmed by it.

What is noted at a release is only *that* something changed; what it is now is looked up when it is
told, a moment later and in one round trip, so that an agent who passes through three states at
once is told of once. While the stream is away nothing piles up: when it is back, `began` says that
something is missing.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from telephony.acd import effects as acd_fx
from telephony.acd.model import AgentId, CallId, Instant, Offer, OfferEnd
from telephony.calls.engine import Applied
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.link import news as tell
from telephony.link import status
from telephony.link.seen import NOBODY_STAYS, CallSeen, QueueSeen

log = structlog.get_logger(__name__)

GATHER: Final = 0.005  # seconds until telling begins: what a caller waits for goes first
PATIENCE: Final = 1.0  # seconds the stream may take
RETRY: Final = 0.5
MOST: Final = 5_000  # noted things; above, something is missing and `began` says so

Key = tuple[str, str | int]  # a kind of news and whose


class Teller:
    """Notes at a release, tells from a task of its own."""

    def __init__(
        self,
        stream: tell.NewsStream,
        centre: Callable[[], Centre],
        now: Callable[[], Instant],
        names: Mapping[str, str],
        epoch: int,
        carrier_gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self.away = False
        self.told = 0
        self._stream = stream
        self._centre = centre
        self._now = now
        self._names = names
        self._epoch = epoch
        self._carrier_gone = carrier_gone
        self._behind = True  # what a former leader did not come to tell
        self._touched: dict[Key, tell.News | None] = {}  # None: as it is when it is told
        self._events = 0
        self._calls: dict[CallId, CallSeen] = {}  # told of, and not over
        self._queues: dict[str, tuple[int, float | None]] = {}  # as they were told last
        self._closing = NOBODY_STAYS  # likewise
        self._wanted = asyncio.Event()
        self._wanted.set()

    def note(self, applied: Applied) -> None:
        """Something has happened and was released."""
        self._note_command(applied.command, applied.at)
        for effect in applied.effects:
            self._note_effect(effect, applied.at)
        if status.closing_seen(self._centre(), applied.at) != self._closing:
            self._touch("closing", "")
        self._note_enough()

    def note_carrier(self) -> None:
        """It is gone, or back: with it every line that is idle."""
        for line in self._centre().lines.all():
            self._touch("line", line.number)
        self._note_enough()

    def _note_enough(self) -> None:
        if len(self._touched) > MOST:
            self._touched.clear()
            self._behind = True
        if self._touched or self._behind:
            self._wanted.set()

    def _note_command(self, command: cmd.Command, at: Instant) -> None:
        """What changes without an effect of its own."""
        match command:
            case cmd.DeviceChanged(agent) if agent in self._centre().rules.acd.agents:
                self._touch("agent", agent)
            case cmd.AgentRinging(offer) if self._rings(offer):
                self._offer(offer, "ringing", at)
                self._touch("agent", offer.agent)
            case cmd.EndConsult(agent):
                self._touch("agent", agent)
                held = self._centre().acd.roster.find(agent)
                if held is not None and held.offer is not None:
                    self._touch("call", held.offer.call)
            case _ if isinstance(command, cmd.OfAgent):
                self._touch("agent", command.agent)
            case _:
                pass

    def _note_effect(self, effect: fx.Effect, at: Instant) -> None:  # noqa: C901 -- one arm each
        match effect:
            case fx.CallOpened(call) | fx.CallAdvanced(call) | fx.CallNoted(call):
                self._touch("call", call)
            case fx.LineMoved(line, _, call):
                self._touch("line", line)
                if call is not None:
                    self._touch("call", call)
            case fx.CallClosed(call) | fx.OwnCallClosed(call):
                self._over(call, at)
            case acd_fx.NotPickedUp(offer):
                self._touch("agent", offer.agent)
            case acd_fx.AgentMoved(agent, _, _, call):
                self._touch("agent", agent)
                if call in self._centre().own.calls:
                    self._touch("call", call)
            case fx.Join(call) | fx.Gather(call) | fx.DialOwn(call) | fx.DialBack(call):
                self._touch("call", call)
            case acd_fx.Ring(offer):
                self._offer(offer, "offered", at)
            case acd_fx.OfferEnded(offer, OfferEnd.ANSWERED):
                self._offer(offer, "answered", at)
            case acd_fx.OfferEnded(offer, end):
                self._offer(offer, "ended", at, end.value)
                self._touch("agent", offer.agent)
            case _:
                pass

    def _rings(self, offer: Offer) -> bool:
        entry = self._centre().acd.entries.get(offer.call)
        return entry is not None and entry.offer == offer and entry.ringing

    def _touch(self, kind: str, whose: str | int) -> None:
        """As late as possible, so that what led to it is told before."""
        self._touched.pop((kind, whose), None)
        self._touched[kind, whose] = None

    def _offer(
        self, offer: Offer, event: tell.OfferEvent, at: Instant, end: str | None = None
    ) -> None:
        self._events += 1
        self._touched["offer", self._events] = tell.OfferNews(
            epoch=self._epoch,
            at=at,
            call=offer.call,
            attempt=offer.attempt,
            seat=offer.agent,
            event=event,
            end=end,
        )

    def _over(self, call: CallId, at: Instant) -> None:
        """It is gone from the centre by now, or will be when it is told."""
        self._touched.pop(("call", call), None)
        known = self._calls.pop(call, None) or CallSeen(id=call, stage=status.ENDED)
        over = known.model_copy(update={"stage": status.ENDED})
        self._touched["call", call] = tell.CallNews(epoch=self._epoch, at=at, call=over)

    # -- telling -------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(GATHER)  # noqa: TID251 -- and what follows joins the round trip
            self._wanted.clear()
            while self._behind or self._touched:
                if not await self._tell():
                    await asyncio.sleep(RETRY)  # noqa: TID251 -- back-off of this edge

    async def _tell(self) -> bool:
        batch = [tell.encode(each) for each in self._take()]
        if not batch:
            return True
        try:
            async with asyncio.timeout(PATIENCE):
                await self._stream.tell(batch)
        except (tell.NewsAway, TimeoutError) as away:
            if not self.away:
                log.warning("news_away", error=away)
            self._behind = self.away = True
            return False
        self.away = False
        self.told += len(batch)
        return True

    def _take(self) -> list[tell.News]:
        now = self._now()
        news: list[tell.News] = []
        if self._behind:
            news.append(tell.BeganNews(epoch=self._epoch, at=now))
            self._behind = False
        touched, self._touched = self._touched, {}
        calls = False
        for (kind, whose), ready in touched.items():
            calls = calls or kind == "call"
            each = ready or self._as_it_is(kind, whose, now)
            if each is not None:
                news.append(each)
        return news + (self._changed_queues(now) if calls else [])

    def _as_it_is(self, kind: str, whose: str | int, now: Instant) -> tell.News | None:
        centre, epoch = self._centre(), self._epoch
        if kind == "line":
            line = status.line_seen(centre.lines[int(whose)], self._carrier_gone())
            return tell.LineNews(epoch=epoch, at=now, line=line)
        if kind == "closing":
            self._closing = status.closing_seen(centre, now)
            return tell.ClosingNews(epoch=epoch, at=now, closing=self._closing)
        if kind == "agent":
            agent = centre.acd.roster.find(AgentId(str(whose)))
            if agent is None:
                return None
            seen = status.agent_seen(centre, agent, self._names)
            return tell.AgentNews(epoch=epoch, at=now, agent=seen)
        id_ = CallId(str(whose))
        call, own = centre.visits.calls.get(id_), centre.own.calls.get(id_)
        if call is not None:
            self._calls[id_] = status.call_seen(call, now)
        elif own is not None:
            self._calls[id_] = status.own_call_seen(own)
        else:
            return None
        return tell.CallNews(epoch=epoch, at=now, call=self._calls[id_])

    def _changed_queues(self, now: Instant) -> list[tell.News]:
        """Nobody comes to a queue or goes without news of their call."""
        news: list[tell.News] = []
        for name, queue in status.queues_seen(self._centre(), now).items():
            if self._queues.get(name, (0, None)) != _who_waits(queue):
                self._queues[name] = _who_waits(queue)
                news.append(tell.QueueNews(epoch=self._epoch, at=now, queue=queue))
        return news


def _who_waits(queue: QueueSeen) -> tuple[int, float | None]:
    return queue.waiting, queue.waiting_since
