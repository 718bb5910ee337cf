"""The contract of the port: every adapter reads the same values, refuses alike, writes them all."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Final

import pytest

from agents.bookings.booking import Booking
from agents.bookings.city.csv_adapter import CsvAdapter
from agents.bookings.city.json_adapter import JsonAdapter, encoded
from agents.bookings.city.port import CityAdapter
from agents.bookings.csv_bookings import COLUMNS, BookingRow
from agents.bookings.csv_files import RESULT_COLUMNS, SLOT_COLUMNS, ResultRow, SlotRow
from agents.bookings.moments import Moment
from agents.bookings.places import Place
from agents.bookings.states import Deed, Master, Status
from agents.web.csv_reading import Faulty
from tests.agents.bookings.people import HANAKO, ICHIRO, NOW, THURSDAY, wish

SITES: Final = {"main": "本庁舎", "kitano": "北野総合支所"}
TODAY: Final = date(2026, 2, 9)
NUMBER: Final = "000000000019"  # a valid check digit, and nobody's
Row = Mapping[str, str]
SLOT: Final = {"site": "main", "day": "2026-12-03", "start": "10:00", "capacity": "4", "taken": "1"}
BOOKING: Final = {
    "number": "W1", "state": "booked", "site": "kitano", "day": "2026-12-03", "start": "10:00",
    "name": "窓口 花子", "kana": "マドグチ ハナコ", "birth_date": "S23.5.3",
    "notice_no": "AB1-000001", "phone": "0942000101",
}  # fmt: skip
RESULT: Final = {"number": "W1", "result": "visited"}
IN_A_FILE: Final = {
    "booked": "予約", "cancelled": "取消", "visited": "来庁", "no_show": "無断",
}  # fmt: skip


def csv(columns: Sequence[str], rows: Sequence[Row], encoding: str) -> bytes:
    lines = [columns, *([IN_A_FILE.get(cell, cell) for cell in row.values()] for row in rows)]
    return "\r\n".join(",".join(line) for line in lines).encode(encoding)


def letter(_: Sequence[str], rows: Sequence[Row]) -> bytes:
    return encoded({"rows": list(rows)})


@dataclass(frozen=True)
class Way:
    """An adapter, how a test writes what it reads, and how it counts rows."""

    adapter: CityAdapter
    content: Callable[[Sequence[str], Sequence[Row]], bytes]
    first: int


WAYS: Final = {
    "csv": Way(CsvAdapter("utf-8"), lambda columns, rows: csv(columns, rows, "utf-8-sig"), 2),
    "csv cp932": Way(CsvAdapter("cp932"), lambda columns, rows: csv(columns, rows, "cp932"), 2),
    "letter": Way(JsonAdapter(), letter, 1),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def test_the_same_rows_are_the_same_values(way: Way) -> None:
    place = Place("main", Moment(THURSDAY, time(10)))
    slots = way.adapter.slots(way.content(SLOT_COLUMNS, [SLOT]), SITES)
    assert slots == [SlotRow(place, 4, 1)]
    second = BOOKING | {"name": "窓口 一郎", "kana": "マドグチ イチロウ", "notice_no": ""}
    found = way.adapter.bookings(way.content(COLUMNS, [BOOKING, second]), SITES, TODAY)
    party = (HANAKO, replace(HANAKO, name="窓口 一郎", kana="マドグチ イチロウ", notice_no=None))
    there = Place("kitano", Moment(THURSDAY, time(10)))
    assert found == [BookingRow("W1", False, there, "0942000101", party)]
    gone = way.adapter.bookings(
        way.content(COLUMNS, [BOOKING | {"state": "cancelled"}]), SITES, TODAY
    )
    assert [one.gone for one in gone] == [True]
    results = way.adapter.results(
        way.content(RESULT_COLUMNS, [RESULT, {"number": "W2", "result": "no_show"}])
    )
    assert results == [
        ResultRow(way.first, "W1", Deed.VISIT), ResultRow(way.first + 1, "W2", Deed.MISS)
    ]  # fmt: skip


def faulty(way: Way, what: str, *rows: Row) -> list[int]:
    read: dict[str, Callable[[], object]] = {
        "slots": lambda: way.adapter.slots(way.content(SLOT_COLUMNS, rows), SITES),
        "bookings": lambda: way.adapter.bookings(way.content(COLUMNS, rows), SITES, TODAY),
        "results": lambda: way.adapter.results(way.content(RESULT_COLUMNS, rows)),
    }
    with pytest.raises(Faulty) as told:
        read[what]()
    assert all(fault.text for fault in told.value.faults)
    return [fault.row for fault in told.value.faults]


@pytest.mark.parametrize(
    ("what", "row", "wrong"),
    [
        *(("slots", SLOT, each) for each in (
            {"site": "moon"}, {"day": "2026-02-30"}, {"start": "25:00"}, {"capacity": "x"},
            {"capacity": "1000"}, {"taken": "-1"},
        )),
        *(("bookings", BOOKING, each) for each in (
            {"number": ""}, {"state": "maybe"}, {"site": ""}, {"birth_date": "S65.5.3"},
            {"name": ""}, {"name": f"花子{NUMBER}"}, {"kana": NUMBER}, {"notice_no": NUMBER},
            {"phone": NUMBER}, {"number": NUMBER},
        )),
        *(("results", RESULT, each) for each in ({"number": ""}, {"result": "late"})),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_and_nothing_else_is_taken(
    way: Way, what: str, row: Row, wrong: Row
) -> None:
    other = {**row, **({"start": "11:00"} if what == "slots" else {"number": "W9"})}
    assert faulty(way, what, other, {**row, **wrong}) == [way.first + 1]


def test_whatever_stands_in_it_is_told_by_its_row_though_it_is_refused(way: Way) -> None:
    broken = {**SLOT, "site": "moon"}
    data = way.content(SLOT_COLUMNS, [SLOT, broken])
    read = list(way.adapter.texts(data))
    assert {text for row, text in read if row == way.first + 1} >= set(broken.values())
    other = way.content(("氏名", "個人番号"), [{"name": "花子", "no": NUMBER}])  # not these columns
    assert (way.first, NUMBER) in way.adapter.texts(other)
    assert list(way.adapter.texts(b"\x81")) == []


def test_what_is_there_twice_is_wrong(way: Way) -> None:
    assert faulty(way, "slots", SLOT, SLOT) == [way.first + 1]
    assert faulty(way, "results", RESULT, RESULT) == [way.first + 1]
    assert faulty(way, "bookings", BOOKING, BOOKING | {"start": "11:00"}) == [way.first + 1]


@pytest.mark.parametrize("data", [b"", b"\x81\x00\xff\xfe", b"[]", b'{"rows": 1}', b'{"rows'])
def test_what_cannot_be_read_at_all_is_told_of(way: Way, data: bytes) -> None:
    with pytest.raises(Faulty):
        way.adapter.results(data)


def test_every_booking_is_written_once_a_card_and_no_cell_is_a_formula(way: Way) -> None:
    evil = replace(HANAKO, name='=HYPERLINK("x")', kana="𠮷")  # a sign that CP932 has not
    party = (evil, ICHIRO)
    stand = replace(wish(Moment(THURSDAY, time(10)), *party), status=Status.BOOKED, number="W1")
    one = Booking("b1", 1, Master.CITY, stand, None, "u1", "ana", NOW, NOW)
    data = way.adapter.written([one, replace(one, id="b2")], SITES)
    text = data.decode("cp932" if b"\x97\x5c" in data[:4] else "utf-8-sig")
    assert text.count("マドグチ イチロウ") == 2
    assert ",=HYPERLINK" not in text


def test_a_file_hides_what_opens_a_booking_and_a_letter_has_it() -> None:
    stand = replace(wish(), status=Status.BOOKED, number="W1", form={"note": "内緒", "phone": "1"})
    one = Booking("b1", 1, Master.CITY, stand, None, "u1", "ana", NOW, NOW)
    for encoding in ("utf-8", "cp932"):
        file = CsvAdapter(encoding).written([one], SITES)
        assert b"05-03" not in file
        assert b"AB1" not in file
    (told,) = json.loads(JsonAdapter().written([one], SITES))
    assert told["party"][0]["birth_date"] == "1948-05-03"
    assert told["party"][0]["notice_no"] == "AB1000001"
    assert "内緒" not in str(told)  # what an agent noted is ours alone
