"""CSV to and from the city's system: UTF-8 or CP932, faults by row, and all or nothing. Pure."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from io import StringIO
from typing import Final, Literal

from agents.bookings.booking import Booking, masked_birth, masked_notice
from agents.bookings.moments import Moment
from agents.bookings.places import Place, stored
from agents.bookings.states import Deed
from agents.web.csv_reading import MOST_FAULTS, Faulty, RowFault, Rows, WrongRow, rows

Encoding = Literal["utf-8", "cp932"]
SLOT_COLUMNS: Final = ("場所", "日付", "時刻", "定員", "予約済み")
RESULT_COLUMNS: Final = ("予約番号", "結果")
_RESULTS: Final = {"来庁": Deed.VISIT, "無断": Deed.MISS}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A time in the city's system."""

    place: Place
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What came of a visit."""

    row: int
    number: str
    deed: Deed


def slot_rows(data: bytes, sites: Mapping[str, str], read: Rows = rows) -> list[SlotRow]:
    """Times of the city's system; `sites` says which code has which name, `read` what is a row."""
    codes = {name: code for code, name in sites.items()} | {code: code for code in sites}
    found = read(data, SLOT_COLUMNS, lambda _, cells: _slot(cells, codes))
    _refuse_twice([(row, one.place) for row, one in found])
    return [one for _, one in found]


def result_rows(data: bytes, read: Rows = rows) -> list[ResultRow]:
    """What came of visits."""
    found = read(data, RESULT_COLUMNS, _result)
    _refuse_twice([(row, one.number) for row, one in found])
    return [one for _, one in found]


def exported(bookings: Iterable[Booking], sites: Mapping[str, str], encoding: Encoding) -> bytes:
    """Bookings for a spreadsheet; what opens a booking stays masked.

    A sign that CP932 does not have becomes 〓, which is how 外字 are told from a mistake.
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(
        ("予約番号", "状態", "場所", "日付", "時刻", "氏名", "フリガナ", "生年月日", "通知書番号")
    )
    for booking in bookings:
        stand = booking.stand
        day, start = stored(stand.when)
        for card in stand.party:
            writer.writerow(
                _safe(cell)
                for cell in (
                    stand.number or "", stand.status.value, sites.get(stand.site, stand.site), day,
                    start, card.name, card.kana, masked_birth(card.birth_date),
                    masked_notice(card.notice_no),
                )
            )  # fmt: skip
    if encoding == "utf-8":
        return file.getvalue().encode("utf-8-sig")
    return b"".join(_cp932(each) for each in file.getvalue())


def _cp932(each: str) -> bytes:
    try:
        return each.encode("cp932")
    except UnicodeEncodeError:
        return "〓".encode("cp932")


def _safe(cell: str) -> str:
    """A spreadsheet must not run what a citizen is called."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _slot(cells: list[str], codes: Mapping[str, str]) -> SlotRow:
    site, day, start, capacity, taken = cells
    if site not in codes:
        raise WrongRow("場所が登録されていません (no such site)")
    try:
        when = Moment(date.fromisoformat(day.replace("/", "-")), time.fromisoformat(start))
    except ValueError:
        raise WrongRow("日付は 2026-12-03、時刻は 09:30 の形にしてください (day or time)") from None
    if not (_is_count(capacity) and _is_count(taken)):
        raise WrongRow("定員と予約済みは0から999の数字にしてください (not a count)")
    if when.at.second or when.at.microsecond or when.at.tzinfo:
        raise WrongRow("時刻は 09:30 の形にしてください (minutes at most)")
    return SlotRow(Place(codes[site], when), int(capacity), int(taken))


def _result(row: int, cells: list[str]) -> ResultRow:
    number, result = cells
    if not number:
        raise WrongRow("予約番号がありません (no number)")
    if result not in _RESULTS:
        raise WrongRow(f"結果は {'か'.join(_RESULTS)} にしてください (not a result)")
    return ResultRow(row, number, _RESULTS[result])


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len("999")


def _refuse_twice(keys: Sequence[tuple[int, object]]) -> None:
    first: dict[object, int] = {}
    faults = []
    for row, key in keys:
        if key in first:
            faults.append(
                RowFault(row, f"{first[key]}行目と同じです (the same as row {first[key]})")
            )
        first.setdefault(key, row)
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
