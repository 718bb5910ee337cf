"""Bookings of the city's system as CSV: those that citizens made on the web, too. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from re import fullmatch
from typing import Final

from agents.bookings import birth_date
from agents.bookings.booking import Card
from agents.bookings.moments import Moment
from agents.bookings.places import Place
from agents.web.csv_reading import MOST_FAULTS, Faulty, RowFault, Rows, WrongRow, rows
from telephony.privacy.individual_number import guard

COLUMNS: Final = (
    "予約番号", "状態", "場所", "日付", "時刻", "氏名", "フリガナ", "生年月日", "通知書番号",
    "電話番号",
)  # fmt: skip
STATES: Final = {"予約": False, "取消": True}
NUMBER: Final = r"[0-9A-Za-z][0-9A-Za-z-]{0,29}"
LONGEST: Final = 60  # of a name


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as the city has it; several rows of one number are its party."""

    number: str
    gone: bool
    place: Place
    phone: str
    party: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    gone: bool
    place: Place
    phone: str
    card: Card


def booking_rows(
    data: bytes, sites: Mapping[str, str], today: date, read: Rows = rows
) -> list[BookingRow]:
    """Every booking of the file; Faulty names each row that is wrong."""
    codes = {name: code for code, name in sites.items()} | {code: code for code in sites}
    found = read(data, COLUMNS, lambda _, cells: _row(cells, codes, today))
    return _parties(found)


def _row(cells: list[str], codes: Mapping[str, str], today: date) -> _Row:
    number, state, site, day, start, name, kana, birth, notice, phone = cells
    if fullmatch(NUMBER, number) is None:
        raise WrongRow("予約番号を読み取れません (not a number)")
    if state not in STATES:
        raise WrongRow(f"状態は {'か'.join(STATES)} にしてください (not a state)")
    if site not in codes:
        raise WrongRow("場所が登録されていません (no such site)")
    if not 0 < len(name) <= LONGEST or len(kana) > LONGEST:
        raise WrongRow(f"氏名は1字から{LONGEST}字です (a name)")
    if any(guard(cell).finds for cell in cells):
        raise WrongRow("個人番号らしい数字があります。除いてください (an individual number)")
    try:
        born = birth_date.read(birth, today)
    except birth_date.Unclear as unclear:
        raise WrongRow(f"生年月日: {unclear}") from None
    card = Card(name, kana, born, "self", notice.replace("-", "") or None)
    return _Row(number, STATES[state], Place(codes[site], _when(day, start)), phone, card)


def _when(day: str, start: str) -> Moment:
    try:
        when = Moment(date.fromisoformat(day.replace("/", "-")), time.fromisoformat(start))
    except ValueError:
        raise WrongRow("日付は 2026-12-03、時刻は 09:30 の形にしてください (day or time)") from None
    if when.at.second or when.at.microsecond or when.at.tzinfo:
        raise WrongRow("時刻は 09:30 の形にしてください (minutes at most)")
    return when


def _parties(found: Sequence[tuple[int, _Row]]) -> list[BookingRow]:
    """Rows of one number together; they must agree about everything but the person."""
    first: dict[str, _Row] = {}
    cards: dict[str, list[Card]] = {}
    faults = []
    for row, one in found:
        begun = first.setdefault(one.number, one)
        if (begun.gone, begun.place) != (one.gone, one.place):
            faults.append(RowFault(row, "同じ予約番号の行と食い違っています (unlike its party)"))
        cards.setdefault(one.number, []).append(one.card)
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
    return [
        BookingRow(one.number, one.gone, one.place, one.phone, tuple(cards[one.number]))
        for one in first.values()
    ]
