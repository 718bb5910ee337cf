"""Backups whose passphrase costs little: what it costs in life is measured, not tested."""

import pytest

from telephony.keeping import sealed
from tests.store.conftest import empty_url, postgres_socket

__all__ = ["empty_url", "postgres_socket"]


@pytest.fixture(autouse=True)
def cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "COST", 2)
