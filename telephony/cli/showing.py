"""Tables and JSON on stdout."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from unicodedata import combining, east_asian_width

import click

GAP: Final = "  "
MINUTE: Final = 60


def show_json(value: Any) -> None:
    """As scripts read it; Japanese stays Japanese."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(heads: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> None:
    """Columns under their heads, or the sentence that there is nothing."""
    if not rows:
        click.echo(nothing)
        return
    for line in table(heads, rows):
        click.echo(line)


def show_alarms(alarms: Sequence[dict[str, Any]]) -> None:
    """What is wrong and what to do, in both languages; what callers feel has two marks."""
    for alarm in alarms:
        mark = "!!" if alarm["critical"] else "! "
        since = datetime.fromtimestamp(alarm["since"]).astimezone()
        click.echo(f"{mark} {alarm['id']}  since {since:%Y-%m-%d %H:%M:%S}")
        click.echo(f"   {alarm['text']}")
        click.echo(f"   {alarm['text_ja']}")
    click.echo()


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Columns as wide as a terminal shows them: a Japanese character takes two places."""
    cells = [list(heads), *([_text(value) for value in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return [
        GAP.join(
            text + " " * (room - width(text)) for text, room in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def width(text: str) -> int:
    """Places on a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def duration(seconds: float | None) -> str:
    """Minutes and seconds, as on a wallboard."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(max(0, round(seconds)), MINUTE)
    return f"{minutes}:{rest:02}"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
