"""kill -9 of the publisher at any moment: nothing told is lost, nothing is written twice."""

import subprocess
import sys
from pathlib import Path

from config.database import Database, open_database
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.store.examples import assert_seamless, content
from tests.store.writer import journal

ROOT = Path(__file__).parents[2]


def killed_after(url: str, lines: int) -> int:
    """The last entry the writer said it wrote before it was killed."""
    command = [sys.executable, "-m", "tests.store.writer", url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(lines)]
    process.kill()  # the next transaction is under way
    told += [int(line) for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    return told[-1]


async def test_a_killed_publisher_goes_on_where_it_was(
    url: str, database: Database, tmp_path: Path
) -> None:
    records = Records(database)
    for lines in (1, 7, 40):
        told = killed_after(url, lines)
        assert (await records.cursor()).seq >= told

    await records.apply(1, journal())

    never_killed = await uninterrupted(f"sqlite:///{tmp_path}/uninterrupted.db")
    assert await content(database) == never_killed
    assert len(await records.calls(limit=100)) == 30
    assert_seamless(await records.agent_intervals(0.0, 1e9))


async def uninterrupted(url: str) -> dict[str, list[tuple[object, ...]]]:
    await migrate(url)
    database = open_database(url)
    await Records(database).apply(1, journal())
    found = await content(database)
    await database.close()
    return found
