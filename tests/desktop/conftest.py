"""One centre and one browser for the folder in each process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

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
