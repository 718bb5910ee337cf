"""A publisher to be killed: writes the example calls, telling after each entry which it wrote."""

import asyncio
import sys

from config.database import open_database
from telephony.store.records import Records
from tests.store.examples import Entries, an_answered_call


def journal() -> Entries:
    """Thirty calls, one after another."""
    return [
        entry
        for number in range(30)
        for entry in an_answered_call(f"c{number}", 1000.0 + 100 * number, first=8 * number)
    ]


async def _write(url: str) -> None:
    records = Records(open_database(url))
    resume = await records.cursor()
    for seq, changes in journal():
        if (1, seq) > resume:
            await records.apply(1, [(seq, changes)])
            sys.stdout.write(f"{seq}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1]))
