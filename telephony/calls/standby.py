"""Stand by: follow the journal of whoever leads, so that taking over is a step and not a start."""

import asyncio
from typing import Final

import structlog

from telephony.calls.journal import Journal, JournalAway
from telephony.calls.rebuild import Missing, Rebuilt, extend, rebuild
from telephony.centre.model import CentreRules

log = structlog.get_logger(__name__)

FRESH_FOR: Final = 5.0  # seconds until we begin again from the kept snapshot


class Follower:
    """The leader's centre, at most one look behind.

    Every few seconds it begins again from the kept snapshot: what went before it is in SQL and
    need not be written again, and an error that crept in does not live long.
    """

    def __init__(self, journal: Journal, rules: CentreRules) -> None:
        self._journal = journal
        self._rules = rules
        self._known: Rebuilt | None = None
        self._begun_at = 0.0

    @property
    def in_step(self) -> bool:
        """Whether what we know has no hole."""
        return self._known is not None and self._known.complete

    @property
    def knows(self) -> bool:
        """Whether we have seen anything of those who led before."""
        return self._known is not None and self._known.last is not None

    async def look(self) -> None:
        """Take in what was appended since the last look; a silent journal can wait."""
        try:
            await self._catch_up()
        except JournalAway as away:
            log.info("not_followed", why=away)

    async def rebuilt(self) -> Rebuilt:
        """What a new leader begins with. Raises JournalAway.

        To be asked once nobody of old can append any more. A journal that was emptied under us
        leaves what we know from before, because Asterisk will be asked what of it lives.
        """
        await self._catch_up()
        assert self._known is not None
        return self._known

    async def _catch_up(self) -> None:
        known = self._known
        if known is not None and known.complete:
            try:
                self._known = known = await extend(self._journal, self._rules, known)
            except Missing:
                self._known = known = None
        if known is None or not known.complete or self._is_due():
            await self._begin(known)

    async def _begin(self, known: Rebuilt | None) -> None:
        found = await rebuild(self._journal, self._rules)
        self._begun_at = asyncio.get_running_loop().time()
        if (found.complete and _reaches(found, known)) or known is None or not known.complete:
            self._known = found

    def _is_due(self) -> bool:
        return asyncio.get_running_loop().time() >= self._begun_at + FRESH_FOR


def _reaches(found: Rebuilt, known: Rebuilt | None) -> bool:
    """Whether it is no less than what we knew: Redis may have come back without its last second."""
    if known is None or known.last is None:
        return True
    return found.last is not None and found.last >= known.last
