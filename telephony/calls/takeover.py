"""From waiting for the lease to the rebuilt centre, however long SQL and the journal stay away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol, TypeVar

import structlog

from config.database import DatabaseFailed
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.calls.carried import epoch_on_channels
from telephony.calls.clockwork import every
from telephony.calls.engine import CORE_VERSION
from telephony.calls.journal import Journal, JournalAway, Place, Record
from telephony.calls.lease import Demoted, Held, Lease, LeaseAway
from telephony.calls.publisher import Entry, to_entry
from telephony.calls.rebuild import Rebuilt
from telephony.calls.standby import Follower
from telephony.centre.model import CentreRules

log = structlog.get_logger(__name__)

ASK_EVERY: Final = 0.1  # seconds between two looks at the lease and the journal
RENEW_EVERY: Final = 1.0
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 10.0
Result = TypeVar("Result")


class FencedRecords(Protocol):
    """What a takeover needs of the store; everything raises DatabaseFailed."""

    async def epoch(self) -> int:
        """The newest leader's epoch that the database has seen."""

    async def claim(self, epoch: int, core_version: str = "") -> object:
        """Shut out every older leader. Raises StaleEpoch."""

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Write entries in one transaction. Raises StaleEpoch."""


@dataclass(frozen=True, slots=True)
class Heritage:
    """What a former leader left, and what says who may take it."""

    lease: Lease
    journal: Journal
    records: FencedRecords
    rules: CentreRules
    clock: Callable[[], float]


async def take_lease(ari: Ari, of: Heritage, name: str, follower: Follower) -> Held:
    """The free lease, once our own Asterisk and SQL answer; until then, follow who has it."""
    async with aclosing(every(ASK_EVERY)) as looks:
        async for _ in looks:
            await follower.look()
            try:
                if await of.lease.is_free() and (held := await _ask(ari, of, name)) is not None:
                    return held
            except (AriError, LeaseAway, DatabaseFailed, JournalAway) as away:
                log.info("not_yet", why=away)
    raise AssertionError("every() does not end")


async def _ask(ari: Ari, of: Heritage, name: str) -> Held | None:
    await ari.info()
    return await of.lease.take(name, await _newest_epoch(ari, of))


async def _newest_epoch(ari: Ari, of: Heritage) -> int:
    """Of SQL; without a journal also of the live channels, should SQL be a restored one."""
    written = await of.records.epoch()
    if await of.journal.last() is not None:
        return written
    return max(written, await epoch_on_channels(ari))


async def take_over(of: Heritage, held: Held, follower: Follower) -> Rebuilt:
    """Epoch first into SQL and journal, so that nobody of old can write; then read.

    Whatever is away is waited for. Raises StaleEpoch when somebody else leads.
    """
    await patiently(lambda: of.records.claim(held.epoch, CORE_VERSION))
    await patiently(lambda: _mark(of, held))
    rebuilt = await patiently(follower.rebuilt)
    await patiently(lambda: _write_again(of, held, rebuilt))
    return rebuilt


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do it again until SQL and the journal answer: to die would bring them back no sooner."""
    wait = FIRST_WAIT
    while True:
        try:
            return await work()
        except (DatabaseFailed, JournalAway) as away:
            log.error("start_waits", why=away, seconds=wait)
        await asyncio.sleep(wait)  # noqa: TID251 -- back-off of this edge
        wait = min(2 * wait, LONGEST_WAIT)


@asynccontextmanager
async def renewing(lease: Lease, held: Held) -> AsyncIterator[None]:
    """Hold the lease while the block lasts. Raises Demoted (in a group) when it is lost."""
    async with asyncio.TaskGroup() as group:
        renewal = group.create_task(_renew(lease, held))
        try:
            yield
        finally:
            renewal.cancel()


async def _renew(lease: Lease, held: Held) -> None:
    async with aclosing(every(RENEW_EVERY)) as seconds:
        async for _ in seconds:
            try:
                ours = await lease.renew(held)
            except LeaseAway as away:  # nobody else can take it either
                log.error("lease_away", error=away)
                continue
            if not ours:
                raise Demoted("the lease is somebody else's")


async def _mark(of: Heritage, held: Held) -> None:
    place = Place(held.epoch, 0)
    if await of.journal.last() == place:
        return  # it was appended, and only the answer was lost
    mark = Record(place, of.clock(), "took_over", CORE_VERSION, of.rules.digest, None, "")
    await of.journal.append([mark])


async def _write_again(of: Heritage, held: Held, rebuilt: Rebuilt) -> None:
    """Records that the former leader may not have written; those it has are skipped."""
    for epoch, group in groupby(rebuilt.replayed, key=lambda applied: applied.place.epoch):
        entries = [to_entry(applied, lambda _: None) for applied in group]
        await of.records.apply(epoch, entries, leader=held.epoch)
