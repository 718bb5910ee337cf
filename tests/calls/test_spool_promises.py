"""F1: SQL is away, calls, promises and leaders come and go; then it has each thing once."""

from typing import TypeGuard

import pytest

from telephony.acd.errors import Rejected
from telephony.calls.publisher import RETRY
from telephony.centre import commands as cmd
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.records import FakeRecords
from telephony.store import changes as row
from tests.builders import ANA, BO, flow, rules
from tests.calls.centre_site import Site
from tests.calls.leading import later
from tests.calls.test_controller import MENU, NUMBER

AT_ONCE = 0.2  # seconds, as the requirement has it


@virtually
async def test_f1_a_request_is_answered_at_once_and_the_agent_takes_the_next_call() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led() as lead:
        site.records.away = True
        began = lead.controller.engine.now()
        await lead.controller.request(cmd.Ready(ANA))
        assert lead.controller.engine.now() - began <= AT_ONCE
        call = site.arrives()
        await later(2.0)
        assert site.together() == [{call, f"o.{call}.1"}]
        began = lead.controller.engine.now()
        await lead.controller.request(cmd.Ready(BO))
        assert lead.controller.engine.now() - began <= AT_ONCE / 2
        assert moves(site.records) == []
        site.records.away = False
        await later(2 * RETRY)
        assert moves(site.records)[0] == (ANA, "ready")
        assert (BO, "ready") in moves(site.records)
        assert site.spool.kept == []


@virtually
async def test_f1_killed_in_the_outage_the_next_leads_without_sql_and_all_is_written_once() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        site.records.away = True
        answered = site.arrives("0942000101")
        await later(2.0)
        await lead.controller.request(cmd.Ready(BO))
        await lead.controller.request(cmd.Pause(BO, "休憩"))
    async with site.led() as lead:
        assert site.together() == [{answered, f"o.{answered}.1"}]
        site.hang_up(answered)
        await lead.controller.request(cmd.Ready(BO))
        kept = site.journal.kept
    async with site.led() as lead:
        await lead.controller.request(cmd.Pause(BO, "昼"))
        assert site.journal.kept == kept  # or the journal would forget what SQL was not told
        site.records.away = False
        await later(3 * RETRY)
        assert site.spool.kept == []
        assert site.journal.kept is not None
        assert site.journal.kept.place.epoch == 3
        assert site.records.leader == 3
    states = [state for agent, state in moves(site.records) if agent == BO]
    assert states == ["ready", "paused", "ready", "paused"]
    openings = [each for each in site.records.changes if is_opening(each)]
    assert {each.caller and each.caller.number for each in openings} == {"+81942000101"}
    assert site.records.opened() == [answered]
    assert [closed.call for closed in site.records.closed()] == [answered]


@virtually
async def test_f1_what_only_the_spool_has_is_written_when_the_journal_is_gone_too() -> None:
    site = Site()
    async with site.led() as lead:
        site.records.away = True
        await lead.controller.request(cmd.Ready(ANA))
        await lead.controller.request(cmd.Pause(ANA, "休憩"))
    site.journal.records.clear()
    site.journal.kept = None
    site.records.away = False
    async with site.led():
        nobody = [(ANA, "signed_out"), (BO, "signed_out")]  # that is what the new leader knows
        assert moves(site.records) == [(ANA, "ready"), (ANA, "paused"), *nobody]
        assert site.spool.kept == []


@virtually
async def test_f1_a_number_that_was_typed_is_kept_while_sql_is_away() -> None:
    site = Site(rules(of=flow("menu", menu=MENU, number=NUMBER)))
    async with site.led():
        call = site.arrives()
        await later(1.0)
        site.records.away = True
        for key in "2" + "0942000123":
            site.asterisk.world.press(call, key)
            await later(0.2)
        site.asterisk.world.press(call, "#")
        await later(0.5)
        assert {"is": "KeysChecked", "call": call, "valid": True} in commands(site)
        assert site.records.inputs == {}
    async with site.led():
        site.records.away = False
        await later(2 * RETRY)
        assert site.records.inputs == {(call, "callback"): "+81942000123"}


@virtually
async def test_f1_with_a_full_disk_too_requests_are_refused_and_calls_go_on() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        site.records.away = site.spool.full = True
        call = site.arrives()
        await later(5.0)
        assert site.together() == [{call, f"o.{call}.1"}]
        with pytest.raises(Rejected, match="管理者に知らせてください"):
            await lead.controller.request(cmd.Ready(BO))
        assert lead.agent(BO).state == "signed_out"  # not half granted
        site.records.away = False
        await later(2 * RETRY)
        await lead.controller.request(cmd.Ready(BO))
        assert lead.agent(BO).state == "ready"
        assert site.records.opened() == [call]


@virtually
async def test_a_leader_that_slept_keeps_nothing_beside_the_new_one() -> None:
    site = Site()
    async with site.led() as old:
        site.records.away = True
        await site.spool.begin(9)
        with pytest.raises(Rejected):
            await old.controller.request(cmd.Ready(ANA))
        assert await old.ended() is not None
    assert site.spool.kept == []


def commands(site: Site) -> list[object]:
    return [record.command for record in site.journal.records]


def moves(records: FakeRecords) -> list[tuple[str, str]]:
    return [(each.agent, each.state) for each in records.changes if is_move(each)]


def is_move(change: row.Change) -> TypeGuard[row.AgentMoved]:
    return isinstance(change, row.AgentMoved)


def is_opening(change: row.Change) -> TypeGuard[row.CallOpened]:
    return isinstance(change, row.CallOpened)
