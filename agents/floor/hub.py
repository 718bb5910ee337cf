"""News to every open page: one follower of the stream, one memory of the last news, many sockets.

A page says the number of the last news it has (`after`) and gets what it missed; when that is no
longer known it gets the whole room instead. Nothing is queued for a slow page: it has a place in
the common memory, and when the memory has moved on it begins again from the whole.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

import structlog

from agents.floor.state import Floor, FloorSeen
from agents.people import Caller
from agents.web.fields import Answer
from agents.web.sockets import Gone, Socket
from config.clockwork import attempts, every
from telephony.link.client import Link, NoController, Refused
from telephony.link.news import AgentNews, BeganNews, DeskNews, News, NewsAway, NewsStream, encode
from telephony.link.news_reader import Missed, follow

log = structlog.get_logger(__name__)

REMEMBERED: Final = 2000  # news
LISTENS_FOR: Final = 2.0  # seconds at a time; the client gives an answer up after five
SAYS_SOMETHING: Final = 8.0  # seconds: a page takes a line that is silent for twenty for dead
AGAIN_AFTER: Final = 0.5  # seconds until we ask again for what is away
LOOKS_EVERY: Final = 1.0  # seconds; the net takes calls once it has missed the controller for three
MISSES: Final = 3  # looks in a row: a standby takes over within less
What = Literal["message", "notice", "handover", "help", "draft", "outcome", "callback", "booking"]


class Told(Answer):
    """One message to a page: news, or the whole where it must begin again; or that all is well."""

    seq: str  # say it as `after` when you come back
    news: News | None = None
    floor: FloorSeen | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: str
    data: bytes  # of Told, once for all sockets
    to: str | None

    def is_for(self, caller: Caller) -> bool:
        return self.to is None or self.to in {caller.seat, caller.user}


class Hub:
    """The follower and its memory."""

    def __init__(self, stream: NewsStream, link: Link, clock: Callable[[], float]) -> None:
        self.floor = Floor()
        self._stream = stream
        self._link = link
        self._clock = clock
        self._seq = ""
        self._memory: deque[_Entry] = deque(maxlen=REMEMBERED)
        self._forgotten = 0  # how many came before the first one remembered
        self._changed = asyncio.Event()
        self._beat: asyncio.TimerHandle | None = None
        self._beats = 0  # so often it was said that all is well
        self._moved: dict[str, asyncio.Event] = {}  # by seat, while somebody waits for it

    @property
    def seq(self) -> str:
        """Of the latest news."""
        return self._seq

    def now(self) -> float:
        """The instant, by the desk's clock."""
        return self._clock()

    # -- hearing -------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow for ever, and look whether there is anybody to tell something."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._watch())

    async def _watch(self) -> None:
        """Whoever leads may die without a word: then nothing comes, as in a quiet night."""
        missed = 0
        async for _ in every(LOOKS_EVERY):
            missed = 0 if await self._link.answers() else missed + 1
            if missed == MISSES:
                log.error("nobody leads")
                self.floor.away, self.floor.led = True, False
                self._forget_all(self._seq)
            elif missed == 0 and not self.floor.led:
                self.floor.led = True
                self._forget_all(self._seq)
                await self._tell(BeganNews(at=self._clock()))  # whoever only hung says nothing

    async def _follow(self) -> None:
        after: str | None = None
        async for _ in attempts(AGAIN_AFTER):
            try:
                async with aclosing(follow(self._stream, after, LISTENS_FOR)) as heard:
                    async for one in heard:
                        after = one.id
                        if isinstance(one, Missed):
                            await self._begin_again(one.id)
                        else:
                            self._take(one.id, one.news)
            except NewsAway as away:
                log.error("news away", error=away)
                self._lost_sight()
                after = None  # whatever was told meanwhile may have been told to nobody

    async def _begin_again(self, seq: str) -> None:
        """The whole from whoever leads; asked for until somebody does."""
        self._lost_sight()
        async for _ in attempts(AGAIN_AFTER):
            try:
                status = await self._link.status()
            except (NoController, Refused):
                continue
            self.floor.replace(status)
            for seat in tuple(self._moved):
                self._tell_of(seat)
            self._forget_all(seq)
            return

    def _lost_sight(self) -> None:
        if not self.floor.away:
            self.floor.away = True
            self._forget_all(self._seq)

    def _forget_all(self, seq: str) -> None:
        """Every page begins again."""
        self._seq = seq
        self._forgotten += len(self._memory) + 1
        self._memory.clear()
        self._wake()

    def _take(self, seq: str, news: News) -> None:
        self.floor.take(news)
        if isinstance(news, AgentNews):
            self._tell_of(news.agent.seat)
        self._seq = seq
        if len(self._memory) == REMEMBERED:
            self._forgotten += 1
        to = news.to if isinstance(news, DeskNews) else None
        self._memory.append(_Entry(seq, _encoded(Told(seq=seq, news=news)), to))
        self._wake()

    def _tell_of(self, seat: str) -> None:
        moved = self._moved.pop(seat, None)
        if moved is not None:
            moved.set()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _say_soon(self) -> None:
        """One clock for all sockets: each its own would be set again with each piece of news."""
        if self._beat is None:
            loop = asyncio.get_running_loop()
            self._beat = loop.call_later(SAYS_SOMETHING, self._say_all_is_well)

    def _say_all_is_well(self) -> None:
        self._beat = None
        self._beats += 1
        self._wake()

    # -- telling -------------------------------------------------------------------------

    async def tell(self, what: What, id_: str, to: str | None = None) -> None:
        """Something of the desk's own; what is away now is fetched when a page begins again."""
        await self._tell(DeskNews(at=self._clock(), what=what, id=id_, to=to))

    async def _tell(self, news: News) -> None:
        try:
            await self._stream.tell([encode(news)])
        except NewsAway as away:
            log.error("news away", error=away)

    async def tell_lowered(self, hands: Iterable[str]) -> None:
        """Hands that are not up any more."""
        for id_ in hands:
            await self.tell("help", id_)

    async def calls_at(self, seat: str) -> AsyncGenerator[str, None]:
        """Each call that comes to this seat, from the one that is there now on."""
        last: str | None = None
        while True:
            moved = self._moved.setdefault(seat, asyncio.Event())
            agent = self.floor.agent(seat)
            call = None if agent is None else agent.offer.call if agent.offer else agent.call
            if call is not None and call != last:
                yield call
            last = call
            await moved.wait()

    async def serve(self, socket: Socket, after: str | None) -> None:
        """Until the browser goes."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_until_gone(socket))
                async with aclosing(self._messages(socket.caller, after)) as messages:
                    async for data in messages:
                        await socket.send_encoded(data)
        except* Gone:
            pass

    async def _messages(self, caller: Caller, after: str | None) -> AsyncGenerator[bytes, None]:
        place, beats = self._place_after(after), self._beats
        while True:
            changed = self._changed
            if place < self._forgotten:
                place = self._forgotten + len(self._memory)
                yield _encoded(Told(seq=self._seq, floor=self.floor.seen()))
            for entry in list(islice(self._memory, place - self._forgotten, None)):
                place += 1
                if entry.is_for(caller):
                    yield entry.data
            if beats != self._beats:
                beats = self._beats
                yield _encoded(Told(seq=self._seq))
            if place >= self._forgotten + len(self._memory):
                self._say_soon()
                await changed.wait()

    def _place_after(self, after: str | None) -> int:
        """Where to go on; before everything when that is not known."""
        if after is not None:
            for offset, entry in enumerate(self._memory):
                if entry.seq == after:
                    return self._forgotten + offset + 1
        return -1


def _encoded(told: Told) -> bytes:
    return told.model_dump_json().encode()


async def _until_gone(socket: Socket) -> None:
    """The page says nothing more; that it goes is all there is to hear."""
    while True:
        await socket.receive()
