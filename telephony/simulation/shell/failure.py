"""What somebody needs to see a broken promise again: seed, commit, findings, and a small script."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

from telephony.centre.model import CentreRules
from telephony.simulation.shell.audit import Finding
from telephony.simulation.shell.script import Script, save
from telephony.simulation.shell.shrink import TRIES, Shrinker
from telephony.simulation.shell.theatre import perform


def keep(
    script: Script,
    findings: list[Finding],
    rules: CentreRules,
    folder: Path,
    *,
    tries: int = TRIES,
) -> Path:
    """Make the script as small as it can be while it breaks one of these promises, and keep it."""
    wanted = {finding.invariant for finding in findings}

    def fails(smaller: Script) -> bool:
        return bool(wanted & {found.invariant for found in perform(smaller, rules).findings})

    file = folder / f"seed-{script.seed}.json"
    save(Shrinker(fails, tries).smallest(script), file)
    return file


def told(script: Script, findings: list[Finding], file: Path) -> str:
    """The failure as text."""
    lines = [f"seed {script.seed} at {commit()} FAILED:"]
    lines += [f"  {each.at:>10.3f}  {each.invariant}: {each.about}" for each in findings]
    lines.append(f"  replay: python -m telephony.simulation.shell --replay {file}")
    return "\n".join(lines)


def commit() -> str:
    """What was simulated: the commit where there is one, else the version."""
    try:
        asked = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return version("madoguchi")
    return told.stdout.strip()
