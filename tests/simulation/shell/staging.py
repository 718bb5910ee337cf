"""Scripts for tests, and the rules of the demo site they are played under."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import structlog

from config.site import load
from telephony.calls.rules import rules_of
from telephony.centre.model import CentreRules
from telephony.simulation.shell.failure import keep, told
from telephony.simulation.shell.faults import Fault
from telephony.simulation.shell.script import Citizen, Script, Worker
from telephony.simulation.shell.theatre import Result, perform

DEMO: Final = Path(__file__).parents[3] / "config" / "site"
CRITICAL: Final = 50
FEW_TRIES: Final = 60  # a test must end; the command makes it smaller


@cache
def demo_rules() -> CentreRules:
    """As shipped."""
    return rules_of(load(DEMO))


def played(script: Script, rules: CentreRules | None = None) -> Result:
    """Play it, without a word in the log: what goes wrong is what was asked for."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    try:
        return perform(script, rules or demo_rules())
    finally:
        structlog.configure(**before)


def assert_kept(script: Script, folder: Path) -> Result:
    """Every promise was kept; or seed, commit and a small script are in the failure's message."""
    result = played(script)
    if result.findings:
        file = keep(script, result.findings, demo_rules(), folder, tries=FEW_TRIES)
        pytest.fail(told(script, result.findings, file), pytrace=False)
    return result


def steady(*faults: Fault, calls: int = 12, lasts: float = 480.0, apart: float = 30.0) -> Script:
    """Callers who want a person at once, agents who always answer after two seconds."""
    citizens = tuple(
        Citizen(f"09420001{n:02}", 10.0 + apart * n, "0", patience=120.0, talk=40.0 + 5 * (n % 4))
        for n in range(calls)
    )
    workers = tuple(Worker(f"a0{n}", n / 10, reliable=True, asks=False) for n in range(1, 5))
    return Script(1, lasts, citizens, workers, faults)


def without_faults(script: Script) -> Script:
    """The same people on a good day."""
    return replace(script, faults=())
