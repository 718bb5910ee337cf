"""The other side of the link: asking the controller."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from config.clock import Clock

GOOD_FOR: Final = 5.0  # seconds; the controller itself may take two
PAUSES: Final = (0.1, 0.2, 0.4)  # seconds until somebody else may lead, and then
PAUSE: Final = 0.8  # for as long as the request is good
ANSWERS_WITHIN: Final = 1.0  # seconds, whoever leads and does not hang
LOOK_EVERY: Final = 0.1  # seconds between two looks whether another leads by now

Listener = tuple[int, int] | None


class NoController(Exception):
    """Nobody answers on the controller's socket."""


class Refused(Exception):
    """The controller's sentence why not."""


async def always() -> bool:
    """Whoever asks knows nothing that speaks against a controller to come."""
    return True


class KeyRefused(Refused):
    """Something else was asked under this key, and stands: this needs another one."""


class Link:
    """Requests to the controller of one home; `expected` tells whether a next one is to come."""

    def __init__(self, socket: Path, expected: Callable[[], Awaitable[bool]] = always) -> None:
        self._socket = str(socket)
        self._expected = expected
        self._wall = Clock().wall

    async def status(self) -> dict[str, Any]:
        """The whole centre as plain data. Raises NoController."""
        answer: dict[str, Any] = await self._ask("GET", "/status")
        return answer

    async def answers(self) -> bool:
        """Whether somebody leads: any answer at all is one, also of another version."""
        connector = aiohttp.UnixConnector(path=self._socket)
        timeout = aiohttp.ClientTimeout(total=ANSWERS_WITHIN)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.head("http://controller/"),
            ):
                return True
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def request(
        self,
        agent: str,
        do: str,
        *,
        key: str | None = None,
        client: str | None = None,
        seq: int | None = None,
        within: float = GOOD_FOR,
        **given: str | bool | None,
    ) -> None:
        """Ask for something on behalf of an agent, within so many seconds or not at all.

        What belongs to it (`reason`, `target`, `person`, ...) is `given`; `AgentRequest` has all.

        Raises Refused, NoController. Under its key it is done once, also when the controller that
        was asked dies before it answers and the next one is asked again.
        """
        asked = {
            "do": do,
            **given,
            "key": key or uuid4().hex,
            "client": client,
            "seq": seq,
            "good_until": self._wall() + within,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        try:
            async with asyncio.timeout(within):
                await self._ask_whoever_leads(f"/agents/{agent}", body)
        except TimeoutError:
            raise NoController(f"no answer within {within:g} s") from None

    async def set_mode(
        self,
        mode: str,
        minutes: float,
        by: str,
        *,
        closes: bool | None = None,
        prompt: str = "",
    ) -> None:
        """Switch a mode on for so many minutes; 0: off. Raises Refused, NoController."""
        asked = {"minutes": minutes, "by": by, "closes": closes, "prompt": prompt}
        body = {**asked, "good_until": self._wall() + GOOD_FOR}
        try:
            async with asyncio.timeout(GOOD_FOR):
                await self._ask_whoever_leads(f"/modes/{mode}", body)
        except TimeoutError:
            raise NoController(f"no answer within {GOOD_FOR:g} s") from None

    async def take_up_calendar(self) -> None:
        """Have the calendar hold as it is written. Raises Refused, NoController."""
        await self._ask_in_time("/calendar", {})

    async def open_callback(self, by: str, *, key: str, **given: str | float | None) -> str:
        """Open a callback (`telephony.link.callbacks.OpenRequest`), or join it; its id.

        Raises Refused, NoController, and KeyRefused where the key opened it otherwise.
        """
        answer = await self._ask_in_time("/callbacks", {"by": by, "key": key, **given})
        return str(answer["obligation"])

    async def open_callbacks(
        self, by: str, memos: Sequence[Mapping[str, str | float | None]]
    ) -> list[str]:
        """Open many, all or none (`OpenManyRequest`); their ids. Raises Refused, NoController."""
        told = [
            {name: value for name, value in {**each, "by": by}.items() if value is not None}
            for each in memos
        ]
        answer = await self._ask_in_time("/callback-files", {"memos": told})
        return [str(each) for each in answer["obligations"]]

    async def do_callback(
        self, obligation: str, do: str, by: str, *, key: str, **given: str | float | None
    ) -> None:
        """Do something with one (`DeedRequest`). Raises Refused, NoController."""
        body = {"do": do, "by": by, "key": key, **given}
        await self._ask_in_time(f"/callbacks/{quote(obligation, safe='')}", body)

    async def _ask_in_time(self, path: str, given: dict[str, Any]) -> Any:
        body = {name: value for name, value in given.items() if value is not None}
        body["good_until"] = self._wall() + GOOD_FOR
        try:
            async with asyncio.timeout(GOOD_FOR):
                return await self._ask_whoever_leads(path, body)
        except TimeoutError:
            raise NoController(f"no answer within {GOOD_FOR:g} s") from None

    async def _ask_whoever_leads(self, path: str, body: dict[str, Any]) -> Any:
        for pause in chain(PAUSES, repeat(PAUSE)):  # until the time for it is over
            try:
                return await self._ask("POST", path, body)
            except NoController:
                if not await self._expected():
                    raise
                await asyncio.sleep(pause)  # noqa: TID251 -- the back-off of this edge
        return None

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A leader that hangs keeps its socket open: who has asked it asks the next one anew."""
        while True:
            asked = self._listener()
            try:
                async with asyncio.timeout(None) as patience:
                    with self._watching(asked, patience):
                        return await self._exchange(method, path, body)
            except TimeoutError:  # another listens
                continue

    @contextmanager
    def _watching(self, asked: Listener, patience: asyncio.Timeout) -> Iterator[None]:
        """Whoever is asked is waited for until somebody else listens at the path."""
        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal timer
            if timer is None or self._listener() in {asked, None}:
                timer = loop.call_later(LOOK_EVERY, look)
            else:
                patience.reschedule(loop.time())

        look()
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()

    def _listener(self) -> Listener:
        """Who listens: the socket's own file, which nobody can have again while it is open."""
        try:
            found = os.stat(self._socket)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    async def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        connector = aiohttp.UnixConnector(path=self._socket)
        timeout = aiohttp.ClientTimeout(total=GOOD_FOR)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
                session.request(method, f"http://controller{path}", json=body) as reply,
            ):
                if reply.status == HTTPStatus.NO_CONTENT:
                    return None
                data = await reply.json()
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise NoController(str(away)) from away
        if not reply.ok:
            refused = KeyRefused if data.get("key_taken") else Refused
            raise refused(str(data.get("problem", reply.reason)))
        return data
