"""`madoguchi up` from the first look at the disk to the last process gone."""

import asyncio
import os
import signal
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Final

from config.clockwork import every
from config.home import Home, NoSystemError
from config.ports import Ports
from config.site import Site
from telephony.asterisk import process as asterisk
from telephony.asterisk.write import needs_restart, reload_commands
from telephony.link.client import Link, NoController, Refused
from telephony.supervisor import console, control, logs, parts
from telephony.supervisor.keeper import Keeper, Tell
from telephony.supervisor.lock import kept_from_cleaning, only_one
from telephony.supervisor.occupied import require_free
from telephony.supervisor.prepare import Prepared, checked, claimed_home, made_runtime, prepare

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOGS_TRIMMED_EVERY: Final = 10.0  # seconds
READY_ASKED_EVERY: Final = 0.2  # seconds
UNREADY_ASKED_EVERY: Final = 1.0
LEADER_SAYS_WITHIN: Final = 0.5  # seconds, at the end: one that hangs says nothing
HEAD_START: Final = 0.5  # seconds of a standby at the end; once told to stop it takes nothing over
NOT_READY: Final = "not ready 受付できません: callers hear music until the controller is back"


async def up(
    path: Path,
    ports: Ports,
    directory: Path,
    controllers: Sequence[Sequence[str]] = (),
    desk: Sequence[str] | None = None,
) -> None:
    """Run the instance until a signal says stop; `CannotStart` and its like before it began."""
    os.umask(asterisk.UMASK)  # every file of ours and of the parts is nobody else's
    site, programs = checked(directory)
    home = claimed_home(path)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    with only_one(home), kept_from_cleaning(made_runtime(home)):
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                loop.add_signal_handler(number, stop.set)
        moved = _moved(home, ports)
        instance = prepare(home, ports, directory, site, programs)
        argv = parts.desk_argv(home) if desk is None else desk
        supervisor = _Supervisor(instance, controllers or parts.pair_argv(home), argv)
        await supervisor.find(moved=moved)
        await supervisor.run(stop)


def _moved(home: Home, ports: Ports) -> bool:
    """Whether this home was last started on other ports."""
    try:
        return home.instance().ports != ports
    except NoSystemError:
        return False


class _Supervisor:
    """The keepers of one instance."""

    def __init__(
        self, instance: Prepared, controllers: Sequence[Sequence[str]], desk: Sequence[str]
    ) -> None:
        self._instance = instance
        self._tell = console.stopwatch()
        self._keepers = _keepers(instance, controllers, self._tell)
        if desk:
            part = parts.desk_part(instance.home, desk)
            self._keepers[part.name] = Keeper(part, instance.home, self._tell)
        self._pair = [self._keepers[name] for name in parts.PAIR if name in self._keepers]

    async def find(self, *, moved: bool) -> None:
        """Take over what lives of a former `up`; refuse where a stranger has our ports."""
        for keeper in reversed(self._keepers.values()):
            adopted = await keeper.find()
            if adopted and moved and keeper.part.name == parts.ASTERISK:
                self._tell("asterisk: it served another port base; starting it again")
                await keeper.give_up()
        running = frozenset(n for n, keeper in self._keepers.items() if keeper.process)
        require_free(self._instance.ports, running | self._not_ours(), self._instance.site)
        if parts.ASTERISK in running:
            await self._apply_changes()

    def _not_ours(self) -> frozenset[str]:
        """Parts that this supervisor does not start, and whose ports are not its business."""
        return frozenset({parts.DESK} - self._keepers.keys())

    async def run(self, stop: asyncio.Event) -> None:
        """Everything at once, until told to stop."""
        for line in console.welcome(*self._place(), self._instance.demo_password):
            console.say(line)
        async with control.served(self._instance.home, self._keepers), asyncio.TaskGroup() as group:
            for keeper in self._keepers.values():
                group.create_task(keeper.keep())
            watches = [
                group.create_task(self._tell_when_ready(stop)),
                group.create_task(self._trim()),
            ]
            await stop.wait()
            for watch in watches:
                watch.cancel()
            await self._end()

    def _place(self) -> tuple[Home, Ports, Site]:
        return self._instance.home, self._instance.ports, self._instance.site

    async def _end(self) -> None:
        """Controllers and desk before what they speak to; over within 5 s, also where they hang."""
        self._tell("stopping 停止します")
        desk = self._keepers.get(parts.DESK)
        async with asyncio.TaskGroup() as group:
            if desk is not None:
                group.create_task(desk.stop())
            # Who leads goes after its standby, which would take over. Nobody says so: both at once.
            led_by = await self._leader()
            for keeper in sorted(self._pair, key=lambda one: one.leads(led_by)):
                going = group.create_task(keeper.stop())
                await asyncio.wait({going}, timeout=HEAD_START if led_by else 0)
        async with asyncio.TaskGroup() as group:
            for keeper in self._keepers.values():
                if keeper is not desk and keeper not in self._pair:
                    group.create_task(keeper.stop())
        self._tell("stopped 停止しました")

    async def _leader(self) -> int | None:
        try:
            async with asyncio.timeout(LEADER_SAYS_WITHIN):
                return await parts.leader(self._instance.home)
        except TimeoutError:
            return None

    async def _apply_changes(self) -> None:
        """An Asterisk with calls in it is never restarted for a setting's sake."""
        changed = self._instance.changed
        if needs_restart(changed):
            self._tell("asterisk: some changes wait for `madoguchi restart asterisk`")
        try:
            await asterisk.reload(
                self._instance.programs, self._instance.home, reload_commands(changed)
            )
        except asterisk.AsteriskCommandError as refused:
            self._tell(f"asterisk: {refused}")

    async def _tell_when_ready(self, stop: asyncio.Event) -> None:
        """Until the end, also should the question to a controller swallow a cancellation."""
        ready = console.ready(self._instance.site, self._instance.ports)
        turns = ((True, READY_ASKED_EVERY, ready), (False, UNREADY_ASKED_EVERY, NOT_READY))
        for is_ready, asked_every, told in cycle(turns):
            await self._until(stop, is_ready=is_ready, asked_every=asked_every)
            if stop.is_set():
                return
            self._tell(told)

    async def _until(self, stop: asyncio.Event, *, is_ready: bool, asked_every: float) -> None:
        """Until it is, or nothing is to be any more."""
        link = Link(self._instance.home.controller_socket)
        async for _ in every(asked_every):
            some = any(keeper.is_up.is_set() for keeper in self._pair)
            if stop.is_set() or (some and await _is_ready(link)) is is_ready:
                return

    async def _trim(self) -> None:
        async for _ in every(LOGS_TRIMMED_EVERY):
            for problem in logs.trim_all(self._instance.home):
                self._tell(problem)


def _keepers(
    instance: Prepared, controllers: Sequence[Sequence[str]], tell: Tell
) -> dict[str, Keeper]:
    """In the order of starting; the operator's own Redis is not ours to keep."""
    home, ports = instance.home, instance.ports
    wanted = [
        parts.asterisk_part(home, ports, instance.programs, instance.ari_password),
        *(() if parts.configured_redis() else (parts.redis_part(home, instance.programs),)),
    ]
    keepers = {part.name: Keeper(part, home, tell) for part in wanted}
    needs = tuple(keepers.values())
    healths = (ports.health, ports.standby_health)
    for name, argv, port in zip(parts.PAIR, controllers, healths, strict=False):
        keepers[name] = Keeper(parts.controller_part(home, name, argv, port), home, tell, needs)
    return keepers


async def _is_ready(link: Link) -> bool:
    try:
        return bool((await link.status())["ready"])
    except (NoController, Refused):
        return False
