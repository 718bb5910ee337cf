"""An engine that leads in virtual time, and what it has released so far."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telephony.acd.model import AgentId, CallId, Device, Instant
from telephony.calls import codec
from telephony.calls.engine import Applied, Engine
from telephony.calls.journal import KeptSnapshot, Place, Record
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.snapshot import take
from telephony.simulation.shell.journal import FakeJournal
from tests.builders import ANA, BO, MONDAY, rules


@dataclass(slots=True)
class Leading:
    """One engine, its journal, and what came out of it."""

    engine: Engine
    journal: FakeJournal
    released: list[Applied] = field(default_factory=list)

    @property
    def effects(self) -> list[fx.Effect]:
        """Everything released, in order."""
        return [effect for applied in self.released for effect in applied.effects]

    def away(self) -> bool:
        """Whether the engine goes on from memory."""
        return self.engine.away

    def kept(self) -> KeptSnapshot | None:
        """The kept snapshot."""
        return self.journal.kept

    def journaled(self) -> list[str]:
        """What the journal says happened: the command's name, or the mark."""
        return [name_of(record) for record in self.journal.records]


@asynccontextmanager
async def leading(
    centre: Centre | None = None,
    journal: FakeJournal | None = None,
    *,
    epoch: int = 1,
    written: bool = True,
    pace: float = 1.0,
) -> AsyncIterator[Leading]:
    """Lead for as long as the block lasts; records are `written` as soon as released, or never."""
    kept = journal or FakeJournal()
    out: list[Applied] = []

    def release(applied: Applied) -> None:
        out.append(applied)
        if written:
            engine.note_written(applied.place.seq)

    engine = Engine(
        centre or Centre(rules()), clock(pace), kept, Place(epoch, 0), lambda _: None, release
    )
    work = asyncio.get_running_loop().create_task(engine.run())
    try:
        yield Leading(engine, kept, out)
    finally:
        work.cancel()


def clock(pace: float = 1.0) -> Callable[[], float]:
    """Instants that follow the loop's time, or run a little slower."""
    loop = asyncio.get_running_loop()
    return lambda: Instant(MONDAY + pace * loop.time())


async def later(seconds: float = 0.001) -> None:
    """Let time pass."""
    await asyncio.sleep(seconds)  # noqa: TID251 -- virtual time


def image(centre: Centre) -> bytes:
    """Everything a centre knows."""
    return codec.encode_snapshot(take(centre))


def name_of(record: Record) -> str:
    """What an entry is, in one word."""
    return record.mark or str((record.command or {}).get("is"))


def arrives(call: str) -> cmd.CallArrived:
    """A caller."""
    return cmd.CallArrived(CallId(call), "0942000100", "key")


def everybody_ready(*agents: AgentId) -> list[cmd.Command]:
    """Their telephones work, and they take calls."""
    who = agents or (ANA, BO)
    free: list[cmd.Command] = [cmd.DeviceChanged(agent, Device.FREE) for agent in who]
    return free + [cmd.Ready(agent) for agent in who]
