"""Files of the city's system: both encodings, faults by row, and never half of a file."""

import shutil
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agents.bookings.booking import Booking
from agents.bookings.csv_files import exported, result_rows, slot_rows
from agents.bookings.kept import BookingBook, mark_rows
from agents.bookings.moments import Moment
from agents.bookings.places import Place, Search
from agents.bookings.states import Deed, Master, Status
from agents.bookings.tables import HISTORY, ID, SLOTS
from agents.people import Role
from agents.web.csv_reading import Faulty, decoded
from agents.web.fields import LONGEST_KEY
from config.database import Database
from tests.agents.asking import Browser
from tests.agents.bookings.people import HANAKO, NOW, by, wish
from tests.agents.bookings.test_web import agreed
from tests.agents.conftest import schema
from tests.agents.desk import Desk, a_desk

__all__ = ["schema"]
SITES = {"main": "本庁舎", "kitano": "北野総合支所"}
HEAD = "場所,日付,時刻,定員,予約済み"


def file(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows]).encode()


def many(count: int) -> list[str]:
    """Times of two sites, each once."""
    return [
        f"{('本庁舎', 'kitano')[n % 2]},{date.fromordinal(739_000 + n // 40)},"
        f"{8 + n // 2 % 10:02}:{n // 20 % 2 * 30:02},4,1"
        for n in range(count)
    ]


def faults(data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(Faulty) as told:
        slot_rows(data, SITES)
    return [(fault.row, fault.text) for fault in told.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_save(encoding: str) -> None:
    data = f"{HEAD}\r\n本庁舎,2026/12/03,09:30,4,1\r\n".encode(encoding)
    (row,) = slot_rows(data, SITES)
    assert row.place == Place("main", Moment(date(2026, 12, 3), time(9, 30)))
    assert (row.capacity, row.taken) == (4, 1)


def test_what_is_neither_encoding_is_told() -> None:
    with pytest.raises(Faulty):
        decoded(b"\x81\x00\xff\xfe")


@pytest.mark.parametrize(
    "row",
    [
        "月面,2026-12-03,09:30,4,1",
        "本庁舎,2026-02-30,09:30,4,1",
        "本庁舎,2026-12-03,25:00,4,1",
        "本庁舎,2026-12-03,09:30:15,4,1",
        "本庁舎,2026-12-03,09:30,-1,1",
        "本庁舎,2026-12-03,09:30,４,1",
        "本庁舎,2026-12-03,09:30,4",
        "本庁舎,2026-12-03,09:30,4,1,x",
        "本庁舎,2026-12-03,09:30,1000,1",
        '本庁舎,"2026-12-03,09:30,4,1',
    ],
)
def test_each_wrong_row_is_named(row: str) -> None:
    assert [at for at, _ in faults(file("本庁舎,2026-12-02,09:30,4,1", row))] == [3]


def test_wrong_headings_and_rows_said_twice_are_told() -> None:
    assert faults(file("a,b", head="a,b"))[0][0] == 1
    assert faults(b"")[0][0] == 1
    twice = "本庁舎,2026-12-03,09:30,4,1"
    assert faults(file(twice, "", twice)) == [(4, "2行目と同じです (the same as row 2)")]


def test_ten_thousand_rows_with_a_fault_in_row_9999_are_one_fault() -> None:
    rows = many(10_000)
    assert len(slot_rows(file(*rows), SITES)) == 10_000
    rows[9_997] = rows[9_997].replace(",4,", ",four,")  # row 9,999 of the file: one is the heading
    assert [at for at, _ in faults(file(*rows))] == [9_999]


def test_results_are_read() -> None:
    data = file("C1,来庁", "C2,無断", head="予約番号,結果")
    assert [(one.number, one.deed) for one in result_rows(data)] == [
        ("C1", Deed.VISIT), ("C2", Deed.MISS),
    ]  # fmt: skip
    with pytest.raises(Faulty):
        result_rows(file("C1,欠席", ",来庁", head="予約番号,結果"))


def a_booking(**card: Any) -> Booking:
    stand = wish(Moment(date(2026, 12, 3), time(10)), replace(HANAKO, **card), number="C1")
    return Booking("b1", 1, Master.CITY, stand, None, "u1", "青木", NOW, NOW)


def test_an_export_shows_no_credential_and_runs_nothing() -> None:
    text = exported([a_booking(name="=1+1")], SITES, "utf-8").decode("utf-8-sig")
    line = text.splitlines()[1]
    assert line == "C1,held,本庁舎,2026-12-03,10:00,'=1+1,マドグチ ハナコ,1948-●●-●●,●●●●●●001"


def test_a_name_beyond_cp932_keeps_its_place() -> None:
    text = exported([a_booking(name="𠮷田 花子")], SITES, "cp932").decode("cp932")
    assert ",〓田 花子," in text


async def test_results_are_taken_all_or_not_at_all(database: Database) -> None:
    book = BookingBook(database, Master.CITY)
    ids = []
    for number in ("C1", "C2"):
        made = await book.agree(by(), wish())
        ids.append((await book.enter(by(), made.id, 1, number)).id)
    wrong = result_rows(file("C1,来庁", "C9,無断", "C2,無断", head="予約番号,結果"))
    with pytest.raises(Faulty) as told:
        await database.write(lambda c: mark_rows(c, by(), wrong))
    assert [fault.row for fault in told.value.faults] == [3]
    for id_ in ids:
        found = await book.booking(id_)
        assert found is not None
        assert found.stand.status is Status.BOOKED
    right = result_rows(file("C1,来庁", "C2,無断", head="予約番号,結果"))
    assert await database.write(lambda c: mark_rows(c, by(), right)) == 2
    assert (
        await database.write(lambda c: mark_rows(c, by(), right)) == 0
    )  # sent again: nothing changes


async def test_every_line_of_the_history_has_a_key_that_its_column_holds(
    database: Database,
) -> None:
    """SQLite takes any length; PostgreSQL refuses what is too long for the column."""
    book = BookingBook(database, Master.CITY)
    made = await book.agree(by(), wish())
    await book.enter(by(), made.id, 1, "C1")
    told = result_rows(file("C1,来庁", head="予約番号,結果"))
    longest = by(key="k" * LONGEST_KEY)
    assert await database.write(lambda c: mark_rows(c, longest, told)) == 1
    keys = await database.read(lambda c: list(c.scalars(select(HISTORY.c.key))))
    assert len(keys) == 3
    assert ID.length is not None
    assert max(map(len, keys)) <= ID.length


async def test_imported_times_say_since_when_they_are_known(database: Database) -> None:
    book = BookingBook(database, Master.CITY)
    rows = slot_rows(file("本庁舎,2026-12-03,09:30,4,1", "本庁舎,2026-12-03,10:00,4,4"), SITES)
    await book.import_slots(rows, NOW)
    search = Search(("main",), Moment(date(2026, 12, 1), time(0)), date(2026, 12, 31), 1, 3)
    (free,) = await book.free(search, NOW + 60)
    assert (free.place.when.at, free.left, free.known_at) == (time(9, 30), 3, NOW)


async def sent(page: Browser, kind: str, data: bytes) -> Any:
    form = {"key": "import-001", "content": b64encode(data).decode()}
    return await page.ask("POST", f"/api/booking-files/{kind}", form)


async def test_files_go_in_and_out_over_http(schema: Path, tmp_path: Path) -> None:
    async with a_desk(f"sqlite:///{shutil.copy(schema, tmp_path / 'm.db')}") as desk:
        await _in_and_out(desk)


async def _in_and_out(desk: Desk) -> None:
    page = await desk.signed_in("leader", Role.SUPERVISOR)
    rows = many(10_000)
    broken = [*rows[:9_997], "x", *rows[9_998:]]
    told = await sent(page, "slots", file(*broken))
    assert (told.status, list(told.body["fields"])) == (422, ["row 9999"])
    assert not await desk.database.read(lambda c: c.execute(select(SLOTS).limit(1)).all())
    assert (await sent(page, "slots", file(*rows))).body == {"rows": 10_000}
    assert (await page.ask("POST", "/api/booking-files/slots",
                           {"key": "import-002", "content": "?"})).status == 422  # fmt: skip
    made = await agreed(page)
    number = {"key": "number-01", "version": 1, "number": "C1"}
    await page.ask("PUT", f"/api/bookings/{made['id']}/number", number)
    told = await sent(page, "results", file("C1,来庁", head="予約番号,結果"))
    assert told.body == {"rows": 1}
    out = (await page.ask("GET", "/api/booking-files/day?day=2026-02-12")).body
    assert "C1,visited,本庁舎" in b64decode(out["content"]).decode("utf-8-sig")
    words = [word for word, _, _ in await desk.deeds()]
    for word in ("slots_imported", "results_imported", "bookings_exported"):
        assert word in words
    assert (await sent(await desk.signed_in("ana"), "slots", b"")).status == 403
