"""`python -m benchmarks [NAME ...] [--quick] [--runs N] [--repeats N] [--minutes M]`"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks import (
    bookings,
    brain,
    core,
    desk,
    desk_pages,
    edges,
    keystrokes,
    live,
    lost_events,
    lying_stream,
    mutants,
    opening,
    owing,
    page_behind,
    page_faults,
    page_phones,
    shell,
    simulation,
    storm,
    whole,
)
from benchmarks.plan import Plan
from benchmarks.report import Row, save, table
from benchmarks.sittings import Unfinished

BENCHMARKS: Final[Mapping[str, Callable[[Plan], list[Row]]]] = {
    "offer_latency": live.offer_latency,
    "next_offer": live.next_offer,
    "key_to_ring": live.key_to_ring,
    "core": core.run,
    "edges": edges.run,
    "brain": brain.run,
    "brain_postgresql": brain.on_postgresql,
    "lost_events": lost_events.run,
    "lying_stream": lying_stream.run,
    "opening": opening.run,
    "bookings": bookings.run,
    "owing": owing.run,
    "simulation": simulation.run,
    "shell": shell.run,
    "storm": storm.run,
    "split_brain": brain.split_brain,
    "memory": whole.run,
    "mutants": mutants.run,
    "desk": desk.run,
    "desk_pages": desk_pages.run,
    "keystrokes": keystrokes.run,
    "page_phones": page_phones.run,
    "page_behind": page_behind.run,
    "page_faults": page_faults.run,
    "page_cable": page_faults.cable,
    "page_sleep": page_faults.sleep,
}


# Many minutes each: only when named.
LONG: Final = frozenset(
    {
        *("brain", "brain_postgresql", "lost_events", "lying_stream", "memory", "mutants"),
        "page_cable",
        "page_faults",
        "page_sleep",
        *("split_brain", "storm"),
    }
)


def main() -> None:
    """Run what was named, everything that is not long by default, and print one table."""
    asked = _arguments()
    runs = asked.runs or (1 if asked.quick else 3)
    plan = Plan(asked.quick, runs, asked.repeats, asked.minutes and 60 * asked.minutes)
    rows: list[Row] = []
    for name in asked.names or [n for n in BENCHMARKS if n not in LONG]:
        load = os.getloadavg()
        _tell(f"{name} … (load average {load[0]:.1f})")
        try:
            measured = BENCHMARKS[name](plan)
        except Unfinished as left:
            _tell(f"{name}: {left}; the same command goes on")
            continue
        rows += measured
        if not asked.quick:
            save(name, measured, load)
    print(table(rows))
    _tell("durations: median / p95 / p99, each of the run that was disturbed least")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="a few of each; nothing is kept")
    parser.add_argument("--runs", type=int, help="how often each is run (3)")
    parser.add_argument("--repeats", type=int, help="deaths in `brain` (100)")
    parser.add_argument(
        "--minutes",
        type=float,
        help="after which `brain` and the like leave the rest to a next run",
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return asked


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
