"""`python -m telephony.simulation.shell --seeds 1..300 [--hours 8] [--replay FILE]`"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import structlog

from config.site import load as load_site
from telephony.calls.rules import rules_of
from telephony.centre.model import CentreRules
from telephony.simulation.shell.script import HOUR, Script, load, save, write
from telephony.simulation.shell.shrink import Shrinker
from telephony.simulation.shell.theatre import Result, perform

CRITICAL: Final = 50
SITE: Final = Path(__file__).parents[3] / "config" / "site"


def main() -> None:
    """Play the seeds or the file; status 1 when a promise was broken."""
    asked = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    rules = rules_of(load_site(asked.site))
    began = time.monotonic()
    failed, hours = list[dict[str, Any]](), 0.0
    for script in _scripts(asked):
        result = perform(script, rules)
        hours += script.lasts / HOUR
        if result.findings:
            failed.append(_failure(script, result, rules, asked))
        else:
            _tell(f"seed {script.seed}: {result.calls} calls, {len(script.faults)} faults, ok")
    spent = time.monotonic() - began
    summary = {
        "commit": commit(),
        "simulated_hours": round(hours, 3),
        "minutes": round(spent / 60, 3),
        "hours_per_minute": round(hours / spent * 60, 1),
        "failed": failed,
    }
    sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    if asked.out is not None:
        asked.out.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.exit(1 if failed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m telephony.simulation.shell", description=__doc__
    )
    parser.add_argument("--seeds", default="1..20", help="FIRST..LAST, or one (1..20)")
    parser.add_argument("--hours", type=float, default=0.5, help="of each seed's day (0.5)")
    parser.add_argument("--replay", type=Path, help="a script that was kept, instead of seeds")
    parser.add_argument("--keep", type=Path, default=Path(), help="where failing scripts go (.)")
    parser.add_argument("--site", type=Path, default=SITE, help="the site directory")
    parser.add_argument("--out", type=Path, help="where the summary goes as JSON")
    parser.add_argument("--no-shrink", action="store_true", help="keep failing scripts whole")
    return parser.parse_args()


def _scripts(asked: argparse.Namespace) -> Iterator[Script]:
    if asked.replay is not None:
        yield load(asked.replay)
        return
    first, _, last = str(asked.seeds).partition("..")
    for seed in range(int(first), int(last or first) + 1):
        yield write(seed, asked.hours)


def _failure(
    script: Script, result: Result, rules: CentreRules, asked: argparse.Namespace
) -> dict[str, Any]:
    """Everything somebody needs to see it again."""
    _tell(f"seed {script.seed} at {commit()} FAILED:")
    for finding in result.findings:
        _tell(f"  {finding.at:>10.3f}  {finding.invariant}: {finding.about}")
    wanted = {finding.invariant for finding in result.findings}

    def fails(smaller: Script) -> bool:
        return bool(wanted & {found.invariant for found in perform(smaller, rules).findings})

    small = script if asked.no_shrink else Shrinker(fails).smallest(script)
    file = asked.keep / f"seed-{script.seed}.json"
    save(small, file)
    _tell(f"  replay: python -m telephony.simulation.shell --replay {file}")
    found = [asdict(finding) for finding in result.findings]
    return {
        "seed": script.seed,
        "hours": script.lasts / HOUR,
        "findings": found,
        "script": file.name,
    }


def commit() -> str:
    """What was simulated: the commit where there is one, else the version."""
    try:
        asked = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return version("madoguchi")
    return told.stdout.strip()


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
