"""D1 and D9 on a real Asterisk: what an event did not tell is found, and no sweep finds more."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from telephony.acd.model import AgentId
from telephony.calls.sweep import EVERY
from telephony.centre import commands as cmd
from telephony.centre.truth import Asterisk, Journal, Record, Verdict, judge
from telephony.simulation.shell.journal import FakeJournal
from telephony.store import changes as row
from telephony.store.words import HungUpBy, Outcome
from tests.asterisk.exchange import DID
from tests.calls.centre_site import Leader
from tests.real.lossy import END, Lossy, gone, lossy, ready, waits
from tests.real.waiting import pause, until, until_true
from tests.sip import OutgoingCall, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

A01 = AgentId("a01")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lossy]:
    """One Asterisk for all of them."""
    async with lossy(tmp_path_factory.mktemp("lossy")) as made:
        yield made


async def test_d1_an_arrival_a_prompts_end_and_a_hang_up_that_were_lost(site: Lossy) -> None:
    async with site.led() as lead:
        site.lose("StasisStart")
        call = await site.carrier.call(DID)
        await site.made_good(lambda: list(lead.calls().values()) == ["menu"], "a lost arrival")
        await call.answered
        (name,) = lead.calls()
        site.lose("PlaybackFinished")
        first = lead.call(name).playback
        await site.made_good(lambda: lead.call(name).playback > first, "a lost end of a prompt")
        site.lose(*END)
        call.hang_up()
        await site.made_good(lambda: lead.calls() == {}, "a lost hang-up")
        await until(lambda: name in {end.call for end in site.records.closed()}, "closed")
        (record,) = [each for each in site.records.closed() if each.call == name]
        assert record.outcome.value == "abandoned"


async def test_d1_ringing_answer_and_end_of_an_agents_leg_that_were_lost(site: Lossy) -> None:
    async with site.led() as lead:
        call = await waits(site, lead)
        phone = site.phones[0]
        site.lose("ChannelStateChange", "StasisStart")
        ready(lead, "a01")
        ringing = await phone.rings()
        entry = next(iter(lead.controller.engine.centre.acd.entries.values()))
        await until(lambda: entry.ringing, "a lost ringing")
        ringing.answer()
        await site.made_good(lambda: lead.agent(A01).state == "talking", "a lost answer")
        await talk(call, ringing)
        lead.controller.engine.submit(cmd.Pause(A01, "lunch"))
        site.lose(*END)
        ringing.hang_up()
        await site.made_good(lambda: list(lead.calls().values()) == ["waiting"], "a lost end")
        assert not call.ended.happened
        await gone_paused(site, lead, call)


async def gone_paused(site: Lossy, lead: Leader, call: OutgoingCall) -> None:
    call.hang_up()
    await until(lambda: lead.calls() == {}, "the call is over")
    await until(lambda: lead.agent(A01).state == "paused", "the agent had paused")


async def test_a_stream_that_loses_nothing_is_never_repaired(site: Lossy) -> None:
    async with site.led() as lead:
        phone = site.phones[0]
        for number in range(4):
            call = await waits(site, lead)
            ready(lead, "a01")
            leg = await phone.rings()
            if number % 2:
                leg.answer()
                await talk(call, leg)
            await gone(site, lead, call)
        left = await site.carrier.call(DID)
        await pause(2 * EVERY)
        left.cancel() if not left.answered.happened else left.hang_up()
        await until(lambda: lead.calls() == {}, "over")
        await pause(3 * EVERY)
        counts = lead.controller.sweeper.counts
        assert (counts.repaired, counts.failed) == ({}, 0)
        assert counts.done > 3
        assert lead.controller.ground.counts.reaped == {}


@pytest.mark.parametrize(
    ("asterisk", "journal", "record"),
    [
        (Asterisk.UP, Journal.UNKNOWN, Record.OPEN),
        (Asterisk.UP, Journal.UNKNOWN, Record.ENDED),
        (Asterisk.UP, Journal.LIVE, Record.ABSENT),
        (Asterisk.GONE, Journal.LIVE, Record.OPEN),
        (Asterisk.GONE, Journal.UNKNOWN, Record.OPEN),
    ],
)
async def test_d9_a_new_leader_acts_on_what_it_finds(
    site: Lossy, asterisk: Asterisk, journal: Journal, record: Record
) -> None:
    async with site.led() as lead:
        call = await waits(site, lead)
        (name,) = lead.calls()
        await until(lambda: name in site.records.opened(), "the record is begun")
    if asterisk is Asterisk.GONE:
        call.hang_up()
        await until_true(site.ari.channels, lambda left: left == [], "gone from Asterisk")
    if journal is Journal.UNKNOWN:
        site.journal = FakeJournal()
    if record is Record.ABSENT:
        site.records.changes.clear()
    if record is Record.ENDED:
        site.records.changes.append(an_end(name))
    verdict = judge(asterisk, journal, record)
    async with site.led() as lead:
        if asterisk is Asterisk.UP:
            assert name in lead.calls()
            assert verdict in {Verdict.ADOPT, Verdict.ADOPT_AND_NOTE, Verdict.SERVE_AND_OPEN}
            await until(lambda: name in site.records.opened(), "it has a record")
            await gone(site, lead, call)
        await until(lambda: name in {end.call for end in site.records.closed()}, "closed")
        assert lead.calls() == {}
        first = next(end for end in site.records.closed() if end.call == name)
        wanted = {Record.ENDED: "informed"}.get(record, "abandoned")
        assert first.outcome.value == ("lost" if verdict is Verdict.CLOSE_LOST else wanted)


def an_end(call: str) -> row.CallClosed:
    return row.CallClosed(call, 1.0, Outcome.INFORMED, None, 0.0, 0.0, 0.0, HungUpBy.CALLER)
