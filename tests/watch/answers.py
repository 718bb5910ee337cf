"""What the watch asks, answering as a test says; while `hung` it answers nothing."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.database import DatabaseFailed
from telephony.ari.errors import AriUnreachable
from telephony.store.city_letters import LettersOwed
from telephony.watch.alarms import GIB
from telephony.watch.measures import Disk
from telephony.watch.served import Served
from telephony.watch.watch import Watch

HOME: Final = Path("/srv/city")
ROOMY: Final = Disk(HOME, 50 * GIB, 100 * GIB)


@dataclass
class Answers:
    """What each thing answers now."""

    fit: str = "22.10.1"
    tasks: int | None = 3
    unknown: int | None = 0
    room: tuple[Disk, ...] = (ROOMY,)
    synchronised: bool | None = True
    shown: Served | None = None
    desk_hung: bool = False
    owed: LettersOwed | None = None
    records_down: bool = False
    takes: float = 0.0  # seconds, by the version
    down: bool = False
    console_down: bool = False
    silent_ports: set[int] = field(default_factory=set)
    sip_ports: tuple[int, ...] = (8002, 8003)
    going: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.going.set()

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Asterisk is stopped for the length of the block."""
        self.going.clear()
        try:
            yield
        finally:
            self.going.set()

    async def version(self) -> str:
        await self.going.wait()
        await asyncio.sleep(self.takes)  # noqa: TID251 -- virtual time
        if self.down:
            raise AriUnreachable("GET /ari/asterisk/info: connection refused")
        return self.fit

    async def options(self, port: int) -> None:
        await self.going.wait()
        if port in self.silent_ports:
            await asyncio.Event().wait()

    async def task_processor(self) -> int | None:
        await self.going.wait()
        if self.console_down:
            raise ConnectionRefusedError
        return self.tasks

    async def strangers(self) -> int | None:
        await self.going.wait()
        if self.console_down:
            raise ConnectionRefusedError
        return self.unknown

    async def disks(self) -> tuple[Disk, ...]:
        return self.room

    def clock_synchronised(self) -> bool | None:
        return self.synchronised

    async def letters(self) -> LettersOwed | None:
        if self.records_down:
            raise DatabaseFailed("away")
        return self.owed

    async def certificate(self) -> Served | None:
        if self.desk_hung:
            raise TimeoutError
        return self.shown


def watch_of(answers: Answers, clock: Callable[[], float]) -> Watch:
    """A watch that asks them."""
    return Watch(answers, HOME, clock)
