"""`python -m benchmarks.hostile_sip`: thousands of mutated INVITEs while citizens call.

Good calls at one a second, mutants from the trunk's own address, then floods from strangers. What
must hold is asserted by `tests/hostile` on fewer mutants; here it is counted and kept.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import Sample, milliseconds
from benchmarks.report import Row, save, table
from tests.hostile.attack import Attacker
from tests.hostile.mutations import SPOILS
from tests.hostile.proof import Good, Target, calling, faults_in_logs, settled, target
from tests.hostile.strangers import floods

MAY_GROW: Final = 50.0  # MB
WARM_UP: Final = 2500  # mutants; SIP keeps what it answered for 32 s, so that memory first rises
LOOKED_EVERY: Final = 500  # mutants


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    mutants: int
    a_second: float
    flooded_for: float
    seed: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of it."""

    good: Good
    attacker: Attacker
    strangers: Sequence[Attacker]
    course: Sequence[dict[str, float]]  # MB, every so many mutants, and when all is over
    alive: bool
    records: int
    poisoned: int
    log_faults: list[str]

    @property
    def grown(self) -> dict[str, float]:
        """From the end of the warm-up to the end of all."""
        return {name: size - self.course[0][name] for name, size in self.course[-1].items()}


async def attacked(asked: Asked) -> Seen:
    """The whole of it, on an instance of its own."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-hostile-") as folder:
        async with target(Path(folder)) as at:
            async with calling(at) as good:
                attacker = await Attacker.open(at.ports.trunk)
                await attacker.attack(asked.seed, WARM_UP, asked.a_second)
                course = [at.resident()]
                for number in range(asked.mutants // LOOKED_EVERY):
                    await attacker.attack(asked.seed + 1 + number, LOOKED_EVERY, asked.a_second)
                    course.append(at.resident())
                strangers = await _flooded(at, asked)
                await settled(attacker)
            records = await at.records(good.placed + len(attacker.accepted), over=True)
            attacker.close()
            course.append(at.resident())
            return Seen(
                good,
                attacker,
                strangers,
                course,
                await at.alive(),
                records,
                int((await at.metrics())["poisoned"]),
                list(faults_in_logs(at.instance.home.path)),
            )


async def _flooded(at: Target, asked: Asked) -> Sequence[Attacker]:
    of = floods(at.ports.trunk, at.ports.phones)
    return await asyncio.gather(*(each.last(asked.flooded_for, asked.seed) for each in of))


def row(asked: Asked, seen: Seen) -> Row:
    """One line, with everything behind it in the file."""
    good, answered = seen.good, Sample(tuple(seen.good.answered_after) or (0.0,))
    accepted = len(seen.attacker.accepted)
    met = (
        not good.failures
        and seen.alive
        and not seen.poisoned
        and not seen.log_faults
        and max(seen.grown.values()) < MAY_GROW
        and seen.records >= good.placed + accepted
    )
    return Row(
        f"hostile SIP: {asked.mutants:,} mutants of {len(SPOILS)} kinds, then floods",
        f"{good.placed - len(good.failures)}/{good.placed} good calls, "
        f"+{max(seen.grown.values()):.1f} MB, answer p95 {milliseconds(answered.at(95))} ms",
        target=f"all, < {MAY_GROW:g} MB, nothing restarted",
        met=met,
        figures=_figures(asked, seen, answered),
    )


def _figures(asked: Asked, seen: Seen, answered: Sample) -> dict[str, Any]:
    return {
        "mutants": asked.mutants,
        "mutants_a_second": asked.a_second,
        "seed": asked.seed,
        "good_calls": seen.good.placed,
        "good_calls_failed": len(seen.good.failures),
        "good_call_answer": answered.figures(),
        "mutants_by_kind": dict(sorted(seen.attacker.sent.items())),
        "final_responses": {str(k): v for k, v in sorted(seen.attacker.statuses.items())},
        "mutants_answered_and_ended": len(seen.attacker.accepted),
        "records": seen.records,
        "grown_mb": {name: round(size, 1) for name, size in seen.grown.items()},
        "resident_mb": [{name: round(mb, 1) for name, mb in each.items()} for each in seen.course],
        "resident_looked_at_every": LOOKED_EVERY,
        "same_processes": seen.alive,
        "poisoned": seen.poisoned,
        "log_faults": len(seen.log_faults),
        "strangers": [
            {"sent": each.sent["flood"], "responses": {str(k): v for k, v in each.statuses.items()}}
            for each in seen.strangers
        ],
    }


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_sip", description=__doc__)
    parser.add_argument("--mutants", type=int, default=5000)
    parser.add_argument("--a-second", type=float, default=60)
    parser.add_argument("--flooded-for", type=float, default=10.0, help="seconds")
    parser.add_argument("--seed", type=int, default=1)
    asked = Asked(**vars(parser.parse_args()))
    load = os.getloadavg()
    seen = asyncio.run(attacked(asked))
    found = row(asked, seen)
    for line in [*seen.good.failures[:3], *seen.log_faults[:20]]:
        print(line, file=sys.stderr)
    print(table([found]))
    save("hostile_sip", [found], load)
    sys.exit(0 if found.met else 1)


if __name__ == "__main__":
    main()
