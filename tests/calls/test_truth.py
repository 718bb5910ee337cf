"""D9: what Asterisk, the journal and SQL say of one call, in every combination."""

from itertools import product

import pytest

from telephony.acd.model import CallId
from telephony.calls.performer import WAITING
from telephony.centre.truth import TABLE, Asterisk, Journal, Record, Verdict, judge
from telephony.simulation.shell.asterisk_world import Line
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from telephony.store import changes as row
from telephony.store.call_record import CallRecord
from telephony.store.words import HungUpBy, Outcome
from tests.builders import ANA
from tests.calls.centre_site import Leader, Site
from tests.calls.leading import later

CELLS = list(product(Asterisk, Journal, Record))
ASKED = [cell for cell in CELLS if cell[2] is not Record.UNASKED]
THERE = {
    Verdict.SERVE,
    Verdict.SERVE_AND_NOTE,
    Verdict.SERVE_AND_OPEN,
    Verdict.ADOPT,
    Verdict.ADOPT_AND_NOTE,
}


def test_d9_every_combination_has_a_verdict() -> None:
    assert set(TABLE) == set(CELLS)


@pytest.mark.parametrize(("asterisk", "journal", "record"), CELLS)
def test_d9_each_witness_is_believed_in_its_own_matter(
    asterisk: Asterisk, journal: Journal, record: Record
) -> None:
    verdict = judge(asterisk, journal, record)
    if asterisk is Asterisk.UP:  # liveness: who is there is served, but for one whose call is over
        assert (verdict in THERE) != (verdict is Verdict.HANG_UP)
        assert (verdict is Verdict.HANG_UP) == (journal is Journal.ENDED)
        assert judge(asterisk, journal, record, talking=True) in THERE
    else:
        assert verdict in {Verdict.END, Verdict.CLOSE_LOST, Verdict.NOTHING}
        assert judge(asterisk, journal, record, talking=True) is verdict
    if record in {Record.ENDED, Record.UNASKED}:  # promises: a closed record is never opened again
        assert verdict not in {Verdict.SERVE_AND_OPEN, Verdict.CLOSE_LOST}
    if journal is Journal.LIVE:  # order: only the centre ends a call that it knows
        assert verdict not in {Verdict.ADOPT, Verdict.ADOPT_AND_NOTE, Verdict.CLOSE_LOST}


@pytest.mark.parametrize(("asterisk", "journal", "record"), ASKED)
def test_d9_a_new_leader_acts_on_what_it_finds(
    asterisk: Asterisk, journal: Journal, record: Record
) -> None:
    @virtually
    async def acts() -> None:
        site = Site()
        call = await left_by_the_former_leader(site, asterisk, journal, record)
        async with site.led() as lead:
            await later(5.0)
            verdict = judge(asterisk, journal, record)
            assert (call in lead.calls()) == (verdict in THERE)
            assert (call in site.asterisk.world.lines) == (verdict in THERE)
            if verdict in THERE:
                assert call in site.asterisk.world.rooms[WAITING].members
                site.hang_up(call)
                await later(3.0)
            assert lead.calls() == {}
            assert site.left_over() == set()
            await the_record_is_right(site, call, record, verdict)

    acts()


@virtually
async def test_a_caller_whose_hang_up_is_on_its_way_is_no_stranger() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(0.3)
        line = site.asterisk.world.lines[call]
        site.hang_up(call)
        await later(0.1)
        line.ours, line.bridge = True, ""
        site.asterisk.world.lines[call] = line
        there = await site.asterisk.channel(call)
        ground = lead.controller.ground
        await ground.meet(there, [there], {})
        assert ground.counts.reaped == {}
        await later(3.0)  # were it lost, the sweep says it again
        assert ground.counts.reaped == {"channels": 1}


async def left_by_the_former_leader(
    site: Site, asterisk: Asterisk, journal: Journal, record: Record
) -> str:
    """A caller who waited; then everybody forgot something else."""
    async with site.led():
        call = site.arrives()
        await later(0.3)  # before the next snapshot: the end must be in what follows it
        line = site.asterisk.world.lines[call]
        if journal is Journal.ENDED:
            site.hang_up(call)
            await later(0.1)
    if asterisk is Asterisk.UP and call not in site.asterisk.world.lines:
        line.ours, line.bridge = True, ""
        site.asterisk.world.lines[call] = line
    elif asterisk is Asterisk.GONE and call in site.asterisk.world.lines:
        vanish(site, line)
    if journal is Journal.UNKNOWN:
        site.journal = FakeJournal()
    remember(site, CallId(call), record)
    return call


def vanish(site: Site, line: Line) -> None:
    del site.asterisk.world.lines[line.id]
    for room in site.asterisk.world.rooms.values():
        room.members = [member for member in room.members if member != line.id]


def remember(site: Site, call: CallId, record: Record) -> None:
    """SQL has just this of the call."""
    of_call = [each for each in site.records.changes if getattr(each, "call", None) == call]
    kept = [each for each in of_call if not isinstance(each, row.CallClosed)]
    ends = row.CallClosed(call, 1.0, Outcome.INFORMED, None, 0.0, 0.0, 0.0, HungUpBy.CALLER)
    now: list[row.Change] = [] if record is Record.ABSENT else [*kept]
    site.records.changes = [*now, ends] if record is Record.ENDED else now


async def the_record_is_right(site: Site, call: str, before: Record, verdict: Verdict) -> None:
    """Terminal once, as it was promised; and what was put right can be read in it."""
    found = await site.records.call(call)
    notes = [event.event for event in found.timeline] if found else []
    if before is Record.ENDED:
        assert found is not None
        assert found.outcome is Outcome.INFORMED
        noted = {Verdict.SERVE_AND_NOTE, Verdict.ADOPT_AND_NOTE}
        assert ("alive_after_end" in notes) == (verdict in noted)
    elif verdict in THERE or verdict is Verdict.END:
        assert found is not None
        assert found.outcome is Outcome.ABANDONED
        assert not (verdict is Verdict.SERVE_AND_OPEN and found.line is None)
    elif verdict is Verdict.CLOSE_LOST:
        assert found is not None
        assert (found.outcome, notes[-1]) == (Outcome.LOST, "closed_by_reconcile")
        assert found.waited == pytest.approx(0.0, abs=0.1)


@virtually
async def test_d9_a_record_that_tells_of_a_talk_is_closed_as_answered() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]):
        call = site.arrives()
        await later(4.0)
        site.answer(f"o.{call}.1")
        await later(2.0)
    site.asterisk.world.lines.clear()
    site.asterisk.world.rooms.clear()
    site.journal = FakeJournal()
    async with site.led() as lead:
        await later(3.0)
        assert lead.controller.ground.counts.closed_lost == 1
        found = await record_of(site, lead, call)
        assert (found.outcome, found.agent) == (Outcome.ANSWERED, ANA)
        assert found.waited == pytest.approx(4.0, abs=0.1)


async def record_of(site: Site, lead: Leader, call: str) -> CallRecord:
    found = await site.records.call(call)
    assert found is not None
    assert lead.calls() == {}
    return found


@virtually
async def test_d9_a_record_is_not_closed_while_its_end_is_on_the_way() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(3.0)
        site.records.away = True
        site.hang_up(call)
        site.asterisk.connect()  # a look, though there is nothing to write with
        await later(5.0)
        site.records.away = False
        await later(5.0)
        found = await record_of(site, lead, call)
        assert found.outcome is Outcome.ABANDONED
        assert lead.controller.ground.counts.closed_lost == 0


@virtually
async def test_d9_what_sql_believes_of_agents_and_lines_ends_where_nobody_remembers() -> None:
    """Or a talk would go on in the figures until the line, or the agent, is seen again."""
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        site.answer(f"o.{call}.1")
        await later(1.0)
        assert (site.records.states()[ANA], site.records.states()[1]) == ("talking", "talking")
    site.journal.flush()
    site.hang_up(call)
    async with site.led() as lead:
        await later(3.0)
        assert (lead.agent(ANA).state, site.records.states()[ANA]) == ("signed_out", "signed_out")
        assert site.records.states()[1] == "idle"


@virtually
async def test_d9_a_journal_that_is_whole_tells_nothing_twice_of_agents_and_lines() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]):
        await later(1.0)
    moves = [each for each in site.records.changes if isinstance(each, row.AgentMoved)]
    async with site.led():
        await later(3.0)
    assert [each for each in site.records.changes if isinstance(each, row.AgentMoved)] == moves
