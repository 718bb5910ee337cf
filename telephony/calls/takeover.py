"""From waiting for the lease to the rebuilt centre, however long the journal stays away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

import structlog

from config.clockwork import every
from config.database import DatabaseFailed
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.calls.carried import epoch_in_asterisk
from telephony.calls.engine import CORE_VERSION
from telephony.calls.inheritance import Writer, merged, newest_epoch, promptly, settle
from telephony.calls.journal import Journal, JournalAway, Place, Record
from telephony.calls.lease import Demoted, Held, Lease, LeaseAway
from telephony.calls.rebuild import Rebuilt
from telephony.calls.spool import NoSpool, Spool
from telephony.calls.standby import Follower
from telephony.centre.model import CentreRules

log = structlog.get_logger(__name__)

LISTENS_FOR: Final = 4.0  # seconds at a time; the client of Redis gives an answer up after five
ASK_EVERY: Final = 0.1  # seconds between two looks at a lease that is free, or away
RENEW_EVERY: Final = 1.0
LET_OTHERS: Final = 1.5  # seconds; in that time a leader renews, and a standby takes what is free
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 10.0
Result = TypeVar("Result")


class FencedRecords(Writer, Protocol):
    """What a takeover needs of the store; everything raises DatabaseFailed."""

    async def claim(self, epoch: int, core_version: str = "") -> object:
        """Shut out every older leader. Raises StaleEpoch."""


@dataclass(frozen=True, slots=True)
class Heritage:
    """What a former leader left, and what says who may take it."""

    lease: Lease
    journal: Journal
    records: FencedRecords
    rules: CentreRules
    clock: Callable[[], float]
    spool: Spool = field(default_factory=NoSpool)


async def take_lease(ari: Ari, of: Heritage, name: str, follower: Follower) -> Held:
    """The free lease, once our own Asterisk answers, if not SQL; until then, follow who has it.

    An emptied Redis makes the lease free too. Whoever knows nothing of those who led before lets
    another come first who does: the leader that lives on, or a standby that followed it. And one
    that was away for longer than a lease lasts: its leader went on, and knows what is not in it.
    """
    while True:
        was_away = await _until_free(of.lease, follower)
        if (held := await _contend(ari, of, name, follower, was_away)) is not None:
            return held


async def _until_free(lease: Lease, follower: Follower) -> bool:
    """Follow until nobody holds the lease; whoever gives it up tells us at once.

    Says whether it was away just before, so that its holder could not renew it.
    """
    was_away = False
    async with asyncio.TaskGroup() as group:
        following = group.create_task(follower.follow())
        while True:
            try:
                if not (left := await lease.lapses_in()):
                    break
                was_away = False
                await lease.released(min(left, LISTENS_FOR))
            except LeaseAway as away:
                was_away = True
                log.info("not_yet", why=away)
                await asyncio.sleep(ASK_EVERY)  # noqa: TID251 -- until it is back
        await _ended(following)
    return was_away


async def _ended(following: asyncio.Task[None]) -> None:
    """Cancelled until it has ended: a client whose connection is only being made may turn a
    cancellation into a lost connection, and then it is followed for ever while nobody leads."""
    while not following.done():
        following.cancel()
        await asyncio.wait([following], timeout=ASK_EVERY)


async def _contend(
    ari: Ari, of: Heritage, name: str, follower: Follower, was_away: bool
) -> Held | None:
    """While it is free, ask for it; None once somebody else has it."""
    free_for = 0.0
    while True:
        await follower.look()
        try:
            if await of.lease.lapses_in():
                return None
            knowing = (follower.knows and not was_away) or free_for > LET_OTHERS
            if (held := await _ask(ari, of, name, knowing)) is not None:
                return held
        except (LeaseAway, JournalAway) as away:
            was_away, free_for = True, 0.0
            log.info("not_yet", why=away)
        except AriError as away:
            log.info("not_yet", why=away)
        await asyncio.sleep(ASK_EVERY)  # noqa: TID251 -- it is for us or another to take
        free_for += ASK_EVERY


async def _ask(ari: Ari, of: Heritage, name: str, knowing: bool) -> Held | None:
    await ari.info()
    seen = await epoch_in_asterisk(ari, ask_channels=await of.journal.last() is None)
    newest = await newest_epoch(seen, of.records, of.spool.newest)
    return await of.lease.take(name, newest) if knowing or not newest else None


async def take_over(of: Heritage, held: Held, follower: Follower) -> Rebuilt:
    """Epoch first into spool, SQL and journal, so that nobody of old can write; then read.

    The journal is waited for. SQL is not: what it has not been told is `owed`. Raises StaleEpoch
    when somebody else leads.
    """
    spooled = await of.spool.begin(held.epoch)
    fenced = await promptly(lambda: of.records.claim(held.epoch, CORE_VERSION))
    await patiently(lambda: _mark(of, held))
    rebuilt = await patiently(follower.rebuilt)
    owed = merged(spooled, rebuilt.replayed)
    if fenced and await promptly(lambda: settle(of.records, held.epoch, owed)):
        await of.spool.clear()
        return rebuilt
    return replace(rebuilt, owed=owed)


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
