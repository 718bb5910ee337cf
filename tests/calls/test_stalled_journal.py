"""A journal that did not answer in time, and a leader that dies soon after (F2 with X1)."""

import pytest

from telephony.simulation.shell.loop import virtually
from tests.calls.centre_site import Site
from tests.calls.leading import later

STALLS_FOR = 0.3  # seconds; an append is given up after 0.05
DIES_AFTER = 0.3  # seconds after it answers again: no second's tick lies between
CREATED_BEFORE = 0.2  # seconds from the channel's making until its arrival is told of


@virtually
async def test_f2_a_leader_that_dies_just_after_a_stall_leaves_everybody_in_their_place() -> None:
    site = Site()
    async with site.led() as lead:
        first = site.arrives()
        await later(0.5)
        site.asterisk.world.press(first, "0")
        await later(0.5)
        assert lead.calls() == {first: "waiting"}
        site.journal.away = True
        second = site.arrives()
        await later(0.1)
        site.asterisk.world.press(second, "0")
        await later(STALLS_FOR - 0.1)
        assert lead.controller.engine.away
        site.journal.away = False
        await later(DIES_AFTER)
        assert lead.calls() == {first: "waiting", second: "waiting"}
        before = {call: lead.call(call).arrived_at for call in (first, second)}
    assert [record.mark for record in site.journal.records].count("gap") == 0
    async with site.led() as lead:
        assert lead.controller.ground.counts.adopted == 0
        assert {call: lead.call(call).arrived_at for call in before} == before
        assert list(lead.controller.engine.centre.acd.entries) == [first, second]


@pytest.mark.parametrize("keeps", ["record", "nothing"])
def test_i6_who_is_met_again_without_a_journal_arrived_when_their_record_says(keeps: str) -> None:
    @virtually
    async def met() -> None:
        site = Site()
        async with site.led() as lead:
            call = site.arrives()
            line = site.asterisk.world.lines[call]
            await later(CREATED_BEFORE)
            told = lead.call(call).arrived_at
        site.journal.flush()
        if keeps == "nothing":
            site.records.changes.clear()
        later_made = line.created.timestamp() - CREATED_BEFORE
        line.variables["MADO_ARRIVED"] = str(later_made)
        async with site.led() as lead:
            assert lead.controller.ground.counts.adopted == 1
            arrived = lead.call(call).arrived_at
            assert (arrived == told) is (keeps == "record")
            assert abs(arrived - told) <= 2 * CREATED_BEFORE

    met()
