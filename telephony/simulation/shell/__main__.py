"""`python -m telephony.simulation.shell [--seeds 1..300] [--hours 8] [--split-brain]`"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog

from config.site import load as load_site
from telephony.calls.rules import rules_of
from telephony.centre.model import CentreRules
from telephony.simulation.shell.brains import split
from telephony.simulation.shell.casting import write
from telephony.simulation.shell.failure import commit, keep, told
from telephony.simulation.shell.history import late
from telephony.simulation.shell.script import HOUR, Script, load
from telephony.simulation.shell.shrink import TRIES
from telephony.simulation.shell.theatre import Result, perform

CRITICAL: Final = 50
SITE: Final = Path(__file__).parents[3] / "config" / "site"


def main() -> None:
    """Play the seeds or the file; status 1 when a promise was broken."""
    asked = _arguments()
    tally = Tally(commit())  # before anything changes under us
    began = time.monotonic()
    scripts = list(_scripts(asked))
    with ProcessPoolExecutor(min(len(scripts), asked.processes), initializer=_quiet) as workers:
        runs = [workers.submit(_played, each, asked) for each in scripts]
        try:
            for played in as_completed(runs):
                tally.join(played.result())
        except BaseException:  # Ctrl-C, above all: what waits for its turn is not played any more
            workers.shutdown(wait=False, cancel_futures=True)
            raise
    summary = tally.summary(time.monotonic() - began)
    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    if asked.out is not None:
        asked.out.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.exit(1 if tally.failed else 0)


@dataclass(slots=True)
class Tally:
    """What runs come to."""

    commit: str
    processor: float = 0.0  # seconds
    seeds: list[int] = field(default_factory=list)
    hours: float = 0.0
    calls: int = 0
    unheard: int = 0
    days: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    takeovers: int = 0
    forgotten: int = 0
    undone: int = 0
    requests: int = 0
    late: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, script: Script, result: Result) -> None:
        """One more run."""
        self.seeds.append(script.seed)
        self.hours += script.lasts / HOUR
        self.calls += result.calls
        self.unheard += result.people.unheard
        self.days[script.day] += 1
        self.outcomes += result.outcomes()
        self.waiting += result.waiting
        self.faults += Counter(fault.kind for fault in result.struck)
        self.forgotten += len(result.forgotten)
        self.undone += len(result.undone)
        self.requests += sum(event.what == "asked" for event in result.history)
        self.late += late(result.history)
        self.takeovers += sum(record.mark == "took_over" for record in result.journal.every)

    def join(self, other: Tally) -> None:
        """What another has counted besides."""
        for each in fields(self):
            if each.name != "commit":
                setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def summary(self, seconds: float) -> dict[str, Any]:
        """As it is published; a share of waiting is the part of the time in which so many did."""
        looks = max(1, self.waiting.total())
        shares = {str(many): round(n / looks, 5) for many, n in sorted(self.waiting.items())}
        return {
            "commit": self.commit,
            "seeds": f"{min(self.seeds)}..{max(self.seeds)}",
            "simulated_hours": round(self.hours, 3),
            "minutes": round(seconds / 60, 3),
            "hours_per_minute": round(self.hours / seconds * 60, 1),
            "hours_per_processor_minute": round(self.hours / self.processor * 60, 1),
            "calls": self.calls,
            "calls_while_there_was_no_asterisk": self.unheard,
            "days": dict(self.days),
            "outcomes": dict(self.outcomes),
            "waiting_at_once": shares,
            "faults": dict(self.faults),
            "takeovers": self.takeovers,
            "times_that_nobody_knew_what_the_journal_had_held": self.forgotten,
            "times_that_one_who_was_cut_off_from_the_journal_was_deposed": self.undone,
            "requests_of_leaders": self.requests,
            "of_which_under_way_as_another_took_over": self.late,
            "failed": sorted(self.failed, key=lambda each: int(each["seed"])),
        }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m telephony.simulation.shell", description=__doc__
    )
    parser.add_argument("--seeds", default="1..20", help="FIRST..LAST, or one (1..20)")
    parser.add_argument("--hours", type=float, default=0.5, help="of each seed's day (0.5)")
    parser.add_argument("--split-brain", action="store_true", help="five kinds, seed by seed")
    parser.add_argument("--replay", type=Path, help="a script that was kept, instead of seeds")
    parser.add_argument("--keep", type=Path, default=Path(), help="where failing scripts go (.)")
    parser.add_argument("--site", type=Path, default=SITE, help="the site directory")
    parser.add_argument(
        "--processes",
        type=int,
        default=os.cpu_count() or 1,
        help="seeds that are played side by side (as many as there are processors)",
    )
    parser.add_argument("--out", type=Path, help="where the summary goes as JSON")
    parser.add_argument("--no-shrink", action="store_true", help="keep failing scripts whole")
    asked = parser.parse_args()
    if asked.processes < 1:
        parser.error("--processes: at least one")
    if asked.replay is None and not list(_seeds(asked.seeds)):
        parser.error(f"--seeds: from a number to a higher one, not {asked.seeds}")
    return asked


def _scripts(asked: argparse.Namespace) -> Iterator[Script]:
    if asked.replay is not None:
        yield load(asked.replay)
        return
    for seed in _seeds(asked.seeds):
        yield split(seed, asked.hours) if asked.split_brain else write(seed, asked.hours)


def _seeds(told: str) -> range:
    first, _, last = told.partition("..")
    return range(int(first), int(last or first) + 1)


def _quiet() -> None:
    """Ctrl-C is for the one who counts; and nobody reads what a simulated controller logs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))


@cache
def _rules(site: Path) -> CentreRules:
    return rules_of(load_site(site))


def _played(script: Script, asked: argparse.Namespace) -> Tally:
    """One seed, in a process of its own: no run knows of another."""
    began, rules, tally = time.process_time(), _rules(asked.site), Tally("")
    result = perform(script, rules)
    tally.add(script, result)
    if result.findings:
        tally.failed.append(_failure(script, result, rules, asked))
    else:
        day = f"{script.day}, " if script.day else ""
        _tell(f"seed {script.seed}: {day}{result.calls} calls, {len(script.faults)} faults, ok")
    tally.processor = time.process_time() - began
    return tally


def _failure(
    script: Script, result: Result, rules: CentreRules, asked: argparse.Namespace
) -> dict[str, Any]:
    """Everything somebody needs to see it again."""
    tries = 0 if asked.no_shrink else TRIES
    file = keep(script, result.findings, rules, asked.keep, tries=tries)
    _tell(told(script, result.findings, file))
    found = [asdict(finding) for finding in result.findings]
    return {
        "seed": script.seed,
        "hours": script.lasts / HOUR,
        "findings": found,
        "script": file.name,
    }


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
