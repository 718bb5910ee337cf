"""A desk on SQLite."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agents.desk import Desk, a_desk
from tests.store.conftest import schema

__all__ = ["schema"]


@pytest.fixture
def url(schema: Path, tmp_path: Path) -> str:
    """A database of its own for each test."""
    return f"sqlite:///{shutil.copy(schema, tmp_path / 'madoguchi.db')}"


@pytest.fixture
async def whole(url: str) -> AsyncIterator[Desk]:
    """A whole desk, with nobody in it yet."""
    async with a_desk(url) as desk:
        yield desk
