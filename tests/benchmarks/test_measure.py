"""The arithmetic behind the table."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.measure import Sample, least, together
from benchmarks.report import Row, table


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = Sample(tuple(n / 1000 for n in range(100, 0, -1)))
    assert (hundred.median, hundred.at(95), hundred.at(99)) == (0.05, 0.095, 0.099)
    assert Sample((0.003,)).at(99) == 0.003


def test_of_several_runs_the_least_disturbed_counts() -> None:
    runs = [Sample((0.001, 0.002, 0.050)), Sample((0.001, 0.001, 0.001))]
    assert (least(runs), least(runs, 99)) == (0.001, 0.001)
    assert together(runs).worst == 0.050


def test_a_missed_target_is_told() -> None:
    told = table([Row("one", "1 ms", met=True), Row("other", "9 ms", met=False)])
    assert [line.split()[-1] for line in told.splitlines()[2:]] == ["met", "MISSED"]


def test_what_is_kept_names_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    kept = report.save("one", [Row("one", "1 ms")], (0.5, 0.5, 0.5)).read_text("utf-8")
    assert '"load_average_before": 0.5' in kept
    assert str(Path.home()) not in kept
    assert '"processor"' in kept
