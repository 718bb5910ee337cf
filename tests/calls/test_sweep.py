"""Events that are lost on the way are made good within two seconds, and no others."""

from collections.abc import Callable
from datetime import timedelta
from random import Random  # noqa: TID251 -- the people, not the core

import pytest

from telephony.acd.model import CallId, Device
from telephony.ari.errors import AriError, AriUnreachable
from telephony.ari.events import AriEvent
from telephony.calls.performer import WAITING
from telephony.calls.sweep import EVERY
from telephony.centre import commands as cmd
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO, flow, rules
from tests.calls.centre_site import RINGS, Leader, Site
from tests.calls.leading import later

WITHIN = 2.0  # seconds
END = ("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
MENU = {
    "kind": "menu",
    "prompt": "main_menu",
    "choices": {"1": "booking"},
    "timeout": 3.0,
    "retries": 1,
    "otherwise": "general",
}
OUT = {"kind": "transfer", "number": "office", "otherwise": "general"}


def with_menu() -> Site:
    return Site(rules(of=flow("menu", menu=MENU)))


def repaired(lead: Leader) -> dict[str, int]:
    return lead.controller.sweeper.counts.repaired


async def converges(lead: Leader, holds: Callable[[], bool]) -> None:
    """Not yet so, and so within two seconds."""
    await later(0.01)
    assert not holds()
    await later(WITHIN)
    assert holds()


@virtually
async def test_d1_a_lost_arrival_is_found() -> None:
    site = Site()
    async with site.led() as lead:
        site.asterisk.lose_events("StasisStart", count=1)
        call = site.arrives()
        await converges(lead, lambda: call in lead.calls())
        assert repaired(lead) == {"Stranger": 1}
        arrived = site.asterisk.world.lines[call].created.timestamp()
        assert lead.call(call).arrived_at == pytest.approx(arrived, abs=0.01)
        assert site.records.opened() == [call]


@virtually
async def test_d9_a_caller_who_is_found_arrived_when_they_first_did() -> None:
    site = Site()
    async with site.led() as lead:
        site.asterisk.lose_events("StasisStart", count=1)
        call = site.arrives()
        line = site.asterisk.world.lines[call]  # the net's own: it sent them to us again
        line.variables["MADO_ARRIVED"] = str(line.created.timestamp() - 30.0)
        await converges(lead, lambda: call in lead.calls())
        arrived = line.created.timestamp() - 30.0
        assert lead.call(call).arrived_at == pytest.approx(arrived, abs=0.01)


@virtually
async def test_d1_a_lost_hang_up_of_a_caller_is_found() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(1.0)
        site.asterisk.lose_events(*END)
        site.hang_up(call)
        await converges(lead, lambda: lead.calls() == {})
        assert [record.outcome.value for record in site.records.closed()] == ["abandoned"]


@virtually
async def test_d1_a_lost_answer_is_found() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(1.0)
        site.asterisk.lose_events("StasisStart")
        site.answer(f"o.{call}.1")
        await converges(lead, lambda: site.together() == [{call, f"o.{call}.1"}])
        assert lead.agent(ANA).state == "talking"


@virtually
async def test_d1_a_lost_ringing_is_found_before_the_telephone_counts_as_unreachable() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        site.asterisk.lose_events("ChannelStateChange")
        call = site.arrives()
        await later(1.9)
        entry = lead.controller.engine.centre.acd.entries[CallId(call)]
        assert entry.ringing
        await later(5.0)
        assert lead.agent(ANA).state == "offered"


@pytest.mark.parametrize("answered", [True, False])
def test_d1_a_lost_end_of_an_agents_leg_is_found(answered: bool) -> None:
    @virtually
    async def found() -> None:
        site = Site()
        site.phones()
        async with site.led(ready=[ANA]) as lead:
            call = site.arrives()
            await later(1.0)
            if answered:
                site.answer(f"o.{call}.1")
                await later(1.0)
            site.asterisk.lose_events(*END)
            site.hang_up(f"o.{call}.1")
            wanted = "wrap_up" if answered else "ready"
            await converges(lead, lambda: lead.agent(ANA).state == wanted)
            assert lead.calls() == {call: "waiting"}  # nobody knows why it ended: they are served
            assert lead.agent(ANA).misses == 0  # and nobody is blamed
            assert call in site.asterisk.world.rooms[WAITING].members

    found()


@virtually
async def test_d1_a_lost_end_of_a_prompt_leaves_nobody_in_a_menu() -> None:
    site = with_menu()
    async with site.led() as lead:
        site.asterisk.lose_events("PlaybackFinished", count=1)
        call = site.arrives()
        await later(1.1)  # the prompt takes a second
        assert lead.call(call).playing
        await converges(lead, lambda: not lead.call(call).playing)
        await later(10.0)  # silence, the prompt again, and to a person
        assert lead.calls() == {call: "waiting"}
        assert repaired(lead) == {"PlaybackEnded": 1}


@virtually
async def test_d1_a_key_that_was_lost_cannot_be_found_and_the_menu_asks_again() -> None:
    site = with_menu()
    async with site.led() as lead:
        call = site.arrives()
        await later(1.5)
        site.asterisk.lose_events("ChannelDtmfReceived", count=1)
        site.asterisk.world.press(call, "1")
        await later(2.0)
        assert lead.calls() == {call: "menu"}
        await later(3.0)
        site.asterisk.world.press(call, "1")
        await later(0.1)
        assert lead.call(call).queue == "booking"
        assert repaired(lead) == {}


@pytest.mark.parametrize(("state", "device"), [("UNAVAILABLE", Device.GONE), ("INUSE", "in_use")])
def test_d1_a_telephone_that_changed_unheard_is_seen(state: str, device: Device) -> None:
    @virtually
    async def seen() -> None:
        site = Site()
        site.phones()
        async with site.led() as lead:
            site.asterisk.lose_events("DeviceStateChanged")
            site.asterisk.device("PJSIP/ana", state)
            await converges(lead, lambda: lead.agent(ANA).device == device)
            assert lead.agent(BO).device is Device.FREE
            site.asterisk.device("PJSIP/ana", "NOT_INUSE")
            await converges(lead, lambda: lead.agent(ANA).device is Device.FREE)

    seen()


@virtually
async def test_d1_of_a_leg_to_the_outside_neither_answer_nor_end_is_missed() -> None:
    numbers = {"office": "0942000300"}
    site = Site(rules(of=flow("out", out=OUT), numbers=numbers, tolls=TollRules(("0942",), 2)))
    site.asterisk.phone("0942000300@trunk", RINGS)
    async with site.led() as lead:
        call = site.arrives()
        await later(0.5)
        assert lead.calls() == {call: "dialling"}
        leg = f"x.{call}.1"
        site.asterisk.lose_events("StasisStart")
        site.answer(leg)
        await converges(lead, lambda: lead.calls() == {call: "outside"})
        assert site.together() == [{call, leg}]
        site.asterisk.lose_events(*END)
        site.hang_up(leg)
        await later(2 * WITHIN)  # the end of this leg, and then of the caller's channel
        assert lead.calls() == {}
        assert site.left_over() == set()


@virtually
async def test_a_leg_to_the_outside_whose_events_come_is_not_left_to_the_sweep() -> None:
    numbers = {"office": "0942000300"}
    site = Site(rules(of=flow("out", out=OUT), numbers=numbers, tolls=TollRules(("0942",), 2)))
    site.asterisk.phone("0942000300@trunk", RINGS)
    async with site.led() as lead:
        call = site.arrives()
        await later(0.5)
        site.answer(f"x.{call}.1")
        await later(0.1)
        assert lead.calls() == {call: "outside"}
        await later(WITHIN)
        assert repaired(lead) == {}


@virtually
async def test_d1_the_same_events_twice_and_late_change_nothing() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    emit = site.asterisk.emit
    heard: list[AriEvent] = []

    def twice(event: AriEvent) -> None:
        heard.append(event)
        emit(event)
        emit(event)

    site.asterisk.world._emit = twice
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(3.0)
        assert site.together() == [{call, f"o.{call}.1"}]
        site.hang_up(call)
        await later(1.0)
        for event in heard:  # and everything once more, when all is over
            emit(event)
        await later(6.0)
        assert lead.calls() == {}
        outcomes = [(record.call, record.outcome.value) for record in site.records.closed()]
        assert outcomes == [(call, "answered")]
        assert site.left_over() == set()


@virtually
async def test_d8_a_refusal_that_was_lost_is_said_again_and_nobody_rings_for_ever() -> None:
    site = Site(rules(lines=(1,)))
    async with site.led() as lead:
        first = site.arrives()
        await later(0.5)
        site.asterisk.refuse("hang_up", AriUnreachable("lost"))
        second = site.arrives()
        await later(0.1)
        assert second in site.asterisk.world.lines
        await later(5.0)
        assert set(site.asterisk.world.lines) == {first}
        assert lead.controller.ground.counts.reaped == {"channels": 1}
        assert [each.outcome.value for each in site.records.closed()] == ["overflowed"]


@virtually
async def test_d8_an_empty_room_of_a_call_that_is_over_goes_within_five_seconds() -> None:
    site = Site()
    async with site.led() as lead:
        await site.asterisk.create_bridge("b.fake-0", "mixing")
        await site.asterisk.create_bridge("of-somebody-else", "mixing")
        await later(5.0)
        assert site.left_over() == {"of-somebody-else"}
        assert lead.controller.ground.counts.reaped == {"bridges": 1}


@virtually
async def test_d8_what_an_earlier_life_left_goes_and_a_talk_stays() -> None:
    """The journal is gone, and with it every call; Asterisk has them all."""
    site = Site(rules(lines=(1, 2, 3)))
    site.phones()
    async with site.led(ready=[ANA, BO]):
        talks, rings, waits = (site.arrives() for _ in range(3))
        await later(1.0)
        site.answer(f"o.{talks}.1")
        await later(1.0)
    site.journal = FakeJournal()
    world = site.asterisk.world
    world.phones["Local/1@nowhere"] = RINGS
    for left in ("o.of-nobody.1", "Local-left"):
        line = world.dial(left, "Local/1@nowhere", (), 600.0)
        world.answer(line)
    await site.asterisk.create_bridge("b.of-nobody", "mixing")
    async with site.led() as lead:
        await later(3.5)
        assert lead.calls() == {talks: "talking", rings: "waiting", waits: "waiting"}
        rooms = {f"b.{talks}", f"b.{rings}"}
        assert {talks, f"o.{talks}.1"} in site.together()
        assert site.left_over() == {talks, rings, waits, f"o.{talks}.1", *rooms}
        assert lead.controller.ground.counts.reaped == {"channels": 3, "bridges": 1}
        assert lead.call(rings).attempts == 1  # an id that was used is not used again
        entered = [lead.call(call).arrived_at for call in (talks, rings, waits)]
        assert entered == sorted(entered)


@virtually
async def test_d8_a_talk_that_finds_no_free_line_is_left_alone() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]):
        first, talks = site.arrives(), site.arrives()
        await later(1.0)
        site.asterisk.world.hang_up(first)
        await later(1.0)
        site.answer(f"o.{talks}.1")
        await later(1.0)
        other = site.arrives()
        await later(0.5)
    site.journal = FakeJournal()
    site.rules = rules(lines=(1,))
    site.asterisk.world.lines[other].created -= timedelta(hours=1)
    async with site.led() as lead:
        await later(6.0)
        assert other in lead.calls()
        assert {talks, f"o.{talks}.1"} in site.together()


@virtually
async def test_a_phone_whose_wish_was_not_heard_is_not_left_waiting() -> None:
    site = Site()
    site.phones()
    async with site.led() as lead:
        site.asterisk.lose_events("StasisStart", count=1)
        line = site.asterisk.world._line("phone-1", "PJSIP/ana", "Up")
        line.args = ("feature", "ana", "*11")
        site.asterisk.world._enter_application(line)
        await later(4.0)
        assert site.left_over() == set()
        assert lead.agent(ANA).state == "signed_out"  # they heard that it did not work


@virtually
async def test_a_sweep_that_asterisk_does_not_answer_harms_nobody() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(1.0)
        for _ in range(4):
            site.asterisk.refuse("application", AriUnreachable("no answer"))
        await later(5 * EVERY)
        assert lead.calls() == {call: "waiting"}
        assert lead.controller.sweeper.counts.failed == 4
        assert repaired(lead) == {}


@virtually
async def test_a_question_that_is_refused_leaves_what_the_others_told() -> None:
    site = with_menu()
    async with site.led() as lead:
        site.asterisk.lose_events("PlaybackFinished", count=1)
        call = site.arrives()
        await later(1.1)
        for _ in range(20):
            site.asterisk.refuse("application", AriError(500, "not now"))
        await converges(lead, lambda: not lead.call(call).playing)
        assert repaired(lead) == {"PlaybackEnded": 1}


@virtually
async def test_what_was_seen_before_a_refused_question_is_kept() -> None:
    site = with_menu()
    async with site.led() as lead:
        site.asterisk.lose_events("PlaybackFinished", count=1)
        call = site.arrives()
        await later(1.1)
        counts, before = lead.controller.sweeper.counts, lead.controller.sweeper.counts.done
        while counts.done == before:  # the first that shows it
            await later(0.05)
        site.asterisk.refuse("playback", AriError(500, "not now"))
        await later(2 * EVERY + 0.1)
        assert not lead.call(call).playing
        assert (counts.failed, repaired(lead)) == (1, {"PlaybackEnded": 1})


@virtually
async def test_a_sweep_waits_for_no_answer_longer_than_its_patience() -> None:
    site = with_menu()
    async with site.led() as lead:
        site.asterisk.lose_events("PlaybackFinished", count=1)
        call = site.arrives()
        await later(1.1)
        site.asterisk.latency = 30.0
        await later(5.0)
        site.asterisk.latency = 0.0
        assert lead.call(call).playing
        await converges(lead, lambda: not lead.call(call).playing)
        assert lead.controller.sweeper.counts.failed >= 2


@virtually
async def test_what_a_sweep_began_before_the_stream_broke_is_not_believed() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(1.0)
        site.asterisk.disconnect()
        await later(3.0)
        done = lead.controller.sweeper.counts.done
        await later(3.0)
        assert lead.controller.sweeper.counts.done == done  # it is asked for anyway, afterwards
        site.asterisk.connect()
        await later(2.0)
        assert lead.calls() == {call: "waiting"}
        assert repaired(lead) == {}


@pytest.mark.parametrize("seed", range(6))
def test_a_stream_that_loses_nothing_is_never_repaired(seed: int) -> None:
    """Calls of every length, with an Asterisk that takes its time: no sweep finds anything."""

    @virtually
    async def traffic() -> None:
        chance = Random(seed)
        site = with_menu()
        site.asterisk.latency = chance.choice([0.0, 0.02, 0.15, 0.4])
        site.phones(Phone("answers", after=0.7), ANA)
        site.phones(Phone("declines", after=1.3), BO)
        async with site.led(ready=[ANA, BO]) as lead:
            await later(3.0)
            for _ in range(60):
                await later(chance.uniform(0.0, 1.5))
                _something(site, lead, chance)
            await later(3.0)
            counts = lead.controller.sweeper.counts
            assert counts.done > 10
            assert (counts.repaired, counts.failed) == ({}, 0)
            assert lead.controller.ground.counts.reaped == {}

    traffic()


def _something(site: Site, lead: Leader, chance: Random) -> None:
    """A citizen or an agent does one thing."""
    lines = site.asterisk.world.lines
    callers = sorted(line for line in lines if line.startswith("fake-"))
    acts: list[Callable[[], object]] = [site.arrives]
    if callers:
        who = chance.choice(callers)
        acts += [lambda: site.hang_up(who), lambda: site.asterisk.world.press(who, "1")]
    legs = sorted(line for line in lines if line.startswith("o."))
    if legs:
        leg = chance.choice(legs)
        acts.append(lambda: site.hang_up(leg))
    acts.append(lambda: lead.controller.engine.submit(cmd.Ready(ANA)))
    chance.choice(acts)()
