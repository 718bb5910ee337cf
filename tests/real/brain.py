"""Strike the controllers while calls are in every state, and look what became of each.

Six callers: one talks, one's agent is rung, two wait, one is somewhere in the menus and asks for a
person, one arrives; when the last two act and the blow falls is drawn.
Afterwards everybody must be where they were, in their order, and be served; no telephone may have
been rung twice.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random  # noqa: TID251 -- the instants of a test, by its seed

from telephony.calls.lease import TTL
from telephony.link.client import NoController, Refused
from telephony.supervisor import control
from tests.real.centre import Centre, Json, caller
from tests.real.tones import hears
from tests.real.waiting import EVERY, pause, until_true
from tests.sip import AnswerAfter, IncomingCall, OutgoingCall, Talk, talk

GAP = 100  # milliseconds of audio that a talking pair would miss
WITHIN = 30.0  # seconds; how long it really took is measured, not asserted
REACH = 10.0  # a telephone that a slow machine rings late is no unreachable one
OFFER_WITHIN = 20.0  # whoever offers nothing by then has lost somebody, on any machine
PLACES = ("", "1", "2", "21", "22", "23", "3", "4", "5", "7", "74")  # keys to each menu and `say`
SEATS = ("a01", "a02", "a03", "a04", "a05", "a06")
SPREAD = 0.6  # seconds in which the last key, the last arrival and the blow fall


MORE = {"hang": TTL, "kill_both": OFFER_WITHIN}  # the lease runs out; everything starts anew


class Blow(StrEnum):
    """What is done to the controllers."""

    KILL = "kill"  # kill -9 of the one that leads
    KILL_BOTH = "kill_both"
    HANG = "hang"  # SIGSTOP of the leader, and SIGCONT once another leads
    HAND_OVER = "hand_over"  # as an upgrade does


@dataclass(frozen=True, slots=True)
class Scene:
    """The calls in the moment before the blow."""

    talking: OutgoingCall
    leg: IncomingCall
    offered: OutgoingCall
    ringing: IncomingCall
    first: OutgoingCall
    second: OutgoingCall
    choosing: OutgoingCall


def place(number: int) -> str:
    """Where the fifth caller is at this blow: every place in turn."""
    return PLACES[number % len(PLACES)]


async def wake(k: Centre, leader: int) -> None:
    """SIGCONT to a leader that was stopped; it has ended when this returns."""
    os.kill(leader, signal.SIGCONT)
    await until_true(k.instance.pids, lambda all_: leader not in all_.values(), "it ends")


async def strike(
    k: Centre,
    blow: Blow,
    dice: Random,
    where: str,
    wake: Callable[[Centre, int], Awaitable[None]] = wake,
) -> float:
    """One blow with the fifth caller behind these keys; seconds from it to the next correct offer.

    Raises AssertionError.
    """
    scene = await _set(k, where)
    arrived = await _arrivals(k)
    leader = int((await k.status())["controller"]["pid"])
    watched = Talk(scene.talking, scene.leg)
    took, late = await _at_random(k, scene, blow, dice)
    if blow is Blow.HANG:
        await wake(k, leader)
    stays = await _asks_again(k, scene)
    assert await watched.lost_ms() < GAP
    await _all_is_as_it_was(scene)
    await _next_offer(k, "a04", scene.second)
    await _the_rest_is_served(k, [scene.choosing, late] if stays else [late], late)
    assert _rung(k) == dict.fromkeys(SEATS, 1) | ({} if stays else {SEATS[-1]: 0})
    await k.clear()
    closed = {record.id: record.arrived_at for record in await k.some_closed(len(k.placed))}
    assert {call: closed[call] for call in arrived} == arrived
    return took


async def _set(k: Centre, place: str) -> Scene:
    k.begin()
    await until_true(k.instance.pids, lambda pids: "standby" in pids, "a pair", WITHIN)
    for seat in SEATS[2:]:
        await k.phone(seat, AnswerAfter())
    talking, leg = await k.talking("a01")
    await talk(talking, leg)
    phone = await k.ready("a02")
    offered = await k.call("0")
    ringing = await phone.rings()
    first = await k.call("0")
    await k.line_is(3, "waiting")
    second = await k.call("0")
    await k.line_is(4, "waiting")
    choosing = await k.call(place)
    await k.line_is(5, "menu")
    return Scene(talking, leg, offered, ringing, first, second, choosing)


def _rung(k: Centre) -> dict[str, int]:
    """How many calls each telephone has had from us: taken up, or not yet looked at."""
    return {seat: len(k.phones[seat].calls) + k.phones[seat].incoming.qsize() for seat in SEATS}


async def _arrivals(k: Centre) -> dict[str, float]:
    """When each open call arrived, as the records say now."""
    found = await until_true(k.records_of.open_calls, lambda open_: len(open_) == 5, "five calls")
    return {record.id: record.arrived_at for record in found}


async def _at_random(
    k: Centre, scene: Scene, blow: Blow, dice: Random
) -> tuple[float, OutgoingCall]:
    """The blow, a key and an arrival, in whatever order; how long until the next offer."""

    async def press() -> None:
        await pause(dice.uniform(0, SPREAD))
        await scene.choosing.send_key("0")

    async def arrive() -> OutgoingCall:
        await pause(dice.uniform(0, SPREAD))
        return await k.call()

    async def hit(group: asyncio.TaskGroup) -> float:
        await pause(dice.uniform(0, SPREAD))
        at = time.monotonic()
        struck = group.create_task(_hit(k, blow))
        if blow is not Blow.HAND_OVER:
            await struck
        within = OFFER_WITHIN + MORE.get(blow, 0.0)
        return await _next_offer(k, "a03", scene.first, within) - at

    async with asyncio.TaskGroup() as group:
        group.create_task(press())
        late, took = group.create_task(arrive()), group.create_task(hit(group))
    return took.result(), late.result()


async def _hit(k: Centre, blow: Blow) -> None:
    if blow is Blow.HAND_OVER:
        await control.restart(k.instance.home, "controller")
        return
    pids = await k.instance.pids()
    number = signal.SIGSTOP if blow is Blow.HANG else signal.SIGKILL
    names = ("controller", "standby") if blow is Blow.KILL_BOTH else ("controller",)
    for name in names:
        os.kill(pids[name], number)


async def _next_offer(
    k: Centre, seat: str, expected: OutgoingCall, within: float = WITHIN
) -> float:
    """Somebody becomes ready and is offered this caller; when their phone was rung."""
    phone = k.phones[seat]
    async with asyncio.timeout(within):
        await insist(k, seat, "ready")
        taken = await phone.rings(within=within)
    assert taken.caller == caller(expected)
    await talk(expected, taken)
    return taken.invited_at


async def insist(k: Centre, seat: str, do: str) -> None:
    """Ask until there is somebody to grant it."""
    async with asyncio.timeout(WITHIN):
        while True:
            try:
                return await k.ask(seat, do)
            except (NoController, Refused):
                await pause(EVERY)


async def _all_is_as_it_was(scene: Scene) -> None:
    """Who talked talks on, and the phone that rang was rung once and is answered."""
    await talk(scene.talking, scene.leg)
    assert not scene.ringing.ended.happened
    await scene.ringing.answer()
    await talk(scene.offered, scene.ringing)


async def _the_rest_is_served(k: Centre, others: list[OutgoingCall], late: OutgoingCall) -> None:
    """Who chose, and who arrived: kept, greeted, and served in the order in which they waited."""
    await late.answered.within(WITHIN)
    await hears(late, "greeting", since=late.invited_at, within=WITHIN)
    await late.send_key("0")
    await k.line_is(6, "waiting")
    for seat, call in zip(SEATS[4:], others, strict=False):
        await _next_offer(k, seat, call)


async def _asks_again(k: Centre, scene: Scene) -> bool:
    """The key may have fallen into the gap: then they hear the menu again.

    False for who had heard an information, and was said goodbye to before the next key.
    """
    if not await _waits(k, 5):
        if not scene.choosing.ended.happened:
            await scene.choosing.send_key("0")
        await until_true(k.status, lambda told: _settled(told, scene), "line 5 decided", WITHIN)
    return await _waits(k, 5)


def _settled(told: Json, scene: Scene) -> bool:
    return told["lines"][4]["state"] == "waiting" or scene.choosing.ended.happened


async def _waits(k: Centre, line: int) -> bool:
    return bool((await k.status())["lines"][line - 1]["state"] == "waiting")
