"""Nothing is lost with the brain: twenty deaths, in each menu, and other blows."""

import sys
from collections.abc import AsyncIterator
from random import Random  # noqa: TID251 -- the instants of a test, by its seed

import pytest
import pytest_asyncio

from telephony.supervisor import control
from tests.real.brain import REACH, WITHIN, Blow, place, strike
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.split_brain import split
from tests.real.waiting import until_true

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

IN_A_ROW = 4


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own, whose phones ring long enough, and have time to, for any blow."""
    async with centre(
        tmp_path_factory.mktemp("brain"), ring_for=2 * WITHIN, reach_for=REACH
    ) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def k(running: Centre) -> AsyncIterator[Centre]:
    """The instance with two controllers, whose former deaths are forgotten."""
    yield running
    await running.clear()  # what a blow left that went wrong is not the next one's
    await control.restart(running.instance.home, "controller")
    await until_true(running.status, lambda status: bool(status["ready"]), "ready again", WITHIN)


@pytest.mark.parametrize("seed", range(5))
async def test_twenty_deaths_at_random_instants(k: Centre, seed: int) -> None:
    dice = Random(seed)
    for number in range(seed * IN_A_ROW, (seed + 1) * IN_A_ROW):
        await _struck(k, Blow.KILL, dice, place(number))


@pytest.mark.parametrize("seed", range(2))
async def test_x2_a_leader_that_wakes_beside_the_next_one_asks_asterisk_nothing(
    k: Centre, seed: int
) -> None:
    took = await split(k, Random(seed), place(seed))
    sys.stdout.write(f"hang: next correct offer after {took:.2f} s\n")
    await invariants(k)


@pytest.mark.parametrize("blow", [Blow.KILL_BOTH, Blow.HAND_OVER])
async def test_other_blows(k: Centre, blow: Blow) -> None:
    await _struck(k, blow, Random(blow), "21")


async def _struck(k: Centre, blow: Blow, dice: Random, where: str) -> None:
    took = await strike(k, blow, dice, where)
    sys.stdout.write(f"{blow}: next correct offer after {took:.2f} s\n")
    await invariants(k)
