"""Keeping one part alive."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Self

from config.clockwork import every
from config.home import Home
from telephony.supervisor import logs, notes
from telephony.supervisor.backoff import BackOff
from telephony.supervisor.part import Part
from telephony.supervisor.process import Process, adopt, spawn

Tell = Callable[[str], None]


class PartState(StrEnum):
    """What `status` shows of a part."""

    STARTING = "starting"
    UP = "up"
    PAUSING = "pausing"  # it ended too often to be started again at once
    STOPPED = "stopped"


class Keeper:
    """Starts or adopts a part, and starts it again whenever it ends."""

    def __init__(self, part: Part, home: Home, tell: Tell, needs: Sequence[Self] = ()) -> None:
        self.part = part
        self.state = PartState.STOPPED
        self.restarts = 0
        self.is_up = asyncio.Event()
        self.process: Process | None = None
        self._home = home
        self._tell = tell
        self._needs = needs
        self._back_off = BackOff()
        self._at_once = asyncio.Event()
        self._asked = False  # for the end that comes next
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._log = logs.file_of(home, part.name)
        self._said_from = logs.size(self._log)  # what was said before belongs to a former life

    def leads(self, led_by: int | None) -> bool:
        """Whether this is the process that leads."""
        return self.process is not None and self.process.pid == led_by

    async def find(self) -> bool:
        """Take over what a former `up` left running; end what cannot be taken over."""
        note = notes.read(self._home, self.part.name)
        process = adopt(note.identity) if note else None
        if note is None or process is None:
            return False
        if self.part.adoptable and note.runtime == str(self._home.runtime()):
            self.process = process
            self._tell(f"{self.part.name}: still running (pid {process.pid}), adopted")
            return True
        self.process = process
        await self.give_up()
        self._tell(f"{self.part.name}: an old one (pid {process.pid}) was ended")
        return False

    async def give_up(self) -> None:
        """End what was found; `keep` will start a new one."""
        process, self.process = self.process, None
        if process is not None:
            await process.end(self.part.leaves_within)
            await self._clear_away(process)

    async def keep(self) -> None:
        """Until `stop`."""
        self._task = asyncio.current_task()
        while not self._stopping:
            for need in self._needs:
                await need.is_up.wait()
            process = self.process or self._start()
            if process is None:
                await self._pause(self._back_off.after(0))
                continue
            how = await self._watch(process)
            self.process = None
            self.is_up.clear()
            await self._clear_away(process)
            if not self._stopping:
                await self._pause(self._next_start(process, how))
        self.state = PartState.STOPPED

    async def stop(self) -> None:
        """End it for good."""
        self._stopping = True
        if self.process is not None:
            await self.process.end(self.part.leaves_within)
        elif self._task is not None:
            self._task.cancel()  # it waits for something that need not happen any more

    async def restart(self) -> None:
        """End it and start it anew; returns when the new one is up."""
        self._back_off.forget()
        self._at_once.set()
        if self.process is not None:
            self._asked = True
            self.is_up.clear()
            await self.process.end(self.part.leaves_within)
        await self.is_up.wait()

    def _start(self) -> Process | None:
        """None when the machine refuses: a full disk, no more processes."""
        self.state = PartState.STARTING
        self._said_from = logs.size(self._log)
        try:
            self.process = spawn(self.part.argv, self._log, self._home.path)
            notes.write(self._home, self.part.name, self.process.identity)
        except OSError as refused:
            self._tell(f"{self.part.name}: {refused.strerror} while starting it")
        return self.process

    async def _watch(self, process: Process) -> str:
        async with asyncio.TaskGroup() as group:
            attending = group.create_task(self._attend(process))
            how = await process.ended()
            attending.cancel()
        return how

    async def _attend(self, process: Process) -> None:
        """Tell that it is up, then ask after it: a part can hang without ending."""
        if await self.part.up():
            self.state = PartState.UP
            self.is_up.set()
            await self._hangs()
            self._tell(f"{self.part.name}: has not answered for {self.part.silent_for:g} s")
        else:
            self._tell(f"{self.part.name}: does not come up")
        await process.end(self.part.leaves_within)

    async def _hangs(self) -> None:
        """Wait until it does not answer any more."""
        async for _ in every(self.part.attended_every):
            try:
                async with asyncio.timeout(self.part.silent_for):
                    if not await self.part.up():
                        return
            except TimeoutError:
                return

    async def _clear_away(self, process: Process) -> None:
        notes.forget(self._home, self.part.name)
        await self.part.ended(process.pid)

    def _next_start(self, process: Process, how: str) -> float:
        """Seconds until then, told to whoever looks on."""
        self.restarts += 1
        asked, self._asked = self._asked, False
        if asked:
            self._tell(f"{self.part.name}: restarting, as asked (pid {process.pid} {how})")
            return 0.0
        pause = self._back_off.after(process.lived)
        # What a killed one happened to say last was not the cause.
        last = logs.last_line(self._log, self._said_from) if process.fell else ""
        said = f" ({last})" if last else ""
        when = f"in {pause:g} s" if pause else "at once"
        self._tell(f"{self.part.name}: pid {process.pid} {how}{said}; starting again {when}")
        return pause

    async def _pause(self, seconds: float) -> None:
        if not seconds:
            return
        self.state = PartState.PAUSING
        self._at_once.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._at_once.wait()
