"""The one table, and the file beside it."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.machine import commit, facts

RESULTS: Final = Path(__file__).parent / "results"
HEADS: Final = ("what", "ours", "app_queue", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `figures` are for the file only."""

    what: str
    ours: str
    rival: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None
    figures: Mapping[str, object] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """As printed."""
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return self.what, self.ours, self.rival, self.ratio, self.target, verdict


def table(rows: Sequence[Row]) -> str:
    """Columns as wide as what stands in them."""
    cells = [HEADS, *(row.cells() for row in rows)]
    widths = [max(_width(line[n]) for line in cells) for n in range(len(HEADS))]
    lines = ["  ".join(_padded(*pair) for pair in zip(line, widths, strict=True)) for line in cells]
    return "\n".join((lines[0], "  ".join("-" * width for width in widths), *lines[1:]))


def save(name: str, rows: Sequence[Row], load: Sequence[float]) -> Path:
    """Keep what was measured, and on what, without saying whose machine it was."""
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}-{name}.json"
    kept = {
        "benchmark": name,
        "at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "commit": commit(),
        "machine": facts(),
        "load_average_before": round(load[0], 2),
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
