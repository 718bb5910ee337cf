"""A lease that lives in the event loop's time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from telephony.calls.lease import TTL, Held, LeaseAway
from telephony.simulation.shell.link import Bell, Link

T = TypeVar("T")


@dataclass(slots=True)
class _Holding:
    holder: str
    until: float


class FakeLease:
    """One lease for however many controllers ask for it."""

    def __init__(self, ttl: float = TTL, link: Link | None = None) -> None:
        self._link = link
        self._given_up = Bell()
        self.epoch = 0
        self.away = False
        self.mute = False  # it takes a question, and never answers
        self.rate = 1.0  # how fast its clock is
        self._ttl = ttl
        self._holding: _Holding | None = None

    async def lapses_in(self) -> float:
        """What is left of its time."""
        return await self._ask("lapses_in", self._lapses_in)

    async def _lapses_in(self) -> float:
        if self._held_by() is None or self._holding is None:
            return 0.0
        return (self._holding.until - self._now()) * self.rate

    async def released(self, within: float) -> None:
        """Wait until it is given up, but no longer than this."""
        await self._ask("released", lambda: self._released(within), waits=True)

    async def _released(self, within: float) -> None:
        if self._held_by() is not None:
            await self._given_up.wait(within)

    async def take(self, holder: str, at_least: int) -> Held | None:
        """Take it if nobody holds it."""
        return await self._ask("take", lambda: self._take(holder, at_least))

    async def _take(self, holder: str, at_least: int) -> Held | None:
        if self._held_by() is not None:
            return None
        self.epoch = max(self.epoch, at_least) + 1
        self._holding = _Holding(holder, self._now() + self._ttl / self.rate)
        return Held(holder, self.epoch)

    async def renew(self, held: Held) -> bool:
        """Hold it for another `ttl`."""
        return await self._ask("renew", lambda: self._renew(held))

    async def _renew(self, held: Held) -> bool:
        if self.mute:
            await asyncio.Event().wait()
        if self._held_by() not in (None, held.holder) or self.epoch not in (0, held.epoch):
            return False
        self.epoch = held.epoch  # an emptied Redis is told again
        self._holding = _Holding(held.holder, self._now() + self._ttl / self.rate)
        return True

    async def release(self, holder: str) -> None:
        """Free it at once if this holder has it."""
        await self._ask("release", lambda: self._release(holder))

    async def _release(self, holder: str) -> None:
        if self._held_by() == holder:
            self._holding = None
            self._given_up.call()

    def seize(self, holder: str) -> None:
        """Somebody takes it by force, as when ours ran out unseen."""
        self.epoch += 1
        self._holding = _Holding(holder, self._now() + self._ttl / self.rate)

    def flush(self) -> None:
        """Nobody holds it, and no epoch is remembered."""
        self.epoch, self._holding = 0, None

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]], *, waits: bool = False) -> T:
        link = self._link
        return await (serve() if link is None else link.carry(name, serve, waits=waits))

    def _held_by(self) -> str | None:
        if self.away:
            raise LeaseAway("no answer")
        holding = self._holding
        return holding.holder if holding is not None and holding.until > self._now() else None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
