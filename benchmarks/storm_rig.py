"""A centre under load whose stores suffer: who talks, who waits, who comes, and what was promised.

Twenty-five citizens talk to agents and five wait, from the first fault to the last; one more comes
each second, is put through, hears and is heard, and leaves. A clerk pauses each second for another
reason, so that every pause that was acknowledged can be looked for.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from telephony.link.client import NoController, Refused
from telephony.store.call_record import CallRecord
from tests.real import site_copy
from tests.real.centre import CARRIER, NUMBER, Centre, begun, caller, up_command
from tests.real.stores import all_is_written
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter, IncomingCall, OutgoingCall, Talk, talk
from tests.supervisor.instance import instance

TALKING, WAITING, TAKERS = 25, 5, 10
TALKERS: Final = tuple(f"t{n:02}" for n in range(1, TALKING + 1))
TAKING: Final = tuple(f"n{n:02}" for n in range(1, TAKERS + 1))
CLERK, LATE = "c01", "l01"  # who pauses; whose callers wait
EVERY: Final = 1.0  # seconds between two new callers
CONNECTED_WITHIN: Final = 10.0
WRITTEN_WITHIN: Final = 60.0


@dataclass
class Told:
    """What became of the callers that came during one fault."""

    placed: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    answers: list[float] = field(default_factory=list)  # seconds, INVITE → 200
    rings: list[float] = field(default_factory=list)  # seconds, key → an agent's INVITE
    granted: list[str] = field(default_factory=list)  # reasons of pauses that were acknowledged
    refused: int = 0
    waits: list[float] = field(default_factory=list)  # seconds until each was


class Rig:
    """The centre, and everybody on its telephones."""

    def __init__(self, c: Centre) -> None:
        self.c = c
        self.pairs: list[tuple[OutgoingCall, IncomingCall]] = []
        self.waiting: list[OutgoingCall] = []
        self._rung: dict[str, asyncio.Future[IncomingCall]] = {}
        self._numbers = 0
        self._reasons = 0

    async def begin(self) -> None:
        """Everybody is on their telephone."""
        self.c.begin()
        for seat in TALKERS:
            pair = await self.c.talking(seat)
            await talk(*pair)
            self.pairs.append(pair)
        for seat in (*TAKING, LATE):
            await self.c.phone(seat, AnswerAfter())
        for _ in range(WAITING):
            self.waiting.append(await self.c.call("11"))
            await self.c.waiting(len(self.waiting), "booking")
        await self.c.phone(CLERK)
        for seat in TAKING:
            await self.c.ask(seat, "ready")

    def watched(self) -> list[Talk]:
        """Every talk from now on."""
        return [Talk(*pair) for pair in self.pairs]

    def dropped(self) -> int:
        """Who talked or waited, and does no more."""
        talked = sum(one.ended.happened or other.ended.happened for one, other in self.pairs)
        return talked + sum(call.ended.happened for call in self.waiting)

    async def load(self, over: asyncio.Event) -> Told:
        """A new caller and a pause each second until the event; what became of all of them."""
        told = Told()
        async with asyncio.TaskGroup() as group:
            hearing = [group.create_task(self._hear(seat)) for seat in TAKING]
            async with asyncio.TaskGroup() as calls:
                due = time.monotonic()
                while not over.is_set():
                    calls.create_task(self._citizen(told))
                    calls.create_task(self._pause(told))
                    due += EVERY
                    await pause(max(0.0, due - time.monotonic()))
            for task in hearing:
                task.cancel()
        return told

    async def _hear(self, seat: str) -> None:
        phone = self.c.phones[seat]
        while True:
            leg = await phone.incoming.get()
            waits = self._rung.get(leg.caller)
            if waits is not None and not waits.done():
                waits.set_result(leg)

    async def _citizen(self, told: Told) -> None:
        self._numbers += 1
        told.placed += 1
        number = f"094200{self._numbers % 8000 + 2000}"
        call = await self.c.trunk.call(NUMBER, from_number=number)
        self._rung[number] = asyncio.get_running_loop().create_future()
        try:
            await self._served(call, self._rung[number], told)
        except (AssertionError, TimeoutError, ExceptionGroup) as lost:
            told.lost[type(lost).__name__] += 1
        finally:
            del self._rung[number]
            call.hang_up()

    async def _served(
        self, call: OutgoingCall, rung: asyncio.Future[IncomingCall], told: Told
    ) -> None:
        await call.answered.within(CONNECTED_WITHIN)
        told.answers.append(time.monotonic() - call.invited_at)
        pressed = await call.send_key("0", held_for=0.06)
        async with asyncio.timeout(CONNECTED_WITHIN):
            leg = await rung
        told.rings.append(leg.invited_at - pressed.ended_at)
        await talk(call, leg, CONNECTED_WITHIN)
        assert not call.ended.happened

    async def _pause(self, told: Told) -> None:
        self._reasons += 1
        reason, asked = f"reason {self._reasons}", time.monotonic()
        try:
            await self.c.ask(CLERK, "pause", reason=reason)
        except (Refused, NoController):
            told.refused += 1
        else:
            told.granted.append(reason)
            told.waits.append(time.monotonic() - asked)

    async def recovered(self) -> None:
        """Journal and SQL have everything again."""
        await until_true(self.c.status, all_is_written, "everything written", WRITTEN_WITHIN)

    async def records(self, since: float, expected: int) -> list[CallRecord]:
        """The closed records of those who came since then."""

        async def found() -> list[CallRecord]:
            every = await self.c.records_of.calls(1000, since=since)
            return [record for record in every if record.arrived_at >= since]

        try:
            return await until_true(
                found, lambda every: len(every) >= expected, "records", WRITTEN_WITHIN
            )
        except AssertionError:
            return await found()

    async def reasons(self, since: float) -> list[str]:
        """The pauses that SQL has of the clerk."""
        spans = await self.c.records_of.agent_intervals(since, self.c.wall())
        mine = [span for span in spans if span.agent == CLERK and span.started_at >= since]
        return [str(span.reason) for span in sorted(mine, key=lambda span: span.started_at)]

    async def overtaken(self) -> int:
        """One agent serves those who waited: how many were not in their turn, or not there."""
        phone, wrong = self.c.phones[LATE], 0
        while not phone.incoming.empty():
            phone.incoming.get_nowait()
        await self.c.ask(LATE, "ready")
        of = {caller(call): call for call in self.waiting}
        for call in self.waiting:
            leg = await phone.rings(within=CONNECTED_WITHIN)
            wrong += leg.caller != caller(call)
            # Who hangs up before the two were joined has not served them: they come again.
            await talk(of[leg.caller], leg, CONNECTED_WITHIN)
            leg.hang_up()
        return wrong


@asynccontextmanager
async def rig(folder: Path, database: str | None = None) -> AsyncIterator[Rig]:
    """Forty seats, sixty lines, everybody on the telephone; nothing is left at the end."""
    async with instance(folder / "home") as made:
        site = site_copy.copy(folder, made.base + CARRIER, ring_for=15.0, reach_for=10.0)
        _enlarge(site)
        command = up_command(made, site, database)
        async with begun(made, command, made.base + CARRIER, database) as c:
            at = Rig(c)
            await at.begin()
            yield at


def _enlarge(site: Path) -> None:
    queues: dict[str, Any] = yaml.safe_load((site / "queues.yaml").read_text("utf-8"))
    for queue in queues.values():
        queue |= {"announce_after": 3000, "wrap_up_for": 1, "max_wait": 3000, "max_length": 60}
    seats = {
        name: {"name": name, "role": "agent", "queues": ["general", "narrow"]}
        for name in (*TALKERS, *TAKING, CLERK)
    }
    seats[LATE] = {"name": LATE, "role": "agent", "queues": ["booking", "lonely", "asked"]}
    for name, content in (("queues", queues), ("seats", seats)):
        (site / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    file = site / "site.yaml"
    text = file.read_text("utf-8").replace("lines: 6\n", "lines: 60\n")
    file.write_text(text.replace("media_timeout: 12\n", "media_timeout: 60\n  sessions: 62\n"))
