"""A whole controller before an Asterisk that keeps state: calls, deaths, and who leads next."""

import pytest

from telephony.ari.errors import AriError
from telephony.ari.events import ChannelUserevent
from telephony.ari.inbox import CAPACITY
from telephony.calls.lease import Demoted
from telephony.centre import commands as cmd
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO, flow, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later

MENU = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"1": "booking", "2": "number"},
    "timeout": 5.0,
    "retries": 2,
    "otherwise": "general",
}
NUMBER = {
    "kind": "collect",
    "prompt": "enter_number",
    "field": "callback",
    "accept": "phone_number",
    "min_digits": 10,
    "max_digits": 11,
    "then": "general",
    "otherwise": "general",
}


def with_menu() -> Site:
    return Site(rules(of=flow("menu", menu=MENU, number=NUMBER)))


@virtually
async def test_a_call_is_answered_talked_and_recorded_and_leaves_nothing_behind() -> None:
    site = Site()
    site.phones(Phone("answers", after=3.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(3.1)
        assert site.together() == [{call, f"o.{call}.1"}]
        assert lead.agent(ANA).state == "talking"
        await later(60.0)
        site.hang_up(call)
        await later(0.5)
        assert site.left_over() == set()
        (record,) = site.records.closed()
        assert (record.call, record.outcome) == (call, "answered")
        assert record.waited == pytest.approx(3.0, abs=0.1)
        assert record.talked == pytest.approx(60.0, abs=0.2)
        await later(30.0)
        assert lead.agent(ANA).state == "ready"


@virtually
async def test_a_transferred_caller_talks_to_the_other_agent() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(2.0)
        await lead.controller.request(cmd.Ready(BO))
        await lead.controller.request(cmd.Transfer(ANA, BO))
        await later(2.0)
        assert site.together() == [{call, f"o.{call}.2"}]
        assert (lead.agent(ANA).state, lead.agent(BO).state) == ("wrap_up", "talking")
        site.hang_up(f"o.{call}.2")
        await later(0.5)
        assert site.left_over() == set()
        assert site.records.closed()[0].hung_up_by == "agent"


@virtually
async def test_on_hold_the_caller_hears_music_and_comes_back() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(2.0)
        await lead.controller.request(cmd.Hold(ANA))
        await later(0.5)
        assert call in site.asterisk.world.rooms["waiting"].members
        await lead.controller.request(cmd.Resume(ANA))
        await later(0.5)
        assert site.together() == [{call, f"o.{call}.1"}]


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.06, 0.08, 0.12, 0.5, 1.16, 2.0, 20.0])
def test_b1_a_caller_who_hangs_up_leaves_nothing_behind_whenever_that_is(after: float) -> None:
    @virtually
    async def hangs_up() -> None:
        site = Site()
        site.asterisk.latency = 0.05  # longer than the shortest stay
        site.phones(Phone("answers", after=1.0))
        async with site.led(ready=[ANA]) as lead:
            call = site.arrives()
            await later(after)
            site.hang_up(call)
            await later(5.0)
            assert site.left_over() == set()
            assert len(site.records.closed()) == 1
            assert lead.calls() == {}

    hangs_up()


@pytest.mark.parametrize("after", [0.0, 0.03, 0.06, 0.08, 0.12, 1.0, 1.07, 1.12])
def test_b1_a_waiting_caller_who_hangs_up_while_it_rings_leaves_nothing_behind(
    after: float,
) -> None:
    @virtually
    async def hangs_up() -> None:
        site = Site()
        site.phones(Phone("answers", after=1.0))
        async with site.led() as lead:
            call = site.arrives()
            await later(2.0)
            site.asterisk.latency = 0.05
            lead.controller.engine.submit(cmd.Ready(ANA))
            await later(after)
            site.hang_up(call)
            await later(5.0)
            assert site.left_over() == set()
            assert lead.agent(ANA).state in {"ready", "wrap_up"}
            assert len(site.records.closed()) == 1

    hangs_up()


@virtually
async def test_an_agent_who_lets_it_ring_loses_the_call_to_the_other() -> None:
    site = Site()
    site.phones(RINGS, ANA)
    site.phones(Phone("answers", after=1.0), BO)
    async with site.led(ready=[ANA, BO]) as lead:
        call = site.arrives()
        await later(17.0)
        assert site.together() == [{call, f"o.{call}.2"}]
        assert (lead.agent(ANA).state, lead.agent(ANA).misses) == ("ready", 1)


@virtually
async def test_a_telephone_that_asterisk_refuses_to_ring_is_unreachable() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0), BO)
    site.phones(RINGS, ANA)
    async with site.led(ready=[ANA, BO]) as lead:
        site.asterisk.refuse("originate", AriError(500, "Allocation failed"))
        call = site.arrives()
        await later(2.0)
        assert site.together() == [{call, f"o.{call}.2"}]
        assert lead.agent(ANA).misses == 1


@virtually
async def test_a_seat_without_a_telephone_is_not_rung() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0), BO)
    site.phones(Phone(registered=False), ANA)
    async with site.led(ready=[ANA, BO]):
        call = site.arrives()
        await later(2.0)
        assert site.together() == [{call, f"o.{call}.1"}]
        asked = [request[2] for request in site.asterisk.requests if request[0] == "originate"]
        assert asked == ["PJSIP/bo"]


@virtually
async def test_whatever_a_caller_was_doing_goes_on_after_the_controller_died() -> None:
    site = with_menu()
    site.phones()
    async with site.led(ready=[ANA, BO]) as lead:
        calls = [site.arrives() for _ in range(4)]
        talking, ringing, waiting, choosing = calls
        await later(2.0)
        for call in (talking, ringing, waiting):
            site.asterisk.world.press(call, "1")
            await later(0.2)
        site.answer(f"o.{talking}.1")
        await later(0.2)
        before = lead.calls()
        assert before == dict(zip(calls, ("talking", "waiting", "waiting", "menu"), strict=True))
        arrived = {call: lead.call(call).arrived_at for call in calls}
    await later(2.0)  # nobody leads, nobody notices
    async with site.led() as lead:
        await later(0.5)
        assert lead.calls() == before
        assert {call: lead.call(call).arrived_at for call in calls} == arrived
        assert {talking, f"o.{talking}.1"} in site.together()
        site.answer(f"o.{ringing}.1")
        await later(0.2)
        site.asterisk.world.press(choosing, "1")
        await later(0.2)
        waits = lead.controller.engine.centre.acd.board.first(lead.call(waiting).queue)  # type: ignore[arg-type]
        assert waits is not None
        assert waits.call == waiting  # who came later stands behind
        for call in calls:
            site.hang_up(call)
        await later(5.0)
        assert site.left_over() == set()
        outcomes = {record.call: record.outcome.value for record in site.records.closed()}
        assert outcomes == dict(
            zip(calls, ("answered", "answered", "abandoned", "abandoned"), strict=True)
        )
        assert sorted(site.records.opened()) == sorted(calls)


@virtually
async def test_what_happened_while_nobody_led_is_found() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]):
        left, stays = site.arrives(), site.arrives()
        await later(1.0)
    site.hang_up(left)
    new = site.arrives()
    await later(1.0)
    async with site.led() as lead:
        await later(1.0)
        assert set(lead.calls()) == {stays, new}
        assert [record.call for record in site.records.closed()] == [left]
        assert lead.agent(ANA).call == stays
        assert sorted(site.records.opened()) == sorted([left, stays, new])


@virtually
async def test_events_lost_with_the_stream_are_made_good_on_its_return() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call, left = site.arrives(), site.arrives()
        await later(1.0)
        site.asterisk.disconnect()
        await later(0.1)
        assert not lead.controller.ready()
        site.answer(f"o.{call}.1")
        site.hang_up(left)
        await later(1.0)
        site.asterisk.connect()
        await later(0.5)
        assert lead.calls() == {call: "talking"}
        assert site.together() == [{call, f"o.{call}.1"}]
        assert lead.controller.ready()


@virtually
async def test_who_lost_the_lease_leads_no_more() -> None:
    site = Site()
    async with site.led() as lead:
        site.lease.seize("another")
        await later(1.5)
        assert died_of(await lead.ended(), Demoted)


@virtually
async def test_who_lost_the_application_leads_no_more() -> None:
    site = Site()
    async with site.led() as lead:
        site.asterisk.replace()
        await later(0.1)
        assert died_of(await lead.ended(), Demoted)


@pytest.mark.parametrize("how", ["away", "mute"])
def test_f2_without_redis_the_leader_goes_on_and_its_heart_beats(how: str) -> None:
    @virtually
    async def goes_on() -> None:
        site = Site()
        site.phones(Phone("answers", after=1.0))
        async with site.led(ready=[ANA]) as lead:
            setattr(site.lease, how, True)
            site.journal.away = True
            await later(4.0)
            call = site.arrives()
            await later(2.0)
            assert site.together() == [{call, f"o.{call}.1"}]
            assert lead.controller.ready()
            site.journal.away = False
            setattr(site.lease, how, False)
            await later(2.0)
            assert "gap" not in [record.mark for record in site.journal.records]
            assert not lead.controller.engine.away
        async with site.led() as lead:
            assert lead.calls() == {call: "talking"}

    goes_on()


@virtually
async def test_f1_while_the_records_are_away_calls_go_on_and_nothing_is_lost() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]):
        site.records.away = True
        call = site.arrives()
        await later(5.0)
        assert site.together() == [{call, f"o.{call}.1"}]
        site.hang_up(call)
        await later(5.0)
        assert site.records.closed() == []
    site.records.away = False
    async with site.led():  # although the controller died before they were back
        await later(2.0)
        assert [record.call for record in site.records.closed()] == [call]


def died_of(what: BaseException | None, kind: type[Exception]) -> bool:
    return isinstance(what, ExceptionGroup) and what.subgroup(kind) is not None


@virtually
async def test_while_events_come_in_faster_than_they_are_handled_no_new_call_is_let_in() -> None:
    """A flood behind the first arrival; once it is worked off, calls are let in again."""
    site = Site()
    async with site.led(ready=[ANA]):
        refused = site.arrives()
        for _ in range(CAPACITY * 3 // 4):
            site.asterisk.emit(ChannelUserevent(eventname="noise"))
        await later(2.0)
        (record,) = site.records.closed()
        assert (record.call, record.outcome) == (refused, "refused")
        assert ("hang_up", refused, "congestion") in site.asterisk.requests
        admitted = site.arrives("0942000102")
        await later(1.0)
        assert admitted in site.asterisk.world.lines
        assert len(site.records.closed()) == 1
