"""`python -m benchmarks.capacity`: calls a second on the real Asterisk, 300 agents, no media.

One step at the target's rate for a minute (`--seconds 1800`: half an hour), then a ramp upwards to
the first lost call. Every call is answered, hears the menu, presses 0, is connected to an agent,
talks for three seconds and hangs up.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from benchmarks import stretches
from benchmarks.measure import Sample, milliseconds
from benchmarks.processor import Processor
from benchmarks.product import QUEUE, opening
from benchmarks.report import Row, save, table
from config.ports import Ports
from config.secrets import read_secrets
from telephony.link.client import Link
from tests.real.tones import install
from tests.supervisor.instance import Instance, instance

AGENTS, LINES = 300, 600
RTP_PORTS: Final = 6000  # four of them for each talk
TARGET, LAG = 20.0, 0.010  # calls a second; seconds of event-loop lag, p99
STEP_UP: Final = 5.0
STEP_FOR: Final = 15.0  # seconds
RAMP_ENDS: Final = 100.0
DEMO: Final = Path(__file__).parents[1] / "config" / "site"


@dataclass(frozen=True, slots=True)
class Step:
    """One rate, held for a while."""

    rate: float
    seconds: float
    placed: int
    lost: dict[str, int]
    answer: Sample
    ring: Sample
    lag: float  # seconds, p99 of all so far
    processor: dict[str, float]  # processors' worth, by part
    seconds_used: dict[str, float]
    held: dict[str, Any]  # the leader's event loop, see `stretches`

    @property
    def clean(self) -> bool:
        """Not one call was lost."""
        return not self.lost

    def figures(self) -> dict[str, Any]:
        """As kept."""
        return {
            "rate": self.rate,
            "seconds": self.seconds,
            "placed": self.placed,
            "lost": self.lost,
            "invite_to_answer": self.answer.figures(),
            "key_to_agents_invite": self.ring.figures(),
            "loop_lag_p99_ms": round(1000 * self.lag, 2),
            "processors_used": {name: round(each, 2) for name, each in self.processor.items()},
            "processor_ms_a_call": {
                name: round(1000 * each / self.placed, 2)
                for name, each in self.seconds_used.items()
            },
            "event_loop_held": self.held,
        }


Buckets = dict[float, float]  # ticks that were no later than so many seconds, since the start


def percentile(before: Buckets, after: Buckets, share: float = 0.99) -> float:
    """A bound that so many of the ticks in between kept; -1 where nobody told."""
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    enough = share * max(counts.values(), default=0.0)
    return next((bound for bound, count in counts.items() if count >= enough > 0), -1.0)


class Bench:
    """The instance, and the load generator beside it."""

    def __init__(self, made: Instance, load: asyncio.subprocess.Process, watched: Path) -> None:
        self._made = made
        self._load = load
        self._watched = watched

    async def step(self, rate: float, seconds: float) -> Step:
        """Place the calls and look at what they cost."""
        pids = {**await self._made.pids(), "load": self._load.pid}
        used, held = Processor(pids), stretches.told(self._watched, pids["controller"])
        late = await self._late()
        await self._tell({"rate": rate, "seconds": seconds})
        told = await self.heard()
        told_so_far = f"{rate:g}/s: {told['placed']} placed, lost {told['lost']}"
        print(told_so_far, file=sys.stderr, flush=True)
        return Step(
            rate,
            seconds,
            told["placed"],
            told["lost"],
            Sample(tuple(told["answer"]) or (0.0,)),
            Sample(tuple(told["ring"]) or (0.0,)),
            percentile(late, await self._late()),
            used.since(),
            used.seconds(),
            stretches.told(self._watched, pids["controller"]).since(held),
        )

    async def _tell(self, what: dict[str, Any]) -> None:
        assert self._load.stdin is not None
        self._load.stdin.write(json.dumps(what).encode() + b"\n")
        await self._load.stdin.drain()

    async def begin(self, agents: Sequence[str]) -> None:
        """Every phone registers, every agent is ready."""
        ports = Ports(self._made.base)
        passwords = read_secrets(self._made.home.secrets).seat_passwords
        given = {name: passwords[name] for name in agents}
        await self._tell({"trunk": ports.trunk, "phones": ports.phones, "passwords": given})
        await self.heard()
        link = Link(self._made.home.controller_socket)
        for name in agents:
            await link.request(name, "ready")

    async def heard(self) -> dict[str, Any]:
        """The generator's next line."""
        assert self._load.stdout is not None
        found: dict[str, Any] = json.loads(await self._load.stdout.readline())
        return found

    async def _late(self) -> Buckets:
        url = f"http://127.0.0.1:{Ports(self._made.base).health}/metrics"
        async with aiohttp.ClientSession() as http, http.get(url) as reply:
            text = await reply.text()
        found = re.findall(
            r'^madoguchi_event_loop_lag_seconds_bucket{le="(.+)"} (\S+)$', text, re.MULTILINE
        )
        return {float(bound): float(count) for bound, count in found}


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Ready to be loaded; nothing is left at the end."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        agents = [f"a{n:03}" for n in range(1, AGENTS + 1)]
        site = _site(Path(folder) / "site", agents)
        async with instance(Path(folder) / "home") as made:
            watched = Path(folder) / "watched"
            path = f"PYTHONPATH={stretches.installed(watched)}"
            where = (str(made.home.path), str(made.base), str(RTP_PORTS), str(site))
            command = (sys.executable, "-m", "benchmarks.wide", *where)
            await (await made.up("env", path, *command)).ready()
            load = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.load"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=64 * 1024 * 1024,
            )
            try:
                at = Bench(made, load, watched)
                await at.begin(agents)
                yield at
            finally:
                load.terminate()
                await load.wait()


def _site(into: Path, agents: Sequence[str]) -> Path:
    """Many lines and seats; short tones for prompts, and a menu that 0 leaves for a person."""
    into.mkdir()
    for name in ("holidays", "numbers"):
        shutil.copy(DEMO / f"{name}.yaml", into)
    text = (DEMO / "site.yaml").read_text("utf-8").replace("lines: 6\n", f"lines: {LINES}\n")
    text = text.replace("sessions: 8", f"sessions: {LINES + 2}")
    (into / "site.yaml").write_text(text, "utf-8")
    left = {"max_wait": 900, "max_length": LINES}
    asides = {"ask_number": "ask_number", "on_1": "choose_callback"}
    exits = {"exit": "waited_too_long", "exit_full": "too_many_wait"} | asides
    exits["exit_no_agent"] = "other_line"
    queue = {**QUEUE, **left, **exits, "wrap_up_for": 1}
    seats = {name: {"name": name, "queues": ["booking", "general"]} for name in agents}
    files = {
        "calendar": opening(LINES),
        "queues": {
            name: queue | {"exit_surge": f"surge_{name}"} for name in ("booking", "general")
        },
        "seats": seats,
    }
    for name, content in files.items():
        (into / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    install(into / "sounds" / "ja")
    return into


async def measured(seconds: float, *, ramp: bool) -> list[Step]:
    """The target's rate first; the ramp from there to the first lost call."""
    async with bench() as at:
        await at.step(2, 5)  # not counted
        steps = [await at.step(TARGET, seconds)]
        while ramp and steps[-1].clean and steps[-1].rate < RAMP_ENDS:
            steps.append(await at.step(steps[-1].rate + STEP_UP, STEP_FOR))
        return steps


def rows(steps: Sequence[Step]) -> list[Row]:
    """The target's, and where the ramp ended."""
    first, last = steps[0], steps[-1]
    found = [_row(f"{first.rate:g} calls/s for {first.seconds:g} s, {AGENTS} agents", first)]
    if len(steps) > 1:
        clean = max((step.rate for step in steps if step.clean), default=0.0)
        figures = {"steps": [step.figures() for step in steps]}
        told = f"{clean:g}/s without a lost call"
        if not last.clean:
            told += f"; at {last.rate:g}/s {sum(last.lost.values())} of {last.placed} lost"
        found.append(Row("ramp to the first lost call", told, figures=figures))
    return found


def _row(what: str, step: Step) -> Row:
    lost = sum(step.lost.values())
    told = (
        f"{lost} of {step.placed:,} lost, loop lag p99 ≤ {milliseconds(step.lag)} ms, "
        f"held {step.held['longest_ms']} ms at most"
    )
    met = step.clean and 0 <= step.lag <= LAG
    target = f"none lost, lag ≤ {milliseconds(LAG)} ms"
    return Row(what, told, target=target, met=met, figures=step.figures())


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="at the target's rate (60)")
    parser.add_argument("--no-ramp", action="store_true", help="only the target's rate")
    asked = parser.parse_args()
    load = os.getloadavg()
    found = rows(asyncio.run(measured(asked.seconds, ramp=not asked.no_ramp)))
    print(table(found))
    print(f"load average before: {load[0]:.1f}", file=sys.stderr)
    save("capacity", found, load)


if __name__ == "__main__":
    main()
