"""Calls of the safety net get a record, whatever happens while they are read."""

import json
from pathlib import Path

import pytest

from config.database import open_database
from telephony.calls import net_calls
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
