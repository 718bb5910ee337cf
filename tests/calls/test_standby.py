"""A standby knows what the leader knows, and trusts nothing that has a hole."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from telephony.acd.effects import DropLeg, PickUp
from telephony.calls.engine import CORE_VERSION
from telephony.calls.journal import Place, Record
from telephony.calls.lease import TTL, Demoted, Tenure
from telephony.calls.standby import FRESH_FOR, Follower
from telephony.centre import commands as cmd
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import VirtualLoop, virtually
from tests.builders import ANA, C1, C2, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import Leading, arrives, image, later, leading


class Counting(FakeJournal):
    """Counts how often somebody looked at the snapshot, and what they read."""

    begun = 0
    entries = 0

    async def snapshot(self):  # type: ignore[no-untyped-def]
        """As asked, and counted."""
        self.begun += 1
        return await super().snapshot()

    async def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """As asked, and counted."""
        async for record in super().read(after):
            self.entries += 1
            yield record


async def happen(lead: Leading, *commands: cmd.Command) -> None:
    for command in commands:
        lead.engine.submit(command)
    await later(0.05)


@virtually
async def test_it_keeps_step_without_beginning_again() -> None:
    journal = Counting()
    async with leading(journal=journal) as lead:
        follower = Follower(journal, rules())
        for number in range(4):
            await happen(lead, arrives(f"c{number}"))
            await follower.look()
        assert journal.begun == 1
        assert follower.in_step
        assert image((await follower.rebuilt()).centre) == image(lead.engine.centre)


@virtually
async def test_what_is_in_sql_already_is_not_carried_along_for_ever() -> None:
    journal = Counting()
    async with leading(journal=journal) as lead:
        follower = Follower(journal, rules())
        for number in range(40):
            await happen(lead, arrives(f"c{number}"), cmd.CallerHungUp(C1))
            await follower.look()
            await later(FRESH_FOR / 4)
        assert len((await follower.rebuilt()).replayed) < 20
        assert journal.begun < 15


@virtually
async def test_f1_while_sql_is_away_each_entry_is_read_once() -> None:
    """The snapshot stays where it is: to begin there again would lead to the same."""
    journal = Counting()
    async with leading(journal=journal, written=False) as lead:
        follower = Follower(journal, rules())
        for number in range(40):
            await happen(lead, arrives(f"c{number}"), cmd.CallerHungUp(C1))
            await follower.look()
            await later(FRESH_FOR / 4)
        assert journal.entries == len(journal.records)
        found = await follower.rebuilt()
        assert len(found.replayed) == len(lead.released)
        assert image(found.centre) == image(lead.engine.centre)
        for number in range(40, 44):
            lead.engine.note_written(len(journal.records))
            await happen(lead, arrives(f"c{number}"))
            await later(FRESH_FOR)
            await follower.look()
        assert len((await follower.rebuilt()).replayed) < 5


@virtually
async def test_a_gap_is_not_jumped_over() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        follower = Follower(journal, rules())
        await happen(lead, arrives("c1"))
        await follower.look()
        journal.away = True
        await happen(lead, arrives("c2"))
        await later(1.0)
        journal.away = False
        del journal.records[-1]  # it came back without its end
        await lead.engine.come_back()
        assert lead.journaled() == ["gap"]
        await happen(lead, cmd.Ready(ANA))
        found = await follower.rebuilt()
        assert set(found.centre.visits.calls) == {C1, C2}
        assert image(found.centre) == image(lead.engine.centre)


@virtually
async def test_entries_that_redis_lost_are_missed() -> None:
    """Redis came back without its last second: the leader's numbers have a hole then."""
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"))
        await later(3.0)
        await happen(lead, cmd.ClockStepped(0.0))  # keeps a snapshot with c1 in it
        follower = Follower(journal, rules())
        await follower.look()
        await happen(lead, arrives("c2"))
        del journal.records[-1]
        await happen(lead, cmd.Ready(ANA))
        found = await follower.rebuilt()
        assert (set(found.centre.visits.calls), found.complete) == ({C1}, False)


@virtually
async def test_f2_a_journal_that_was_emptied_takes_nothing_from_what_is_known() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"))
        follower = Follower(journal, rules())
        await follower.look()
    journal.records.clear()
    journal.kept = None
    await later(2 * FRESH_FOR)
    await follower.look()
    assert set((await follower.rebuilt()).centre.visits.calls) == {C1}


@virtually
async def test_f2_the_mark_of_the_next_leader_makes_an_emptied_journal_no_whole_one() -> None:
    """Found once in many runs: we look afresh just after our own mark became its first entry."""
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"))
        follower = Follower(journal, rules())
        await follower.look()
    journal.records.clear()
    journal.kept = None
    await journal.append([took_over(epoch=2)])
    await later(2 * FRESH_FOR)
    assert set((await follower.rebuilt()).centre.visits.calls) == {C1}


def took_over(epoch: int) -> Record:
    return Record(Place(epoch, 0), 0.0, "took_over", CORE_VERSION, rules().digest, None, "")


@virtually
async def test_a_journal_that_lost_its_end_takes_nothing_from_what_is_known() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"), arrives("c2"))
        follower = Follower(journal, rules())
        await follower.look()
    del journal.records[-1]
    await later(2 * FRESH_FOR)
    await follower.look()
    assert set((await follower.rebuilt()).centre.visits.calls) == {C1, C2}


@virtually
async def test_nor_does_one_that_lost_its_snapshot_with_it() -> None:
    """Then there is something to begin with anew, and it is less than what is known."""
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"))
        await later(3.0)
        await happen(lead, cmd.ClockStepped(0.0))  # keeps a snapshot with c1 in it
        follower = Follower(journal, rules())
        await follower.look()
        await happen(lead, arrives("c2"))
        await follower.look()
    assert journal.kept is not None
    del journal.records[-1]
    journal.kept = None
    await later(2 * FRESH_FOR)
    await follower.look()
    assert set((await follower.rebuilt()).centre.visits.calls) == {C1, C2}


@virtually
async def test_d10_another_core_version_hands_over_the_snapshot_and_not_the_tail() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        await happen(lead, arrives("c1"))
        await later(3.0)
        await happen(lead, cmd.ClockStepped(0.0))
        await happen(lead, arrives("c2"))
    journal.records = [of_version("0", record) for record in journal.records]
    found = await Follower(journal, rules()).rebuilt()
    assert (set(found.centre.visits.calls), found.complete) == ({C1}, False)


def of_version(core: str, record: Record) -> Record:
    fields = {name: getattr(record, name) for name in record.__dataclass_fields__}
    return Record(**fields | {"core": core})


def test_a_tenure_ends_when_nothing_is_heard_for_as_long_as_a_lease_lasts() -> None:
    now = 0.0
    tenure = Tenure(lambda: now, lambda: True, lambda: False)
    now = TTL - 0.1
    tenure.check()
    tenure.granted(now)
    now += TTL - 0.1
    tenure.check()
    tenure.granted(0.0)  # an answer to what was asked before we slept says nothing
    now += 0.1
    with pytest.raises(Demoted, match="slept"):
        tenure.check()


def test_without_redis_a_tenure_lasts_while_asterisk_is_heard() -> None:
    now, hears = 0.0, True
    tenure = Tenure(lambda: now, lambda: hears, lambda: False)
    for _ in range(60):
        now += 1.0
        tenure.unanswered(now)
        tenure.check()
    hears = False
    with pytest.raises(Demoted, match="neither"):
        tenure.check()


@virtually
async def test_d5_nothing_is_sent_once_asterisk_has_told_that_another_leads() -> None:
    """Its word is in the inbox, and waits behind the request that was half made."""
    site = Site()
    site.phones(RINGS, ANA)
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(0.5)
        asked = len(site.asterisk.requests)
        site.asterisk.replace()
        offer = lead.agent(ANA).offer
        assert offer is not None
        sending = lead.controller.performer.perform(DropLeg(offer))
        with pytest.raises(Demoted, match="another"):
            await sending
        answering = lead.controller.performer.perform(PickUp(offer))
        with pytest.raises(Demoted, match="another"):  # a desk phone's key is no request of ARI's
            await answering
        assert site.asterisk.requests[asked:] == []
        assert lead.calls() == {call: "waiting"}


@virtually
async def test_d4_who_slept_past_the_lease_sends_nothing_more() -> None:
    """Rows D4 and X2: stopped with a request half made, and woken when another leads."""
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        slept = Sleeper(site)
        call = site.arrives()
        await later(0.05)
        asked = len(site.asterisk.requests)
        slept.for_(TTL + 1.0)
        lead.controller.engine.submit(cmd.CallerHungUp(lead.call(call).id))
        await later(0.5)
        assert lead.work.done()
        assert isinstance(first(await lead.ended()), Demoted)
        assert len(site.asterisk.requests) == asked


class Sleeper:
    """A machine whose time goes on while its processes stand still."""

    def __init__(self, site: Site) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._loop = loop
        self._site = site

    def for_(self, seconds: float) -> None:
        """Nothing runs meanwhile."""
        self._loop.sleep_through(seconds)


def first(group: BaseException | None) -> BaseException | None:
    """The innermost of what it died of."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
