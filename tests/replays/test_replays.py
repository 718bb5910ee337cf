"""Journals of real runs still lead to the effects they led to then.

One that differs shows a change of behaviour. If that is what was wanted, `CORE_VERSION` must rise,
so that no controller takes up a tail which it would read otherwise, and the file be recorded anew
(`tests/replays/record.py`).
"""

from collections import Counter
from pathlib import Path

import pytest

from telephony.calls.engine import CORE_VERSION
from telephony.calls.export import Exported, read_export
from telephony.calls.replay import Step, Verdict, walk
from telephony.centre import effects as fx
from tests.replays.record import record

KEPT = sorted(Path(__file__).parent.glob("*.jsonl"))


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_a_kept_journal_replays_equal(file: Path) -> None:
    exported, steps = replayed(file)
    assert exported.header.core == CORE_VERSION
    assert verdicts(steps) <= {Verdict.EQUAL, Verdict.MARK}, steps[-1]


def test_there_is_one() -> None:
    assert KEPT


@pytest.mark.asterisk
async def test_a_run_of_the_real_product_replays_equal_over_a_crash(tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    await record(tmp_path, file)
    _, steps = replayed(file)
    assert verdicts(steps) == {Verdict.EQUAL, Verdict.MARK}, steps[-1]
    assert [s.record.mark for s in steps if s.record.mark] == ["took_over", "took_over"]
    ended = Counter(
        e.outcome.value for s in steps for e in s.effects if isinstance(e, fx.CallClosed)
    )
    assert ended == {"answered": 2, "abandoned": 1}
    assert "094200090" not in file.read_text(encoding="utf-8")  # how every caller's number begins


def replayed(file: Path) -> tuple[Exported, list[Step]]:
    with file.open(encoding="utf-8") as lines:
        exported = read_export(lines)
    return exported, list(walk(exported))


def verdicts(steps: list[Step]) -> set[Verdict]:
    return {step.verdict for step in steps}
