"""What a controller tells of itself while it leads, and that nobody on the telephone notices."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from ivr_flows.opening.model import Calendar, Hours, Rule
from telephony.acd.effects import Ring
from telephony.acd.model import Instant, Offer
from telephony.calls.engine import Applied
from telephony.calls.journal import Place
from telephony.calls.teller import MOST, Teller
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.link import news as tell
from telephony.link import status
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.news import FakeNews
from tests.acd.runs import Move, hard_rules, moves, open_up, play
from tests.builders import ANA, BO, C1, MONDAY, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later
from tests.examples import examples


def agents(site: Site, seat: str) -> list[str]:
    """The states of a seat as they were told."""
    told = (each.agent for each in site.news.told if each.kind == "agent")
    return [agent.state for agent in told if agent.seat == seat]


def offers(site: Site) -> list[tuple[str, str, str | None]]:
    """What was told of offers."""
    return [(o.seat, o.event, o.end) for o in site.news.told if o.kind == "offer"]


def closings(site: Site) -> list[tuple[int, tuple[str, ...]]]:
    """What was told of closing time."""
    told = (n.closing for n in site.news.told if n.kind == "closing")
    return [(closing.calls_left, closing.asked_to_stay) for closing in told]


def stages(site: Site, call: str) -> list[str]:
    """What was told of a call, each stage once."""
    told = [n.call.stage for n in site.news.told if n.kind == "call" and n.call.id == call]
    return list(dict.fromkeys(told))


@virtually
async def test_a_call_from_its_arrival_to_its_end() -> None:
    site = Site()
    site.phones(Phone("answers", after=3.0))
    async with site.led(ready=[ANA]):
        call = site.arrives()
        await later(60.0)
        site.hang_up(call)
        await later(1.0)
        assert site.news.told[0].kind == "began"
        assert {each.epoch for each in site.news.told} == {1}
        assert agents(site, ANA)[-3:] == ["offered", "talking", "wrap_up"]
        assert [event for _, event, _ in offers(site)] == ["offered", "ringing", "answered"]
        assert stages(site, call) == ["waiting", "talking", "ended"]
        lines = [n.line.state for n in site.news.told if n.kind == "line" and n.line.number == 1]
        assert lines[-1] == "idle"
        assert "talking" in lines
        waiting = [n.queue.waiting for n in site.news.told if n.kind == "queue"]
        assert waiting == [1, 0]


@virtually
async def test_what_is_offered_is_told_with_call_and_attempt_while_it_rings() -> None:
    site = Site()
    site.phones(RINGS, ANA)
    async with site.led(ready=[ANA]):
        call = site.arrives()
        await later(1.0)
        offered = [n.agent.offer for n in site.news.told if n.kind == "agent" and n.agent.offer][-1]
        assert offered is not None
        assert (offered.call, offered.attempt, offered.ringing, offered.answered) == (
            call, 1, True, False,
        )  # fmt: skip
        await later(17.0)
        assert (ANA, "ended", "no_answer") in offers(site)


@virtually
async def test_a_telephone_that_goes_is_told() -> None:
    site = Site()
    site.phones()
    async with site.led():
        site.asterisk.device(f"PJSIP/{ANA}", "UNAVAILABLE")
        await later(1.0)
        told = [n.agent.phone for n in site.news.told if n.kind == "agent" and n.agent.seat == ANA]
        assert told[-1] == "gone"


@pytest.mark.parametrize("how", ["away", "stalled"])
def test_calls_go_on_while_nobody_can_be_told_and_afterwards_began_says_so(how: str) -> None:
    @virtually
    async def away() -> None:
        site = Site()
        site.phones(Phone("answers", after=3.0))
        async with site.led(ready=[ANA]) as lead:
            await later(1.0)
            setattr(site.news, how, True)
            told = len(site.news.told)
            call = site.arrives()
            await later(3.1)
            assert site.together() == [{call, f"o.{call}.1"}]
            assert lead.controller.status()["controller"]["news_away"] or how == "stalled"
            await later(10.0)
            assert lead.controller.status()["controller"]["news_away"]
            setattr(site.news, how, False)
            await later(2.0)
            assert site.news.told[told].kind == "began"
            site.hang_up(call)
            await later(1.0)
            assert agents(site, ANA)[-1] == "wrap_up"
            assert len(site.records.closed()) == 1

    away()


@virtually
async def test_the_next_leader_begins_anew() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]):
        pass
    async with site.led(ready=[BO]):
        await later(1.0)
        began = [each.epoch for each in site.news.told if each.kind == "began"]
        assert began == [1, 2]
        assert site.news.told[-1].epoch == 2


@virtually
async def test_what_nobody_could_be_told_does_not_pile_up() -> None:
    centre, news = Centre(hard_rules()), FakeNews()
    teller = Teller(news, lambda: centre, lambda: MONDAY, {}, 1)
    for step in open_up(centre):
        teller.note(applied(step.command, MONDAY, step.effects or []))
    for attempt in range(2 * MOST):
        ring = Ring(Offer(C1, attempt, ANA), 15.0)
        teller.note(applied(cmd.Woken(), MONDAY, [ring]))
    assert len(teller._touched) <= MOST


@given(moves())
@settings(max_examples=examples(60))
def test_who_follows_has_what_the_status_has(run: list[Move]) -> None:
    """Objects replaced by key, told one step at a time or several at once."""

    @virtually
    async def followed() -> None:
        centre, news = Centre(hard_rules()), FakeNews()
        now = MONDAY
        teller = Teller(news, lambda: centre, lambda: now, {}, 1)
        work = asyncio.get_running_loop().create_task(teller.run())
        for number, step in enumerate([*open_up(centre), *play(centre, run)]):
            now = step.at
            if step.effects is not None:
                teller.note(applied(step.command, step.at, step.effects))
            if number % 3 == 0:
                await later(0.1)
        await later(0.1)
        work.cancel()
        assert_same(news.told, centre, now)

    followed()


def applied(command: cmd.Command, at: Instant, effects: Sequence[object]) -> Applied:
    """A step as the engine releases it."""
    return Applied(Place(1, 1), at, command, list(effects))  # type: ignore[arg-type]


def assert_same(told: list[tell.News], centre: Centre, now: Instant) -> None:
    """The last word on each agent, line, queue and call, against the centre."""
    agents = {n.agent.seat: n.agent for n in told if n.kind == "agent"}
    for agent in centre.acd.roster.all():
        assert agents[agent.id] == status.agent_seen(centre, agent, {})
    lines = {n.line.number: n.line for n in told if n.kind == "line"}
    for line in centre.lines.all():
        seen = status.line_seen(line)
        assert lines.get(line.number, seen) == seen
    queues = {n.queue.name: n.queue for n in told if n.kind == "queue"}
    for name, queue in status.queues_seen(centre, now).items():
        if name in queues:
            assert queues[name].waiting == queue.waiting
            assert queues[name].waiting_since == queue.waiting_since
    calls = {n.call.id: n.call for n in told if n.kind == "call"}
    assert {id_ for id_, call in calls.items() if call.stage != status.ENDED} == centre.live()
    for own in centre.own.calls.values():
        assert calls[own.id] == status.own_call_seen(own)
    for id_, call in centre.visits.calls.items():
        assert calls[id_].stage == call.stage
        assert calls[id_].menu_path == "/".join(call.menu_path)


@virtually
async def test_who_is_asked_to_stay_is_told_at_closing_and_when_it_is_over() -> None:
    to_two_past_nine = Rule("平日", (Hours(8 * 60, 9 * 60 + 2),))  # from nine on, here
    site = Site(rules=rules(calendar=Calendar(base=(to_two_past_nine,) * 7)))
    site.phones(Phone("answers", after=3.0))
    async with site.led(ready=[ANA]):
        call = site.arrives()
        await later(60.0)
        assert closings(site) == []
        await later(60.0)
        assert closings(site) == [(1, (ANA,))]
        site.hang_up(call)
        await later(1.0)
        assert closings(site) == [(1, (ANA,)), (0, ())]


@virtually
async def test_a_consultation_that_ends_while_they_talk_to_the_caller_is_told() -> None:
    """Nothing else of the call changes by it."""
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA, BO]) as lead:
        call = site.arrives()
        await later(5.0)
        (asks,) = (seat for seat in (ANA, BO) if agents(site, seat)[-1] == "talking")
        target = BO if asks == ANA else ANA
        for request in (cmd.AskAside(asks, target), cmd.Swap(asks), cmd.EndConsult(asks)):
            lead.controller.engine.submit(request)
            await later(5.0)
        told = [n.call for n in site.news.told if n.kind == "call" and n.call.id == call]
        assert told[-2].consult is not None
        assert (told[-1].stage, told[-1].consult) == ("talking", None)
