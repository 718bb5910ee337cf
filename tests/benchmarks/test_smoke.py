"""That the benchmarks run and print their table; what they measure is nobody's test."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.report import HEADS

PROJECT = Path(__file__).parents[2]


def test_the_core_is_measured_and_told_in_one_table() -> None:
    heads, rule, *rows = _printed("core")
    assert tuple(heads.split()) == HEADS
    assert set(rule) == {"-", " "}
    assert [row.split(":")[0] for row in rows] == ["core"] * 8


@pytest.mark.asterisk
def test_the_product_and_its_rival_are_called_in_turn() -> None:
    _, _, row = _printed("offer_latency")
    assert row.startswith("offer: INVITE")
    assert row.count(" ms") > 2, "both were measured"


def _printed(name: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--quick"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return ran.stdout.splitlines()
