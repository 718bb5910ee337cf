"""That the benchmarks run and print their table; what they measure is nobody's test."""

import subprocess
import sys
from pathlib import Path

from benchmarks.report import HEADS

PROJECT = Path(__file__).parents[2]


def test_the_core_is_measured_and_told_in_one_table() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "core", "--quick"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    heads, rule, *rows = ran.stdout.splitlines()
    assert tuple(heads.split()) == HEADS
    assert set(rule) == {"-", " "}
    assert [row.split(":")[0] for row in rows] == ["core"] * 8
