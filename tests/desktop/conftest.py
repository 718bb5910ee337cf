"""One centre and one browser for the folder in each process; a network for who asks for it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.desktop.lan import Lan, NoNetwork, lan
from tests.desktop.room import PATIENCE, Room, room
from tests.real.invariants import invariants

expect.set_options(timeout=PATIENCE)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """The room that all tests share."""
    async with room(tmp_path_factory.mktemp("desktop")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def r(running: Room) -> AsyncIterator[Room]:
    """The room with nobody in it, and with nobody in it again afterwards."""
    running.centre.begin()
    yield running
    complaints = await running.leave()
    await running.centre.clear()
    await invariants(running.centre)
    assert complaints == []


@pytest.fixture(scope="module", name="lan")
def a_lan() -> Iterator[Lan]:
    """A network of the module's own; without the right to make one its tests are skipped."""
    try:
        with lan() as made:
            yield made
    except NoNetwork as why:
        pytest.skip(str(why))
