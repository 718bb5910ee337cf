"""A new leader waits for what is away instead of dying, and nobody gets in meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from itertools import pairwise

import pytest

from config.database import DatabaseFailed
from telephony.acd.model import AgentState
from telephony.calls.journal import UNREADABLE, JournalAway, Place, Record, StaleEpoch, parse
from telephony.calls.lease import TTL, Demoted, Held
from telephony.calls.rebuild import Rebuilt, rebuild
from telephony.calls.standby import Follower
from telephony.calls.takeover import (
    ASK_EVERY,
    LET_OTHERS,
    Heritage,
    _until_free,
    patiently,
    renewing,
    take_lease,
    take_over,
)
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.spool import FakeSpool
from tests.builders import ANA, C1, rules
from tests.calls.centre_site import Site, virtual_clock
from tests.calls.leading import arrives, later, leading, name_of

HOUR = 3600.0


class Asked(FakeJournal):
    """Counts what it is asked."""

    asked = 0

    async def _ask(self, name, serve, *, waits=False):  # type: ignore[no-untyped-def]
        """As asked, and counted."""
        self.asked += 1
        return await super()._ask(name, serve, waits=waits)


class NoReply(FakeJournal):
    """The first append is carried out, and its answer lost."""

    async def append(self, records: list[Record]) -> None:  # type: ignore[override]
        """As asked, but say nothing the first time."""
        await super().append(records)
        if len(self.rounds) == 1:
            raise JournalAway("no answer")


class Overtaken(FakeJournal):
    """Whenever somebody has read it, a former leader appends one more entry, if it is let."""

    late: Record | None = None

    async def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """As asked, and then comes the other."""
        async for record in super().read(after):
            yield record
        if self.late is not None:
            with suppress(StaleEpoch):
                await self.append([self.late])


def follower(site: Site) -> Follower:
    return Follower(site.journal, site.rules)


def of(site: Site) -> Heritage:
    clock = virtual_clock()
    return Heritage(site.lease, site.journal, site.records, site.rules, clock, site.spool)


async def led_by_the_next(site: Site) -> tuple[Held, Rebuilt]:
    """As the application does it."""
    heir = follower(site)
    held = await take_lease(site.asterisk, of(site), "next", heir)
    async with renewing(site.lease, held):
        return held, await take_over(of(site), held, heir)


@virtually
async def test_sql_is_no_obstacle_and_what_it_was_not_told_is_owed() -> None:
    site = Site()
    async with leading(journal=site.journal) as former:
        former.engine.submit(arrives("c1"))
        await later(0.1)
    site.records.away = True
    site.spool.mark = 1  # the former one led here
    held, rebuilt = await led_by_the_next(site)
    assert held.epoch == 2
    assert set(rebuilt.centre.visits.calls) == {C1}
    assert [(owed.epoch, owed.seq) for owed in rebuilt.owed] == [(1, 1)]


@virtually
async def test_e6_a_leader_without_calls_opens_by_the_wall_again_after_a_step() -> None:
    site = Site()
    async with site.led() as former:
        site.wall_ahead = 9 * HOUR
        await later(2.0)
        assert former.controller.engine.centre.floor.clock_offset == pytest.approx(9 * HOUR, abs=1)
    async with site.led() as lead:  # its instants begin at the wall's time
        centre, now = lead.controller.engine.centre, lead.controller.now()
        shown = centre.floor.civil(now).replace(tzinfo=site.rules.timezone)
        assert shown.timestamp() == pytest.approx(lead.controller.world.clock.wall(), abs=1)
        first = next(record for record in site.journal.records if record.place == Place(2, 1))
        assert name_of(first) == "ClockStepped"  # before anybody may come in


@virtually
async def test_who_led_last_is_known_from_asterisk_when_sql_and_the_lease_forgot() -> None:
    site = Site()
    async with site.led():
        pass
    site.lease.epoch = 0
    site.records.away = True
    elsewhere = Heritage(
        site.lease, site.journal, site.records, site.rules, virtual_clock(), FakeSpool()
    )
    assert (await take_lease(site.asterisk, elsewhere, "next", follower(site))).epoch == 2


@virtually
async def test_a_journal_that_goes_away_is_waited_for_and_nobody_gets_in() -> None:
    site = Site()
    async with leading(journal=site.journal) as former:
        former.engine.submit(arrives("c1"))
        await later(0.1)
    site.records.leader = 1
    held = await take_lease(site.asterisk, of(site), "next", follower(site))
    site.journal.away = True

    async def take() -> Rebuilt:
        async with renewing(site.lease, held):
            return await take_over(of(site), held, follower(site))

    work = asyncio.get_running_loop().create_task(take())
    await later(30.0)
    assert not work.done()
    assert await site.lease.take("standby", 0) is None
    site.journal.away = False
    rebuilt = await work
    assert set(rebuilt.centre.visits.calls) == {C1}
    assert site.records.opened() == [C1]


@virtually
async def test_nothing_is_appended_by_a_former_leader_once_the_journal_was_read() -> None:
    journal = Overtaken()
    site = Site(journal=journal)
    async with leading(journal=journal) as former:
        for call in ("c1", "c2"):
            former.engine.submit(arrives(call))
        await later(0.1)
    late, site.records.leader = journal.records.pop(), 1
    heir = follower(site)
    held = await take_lease(site.asterisk, of(site), "next", heir)
    journal.late = late
    rebuilt = await take_over(of(site), held, heir)
    assert set(rebuilt.centre.visits.calls) == {C1}
    assert late not in journal.records


@virtually
async def test_a_mark_whose_answer_was_lost_is_not_taken_for_somebody_elses() -> None:
    site = Site(journal=NoReply())
    await led_by_the_next(site)
    assert [record.mark for record in site.journal.records] == ["took_over"]


@virtually
async def test_a_standby_asks_nothing_while_nothing_happens_and_is_there_at_once() -> None:
    site = Site(journal=(journal := Asked()))
    held = await site.lease.take("former", 0)
    assert held is not None
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group, renewing(site.lease, held):
        heir = follower(site)
        waiting = group.create_task(take_lease(site.asterisk, of(site), "next", heir))
        await later(60.0)
        asked = journal.asked
        assert asked < 40  # two questions each four seconds; looking ten times a second were 600
        await journal.append([Record(Place(held.epoch, 0), 0.0, "took_over", "1", "", None, "")])
        await later(0.3)
        assert journal.asked > asked + 1
        await site.lease.release("former")
        since = loop.time()
        assert (await waiting).holder == "next"
        assert loop.time() - since < 0.25


@virtually
async def test_a_standby_takes_what_nobody_renews_as_soon_as_it_lapses() -> None:
    site = Site()
    assert await site.lease.take("former", 0) is not None
    loop = asyncio.get_running_loop()
    await take_lease(site.asterisk, of(site), "next", follower(site))
    assert loop.time() == pytest.approx(TTL, abs=0.2)


@virtually
async def test_who_loses_the_lease_while_taking_over_stops() -> None:
    site = Site()
    held = await take_lease(site.asterisk, of(site), "next", follower(site))
    site.lease.seize("another")
    with pytest.raises(ExceptionGroup) as raised:
        async with renewing(site.lease, held):
            await later(60.0)
    assert raised.group_contains(Demoted)


@virtually
async def test_only_what_is_away_is_waited_for() -> None:
    site = Site()
    await site.journal.append([Record(Place(7, 0), 0.0, "took_over", "1", "test", None, "")])
    with pytest.raises(StaleEpoch):
        await take_over(of(site), Held("next", 1), follower(site))


@virtually
async def test_waits_grow_and_end() -> None:
    loop, tries = asyncio.get_running_loop(), list[float]()

    async def refused() -> None:
        tries.append(loop.time())
        if len(tries) < 8:
            raise DatabaseFailed("no answer")

    await patiently(refused)
    waits = [after - before for before, after in pairwise(tries)]
    assert waits == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0])


STORED = Record(Place(1, 1), 7.0, "", "1", "test", {"is": "CallerHungUp", "call": "c1"}, "00")


@pytest.mark.parametrize(
    "bent", [{"v": "2"}, {"at": "noon"}, {"command": "{half"}, {"command": "\ufffd"}]
)
def test_an_entry_that_cannot_be_read_says_so(bent: dict[str, str]) -> None:
    assert parse(STORED.place, STORED.fields()) == STORED
    damaged = parse(STORED.place, STORED.fields() | bent)
    assert (damaged.mark, damaged.place) == (UNREADABLE, STORED.place)
    assert parse(STORED.place, {}).mark == UNREADABLE


@virtually
async def test_a_damaged_entry_costs_the_tail_and_not_the_leader() -> None:
    async with leading() as lead:
        lead.engine.submit(arrives("c1"))
        await later(0.1)
        lead.engine.submit(arrives("c2"))
        await later(0.1)
    last = lead.journal.records[-1]
    first = lead.journal.records[0]
    lead.journal.records[0] = parse(first.place, {"v": "99"})
    found = await rebuild(lead.journal, rules())
    assert (found.complete, found.replayed, found.last_at) == (False, [], last.at)


@virtually
async def test_who_knows_nothing_lets_a_standby_that_does_take_an_emptied_redis_first() -> None:
    site = Site()
    async with site.led(ready=[ANA]):
        standby = follower(site)
        await standby.look()
    site.journal.flush()
    site.lease.flush()
    loop = asyncio.get_running_loop()
    young = loop.create_task(take_lease(site.asterisk, of(site), "young", follower(site)))
    await later(1.0)
    assert not young.done()
    held = await take_lease(site.asterisk, of(site), "standby", standby)
    rebuilt = await take_over(of(site), held, standby)
    assert rebuilt.centre.acd.roster[ANA].state is AgentState.READY
    await site.lease.release("standby")
    await later(1.0)
    assert (await young).epoch == held.epoch + 1  # by the mark the journal is not empty any more


@virtually
async def test_who_knows_nothing_and_is_alone_takes_an_emptied_redis_in_the_end() -> None:
    site = Site()
    async with site.led():
        pass
    site.journal.flush()
    site.lease.flush()
    began = asyncio.get_running_loop().time()
    held = await take_lease(site.asterisk, of(site), "young", follower(site))
    assert held.epoch == 2
    assert asyncio.get_running_loop().time() - began == pytest.approx(LET_OTHERS + 0.1, abs=0.11)


@virtually
async def test_the_very_first_leader_waits_for_nobody() -> None:
    site = Site()
    held = await take_lease(site.asterisk, of(site), "first", follower(site))
    assert held.epoch == 1
    assert asyncio.get_running_loop().time() <= ASK_EVERY


class Deaf(FakeJournal):
    """Takes the first cancellation for a lost connection, as a client may that is connecting."""

    deaf = True

    async def news(self, after: Place | None, within: float) -> None:
        """As asked, but for that."""
        try:
            await super().news(after, within)
        except asyncio.CancelledError as cancelled:
            if self.deaf:
                self.deaf = False
                raise JournalAway("connection lost") from cancelled
            raise


@virtually
async def test_a_cancellation_that_is_lost_keeps_nobody_from_the_free_lease() -> None:
    lease, journal = FakeLease(), Deaf()
    assert await lease.take("former", 0) is not None
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_until_free(lease, Follower(journal, rules())))
        await later(1.0)
        await lease.release("former")
        await later(1.0)
        assert waiting.done()
        assert not journal.deaf


@virtually
async def test_f2_a_redis_that_was_away_for_longer_than_the_lease_is_the_leaders_at_first() -> None:
    site = Site()
    async with site.led() as lead, asyncio.TaskGroup() as group:
        heir = follower(site)
        taking = group.create_task(take_lease(site.asterisk, of(site), "standby", heir))
        first = site.arrives()
        await later(1.0)
        assert heir.knows
        site.lease.away = site.journal.away = True
        await later(TTL + 0.95)  # and the leader has just asked again
        second = site.arrives()
        await later(1.0)
        site.lease.away = site.journal.away = False
        await later(LET_OTHERS + 1.0)
        assert not taking.done()
        assert set(lead.calls()) == {first, second}
        known = (await rebuild(site.journal, site.rules)).centre.visits.calls
        assert set(known) == {first, second}
        taking.cancel()


@virtually
async def test_f2_who_died_while_redis_was_away_is_succeeded_all_the_same() -> None:
    site = Site()
    async with site.led() as lead, asyncio.TaskGroup() as group:
        heir = follower(site)
        taking = group.create_task(take_lease(site.asterisk, of(site), "standby", heir))
        await later(1.0)
        site.lease.away = site.journal.away = True
        await later(1.0)
        lead.work.cancel()
        await later(TTL)
        site.lease.away = site.journal.away = False
        await later(LET_OTHERS + 3 * ASK_EVERY)
        assert taking.done()
    assert taking.result().epoch == 2
