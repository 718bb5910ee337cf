"""A lease that lives in the event loop's time."""

import asyncio
from dataclasses import dataclass

from telephony.calls.lease import TTL, Held, LeaseAway


@dataclass(slots=True)
class _Holding:
    holder: str
    until: float


class FakeLease:
    """One lease for however many controllers ask for it."""

    def __init__(self, ttl: float = TTL) -> None:
        self.epoch = 0
        self.away = False
        self.mute = False  # it takes a question, and never answers
        self._ttl = ttl
        self._holding: _Holding | None = None

    async def is_free(self) -> bool:
        """Whether nobody holds it now."""
        return self._held_by() is None

    async def take(self, holder: str, at_least: int) -> Held | None:
        """Take it if nobody holds it."""
        if self._held_by() is not None:
            return None
        self.epoch = max(self.epoch, at_least) + 1
        self._holding = _Holding(holder, self._now() + self._ttl)
        return Held(holder, self.epoch)

    async def renew(self, held: Held) -> bool:
        """Hold it for another `ttl`."""
        if self.mute:
            await asyncio.Event().wait()
        if self._held_by() not in (None, held.holder) or self.epoch != held.epoch:
            return False
        self._holding = _Holding(held.holder, self._now() + self._ttl)
        return True

    async def release(self, holder: str) -> None:
        """Free it at once if this holder has it."""
        if self._held_by() == holder:
            self._holding = None

    def seize(self, holder: str) -> None:
        """Somebody takes it by force, as when ours ran out unseen."""
        self.epoch += 1
        self._holding = _Holding(holder, self._now() + self._ttl)

    def _held_by(self) -> str | None:
        if self.away:
            raise LeaseAway("no answer")
        holding = self._holding
        return holding.holder if holding is not None and holding.until > self._now() else None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
