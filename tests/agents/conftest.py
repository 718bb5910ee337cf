"""A desk on SQLite."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telephony.store.migrate import migrate
from tests.agents.desk import Desk, a_desk


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the present schema with nothing in it: made once, copied often."""
    file = tmp_path_factory.mktemp("schema") / "madoguchi.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
def url(schema: Path, tmp_path: Path) -> str:
    """A database of its own for each test."""
    return f"sqlite:///{shutil.copy(schema, tmp_path / 'madoguchi.db')}"


@pytest.fixture
async def whole(url: str) -> AsyncIterator[Desk]:
    """A whole desk, with nobody in it yet."""
    async with a_desk(url) as desk:
        yield desk
