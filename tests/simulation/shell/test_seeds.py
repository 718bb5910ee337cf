"""Headline 2: whatever the seed says goes wrong, every promise is kept. Row by row: X1 to X10.

One that fails is replayed and made small with `python -m telephony.simulation.shell --seeds N`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.calls.lease import TTL
from telephony.simulation.shell import verdict
from telephony.simulation.shell.casting import write
from telephony.simulation.shell.faults import (
    AsteriskDies,
    Blackout,
    ClockStep,
    Crash,
    Disk,
    DiskFull,
    Fault,
    JournalLost,
    Lies,
    Partition,
    Pause,
    Refusals,
    Silence,
    Slow,
    Unwritable,
)
from telephony.simulation.shell.script import Citizen, load, save
from telephony.store.words import Outcome
from tests.simulation.shell.staging import (
    assert_kept,
    demo_rules,
    played,
    steady,
    without_faults,
)

SEEDS = range(1, 11)
HOURS = 0.3
STORES = ("journal", "lease")
DISKS: tuple[Disk, ...] = ("spool", "records")
SCRIPTS = Path(__file__).parent / "scripts"
KEPT = sorted(SCRIPTS.glob("*.json"))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept_whatever_goes_wrong(seed: int, tmp_path: Path) -> None:
    result = assert_kept(write(seed, HOURS), tmp_path)
    assert result.calls > 0
    assert len(result.struck) == len(write(seed, HOURS).faults)


ROWS: dict[str, Callable[[Fault], bool]] = {
    "X1 a controller dies": lambda f: isinstance(f, Crash) and f.where == "leader",
    "X1 the standby dies": lambda f: isinstance(f, Crash) and f.where == "other",
    "X1 both die": lambda f: isinstance(f, Crash) and f.where == "both",
    "X1 Asterisk dies": lambda f: isinstance(f, AsteriskDies),
    "X1 Redis dies": lambda f: isinstance(f, Silence) and f.server in STORES and f.dead,
    "X1 SQL dies": lambda f: isinstance(f, Silence) and f.server == "records" and f.dead,
    "X2 longer than the lease": lambda f: isinstance(f, Pause) and f.lasts > TTL,
    "X2 shorter than the lease": lambda f: isinstance(f, Pause) and f.lasts < TTL,
    "X3 from Asterisk": lambda f: isinstance(f, Partition) and f.server == "asterisk",
    "X3 from Redis": lambda f: isinstance(f, Partition) and f.server in STORES,
    "X3 from SQL": lambda f: isinstance(f, Partition) and f.server == "records",
    "X4 Asterisk is slow": lambda f: isinstance(f, Slow) and f.server == "asterisk",
    "X4 a store is slow": lambda f: isinstance(f, Slow) and f.server != "asterisk",
    "X5 no room for the spool": lambda f: isinstance(f, DiskFull) and f.disk == "spool",
    "X5 no room for SQL": lambda f: isinstance(f, DiskFull) and f.disk == "records",
    "X6 an hour": lambda f: isinstance(f, ClockStep) and abs(f.seconds) > 60,
    "X6 seconds": lambda f: isinstance(f, ClockStep) and abs(f.seconds) < 60,
    "X7 FLUSHALL": lambda f: isinstance(f, JournalLost) and f.last is None,
    "X7 without its last second": lambda f: isinstance(f, JournalLost) and f.last is not None,
    "X7 Redis stalls": lambda f: isinstance(f, Silence) and f.server in STORES and not f.dead,
    "X8 SQL stalls": lambda f: isinstance(f, Silence) and f.server == "records" and not f.dead,
    "X8 a lock is held": lambda f: isinstance(f, Unwritable) and f.locked,
    "X8 read-only": lambda f: isinstance(f, Unwritable) and not f.locked,
    "X9 lost, doubled, late": lambda f: isinstance(f, Lies) and f.keys,
    "X9 a gap": lambda f: isinstance(f, Blackout),
    "X10 refused, late, unanswered": lambda f: isinstance(f, Refusals),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_faults_strikes_in_these_seeds(row: str) -> None:
    faults = [fault for seed in SEEDS for fault in write(seed, HOURS).faults]
    assert any(map(ROWS[row], faults))


def test_a_failure_tells_seed_and_commit_and_keeps_a_small_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict, "outcomes", lambda visit: set[Outcome]())  # nothing is right
    with pytest.raises(pytest.fail.Exception, match=r"seed 1 at .+ FAILED") as failed:
        assert_kept(steady(Blackout(at=30.0, lasts=5.0), calls=3, lasts=120.0), tmp_path)
    file = tmp_path / "seed-1.json"
    assert f"--replay {file}" in str(failed.value)
    assert len(load(file).citizens) == 1
    assert load(file).faults == ()


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_what_once_failed_stays_right(file: Path) -> None:
    assert played(load(file)).findings == []


@pytest.mark.parametrize(
    "fault",
    [
        Crash(at=20.0, steps=5),
        Crash(at=20.0, where="other", steps=5),
        Crash(at=45.0, lasts=6.0, where="both", steps=5),
        AsteriskDies(at=45.0, lasts=5.0),
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
        DiskFull(at=30.0, lasts=60.0, disk="spool"),
        DiskFull(at=30.0, lasts=60.0, disk="records"),
        Unwritable(at=30.0, lasts=30.0, locked=True),
        Unwritable(at=30.0, lasts=60.0),
        Slow(at=30.0, lasts=30.0, server="records", seconds=1.5),
        Slow(at=30.0, lasts=30.0, server="asterisk", seconds=0.5),
        JournalLost(at=45.0),
        JournalLost(at=45.0, last=1.0),
        Lies(at=20.0, lasts=100.0, keys=True),
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
    assert [record.mark for record in away.journal.every].count("gap") == 0
    lost = played(steady(JournalLost(at=45.0)))
    assert [record.mark for record in lost.journal.every].count("gap") == 1
    both = played(steady(Crash(at=45.0, lasts=6.0, where="both", steps=3)))
    assert [host.lives for host in both.hosts] == [2, 2]
    ended = played(steady(AsteriskDies(at=45.0, lasts=5.0)))
    died = [visit for visit in ended.people.visits.values() if visit.died]
    assert died
    assert ended.outcomes()["lost"] == len([visit for visit in died if not visit.talked])


def test_who_cannot_be_promised_anything_is_told_so_and_calls_go_on() -> None:
    storm = (DiskFull(at=30.0, lasts=60.0, disk=disk) for disk in DISKS)
    full = played(steady(*storm))
    assert full.findings == []
    assert full.outcomes() == {"answered": 12}


def test_a_key_that_is_lost_is_asked_for_again() -> None:
    answers = {"main_menu": "0"}
    callers = tuple(
        Citizen(f"09420001{n:02}", 10.0 + 30.0 * n, talk=20.0, answers=answers) for n in range(6)
    )
    lies = Lies(at=5.0, lasts=300.0, drop=0.4, double=0.0, late=0.0, keys=True)
    result = played(replace(steady(lies), citizens=callers))
    assert result.findings == []
    assert result.outcomes() == {"answered": 6}
    pressed = [visit.pressed for visit in result.people.visits.values()]
    assert any(len(keys) > 1 and set(keys) == {"0"} for keys in pressed)


def test_on_a_busy_day_several_wait_at_once() -> None:
    script = without_faults(write(3, 0.5, day="peak-monday"))
    assert any(again.if_refused for citizen in script.citizens for again in citizen.again)
    result = played(script)
    assert sum(seconds for many, seconds in result.waiting.items() if many > 1) > 30


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
    tried = played(without_faults(script)).people.visits.values()
    assert len([visit for visit in tried if not visit.tries]) == len(script.citizens)
    assert demo_rules().digest
