"""Something that happens once, can be awaited, and explains itself when it does not happen."""

import asyncio
import time
from collections.abc import Generator
from typing import Generic, TypeVar

from tests.sip.trace import Trace

T = TypeVar("T")

_PATIENCE = 30.0


class Missed(AssertionError):
    """What a test waited for did not happen; carries the SIP trace."""


class Moment(Generic[T]):
    """`await moment`, `await moment.within(3)`, `moment.at` (monotonic), `moment.value`."""

    def __init__(self, what: str, trace: Trace) -> None:
        self._what = what
        self._trace = trace
        self._decided = asyncio.Event()
        self._values: list[T] = []
        self._ruled_out = ""
        self.at: float | None = None

    @property
    def happened(self) -> bool:
        """It has happened."""
        return bool(self._values)

    @property
    def value(self) -> T:
        """What came with it; raises `Missed` before it happened."""
        if not self._values:
            raise self._missed(self._ruled_out or "not yet")
        return self._values[0]

    def happen(self, value: T, at: float | None = None) -> None:
        """Only the first time counts: repeats are the network's, not the call's."""
        if not self._decided.is_set():
            self._values.append(value)
            self.at = time.monotonic() if at is None else at
            self._decided.set()

    def rule_out(self, why: str) -> None:
        """It can no longer happen, so nobody needs to wait for the time-out."""
        if not self._decided.is_set():
            self._ruled_out = why
            self._decided.set()

    async def within(self, seconds: float) -> T:
        """Waits this long at most."""
        try:
            async with asyncio.timeout(seconds):
                await self._decided.wait()
        except TimeoutError:
            raise self._missed(f"not within {seconds:g} s") from None
        return self.value

    def __await__(self) -> Generator[None, None, T]:
        return self.within(_PATIENCE).__await__()

    def _missed(self, why: str) -> Missed:
        return Missed(f"{self._trace.owner}: {self._what}: {why}\n{self._trace}")
