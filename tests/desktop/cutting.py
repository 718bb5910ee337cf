"""A way to the desk that can be cut: either the line is dead at once, or it swallows everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol


class Line(Protocol):
    """What leads to the desk, in somebody's hands; people come through this port of it."""

    @property
    def port(self) -> int: ...

    def cut(self) -> None: ...

    def mend(self) -> None: ...


@dataclass
class Way:
    """Passes bytes on, unless it is cut."""

    target: int
    port: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    swallowing: bool = False
    pairs: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser."""
        if not self.open.is_set() and not self.swallowing:
            writer.close()
            return
        await self.open.wait()
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        ends = {writer, far_writer}
        self.pairs |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, far_writer))
                group.create_task(self._pass(far_reader, writer))
        finally:
            self.pairs -= ends
            for end in ends:
                end.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                await self.open.wait()
                sink.write(data)
                await sink.drain()
        sink.close()

    def cut(self) -> None:
        """Every connection ends, and no new one is taken."""
        self.open.clear()
        self.swallowing = False
        for end in tuple(self.pairs):
            end.transport.abort()

    def swallow(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self.open.clear()
        self.swallowing = True

    def mend(self) -> None:
        """As before; what was swallowed comes late, as after a dead radio link."""
        self.open.set()


@asynccontextmanager
async def way_to(target: int) -> AsyncIterator[Way]:
    """A way to this port of the loopback."""
    way = Way(target)
    way.open.set()
    server = await asyncio.start_server(way.serve, "127.0.0.1", 0)
    way.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield way
        finally:
            way.cut()
