"""Calls of the safety net get a record, whatever happens while they are read."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.database import DatabaseFailed, open_database
from telephony.calls import net_calls
from telephony.simulation.shell.loop import virtually
from telephony.store import changes as row
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.calls.centre_site import Site, virtual_clock
from tests.calls.leading import later

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
REFUSED = GONE | {"call": "n1-1700000000.4", "how": "unreadable"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    lines = [json.dumps(line) for line in (LINE, GONE, BUSY, REFUSED)]
    path.write_text("\n".join([*lines[:2], "{broken", *lines[2:]]) + "\n")
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
    assert [found[line["call"]]["outcome"] for line in (LINE, GONE, BUSY, REFUSED)] == [
        "answered",
        "abandoned",
        "overflowed",
        "refused",
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
    assert sql.written == [LINE["call"], BUSY["call"], REFUSED["call"]]
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
    assert sql.written == [each["call"] for each in (LINE, GONE, BUSY, REFUSED)]


async def test_a_file_that_cannot_be_moved_costs_nobody_the_lead(file: Path) -> None:
    broken = file.with_suffix(".importing")
    broken.mkdir()  # in the way: it cannot be read as a file
    await net_calls.bring_in(file, Picky().add)
    await net_calls.bring_in(file / "calls.jsonl", Picky().add)  # its folder is a file
    assert file.exists()


LEFT = GONE | {"call": "n1-1700000000.4", "how": "left"}


def leaves(file: Path, *lines: dict[str, str]) -> None:
    with file.open("a") as kept:
        kept.writelines(json.dumps(line) + "\n" for line in lines)


@pytest.mark.parametrize(("answer", "written"), [(True, []), (False, [LEFT["call"]])])
async def test_a_call_in_stasis_whose_leader_died_has_a_record_and_others_have_only_theirs(
    tmp_path: Path, answer: bool, written: list[str]
) -> None:
    file, sql, answers = tmp_path / "calls.jsonl", Picky(), list[bool | None]([None, None, answer])

    async def known(call: str, ended: float) -> bool | None:
        assert (call, ended) == (LEFT["call"], float(LEFT["ended"]))
        return answers.pop(0)

    leaves(file, LEFT)
    for _ in range(2):  # not certain yet
        await net_calls.bring_in(file, sql.add, known)
        assert sql.written == []
        assert [path.name for path in tmp_path.iterdir()] == ["calls.later"]
        assert (tmp_path / "calls.later").stat().st_mode & 0o077 == 0
    await net_calls.bring_in(file, sql.add, known)
    assert sql.written == written
    assert list(tmp_path.iterdir()) == []
    await net_calls.bring_in(file, sql.add, known)  # nothing left to ask about


async def test_d8_a_line_that_came_while_the_file_was_read_is_not_lost(tmp_path: Path) -> None:
    file, sql = tmp_path / "calls.jsonl", Picky()

    class Late(Picky):
        async def add(self, changes: Sequence[row.Change]) -> None:
            leaves(file.with_suffix(".importing"), BUSY)  # Asterisk had it open
            await sql.add(changes)

    leaves(file, GONE)
    await net_calls.bring_in(file, Late().add)
    await net_calls.bring_in(file, sql.add)
    assert set(sql.written) == {GONE["call"], BUSY["call"]}
    assert list(tmp_path.iterdir()) == []


async def test_d8_a_torn_line_and_one_that_came_twice_cost_nothing(tmp_path: Path) -> None:
    file, sql = tmp_path / "calls.jsonl", Picky()
    leaves(file, GONE, GONE)
    with file.open("a") as kept:
        kept.write(json.dumps(BUSY)[:40])
    await net_calls.bring_in(file, sql.add)
    assert set(sql.written) == {GONE["call"]}
    assert (tmp_path / "calls.refused.jsonl").read_text() == json.dumps(BUSY)[:40] + "\n"


@virtually
async def test_what_a_controller_knows_of_a_call_that_was_in_stasis() -> None:
    site = Site()
    async with site.led() as lead:
        ground = lead.controller.ground
        call, over = site.arrives(), site.arrives()
        await later(0.5)
        site.hang_up(over)
        await later(0.5)
        now = virtual_clock().wall()
        assert [await ground.knows(each, now) for each in (call, over)] == [True, True]
        assert await ground.knows("nobody-heard", now) is None
        assert await ground.knows("nobody-heard", now - 60.0) is False
        await site.records.add(1, [row.CallOpened("of-yesterday", now, 1, "", None)])
        assert await ground.knows("of-yesterday", now - 60.0) is True
