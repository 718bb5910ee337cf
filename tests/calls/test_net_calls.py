"""Calls of the safety net get a record, whatever happens while they are read."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.database import DatabaseFailed, open_database
from telephony.calls import net_calls
from telephony.store import changes as row
from telephony.store.migrate import migrate
from telephony.store.records import Records

LINE = {
    "call": "n1-1700000000.1",
    "arrived": "1700000000.250",
    "dialled": "0942000100",
    "from": "%3Csip%3A0942000901%40127.0.0.1%3E",
    "pai": "",
    "privacy": "",
    "how": "answered",
    "seat": "a01",
    "answered": "1700000012.250",
    "ended": "1700000042.250",
}
GONE = LINE | {"call": "n1-1700000000.2", "how": "abandoned", "seat": "", "answered": ""}
BUSY = GONE | {"call": "n1-1700000000.3", "how": "busy"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    lines = [json.dumps(line) for line in (LINE, GONE, BUSY)]
    path.write_text("\n".join([*lines[:2], "{broken", lines[2]]) + "\n")
    return path


async def test_each_call_has_one_record_even_when_the_file_is_read_twice(
    file: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    await migrate(url)
    database = open_database(url)
    records = Records(database)
    await records.claim(1)
    aside = net_calls.set_aside(file)
    assert aside is not None
    for _ in range(2):  # as after a crash between writing and deleting
        await records.add(1, net_calls.changes(aside))
    found = {record.id: record.to_json() for record in await records.calls(10)}
    await database.close()
    assert [found[line["call"]]["outcome"] for line in (LINE, GONE, BUSY)] == [
        "answered",
        "abandoned",
        "overflowed",
    ]
    answered = found[LINE["call"]]
    assert (answered["waited"], answered["talked"], answered["agent"]) == (12.0, 30.0, "a01")
    assert answered["caller"] == {"number": "+81942000901", "kind": "fixed"}
    assert [event["event"] for event in answered["timeline"]] == ["safety_net"]
    assert found[BUSY["call"]]["overflow_reason"] == "all_lines_busy"


def test_a_file_that_was_being_read_is_read_before_a_newer_one(file: Path) -> None:
    first = net_calls.set_aside(file)
    file.write_text("")
    assert net_calls.set_aside(file) == first


def test_nothing_kept_is_nothing_to_read(tmp_path: Path) -> None:
    assert net_calls.set_aside(tmp_path / "calls.jsonl") is None


class Picky:
    """SQL that refuses one call for ever, and can be away."""

    def __init__(self, refused: str = "") -> None:
        self.written: list[str] = []
        self.away = False
        self._refused = refused

    async def add(self, changes: Sequence[row.Change]) -> None:
        """Write all of them or none."""
        opened = [change.call for change in changes if isinstance(change, row.CallOpened)]
        if self.away or self._refused in opened:
            raise DatabaseFailed("no")
        self.written += opened


async def test_a_call_that_sql_refuses_is_set_aside_and_the_others_are_written(file: Path) -> None:
    sql = Picky(refused=GONE["call"])
    await net_calls.bring_in(file, sql.add)
    assert sql.written == [LINE["call"], BUSY["call"]]
    refused = file.with_name("calls.refused.jsonl")
    assert refused.read_bytes().splitlines() == [b"{broken", json.dumps(GONE).encode()]
    assert refused.stat().st_mode & 0o077 == 0
    assert list(file.parent.glob("calls.*")) == [refused]


async def test_while_sql_is_away_every_call_is_kept(file: Path) -> None:
    sql = Picky()
    sql.away = True
    await net_calls.bring_in(file, sql.add)
    assert [path.name for path in file.parent.glob("calls.*")] == ["calls.importing"]
    sql.away = False
    await net_calls.bring_in(file, sql.add)
    assert sql.written == [LINE["call"], GONE["call"], BUSY["call"]]


async def test_a_file_that_cannot_be_moved_costs_nobody_the_lead(file: Path) -> None:
    broken = file.with_suffix(".importing")
    broken.mkdir()  # in the way: it cannot be read as a file
    await net_calls.bring_in(file, Picky().add)
    await net_calls.bring_in(file / "calls.jsonl", Picky().add)  # its folder is a file
    assert file.exists()
