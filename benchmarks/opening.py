"""The municipal calendar: its two questions, and a year's sheet; processor time of this thread."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from time import thread_time
from typing import Final

import config
from benchmarks.measure import Sample, milliseconds
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load
from config.site_calendar import opening_of
from ivr_flows.opening.book import Book
from ivr_flows.opening.telling import year_told
from ivr_flows.opening.year import year_of

DEMO: Final = Path(config.__file__).parent / "site"
QUESTION: Final = 50e-6
SHEET: Final = 0.2
YEARS: Final = 10
NEW_YEAR: Final = datetime.fromisoformat("2023-01-01T00:00:00")


def run(plan: Plan) -> list[Row]:
    """Its targets, each with a calendar that was asked nothing before."""
    calendar = opening_of(load(DEMO))
    chance = Random(1)
    moments = [
        NEW_YEAR + timedelta(seconds=chance.randrange(YEARS * 365 * 86_400))
        for _ in range(plan.choose(20_000, 500))
    ]
    standing = [_asked(Book(calendar).at, moments) for _ in range(plan.runs)]
    ahead = [_asked(Book(calendar).next_opening, moments) for _ in range(plan.runs)]
    sheets = [_sheet(Book(calendar), 2027 + each % 3) for each in range(plan.choose(50, 2))]
    return [
        _row("calendar: open or closed, and which layer decides", standing, QUESTION),
        _row("calendar: when it opens next", ahead, QUESTION),
        _row("calendar: a year's sheet", [Sample(tuple(sheets))], SHEET),
    ]


def _asked(question: Callable[[datetime], object], moments: list[datetime]) -> Sample:
    taken = []
    for moment in moments:
        began = thread_time()
        question(moment)
        taken.append(thread_time() - began)
    return Sample(tuple(taken))


def _sheet(book: Book, year: int) -> float:
    began = thread_time()
    year_told(book, *year_of(year, fiscal=False))
    return thread_time() - began


def _row(what: str, runs: list[Sample], limit: float) -> Row:
    best = min(runs, key=lambda each: each.at(95))
    return Row(
        what,
        f"{milliseconds(best.median)} ms (p95 {milliseconds(best.at(95))})",
        target=f"p95 ≤ {milliseconds(limit)} ms",
        met=best.at(95) <= limit,
        figures={"runs": [each.figures() for each in runs]},
    )
