"""What is owed, for the spool's tests; as a program, a leader that keeps until it is killed."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from telephony.calls.owed import Owed
from telephony.calls.spool import RESERVE, FileSpool
from telephony.store import changes as row

AT = 1700000000.0
SECRET = "5" * 48


def owed(epoch: int, seq: int) -> Owed:
    """An entry that opens a call."""
    return Owed(epoch, seq, (row.CallOpened(f"c{epoch}.{seq}", AT, 1, "0942000100", None),))


def seqs(found: Sequence[Owed]) -> list[int]:
    """The entries' numbers."""
    return [each.seq for each in found if each.seq is not None]


async def _keep_for_ever(folder: Path) -> None:
    spool = FileSpool(folder, SECRET, 2 * RESERVE)
    await spool.begin(1)
    for seq in range(1, 100_000):
        await spool.append([owed(1, seq)])
        print(seq, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_keep_for_ever(Path(sys.argv[1])))
