"""A leader that sleeps past its lease and wakes beside the next one; Asterisk is the witness."""

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251 -- the instants of a test, by its seed
from typing import Final

from telephony.asterisk import console
from tests.real.brain import Blow, strike, wake
from tests.real.centre import Centre
from tests.real.waiting import until_true

REQUEST: Final = re.compile(
    r"^<?.*ARI request received.*\n(\w+ \S+)\n(?:.+\n)*?User-Agent: madoguchi/(\d+)$", re.MULTILINE
)


class RequestLog:
    """What Asterisk says it was asked, and by which process."""

    def __init__(self, k: Centre, file: Path) -> None:
        self._k = k
        self._file = file

    async def sent_by(self, pid: int) -> list[str]:
        """Every request of this process that has reached Asterisk by now."""
        mine = len(await self._all(os.getpid()))
        await self._k.ari.info()  # what is written down is written in order
        await until_true(
            lambda: self._all(os.getpid()), lambda all_: len(all_) > mine, "our own is written"
        )
        return await self._all(pid)

    async def _all(self, pid: int) -> list[str]:
        found = await asyncio.to_thread(self._read)
        return [request for request, sender in found if int(sender) == pid]

    def _read(self) -> list[tuple[str, str]]:
        text = self._file.read_text("utf-8", errors="replace") if self._file.exists() else ""
        return REQUEST.findall(text)


@asynccontextmanager
async def requests_logged(k: Centre) -> AsyncIterator[RequestLog]:
    """Outside the home: it holds callers' numbers, which no log of ours may."""
    with tempfile.TemporaryDirectory(prefix="witness-") as folder:
        file = Path(folder) / "requests"
        socket = k.instance.home.asterisk_control
        await console.ask(socket, f"logger add channel {file} verbose")
        await console.ask(socket, "ari set debug all on")
        try:
            yield RequestLog(k, file)
        finally:
            await console.ask(socket, "ari set debug all off")
            await console.ask(socket, f"logger remove channel {file}")


async def split(k: Centre, dice: Random, where: str) -> float:
    """The leader is stopped until another has made an offer, and goes on; seconds to that offer.

    Raises AssertionError, also if one request of it reached Asterisk after it woke.
    """
    async with requests_logged(k) as log:

        async def watched(k: Centre, leader: int) -> None:
            before = await log.sent_by(leader)
            assert before
            await wake(k, leader)
            late = (await log.sent_by(leader))[len(before) :]
            assert late == [], late

        return await strike(k, Blow.HANG, dice, where, watched)
