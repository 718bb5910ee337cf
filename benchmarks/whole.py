"""What a whole controller keeps of a hundred thousand calls, on the virtual loop.

Engine, publisher, outbox, spool, sweeps and all run before an Asterisk, a journal and records that
keep state. Those remember everything for whoever judges a simulated day; here they forget what is
over every few minutes, so that what grows is the controller's.
"""

import asyncio
import gc
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

import structlog

from benchmarks.core import DEMO
from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.simulation import MIB, SLOPE, STEP, slope
from config.site import load
from telephony.acd.model import AgentId, AgentState
from telephony.calls.rules import rules_of
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.simulation.run import staffed
from telephony.simulation.shell.asterisk_world import Line, Phone, Sight
from telephony.simulation.shell.loop import run as virtually
from telephony.simulation.shell.people import DIALLED, call_of
from telephony.simulation.shell.script import Script, Worker
from telephony.simulation.shell.theatre import Theatre

CRITICAL: Final = 50
AGENTS, LINES = 20, 30  # of a larger site, so that a hundred thousand come in two simulated days
APART: Final = 1.6  # seconds between two callers
TALK: Final = 5.0
PATIENCE: Final = 40.0
FORGET_EVERY: Final = 300.0
KEYS: Final = ("0", "0", "10", "0", "3", "", "0", "90")
NOT_HERE: Final = {AgentState.PAUSED, AgentState.SIGNED_OUT}
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
Point = tuple[int, float, float]  # calls, MiB of Python's objects, MiB resident


def run(plan: Plan) -> list[Row]:
    """Both sorts of memory of the one process, after each so many calls, everything collected."""
    return measured(plan.choose(100_000, 600), plan.choose(STEP // 4, 100))


def measured(calls: int, step: int) -> list[Row]:
    """Rows over so many calls."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    tracemalloc.start()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            day = Day(staffed(rules_of(load(DEMO)), AGENTS, LINES), Path(scratch))
            points = virtually(day.play(calls, step))
    finally:
        tracemalloc.stop()
    return [
        _row("Python's objects", [(at, objects) for at, objects, _ in points], day),
        _row("resident", [(at, resident) for at, _, resident in points], day),
    ]


def _row(what: str, points: list[tuple[int, float]], day: "Day") -> Row:
    a_step = slope(points) * STEP
    return Row(
        f"whole controller: {what}, over {day.over:,} calls",
        f"{a_step:+.3f} MB per 10,000 calls",
        ratio=f"{a_step / SLOPE:.2f}x target",
        target=f"< {SLOPE:g} MB per 10,000",
        met=a_step < SLOPE,
        figures={
            "calls_and_mib": [[calls, round(mib, 3)] for calls, mib in points],
            "answered": day.answered,
        },
    )


class Day:
    """Callers without end, one each few seconds, before one controller."""

    def __init__(self, rules: CentreRules, scratch: Path) -> None:
        self.over = self.answered = 0
        self._seats = [f"a{number:02}" for number in range(1, AGENTS + 1)]
        workers = tuple(Worker(seat, reliable=True, asks=False) for seat in self._seats)
        self._theatre = Theatre(Script(1, 0.0, (), workers, hosts=1), rules, scratch)
        self._world = self._theatre.asterisk.world
        self._world.see, self._world.habit = self._see, self._habit
        self._rung = count(1)

    async def play(self, calls: int, step: int) -> list[Point]:
        """What is taken after each step."""
        for seat in self._seats:
            self._theatre.asterisk.phone(seat)
        points: list[Point] = []
        async with asyncio.TaskGroup() as group:
            host = self._theatre.hosts[0]
            others = [
                group.create_task(work)
                for work in (host.keep(), self._callers(), self._agents(), self._forgetting())
            ]
            while self.over < calls:
                await asyncio.sleep(APART)
                if self.over >= step * (len(points) + 1):
                    points.append(self._taken())
            for work in others:
                work.cancel()
            host.process.kill()
        assert host.lives == 1
        assert not host.faults
        assert self.answered > self.over // 2
        return points

    def _taken(self) -> Point:
        self._forget()
        gc.collect()
        objects, _ = tracemalloc.get_traced_memory()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        return self.over, objects / MIB, resident / MIB

    # -- people --------------------------------------------------------------------------

    async def _callers(self) -> None:
        await asyncio.sleep(10.0)
        for number in count():
            self._call(number)
            await asyncio.sleep(APART)

    def _call(self, number: int) -> None:
        name = f"09420001{number % 100:02}" if number % 7 else "anonymous"
        arrived = f"{self._world.now().timestamp():.3f}"
        origin = f"sip:{name}@127.0.0.1"
        channel = self._world.arrive(name, args=("trunk", DIALLED, arrived, origin, "", ""))
        for place, key in enumerate(KEYS[number % len(KEYS)]):
            self._in(4.0 + 2.0 * place, self._press, channel, key)
        self._in(PATIENCE, self._hang_up, channel)

    def _press(self, channel: str, key: str) -> None:
        line = self._world.lines.get(channel)
        if line is not None and line.state == "Up" and line.ours:
            self._world.press(channel, key)

    def _hang_up(self, channel: str) -> None:
        if channel in self._world.lines:
            self._world.hang_up(channel)

    def _see(self, sight: Sight, line: Line) -> None:
        if sight == "entered" and line.id.startswith("o."):
            self.answered += 1
            self._in(TALK, self._hang_up, call_of(line.id))
        elif sight == "ended" and not line.id.startswith("o."):
            self.over += 1

    def _habit(self, endpoint: str, leg: str) -> Phone:
        """One telephone of twenty is left to ring."""
        return Phone("answers", 1.0) if next(self._rung) % 20 else Phone("rings")

    async def _agents(self) -> None:
        while True:
            await asyncio.sleep(10.0)
            for seat in self._seats:
                if self._theatre.state_of(seat) in NOT_HERE:
                    await self._theatre.ask(cmd.Ready(AgentId(seat)))

    def _in(self, seconds: float, act: Callable[..., None], *args: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, act, *args, context=self._world.context)

    # -- what would grow without being the controller's -----------------------------------

    async def _forgetting(self) -> None:
        while True:
            await asyncio.sleep(FORGET_EVERY)
            self._forget()

    def _forget(self) -> None:
        self._theatre.journal.forget()
        self._theatre.records.changes.clear()
        self._theatre.asterisk.history.events.clear()
