"""Planted bugs: of those in `planted.py`, how many do the tests find that need no Asterisk?

Each is put into a copy of the tree, where the tests of its neighbourhood run, the nearest first,
until one fails. A test that says nothing for `STILL` seconds hangs, and has found it too. What
finds a bug must do so again by itself, and pass on a copy without it; else it has found nothing,
and the others are asked without it.

Each trial is written down as it ends (`trials.Ledger`), so a run that was interrupted goes on.
`python -m benchmarks.mutants WORD ...` plants only those whose file or story has one of the words.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.plan import Plan
from benchmarks.planted import BUGS, Bug
from benchmarks.report import Row
from benchmarks.sittings import digest
from benchmarks.trials import Ledger, Trial
from telephony.runtime import manifest

PROJECT: Final = Path(__file__).parents[1]
AT_LEAST: Final = 0.95
AT_ONCE: Final = 2
TRIES: Final = 3  # tests that may turn out to be doubtful before a bug counts as missed
LEDGER: Final = PROJECT / "var" / "mutants.jsonl"
STILL: Final = 120.0  # seconds; the slowest of these tests needs a tenth of it
LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "var", "*.egg-info")
SHELL: Final = ("tests/simulation", "tests/replays")
NEIGHBOURHOOD: Final[Mapping[str, tuple[str, ...]]] = {
    "telephony/acd": ("tests/acd", "tests/centre", "tests/calls", *SHELL),
    "telephony/centre": ("tests/centre", "tests/acd", "tests/calls", *SHELL),
    "telephony/calls": ("tests/calls", "tests/models", *SHELL),
    "telephony/owing": ("tests/owing", "tests/store", "tests/calls"),
    "ivr_flows": ("tests/ivr", "tests/centre", "tests/acd", "tests/calls", *SHELL),
}
VERDICT: Final = re.compile(r"^(tests/\S+?::.+?) (?:FAILED|ERROR)\b", re.MULTILINE)
UNREAD: Final = re.compile(r"^ERROR (tests/\S+)", re.MULTILINE)
LAST: Final = re.compile(r"^(tests/\S+?::\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of tests ended: the test that failed, or the one that hung."""

    test: str
    hung: bool = False


def run(plan: Plan) -> list[Row]:
    """All of them once; with `--quick` the first two, and nothing is kept of it."""
    if plan.quick:
        return [row(asyncio.run(hunt(BUGS[:2])))]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        clean = tree(PROJECT, Path(folder) / "clean")
        ledger = Ledger(LEDGER, digest(clean))
        asyncio.run(_hunt([b for b in BUGS if b.story not in ledger.trials], clean, ledger.keep))
        found = row([ledger.trials[bug.story] for bug in BUGS], ledger.sitting, digest(clean))
    ledger.close()
    return [found]


def row(trials: Sequence[Trial], sittings: int = 1, of: str = "") -> Row:
    """How many were found; the file tells by what."""
    found = [trial for trial in trials if trial.found_by]
    share = len(found) / len(trials)
    return Row(
        "mutants: planted bugs that the tests find",
        f"{len(found)} of {len(trials)}",
        ratio=f"{share:.0%}",
        target=f"≥ {AT_LEAST:.0%}",
        met=share >= AT_LEAST,
        figures={
            "tree": of,
            "sittings": sittings,
            "trials": [trial.told() for trial in trials],
        },
    )


async def hunt(bugs: Sequence[Bug]) -> list[Trial]:
    """These only, told one by one as they end."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        clean = tree(PROJECT, Path(folder) / "clean")
        return await _hunt(bugs, clean, lambda trial: None)


async def _hunt(bugs: Sequence[Bug], clean: Path, keep: Callable[[Trial], None]) -> list[Trial]:
    """A few at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, bug: Bug) -> Trial:
        async with room:
            trial = await attempt(bug, clean.parent / str(number), clean)
        keep(trial)
        _tell(trial)
        return trial

    return await asyncio.gather(*(one(number, bug) for number, bug in enumerate(bugs)))


async def attempt(bug: Bug, at: Path, clean: Path) -> Trial:
    """Plant it, let the tests find it, and see whether they are right."""
    plant(bug, tree(clean, at))
    doubtful = list[str]()
    try:
        for _ in range(TRIES):
            outcome = await tests(at, _neighbourhood(bug, at), without=doubtful)
            if outcome is None:
                break
            if await _is_right(outcome, at, clean):
                return Trial(bug, outcome.test, outcome.hung, tuple(doubtful))
            doubtful.append(outcome.test)
    finally:
        shutil.rmtree(at)
    return Trial(bug, "", doubtful=tuple(doubtful))


async def _is_right(outcome: Outcome, at: Path, clean: Path) -> bool:
    alone = (outcome.test,)
    return (await tests(at, alone, ())) is not None and (await tests(clean, alone, ())) is None


def plant(bug: Bug, root: Path) -> None:
    """Write what somebody might have written."""
    file = root / bug.file
    file.write_text(planted(bug, file.read_text("utf-8")), "utf-8")


def planted(bug: Bug, text: str) -> str:
    """The text with the bug. Raises ValueError where its place is not found exactly once."""
    if text.count(bug.before) != 1:
        raise ValueError(f"not exactly one place in {bug.file} for: {bug.story}")
    return text.replace(bug.before, bug.after)


def tree(of: Path, at: Path) -> Path:
    """A copy of what is tested and of the tests; it shares the private runtime."""
    shutil.copytree(of, at, ignore=LEFT_OUT)
    (at / ".runtime").mkdir()
    for part in (PROJECT / ".runtime").iterdir():
        if part.name != "versions.json":
            (at / ".runtime" / part.name).symlink_to(part)
    held = manifest.read(PROJECT / ".runtime")
    if held is not None:
        replace(held, root=str(at.resolve() / ".runtime")).write(at / ".runtime")
    return at


async def tests(root: Path, asked: Sequence[str], without: Sequence[str]) -> Outcome | None:
    """The first test that fails or hangs there; None when all pass."""
    left_out = (f"--deselect={test}" for test in without)
    options = ("-x", "-v", "--no-header", "--tb=no", "-p", "no:cacheprovider", *left_out)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", *options, *asked),
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1", "COLUMNS": "300"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        while some := await asyncio.wait_for(process.stdout.read(65536), STILL):
            said += some.decode("utf-8", "replace")
    except TimeoutError:
        return Outcome(_last(said), hung=True)
    finally:
        await _end(process)
    if process.returncode == 0:
        return None
    failed = VERDICT.search(said) or UNREAD.search(said)
    return Outcome(failed[1].strip() if failed else _last(said))


async def _end(process: asyncio.subprocess.Process) -> None:
    """It and what its tests started: they are a process group of their own."""
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), 1.0)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _last(said: str) -> str:
    tests_named: list[str] = LAST.findall(said)
    return tests_named[-1] if tests_named else "tests"


def _neighbourhood(bug: Bug, root: Path) -> list[str]:
    """Tests that bear the module's name come first: they find most, and soonest."""
    folders = next(near for place, near in NEIGHBOURHOOD.items() if bug.file.startswith(place))
    files = (file for each in folders for file in (root / each).glob("test_*.py"))
    named = [str(file.relative_to(root)) for file in files if Path(bug.file).stem in file.stem]
    return [*sorted(named), *folders]


def _tell(trial: Trial) -> None:
    how = "hangs" if trial.hung else "fails"
    told = f"{trial.found_by} {how}" if trial.found_by else "NOT FOUND"
    more = f" (doubtful: {', '.join(trial.doubtful)})" if trial.doubtful else ""
    print(f"{trial.bug.file}: {trial.bug.story}: {told}{more}", file=sys.stderr, flush=True)


def main() -> None:
    """Only some of them, for who writes the missing test."""
    words = sys.argv[1:]
    chosen = [bug for bug in BUGS if any(word in bug.file + bug.story for word in words)]
    trials = asyncio.run(hunt(chosen))
    sys.exit(not all(trial.found_by for trial in trials))


if __name__ == "__main__":
    main()
