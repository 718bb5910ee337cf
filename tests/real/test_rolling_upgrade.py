"""D10: a controller of version N hands over to one of N+1, and back, with calls up.

As an operator does it: the files on the disk are replaced under the running pair, which is then
renewed one after the other. The newcomer is of another core, so it may not replay the former one's
entries: it takes the snapshot and asks Asterisk.
"""

from collections.abc import AsyncIterator
from random import Random  # noqa: TID251 -- the instants of a test, by its seed

import pytest
import pytest_asyncio

from telephony.calls.engine import CORE_VERSION
from tests.real.brain import REACH, WITHIN, Blow, place, strike
from tests.real.centre import CARRIER, Centre, begun
from tests.real.invariants import invariants
from tests.real.releases import Release
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

NEXT = f"{CORE_VERSION}-next"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release(tmp_path_factory.mktemp("release") / "madoguchi")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def k(tmp_path_factory: pytest.TempPathFactory, release: Release) -> AsyncIterator[Centre]:
    async with instance(tmp_path_factory.mktemp("upgraded") / "home") as made:
        command = release.up(made, ring_for=2 * WITHIN, reach_for=REACH)
        async with begun(made, command, made.base + CARRIER) as started:
            yield started


async def version(k: Centre) -> str:
    return str((await k.status())["controller"]["core_version"])


@pytest.mark.parametrize(("before", "after"), [(CORE_VERSION, NEXT), (NEXT, CORE_VERSION)])
async def test_d10_another_core_takes_over_with_calls_in_every_state(
    k: Centre, release: Release, before: str, after: str
) -> None:
    assert (await version(k), release.core_version) == (before, before)
    release.install(after)
    await strike(k, Blow.HAND_OVER, Random(after), place(len(after)))
    assert await version(k) == after
    await invariants(k)
