"""Stand by: follow the journal of whoever leads, so that taking over is a step and not a start."""

import asyncio
from typing import Final

import structlog

from telephony.calls.journal import Journal, JournalAway, Place
from telephony.calls.rebuild import Missing, Rebuilt, extend, rebuild_from
from telephony.centre.model import CentreRules

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 0.1  # seconds between two looks, however much is appended
FRESH_FOR: Final = 10.0  # seconds until we begin again from the kept snapshot
IDLE: Final = 4.0  # seconds that we wait at a time; the client of Redis gives up after five


class Follower:
    """The leader's centre, at most one look behind.

    While something happens it begins again every few seconds, if another snapshot is kept by then:
    what went before it is in SQL and need not be written again, and an error that crept in does not
    last. While SQL is away no other is kept, and each entry is read once.
    """

    def __init__(self, journal: Journal, rules: CentreRules) -> None:
        self._journal = journal
        self._rules = rules
        self._known: Rebuilt | None = None
        self._begun_at = 0.0
        self._begun_with: Place | None = None

    @property
    def in_step(self) -> bool:
        """Whether what we know has no hole."""
        return self._known is not None and self._known.complete

    @property
    def knows(self) -> bool:
        """Whether we have seen anything of those who led before."""
        return self._known is not None and self._known.last is not None

    async def follow(self) -> None:
        """Keep step for ever: a look whenever there is something to be seen."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)  # noqa: TID251 -- a busy journal is read in pieces
            if (known := self._known) is not None and known.complete:
                await self._news(known)

    async def _news(self, known: Rebuilt) -> None:
        due = self._begun_at + FRESH_FOR - asyncio.get_running_loop().time()
        try:
            await self._journal.news(known.last, IDLE if self._is_fresh() else max(0.0, due))
        except JournalAway as away:
            log.info("not_followed", why=away)

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
                self._known = known = await extend(self._journal, known)
            except Missing:
                self._known = known = None
        if known is None or not known.complete or self._is_due():
            await self._begin(known)

    async def _begin(self, known: Rebuilt | None) -> None:
        kept = await self._journal.snapshot()
        self._begun_at = asyncio.get_running_loop().time()
        if known is not None and known.complete and known.base == (kept and kept.place):
            self._begun_with = known.last
            return
        found = await rebuild_from(kept, self._journal, self._rules)
        self._begun_with = found.last
        if (found.complete and _reaches(found, known)) or known is None or not known.complete:
            self._known = found

    def _is_due(self) -> bool:
        late = asyncio.get_running_loop().time() >= self._begun_at + FRESH_FOR
        return late and not self._is_fresh()

    def _is_fresh(self) -> bool:
        """Nothing was taken in since we began: to begin again would lead to the same."""
        return self._known is not None and self._known.last == self._begun_with


def _reaches(found: Rebuilt, known: Rebuilt | None) -> bool:
    """Whether it is no less than what we knew: Redis may have come back without its last second."""
    if known is None or known.last is None:
        return True
    return found.last is not None and found.last >= known.last
