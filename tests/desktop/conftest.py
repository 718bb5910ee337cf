"""One centre and one browser for the folder in each process; a network for who asks for it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.desktop.by_hand import Office, an_office
from tests.desktop.lan import Lan, NoNetwork, lan
from tests.desktop.person import PATIENCE
from tests.desktop.room import Room, room
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
    async with _empty(running):
        yield running


@pytest_asyncio.fixture(loop_scope="package")
async def own(mortal: Room) -> AsyncIterator[Room]:
    """The same of a module's own centre, which it calls `mortal`."""
    async with _empty(mortal):
        yield mortal


@asynccontextmanager
async def _empty(one: Room) -> AsyncIterator[None]:
    one.centre.begin()
    yield
    complaints = await one.leave()
    await one.centre.clear()
    await invariants(one.centre)
    assert not complaints, "\n".join(complaints)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A desk without telephones: whoever sits where is told by hand."""
    async with an_office(tmp_path) as made:
        yield made


@pytest.fixture(scope="module", name="lan")
def a_lan() -> Iterator[Lan]:
    """A network of the module's own; without the right to make one its tests are skipped."""
    try:
        with lan() as made:
            yield made
    except NoNetwork as why:
        pytest.skip(str(why))
