"""One command on Asterisk's control socket, without a process of its own for it."""

import asyncio
from pathlib import Path
from typing import Final

LONGEST: Final = 1 << 20  # characters of an answer
PREFIX: Final = "cli quit after "  # how `asterisk -rx` asks: answer, and hang up


async def ask(socket: Path, command: str) -> str:
    """What Asterisk answers, after a line that says who it is. Raises OSError.

    A hung Asterisk accepts the connection and says nothing: the caller sets the limit.
    """
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        writer.write(f"{PREFIX}{command}\0".encode())
        said = bytearray()
        while len(said) < LONGEST and (piece := await reader.read(65_536)):
            said += piece
    finally:
        writer.transport.abort()
    return said.decode(errors="replace")
