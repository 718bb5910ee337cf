"""What is measured on a running product: one call's latency at a time, ours and the rival's."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.product import OURS, Product
from benchmarks.rival import THEIRS
from tests.sip import IncomingCall, OutgoingCall
from tests.sip.moment import Missed

WITHIN: Final = 10.0  # seconds; app_queue may take its time
WARM_UP: Final = 3  # calls of each that are not counted

Shot = Callable[[Product, str, Random], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Latencies in seconds, of one run."""

    ours: list[float]
    theirs: list[float]


async def alternate(at: Product, shot: Shot, each: int, seed: int) -> Pair:
    """A B A B …, so that whatever else the machine does falls on both."""
    dice = Random(seed)
    pair = Pair([], [])
    for n in range(WARM_UP + each):
        for dialled, kept in ((OURS, pair.ours), (THEIRS, pair.theirs)):
            try:
                seconds = await shot(at, dialled, dice)
            except Missed as missed:
                missed.add_note(
                    f"of call {n} to {dialled} ({'ours' if dialled == OURS else 'app_queue'})"
                )
                raise
            if n >= WARM_UP:
                kept.append(seconds)
    return pair


async def offer(at: Product, dialled: str, dice: Random) -> float:
    """The caller's INVITE leaves → the INVITE reaches the phone of the one idle agent."""
    call = await at.call(dialled)
    leg = await at.phone.rings(WITHIN)
    await _connect(call, leg)
    call.hang_up()
    await _over(dice, call, leg)
    return leg.invited_at - call.invited_at


async def next_offer(at: Product, dialled: str, dice: Random) -> float:
    """The agent's BYE leaves the phone → the next waiting caller's INVITE reaches it.

    The time before the BYE is random over a second: app_queue looks once a second.
    """
    first = await at.call(dialled)
    leg = await at.phone.rings(WITHIN)
    await _connect(first, leg)
    second = await at.call(dialled)
    await second.answered
    await asyncio.sleep(0.2 + dice.random())
    freed_at = time.monotonic()
    leg.hang_up()
    following = await at.phone.rings(WITHIN)
    await _connect(second, following)
    second.hang_up()
    await _over(dice, first, leg, second, following)
    return following.invited_at - freed_at


@dataclass(frozen=True, slots=True)
class Key:
    """Seconds until the agent's phone was invited, from the first and from the last key packet."""

    from_press: float
    from_release: float


async def key(at: Product, dice: Random) -> Key:
    """A caller presses 0 at some moment of the greeting, for a tenth of a second."""
    call = await at.call()
    await call.answered
    await asyncio.sleep(dice.uniform(0.2, 2.0))
    pressed = await call.send_key("0")
    leg = await at.phone.rings(WITHIN)
    call.hang_up()
    await _over(dice, call, leg)
    return Key(leg.invited_at - pressed.began_at, leg.invited_at - pressed.ended_at)


async def _connect(call: OutgoingCall, leg: IncomingCall) -> None:
    await leg.answer()
    await call.answered


async def _over(dice: Random, *calls: OutgoingCall | IncomingCall) -> None:
    """Everybody has hung up, and a little more: the phone is seen idle by both."""
    for call in calls:
        await call.ended
    await asyncio.sleep(dice.uniform(0.06, 0.12))
