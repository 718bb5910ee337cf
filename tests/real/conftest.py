"""One instance for the folder in each process; its invariants are asserted after every test."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.real.centre import Centre, centre
from tests.real.invariants import invariants


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """The instance that most tests share."""
    async with centre(tmp_path_factory.mktemp("real")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def c(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)
