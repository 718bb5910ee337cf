"""Instances for the tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.supervisor.instance import Instance, instance


@pytest_asyncio.fixture
async def one(tmp_path: Path) -> AsyncIterator[Instance]:
    """An instance that is not started yet."""
    async with instance(tmp_path / "home") as made:
        yield made


@pytest_asyncio.fixture
async def other(tmp_path: Path) -> AsyncIterator[Instance]:
    """Another one beside it."""
    async with instance(tmp_path / "other") as made:
        yield made
