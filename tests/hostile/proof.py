"""A running instance under attack, the good calls meanwhile, and what must be true of it."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from config.database import open_database
from config.ports import Ports
from telephony.store.records import Records
from tests.hostile.attack import Attacker
from tests.real import site_copy, tones
from tests.real.centre import CARRIER, NUMBER, RING_FOR
from tests.real.waiting import pause, until_true
from tests.sip import Trunk
from tests.supervisor.instance import Instance, instance

LINES: Final = 300  # more than the mutants that are answered at once, so that nobody is refused
FORMS: Final = ("asterisk", "controller", "redis")
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
GREETING: Final = "greeting"
CALLERS: Final = re.compile(rb"0?942(?!000100)\d{6}")
FORGOTTEN: Final = 150.0  # seconds until a call whose carrier acknowledges nothing is over
RECORDED: Final = 60.0
PATIENCE: Final = 60.0  # a machine that others keep busy is slow, and loses nothing


@dataclass
class Good:
    """Calls of citizens, one after the other."""

    placed: int = 0
    failures: list[str] = field(default_factory=list)
    answered_after: list[float] = field(default_factory=list)  # seconds


@dataclass
class Target:
    """The instance and its carrier."""

    instance: Instance
    trunk: Trunk
    pids: dict[str, int]

    @property
    def ports(self) -> Ports:
        """Of the instance."""
        return Ports(self.instance.base)

    def resident(self) -> dict[str, float]:
        """Memory of the parts in MB."""
        return {name: _resident(self.pids[name]) for name in ("asterisk", "controller")}

    async def alive(self) -> bool:
        """The same processes as at the beginning; a part that came up later does no harm."""
        now = await self.instance.pids()
        return {name: now.get(name) for name in self.pids} == self.pids

    async def good_calls(self, until: asyncio.Event, good: Good, every: float = 1.0) -> None:
        """One call a second, each in its own time, until told to stop."""
        async with asyncio.TaskGroup() as calls:
            while not until.is_set():
                calls.create_task(self._good_call(good, good.placed))
                good.placed += 1
                await pause(every)

    async def _good_call(self, good: Good, number: int) -> None:
        call = await self.trunk.call(NUMBER, from_number=f"09420009{number % 90 + 10}")
        try:
            await call.answered.within(PATIENCE)
            good.answered_after.append((call.answered.at or 0.0) - call.invited_at)
            await tones.hears(call, GREETING, since=call.invited_at, within=PATIENCE)
        except AssertionError as missed:
            good.failures.append(str(missed))
        finally:
            await call.hang_up()

    async def records(self, at_least: int, *, over: bool) -> int:
        """How many there are, at last so many; all `over` when an unacknowledged answer's are."""
        database = open_database(f"sqlite:///{self.instance.home.database}")
        kept = Records(database)

        async def count() -> int:
            return len(await kept.open_calls()) + len(await kept.calls(1_000_000, since=0.0))

        try:
            if over:
                told = "every call is over"
                await until_true(kept.open_calls, lambda found: not found, told, FORGOTTEN)
            told = f"{at_least} records"
            return await until_true(count, lambda found: found >= at_least, told, RECORDED)
        finally:
            await database.close()

    async def metrics(self) -> dict[str, Any]:
        """What the controller tells of itself."""
        found: dict[str, Any] = (await self.instance.status())["controller"]
        return found

    async def alarms(self) -> set[str]:
        """The ids of those that are raised."""
        return {alarm["id"] for alarm in (await self.instance.status())["alarms"]}


@asynccontextmanager
async def target(folder: Path) -> AsyncIterator[Target]:
    """One instance with many lines, ready; nothing of it is left at the end."""
    async with instance(folder / "home") as made:
        site = site_copy.copy(folder, made.base + CARRIER, RING_FOR)
        file = site / "site.yaml"
        file.write_text(file.read_text("utf-8").replace("lines: 6\n", f"lines: {LINES}\n"), "utf-8")
        where = ("--home", str(made.home.path), "--port-base", str(made.base), "--site", str(site))
        supervisor = await made.up(sys.executable, "-m", "telephony", "up", *where)
        await supervisor.ready()
        pids = await made.until(lambda found: found.keys() >= set(FORMS))
        async with Trunk("127.0.0.1", made.base + CARRIER, Ports(made.base).trunk) as trunk:
            yield Target(made, trunk, pids)


@asynccontextmanager
async def calling(at: Target) -> AsyncIterator[Good]:
    """Good calls for as long as the `with` lasts."""
    good, over = Good(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(at.good_calls(over, good))
        try:
            yield good
        finally:
            over.set()


async def settled(attacker: Attacker, within: float = 10.0) -> None:
    """Every answered mutant has been ended, one way or the other, and its answer counted."""
    seen = -1
    while seen != sum(attacker.statuses.values()) and within > 0:
        seen = sum(attacker.statuses.values())
        await pause(1.0)
        within -= 1.0


def faults_in_logs(home: Path) -> Iterator[str]:
    """F14: a line without a form, or with a control character, tells who wrote it."""
    for file in sorted([*(home / "log").glob("*.log"), *(home / "asterisk" / "log").glob("*.log")]):
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            if line and (why := fault(file.name, line)):
                yield f"{file.name}:{number}: {why}: {line[:120]!r}"


def fault(name: str, line: bytes) -> str:
    if CONTROL.search(line):
        return "control character"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "not UTF-8"
    if CALLERS.search(line):
        return "a caller's number"
    if name in ("controller.log", "messages.log") and not _is_event(text):
        return "not one event"
    return ""


def _is_event(text: str) -> bool:
    """One JSON object, or what Asterisk says of itself when it opens the file."""
    if re.match(r"\[[\d: .-]+\] Asterisk 22\.", text):
        return True
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1000 if found else 0.0
