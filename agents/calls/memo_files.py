"""受電メモ of a day as a CSV file: all rows, or none and a sentence for each wrong one. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from agents.web.csv_reading import WrongRow, rows
from telephony.caller_id import E164, e164
from telephony.store.call_record import JAPAN

COLUMNS: Final = ("電話番号", "氏名", "用件", "希望日時", "メモ")
MOST_MEMOS: Final = 500  # of a day
LONGEST_NAME, LONGEST_NOTE = 60, 200


@dataclass(frozen=True, slots=True)
class MemoRow:
    """One row; `row` is the spreadsheet's."""

    row: int
    number: E164 = field(repr=False)
    name: str = field(repr=False)
    topic: str
    wanted_at: float | None
    note: str = field(repr=False)


def memo_rows(data: bytes, now: float) -> list[MemoRow]:
    """Every row of the file. Raises Faulty."""
    return [
        one for _, one in rows(data, COLUMNS, lambda row, cells: _memo(row, cells, now), MOST_MEMOS)
    ]


def _memo(row: int, cells: list[str], now: float) -> MemoRow:
    told, name, topic, wanted, note = cells
    number = e164(told)
    if number is None:
        raise WrongRow("電話番号は市外局番から入力してください (a number with its area code)")
    if max(len(name), len(topic)) > LONGEST_NAME or len(note) > LONGEST_NOTE:
        raise WrongRow(
            f"氏名と用件は{LONGEST_NAME}文字、メモは{LONGEST_NOTE}文字までです (too long)"
        )
    wanted_at = _moment(wanted) if wanted else None
    if wanted_at is not None and wanted_at <= now:
        raise WrongRow("希望日時が過ぎています (the wanted time is over)")
    return MemoRow(row, number, name, topic, wanted_at, note)


def _moment(text: str) -> float:
    try:
        civil = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise WrongRow("希望日時は 2026-12-03 14:00 の形にしてください (day and time)") from None
    if civil.tzinfo is not None:
        raise WrongRow("希望日時は 2026-12-03 14:00 の形にしてください (without a zone)")
    return civil.replace(tzinfo=JAPAN).timestamp()
