"""What a part is: how it is started, when it is up, how long it may take to leave."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def _nothing(_pid: int) -> None:
    """Most parts leave nothing behind that must be cleared away."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the product."""

    name: str
    argv: tuple[str, ...]
    up: Callable[[], Awaitable[bool]]  # returns when it can be used, False when it never came up
    leaves_within: float  # seconds after SIGTERM
    silent_for: float = 30.0  # seconds without an answer after which it hangs
    attended_every: float = 5.0  # seconds
    ended: Callable[[int], Awaitable[None]] = _nothing  # told the pid before the next one starts
    adoptable: bool = True
