"""CSV files that people send: UTF-8 or CP932, faults by row, and all or nothing. Pure."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, Protocol, TypeVar

MOST_ROWS: Final = 200_000
MOST_FAULTS: Final = 100  # told at once; nothing is taken while there is one
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class RowFault:
    """Which line of the file, as a spreadsheet numbers it, and what is wrong there."""

    row: int
    text: str


class Faulty(Exception):
    """Nothing of the file was taken; the faults are in it, in the order of the rows."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


class WrongRow(ValueError):
    """What is wrong with one row, as a sentence."""


class Rows(Protocol):
    """How bytes become rows: `read` makes each of its cells, which are in the order of `columns`.

    Raises Faulty. `rows` reads CSV; another form is another function.
    """

    def __call__(
        self, data: bytes, columns: Sequence[str], read: Callable[[int, list[str]], Read], /
    ) -> list[tuple[int, Read]]: ...


def decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, else CP932, as spreadsheets here save it."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Faulty([RowFault(1, "文字コードを読めません。UTF-8 か Shift_JIS で保存してください")])


def rows(
    data: bytes,
    columns: Sequence[str],
    read: Callable[[int, list[str]], Read],
    most: int = MOST_ROWS,
) -> list[tuple[int, Read]]:
    """What each row is, under the headings there must be. Raises Faulty."""
    found: list[tuple[int, Read]] = []
    faults: list[RowFault] = []
    for row, cells in _cells(decoded(data), columns, most):
        try:
            if len(cells) != len(columns):
                raise WrongRow(f"列は{len(columns)}つです ({len(cells)} columns)")
            found.append((row, read(row, [cell.strip() for cell in cells])))
        except WrongRow as wrong:
            faults.append(RowFault(row, str(wrong)))
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
    return found


def texts(data: bytes) -> Iterator[tuple[int, str]]:
    """Whatever stands in a file, also in one that was refused: each text, and its row."""
    try:
        reader = csv.reader(StringIO(decoded(data), newline=""))
        for row, cells in enumerate(reader, 1):
            yield from ((row, cell) for cell in cells)
    except (Faulty, csv.Error):
        return  # nobody could read further


def _cells(text: str, columns: Sequence[str], most: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        if [cell.strip() for cell in next(reader, [])] != list(columns):
            raise Faulty(
                [RowFault(1, f"1行目は {','.join(columns)} にしてください (the headings)")]
            )
        for row, cells in enumerate(reader, 2):
            if row > most + 1:
                raise Faulty([RowFault(row, f"{most}行までです (too many rows)")])
            if any(cells):
                yield row, cells
    except csv.Error:
        raise Faulty([RowFault(reader.line_num, "CSV として読めません (not CSV)")]) from None
