"""The gate before a controller begins: an Asterisk that it was proved against."""

from contextlib import aclosing
from typing import Final

import structlog

from config.clockwork import every
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.asterisk.version import require_fit

log = structlog.get_logger(__name__)

ASKED_EVERY: Final = 0.2  # seconds


async def until_fit(ari: Ari) -> None:
    """Wait until Asterisk says what it is; raises UnfitAsterisk when that is none of ours."""
    async with aclosing(every(ASKED_EVERY)) as attempts:
        async for _ in attempts:
            try:
                found = await ari.info()
            except AriError as away:
                log.info("asterisk not there yet", why=away)
                continue
            require_fit(found.system.version)
            return
