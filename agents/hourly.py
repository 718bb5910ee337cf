"""What the desk does once an hour, for as long as it runs."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from config.clockwork import every
from config.database import DatabaseFailed

log = structlog.get_logger(__name__)

HOUR: Final = 3600.0  # seconds


async def hourly(look: Callable[[float], Awaitable[object]], clock: Callable[[], float]) -> None:
    """For ever: look, with the instant it is; what failed for want of a database, an hour later."""
    async for _ in every(HOUR):
        try:
            await look(clock())
        except DatabaseFailed as away:
            log.error("database away", error=away)
