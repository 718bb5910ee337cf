"""Headline 2: whatever the seed says goes wrong, every promise is kept. Row by row: X1 to X10.

One that fails is replayed and made small with `python -m telephony.simulation.shell --seeds N`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telephony.simulation.shell.faults import (
    Blackout,
    ClockStep,
    Crash,
    Fault,
    JournalLost,
    Lies,
    Partition,
    Pause,
    Refusals,
    Silence,
    Slow,
)
from telephony.simulation.shell.script import load, save, write
from tests.simulation.shell.staging import demo_rules, played, steady, without_faults

SEEDS = range(1, 37)
HOURS = 0.5
AT_ONCE = 4
SCRIPTS = Path(__file__).parent / "scripts"
KEPT = sorted(SCRIPTS.glob("*.json"))


@pytest.mark.parametrize("first", SEEDS[::AT_ONCE])
def test_every_promise_is_kept_whatever_goes_wrong(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        result = played(write(seed, HOURS))
        assert result.findings == [], f"seed {seed}"
        assert result.calls > 0


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_what_once_failed_stays_right(file: Path) -> None:
    assert played(load(file)).findings == []


@pytest.mark.parametrize(
    "fault",
    [
        Crash(at=20.0, steps=5),
        Crash(at=20.0, where="other", steps=5),
        Pause(at=30.0, lasts=9.0),
        Pause(at=30.0, lasts=2.0),
        Partition(at=30.0, lasts=12.0, server="asterisk"),
        Partition(at=30.0, lasts=12.0, server="journal"),
        Partition(at=30.0, lasts=12.0, server="lease"),
        Partition(at=30.0, lasts=12.0, server="records"),
        ClockStep(at=30.0, seconds=3600.0),
        ClockStep(at=30.0, seconds=-3600.0),
        Silence(at=30.0, lasts=5.0, server="journal"),
        Silence(at=30.0, lasts=5.0, server="journal", dead=True),
        Silence(at=30.0, lasts=15.0, server="lease", dead=True),
        Silence(at=30.0, lasts=60.0, server="records", dead=True),
        Slow(at=30.0, lasts=30.0, server="records", seconds=1.5),
        Slow(at=30.0, lasts=30.0, server="asterisk", seconds=0.5),
        JournalLost(at=45.0),
        JournalLost(at=45.0, last=1.0),
        Lies(at=20.0, lasts=100.0, drop=0.0),
        Blackout(at=45.0, lasts=30.0),
        Refusals(at=20.0, lasts=60.0, share=0.3),
    ],
    ids=str,
)
def test_each_fault_by_itself_breaks_no_promise(fault: Fault) -> None:
    result = played(steady(fault))
    assert result.findings == []
    assert result.calls == 12


def test_on_a_good_day_everybody_is_answered() -> None:
    result = played(steady())
    assert {record.outcome for record in result.records.calls()} == {"answered"}
    assert [host.lives for host in result.hosts] == [1, 1]


def test_the_faults_strike() -> None:
    killed = played(steady(Crash(at=20.0, steps=3), Crash(at=60.0, steps=3)))
    assert sum(host.lives for host in killed.hosts) == 4
    stopped = played(steady(Pause(at=30.0, lasts=9.0)))
    assert [record.mark for record in stopped.journal.every].count("took_over") == 2
    away = played(steady(Silence(at=30.0, lasts=15.0, server="journal", dead=True)))
    assert [record.mark for record in away.journal.every].count("gap") == 1


def test_the_same_script_is_the_same_run_in_any_process(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    save(write(3, 0.25), file)
    assert load(file) == write(3, 0.25)
    told = {_digest(file, hash_seed) for hash_seed in ("1", "2")}
    assert told == {played(load(file)).digest()}


def _digest(file: Path, hash_seed: str) -> str:
    program = (
        "import sys; from pathlib import Path; from telephony.simulation.shell.script import load;"
        "from tests.simulation.shell.staging import played;"
        "print(played(load(Path(sys.argv[1]))).digest())"
    )
    asked = [sys.executable, "-c", program, str(file)]
    root = Path(__file__).parents[3]
    done = subprocess.run(
        asked,
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    return done.stdout.split()[-1]


def test_the_command_tells_how_fast_it_was(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "telephony.simulation.shell", "--seeds", "5", "--hours", "0.1"]
    out = tmp_path / "out.json"
    subprocess.run([*asked, "--out", str(out)], check=True, capture_output=True)
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["failed"] == []
    assert told["simulated_hours"] == pytest.approx(0.1)


def test_people_are_the_same_with_and_without_faults() -> None:
    script = write(4, 0.25)
    assert without_faults(script).citizens == script.citizens
    assert played(without_faults(script)).calls == len(script.citizens)
    assert demo_rules().digest
