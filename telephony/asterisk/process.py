"""Starting this Asterisk, asking whether it answers, and speaking to its control socket."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp

from config.home import Home
from config.ports import Ports
from telephony.asterisk.core_files import APPLICATION, LOOPBACK
from telephony.runtime.programs import Programs

UMASK: Final = 0o077  # for whoever starts it: the net's file and the log are nobody else's
ASKED_EVERY: Final = 0.1
ANSWERS_WITHIN: Final = 2.0


class AsteriskCommandError(RuntimeError):
    """The control socket refused, or nobody was there."""


def argv(programs: Programs, home: Home) -> list[str]:
    """In the foreground, as a child that its parent can watch; as any user."""
    return [str(programs.asterisk), "-f", "-C", str(_configuration(home))]


async def ready(ports: Ports, password: str, within: float) -> bool:
    """Wait until ARI answers; False when it did not `within` these seconds."""
    url = f"http://{LOOPBACK}:{ports.asterisk_http}/ari/asterisk/ping"
    headers = {"Authorization": aiohttp.encode_basic_auth(APPLICATION, password)}
    limit = aiohttp.ClientTimeout(total=ANSWERS_WITHIN)
    try:
        async with asyncio.timeout(within), aiohttp.ClientSession(timeout=limit) as http:
            while not await _answers(http, url, headers):  # noqa: ASYNC110  # nothing announces it
                await asyncio.sleep(ASKED_EVERY)  # noqa: TID251
    except TimeoutError:
        return False
    return True


async def _answers(http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> bool:
    try:
        async with http.get(url, headers=headers) as reply:
            return reply.ok
    except (aiohttp.ClientError, TimeoutError):
        return False


async def command(programs: Programs, home: Home, text: str) -> str:
    """One line for Asterisk's own console, and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(str(programs.asterisk), "-C", str(_configuration(home)), "-rx", text),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise AsteriskCommandError(f"{text}: {said.decode(errors='replace').strip()}")
    return said.decode(errors="replace")


async def reload(programs: Programs, home: Home, commands: Sequence[str]) -> None:
    """Let a running Asterisk read its changed files."""
    for text in commands:
        await command(programs, home, text)


def _configuration(home: Home) -> Path:
    return home.asterisk_etc / "asterisk.conf"
