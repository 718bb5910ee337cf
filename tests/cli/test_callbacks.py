"""`madoguchi callbacks` and its balance, with nothing running."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, text

from config.database import open_database
from config.home import Home
from telephony.caller_id import E164, Caller, CallerKind
from telephony.store.changes import CallClosed, CallNoted, CallOpened, Change
from telephony.store.migrate import migrate
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome, OverflowReason
from tests.cli.run import Shell

AT = 1_795_305_600.0  # 2026-11-22 09:00 in Japan
BUSY = OverflowReason.ALL_LINES_BUSY
DAY = 86_400.0


def caller(number: str) -> Caller:
    return Caller(E164(number), CallerKind.FIXED, "", "", None)


WITHHELD = Caller(None, CallerKind.WITHHELD, "", "", None)


def refused(call: str, at: float, who: Caller) -> list[Change]:
    closed = CallClosed(call, at, Outcome.OVERFLOWED, BUSY, 0, 0, 0, None)
    return [CallOpened(call, at, None, "0942000100", who), closed]


CHANGES: list[Change] = [
    *refused("c1", AT, caller("+81942000901")),
    *refused("c2", AT + 60, caller("+81942000901")),
    *refused("c3", AT + 60, WITHHELD),
    CallOpened("c4", AT + 600, 1, "0942000100", caller("+81942000901")),
    CallNoted("c4", AT + 610, "connected", {"agent": "a01"}),
    CallClosed("c4", AT + 700, Outcome.ANSWERED, None, 5.0, 90.0, 0.0, HungUpBy.CALLER),
    *refused("c5", AT + 9 * DAY, caller("+81942000902")),
]


@pytest.fixture
def kept(home: Home) -> str:
    asyncio.run(_record(f"sqlite:///{home.database}", CHANGES))
    return str(home.path)


async def _record(url: str, changes: Sequence[Change]) -> None:
    await migrate(url)
    database = open_database(url)
    records = Records(database)
    await records.claim(1)
    await records.begin_owing(1, AT)
    while await records.read_former(1):
        pass
    await records.apply(1, [(1, changes)])
    await database.close()


async def _meddle(url: str, statement: str) -> None:
    def change(connection: Connection) -> None:
        connection.execute(text(statement))

    database = open_database(url)
    await database.write(change)
    await database.close()


def test_before_the_first_call(madoguchi: Shell, home: Home) -> None:
    at = ("--home", str(home.path))
    assert "nobody" in madoguchi("callbacks", *at).out
    assert json.loads(madoguchi("callbacks", "--json", *at).out) == []
    told = madoguchi("callbacks", "balance", "--json", *at)
    assert (told.status, json.loads(told.out)["opened"]) == (0, 0)
    assert not home.database.exists()


def test_who_is_to_be_called_back(madoguchi: Shell, kept: str) -> None:
    (owed,) = json.loads(madoguchi("callbacks", "--json", "--home", kept).out)
    assert (owed["id"], owed["no"], owed["number"]) == ("ob-c5", 2, "+81942000902")
    assert owed["due_at"] == "2026-12-01T11:00:00.000+09:00"
    shown = madoguchi("callbacks", "--home", kept).out
    assert "+81942000902" not in shown
    assert "+81942000902" in madoguchi("callbacks", "--numbers", "--home", kept).out


def test_the_balance_has_five_keys_and_balances_by_month(madoguchi: Shell, kept: str) -> None:
    for given, figures in (
        ((), (2, 1, 0, 0, 1)),
        (("--month", "2026-11"), (1, 1, 0, 0, 0)),
        (("--month", "2026-12"), (1, 0, 0, 0, 1)),
        (("--month", "2026-10"), (0, 0, 0, 0, 0)),
    ):
        told = madoguchi("callbacks", "balance", "--json", *given, "--home", kept)
        assert told.status == 0, told.err
        found = json.loads(told.out)
        assert list(found) == ["opened", "contacted", "exhausted", "withdrawn", "open"]
        assert tuple(found.values()) == figures, given
    shown = madoguchi("callbacks", "balance", "--month", "2026-11", "--home", kept).out
    assert "番号なし 1" in shown
    wrong = madoguchi("callbacks", "balance", "--month", "2026-13", "--home", kept)
    assert wrong.status == 2


def test_a_row_that_was_deleted_by_hand_is_found(madoguchi: Shell, home: Home, kept: str) -> None:
    url = f"sqlite:///{home.database}"
    asyncio.run(_meddle(url, "DELETE FROM obligations WHERE id = 'ob-c5'"))
    told = madoguchi("callbacks", "balance", "--json", "--home", kept)
    assert told.status == 1
    assert json.loads(told.out)["opened"] == 2
    assert "ob-c5" in told.err
    asyncio.run(_meddle(url, "DELETE FROM obligation_events WHERE obligation = 'ob-c5'"))
    told = madoguchi("callbacks", "balance", "--json", "--home", kept)
    assert told.status == 1
    assert "c5" in told.err
