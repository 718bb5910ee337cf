"""Asking a desk phone to answer by itself: an in-dialog NOTIFY with `Event: talk`.

ARI has no such request, so it goes over the control socket. The event is a convention of the
makers of desk phones, not an RFC; a phone that does not know it answers 489, which Asterisk tells
nobody. So whether it worked shows only by the answer.
"""

import asyncio
import re
from pathlib import Path
from typing import Final

import structlog

from telephony.asterisk import console
from telephony.asterisk.conf import conf, objects

log = structlog.get_logger(__name__)

TALK: Final = "talk"  # the option's name in pjsip_notify.conf
PATIENCE: Final = 1.0  # seconds the control socket may take
_CHANNEL: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


def notify_conf() -> str:
    """The one message we ever send."""
    return conf(objects(TALK, (("Event", "talk"), ("Subscription-State", "active"))))


class ControlSocket:
    """Desk phones behind Asterisk's control socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def pick_up(self, channel: str) -> None:
        """Have it asked; when Asterisk does not take it, the phone goes on ringing and shows so."""
        if not _CHANNEL.fullmatch(channel):
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await console.ask(self._socket, f"pjsip send notify {TALK} channel {channel}")
        except (OSError, TimeoutError) as trouble:
            log.warning("phone_not_asked", error=trouble)
