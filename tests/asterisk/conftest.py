"""One bare Asterisk for all ARI tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.asterisk.bare import Bare, bare_asterisk


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Asterisk 22 without our configuration."""
    with bare_asterisk(tmp_path_factory.mktemp("bare") / "asterisk") as running:
        yield running
