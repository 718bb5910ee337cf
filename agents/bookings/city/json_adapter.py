"""JSON between machines: what a signed letter holds. The rows are a file's, by their English names.

What is written is the whole booking, for a system cannot enter a part of one: it leaves in a signed
letter for one address, and nowhere else. Pure.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from agents.bookings.booking import Booking
from agents.bookings.city.port import Sites
from agents.bookings.csv_bookings import COLUMNS, BookingRow, booking_rows
from agents.bookings.csv_files import (
    RESULT_COLUMNS,
    SLOT_COLUMNS,
    ResultRow,
    SlotRow,
    result_rows,
    slot_rows,
)
from agents.bookings.places import stored
from agents.web.csv_reading import MOST_FAULTS, MOST_ROWS, Faulty, RowFault, WrongRow

Read = TypeVar("Read")
KEYS: Final[Mapping[str, str]] = {
    "場所": "site", "日付": "day", "時刻": "start", "定員": "capacity", "予約済み": "taken",
    "予約番号": "number", "状態": "state", "氏名": "name", "フリガナ": "kana",
    "生年月日": "birth_date", "通知書番号": "notice_no", "電話番号": "phone", "結果": "result",
}  # fmt: skip
# Their words here, and a file's.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {"booked": "予約", "cancelled": "取消"},
    "result": {"visited": "来庁", "no_show": "無断"},
}
assert KEYS.keys() >= {*SLOT_COLUMNS, *COLUMNS, *RESULT_COLUMNS}


class JsonAdapter:
    """`{"rows": [{…}]}` in, a list of whole bookings out."""

    def slots(self, data: bytes, sites: Sites) -> list[SlotRow]:
        """site, day, start, capacity, taken."""
        return slot_rows(data, sites, _rows)

    def bookings(self, data: bytes, sites: Sites, today: date) -> list[BookingRow]:
        """number, state, site, day, start, name, kana, birth_date, notice_no, phone."""
        return booking_rows(data, sites, today, _rows)

    def results(self, data: bytes) -> list[ResultRow]:
        """number, result."""
        return result_rows(data, _rows)

    def texts(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Every key and every value."""
        try:
            listed = _listed(data)
        except Faulty:
            return  # no rows that anybody could read
        for row, one in enumerate(listed, 1):
            yield from ((row, text) for text in _texts(one))

    def written(self, bookings: Iterable[Booking], sites: Sites) -> bytes:
        """Whole, as `told` has each."""
        return encoded([told(booking, sites) for booking in bookings])


def told(booking: Booking, sites: Sites) -> dict[str, Any]:
    """A booking for a machine: everything that was agreed, but for what an agent noted."""
    stand = booking.stand
    day, start = stored(stand.when)
    return {
        "booking": booking.id, "version": booking.version, "status": stand.status.value,
        "owed": stand.owed.value if stand.owed else None, "number": stand.number,
        "kind": stand.kind, "site": stand.site, "site_name": sites.get(stand.site, stand.site),
        "day": day, "start": start, "people": stand.people,
        "party": [
            {
                "name": card.name, "kana": card.kana, "birth_date": card.birth_date.isoformat(),
                "visitor": card.visitor, "reason": card.reason, "notice_no": card.notice_no,
            }
            for card in stand.party
        ],
        **{key: stand.form.get(key) for key in ("channel", "phone", "phone_alt", "transport")},
        "needs": list(stand.form.get("needs") or ()),
        "face_auth": bool(stand.form.get("face_auth")),
    }  # fmt: skip


def encoded(value: object) -> bytes:
    """The same bytes for the same value: a letter that is sent again has the same signature."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _texts(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            yield str(value)


def _rows(
    data: bytes, columns: Sequence[str], read: Callable[[int, list[str]], Read]
) -> list[tuple[int, Read]]:
    """What each row is, the first being row 1. Raises Faulty."""
    keys = [KEYS[column] for column in columns]
    found: list[tuple[int, Read]] = []
    faults: list[RowFault] = []
    for row, one in enumerate(_listed(data), 1):
        try:
            found.append((row, read(row, _cells(one, keys))))
        except WrongRow as wrong:
            faults.append(RowFault(row, str(wrong)))
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
    return found


def _listed(data: bytes) -> list[object]:
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        raise Faulty([RowFault(1, "JSON として読めません (not JSON)")]) from None
    rows = whole.get("rows") if isinstance(whole, dict) else None
    if not isinstance(rows, list):
        raise Faulty([RowFault(1, 'rows のない本文です (no {"rows": [...]})')])
    if len(rows) > MOST_ROWS:
        raise Faulty([RowFault(MOST_ROWS + 1, f"{MOST_ROWS}行までです (too many rows)")])
    return rows


def _cells(one: object, keys: Sequence[str]) -> list[str]:
    if not isinstance(one, dict) or set(one) != set(keys):
        raise WrongRow(f"項目は {','.join(keys)} です (the keys of a row)")
    return [_cell(key, one[key]) for key in keys]


def _cell(key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WrongRow(f"{key} は文字列か整数にしてください (a text or a whole number)")
    text = str(value).strip()
    return WORDS[key].get(text, "") if key in WORDS else text
