"""A file that is refused whole: what is wrong with it, and the note of the numbers in it.

Nothing of it was taken, so nothing was masked; but it was brought here, and that is the same
incident as a note in which it was typed.
"""

import asyncio
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

from agents.people import Caller
from agents.texts.guarding import Texts, Written
from agents.web.csv_reading import MOST_FAULTS, Faulty, texts
from agents.web.problems import Problem
from agents.web.routes import Asked
from telephony.privacy.individual_number import Find, guard

NUMBER: Final = (
    "個人番号らしい数字があります。元のファイルから消して、もう一度送ってください "
    "(what may be an individual number: take it out of the file, and send it again)"
)
TextsOf = Callable[[bytes], Iterable[tuple[int, str]]]


async def refused(
    asked: Asked, faulty: Faulty, data: bytes, by: Caller | str, read: TextsOf = texts
) -> Problem:
    """Every row that is wrong, with its sentence; no number that is in it is repeated."""
    # Thousands of rows pass the guard: nobody else's request waits for it.
    numbers = await asyncio.to_thread(_numbers, data, read)
    finds = [find for found in numbers.values() for find in found]
    if finds:
        await asked.tool(Texts).brought(finds, Written(by, "file", None, asked.now), data)
    sentences = {fault.row: fault.text for fault in faulty.faults}
    sentences |= dict.fromkeys(numbers, NUMBER)
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "一行も取り込んでいません。印の付いた行を直して、もう一度送ってください。",
        "No row was taken. Correct the rows that are named and send the file again.",
        fields={f"row {row}": sentences[row] for row in sorted(sentences)[:MOST_FAULTS]},
    )


def _numbers(data: bytes, read: TextsOf) -> dict[int, list[Find]]:
    found: dict[int, list[Find]] = {}
    for row, text in read(data):
        if finds := guard(text).finds:
            found.setdefault(row, []).extend(finds)
    return found
