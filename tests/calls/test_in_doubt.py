"""What goes wrong while a controller looks, or in its core, is looked at again and made good."""

import pytest

from telephony.acd.deadlines import Key
from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.ari.errors import AriError, AriUnreachable
from telephony.calls.performer import WAITING
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, C1, GENERAL, agent, queue, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later, leading

SLOW = AriUnreachable("no answer in time")


class Faulty(Centre):
    """It raises at hang-ups, requests and the end of wrap-up; what is restored does not."""

    def handle(self, command: cmd.Command, now: Instant) -> list[fx.Effect]:
        """Raise at what is poison here."""
        if isinstance(command, cmd.CallerHungUp | cmd.Request):
            raise KeyError("planted")
        return super().handle(command, now)

    def _expire(self, key: Key, now: Instant) -> None:
        if key[0] == "wrap_up":
            raise KeyError("planted")
        super()._expire(key, now)


@pytest.mark.parametrize("operation", ["get_channel_variable", "endpoints", "filter_events"])
def test_an_answer_that_stays_away_is_asked_for_again(operation: str) -> None:
    @virtually
    async def asked_again() -> None:
        site = Site()
        call = site.arrives()  # nobody leads yet
        site.asterisk.refuse(operation, SLOW)
        async with site.led() as lead:
            await later(1.0)
            assert not lead.work.done()
            assert set(lead.calls()) == {call}

    asked_again()


@virtually
async def test_who_calls_is_asked_again_when_asterisk_was_slow() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(0.5)
        site.records.changes.clear()
        lead.controller.callers.forget(lead.call(call).id)
        site.asterisk.refuse("get_channel_variable", SLOW)
        site.asterisk.connect()
        await later(2.5)
        assert not lead.work.done()
        assert site.records.opened() == [call]


@virtually
async def test_the_telephones_of_many_seats_are_watched_in_requests_that_asterisk_reads() -> None:
    names = [f"seat-of-a-large-centre-{number}" for number in range(120)]
    site = Site(rules(agents=tuple(agent(name) for name in names)))  # type: ignore[arg-type]
    async with site.led():
        asked = [request[2] for request in site.asterisk.requests if request[0] == "subscribe"]
        assert all(isinstance(each, list) and len(",".join(each)) < 3000 for each in asked)
        watched = {source for each in asked if isinstance(each, list) for source in each}
        pages = [f"{name}.web" for name in names]  # each seat may have a page for a telephone
        assert watched == {f"deviceState:PJSIP/{name}" for name in (*names, *pages, "trunk")}


@virtually
async def test_a_hang_up_that_made_the_core_raise_is_found_by_looking() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(5.0)
        lead.controller.engine.centre.__class__ = Faulty
        del site.asterisk.world.lines[call]
        site.asterisk.world.rooms.clear()
        lead.controller.engine.submit(cmd.CallerHungUp(lead.call(call).id))
        assert lead.controller.engine.poisoned == 1
        await later(2.5)
        assert lead.calls() == {}
        assert [record.call for record in site.records.closed()] == [call]


@virtually
async def test_poison_that_comes_back_each_time_is_not_looked_for_without_end() -> None:
    site = Site()
    async with site.led() as lead:
        before = lead.controller.counts.reconciles
        for _ in range(20):
            lead.controller.engine.centre.__class__ = Faulty
            with pytest.raises(Rejected):
                await lead.controller.request(cmd.Ready(ANA))
            await later(1.0)
        assert lead.controller.counts.reconciles - before == 1


@virtually
async def test_a_request_that_made_the_core_raise_is_not_granted() -> None:
    async with leading() as lead:
        lead.engine.centre.__class__ = Faulty
        with pytest.raises(Rejected):
            lead.engine.submit(cmd.Ready(ANA))
        await later()
        assert lead.journaled() == ["poison"]
        assert lead.engine.centre.acd.roster[ANA].state == "signed_out"


@virtually
async def test_wrap_up_ends_although_its_deadline_made_the_core_raise() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(2.0)
        site.hang_up(call)
        await later(1.0)
        assert lead.agent(ANA).state == "wrap_up"
        lead.controller.engine.centre.__class__ = Faulty
        await later(30.0)
        assert (lead.controller.engine.poisoned, lead.agent(ANA).state) == (1, "wrap_up")
        await later(6.0)
        assert lead.agent(ANA).state == "ready"


@virtually
async def test_a_caller_waits_in_the_room_that_is_made_again() -> None:
    site = Site()
    async with site.led() as lead:
        del site.asterisk.world.rooms[WAITING]
        call = site.arrives()
        await later(5.0)
        assert lead.calls() == {call: "waiting"}
        assert site.asterisk.world.rooms[WAITING].members == [call]


@virtually
async def test_who_was_not_put_to_the_music_is_so_although_they_hear_their_place() -> None:
    site = Site(rules(queues=(queue(GENERAL, announce_after=0.3, announce_every=60.0),)))
    async with site.led() as lead:
        site.asterisk.refuse("add_channel", SLOW)
        call = site.arrives()
        await later(0.5)
        assert lead.call(call).playing
        await later(8.0)
        assert site.asterisk.world.rooms[WAITING].members == [call]


@virtually
async def test_a_doubt_about_one_caller_cuts_no_others_place_short() -> None:
    site = Site(rules(queues=(queue(GENERAL, announce_after=1.0, announce_every=60.0),)))
    async with site.led() as lead:
        call = site.arrives()
        await later(1.5)
        site.asterisk.refuse("answer", SLOW)
        site.arrives()
        await later(2.0)
        assert lead.controller.counts.reconciles > 1
        assert lead.call(call).playing
        await later(8.0)
        assert site.sounds.said.count("position_intro") == 2


@virtually
async def test_two_talk_in_the_room_that_is_made_again() -> None:
    site = Site()
    site.phones(RINGS)
    async with site.led(ready=[ANA]):
        call = site.arrives()
        await later(1.0)
        del site.asterisk.world.rooms[f"b.{call}"]
        site.answer(f"o.{call}.1")
        await later(1.0)
        assert site.together() == [{call, f"o.{call}.1"}]


@virtually
async def test_legs_that_came_to_nothing_are_forgotten() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        site.asterisk.refuse("originate", AriError(500, "Allocation failed"))
        call = site.arrives()
        await later(1.0)
        site.asterisk.disconnect()
        site.hang_up(call)
        await later(0.5)
        stays = site.arrives()
        site.asterisk.connect()
        await later(0.5)
        assert lead.controller.legs.get(stays) is not None
        assert [lead.controller.legs.get(gone) for gone in (call, f"o.{call}.1")] == [None, None]


@virtually
async def test_looking_again_says_nothing_about_the_stream() -> None:
    site = Site()
    async with site.led() as lead:
        site.asterisk.latency = 0.4
        site.asterisk.connect()  # what follows now takes seconds
        await later(0.1)
        site.asterisk.disconnect()
        lead.controller.engine.centre.__class__ = Faulty
        lead.controller.engine.submit(cmd.CallerHungUp(C1))  # and wants another look
        await later(10.0)
        assert lead.controller.counts.reconciles > 1
        assert not lead.controller.connected
