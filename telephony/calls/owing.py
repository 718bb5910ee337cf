"""The numbers that are called back, beside the core, which knows an obligation and a key only."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from telephony.acd.errors import Rejected
from telephony.caller_id import number_key
from telephony.calls.callers import Callers
from telephony.calls.promises import RecordReader
from telephony.centre import effects as fx
from telephony.centre.tolls import TollRules, dialable, unfit

log = structlog.get_logger(__name__)

ASK_WITHIN: Final = 1.0  # seconds that an agent waits for the number


class Owing(Protocol):
    """What the controller needs to know of the obligations."""

    async def number_of(self, obligation: str) -> str | None:
        """The number to call for it, in E.164; None where it has none, or is over.

        Raises Rejected where it may not be called now, and DatabaseFailed.
        """


class NothingOwed:
    """No obligation is known here."""

    async def number_of(self, obligation: str) -> str | None:
        """Of none."""
        return None


class Numbers:
    """Whom an agent may call back, through the toll gate: once when asked, once when dialled."""

    def __init__(
        self,
        owing: Owing,
        callers: Callers,
        history: RecordReader | None,
        tolls: Callable[[], TollRules],
        secret: bytes,
    ) -> None:
        self._owing = owing
        self._callers = callers
        self._history = history
        self._tolls = tolls
        self._secret = secret

    async def key_of(self, obligation: str) -> str:
        """The key of whoever is to be called. Raises Rejected."""
        try:
            async with asyncio.timeout(ASK_WITHIN):
                number = await self._owing.number_of(obligation)
        except (DatabaseFailed, TimeoutError) as away:
            log.error("number_not_asked", error=away)
            raise Rejected(
                "今は折り返し先を読み出せません。少し待ってかけ直してください "
                "(the number cannot be read now: try again in a moment)"
            ) from away
        if number is None:
            raise Rejected(
                "この折り返しは終わっているか、電話番号がありません "
                "(this obligation is over, or has no number)"
            )
        if unfit(dialable(number), self._tolls()):
            raise Rejected(
                "この番号への発信は許可されていません (the toll gate refuses this number)"
            )
        return number_key(self._secret, number)

    async def to_dial(self, dial: fx.DialBack) -> str:
        """The digits; "" where there are none by now, or none that may be dialled."""
        try:
            async with asyncio.timeout(ASK_WITHIN):
                number = await self._number(dial)
        except (DatabaseFailed, TimeoutError) as away:
            log.error("number_not_asked", error=away)
            return ""
        except Rejected:  # it is over since the agent asked
            return ""
        digits = dialable(number or "")
        return "" if unfit(digits, self._tolls()) else digits

    async def _number(self, dial: fx.DialBack) -> str | None:
        if dial.obligation:
            return await self._owing.number_of(dial.obligation)
        assert dial.of_call is not None  # one of the two says whom
        known = self._callers.get(dial.of_call)
        if known is not None:
            return known.number
        record = await self._history.call(dial.of_call) if self._history is not None else None
        return None if record is None else record.caller.number
