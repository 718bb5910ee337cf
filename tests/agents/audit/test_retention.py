"""Old lines of the audit log go; what is kept is as provable as before."""

from collections.abc import AsyncIterator, Callable
from itertools import count

import pytest
from sqlalchemy import Connection, delete, func, select, update

from agents.audit.chain import KEPT, Head, mark
from agents.audit.log import AuditLog
from agents.audit.retention import DAY, AuditRetention, NotSound, prune
from agents.audit.verify import Fault, Verdict, verify
from agents.tables import AUDIT, AUDIT_HEAD
from agents.web.witness import Deed
from config.database import Database, open_database
from tests.store import postgres
from tests.store.conftest import postgres_socket

KEY = b"k" * 32
LINES = 20
OLD = 12  # of them are older than
BEFORE = 1000.0 + OLD
NOW = 5000.0
NAMES = (f"kept{number}" for number in count())
__all__ = ["postgres_socket"]


def deed(at: float, word: str = "card_seen") -> Deed:
    return Deed(at, word, "u1", "agent", object="c1")


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    """A log of some lines, a second apart."""
    if request.param == "postgresql":
        url = await postgres.migrated(request.getfixturevalue("postgres_socket"), next(NAMES))
    opened = open_database(url)
    for number in range(LINES):
        await AuditLog(opened, KEY).note(deed(1000.0 + number))
    yield opened
    await opened.close()


async def verdict(database: Database, checkpoint: Head | None = None) -> Verdict:
    return await database.read(lambda connection: verify(connection, KEY, checkpoint))


async def pruned(database: Database, before: float = BEFORE, at_once: int = 100) -> int:
    return await database.write(lambda c: prune(c, KEY, before, NOW, at_once))


async def kept(database: Database) -> list[int]:
    query = select(AUDIT.c.seq).order_by(AUDIT.c.seq)
    return await database.read(lambda connection: list(connection.scalars(query)))


async def test_what_is_old_goes_and_the_rest_is_sound(database: Database) -> None:
    assert await pruned(database) == OLD
    assert await kept(database) == [*range(OLD + 1, LINES + 2)]  # and the line that tells of it
    found = await verdict(database)
    assert (found.sound, found.lines, found.head.seq) == (True, LINES - OLD + 1, LINES + 1)
    assert await pruned(database) == 0
    await AuditLog(database, KEY).note(deed(NOW))
    assert (await verdict(database)).sound


async def test_that_lines_went_is_a_line_itself(database: Database) -> None:
    await pruned(database)
    query = select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(1)
    row = await database.read(lambda connection: connection.execute(query).one())
    assert (row.word, row.who) == ("audit_pruned", "desk")
    assert f'"last":{OLD},"lines":{OLD}' in row.line


async def test_they_go_in_portions(database: Database) -> None:
    assert await pruned(database, at_once=5) == 5
    assert (await verdict(database)).sound
    assert (await pruned(database, at_once=5), await pruned(database, at_once=5)) == (5, 2)
    assert (await kept(database))[0] == OLD + 1
    assert (await verdict(database)).sound


async def test_a_line_that_is_younger_than_the_one_before_it_keeps_what_follows(
    database: Database,
) -> None:
    """A clock that was set back: in order, or not at all."""
    await AuditLog(database, KEY).note(deed(10.0))
    assert await pruned(database) == OLD
    assert LINES + 1 in await kept(database)
    assert (await verdict(database)).sound


async def test_checkpoints_hold_as_far_as_lines_are_kept(database: Database) -> None:
    rows = await database.read(lambda c: c.execute(select(AUDIT).order_by(AUDIT.c.seq)).all())
    heads = [Head(row.seq, row.hash) for row in rows]
    await pruned(database)
    assert (await verdict(database, heads[-1])).sound
    assert (await verdict(database, heads[OLD - 1])).sound  # the last that went
    assert (await verdict(database, heads[OLD])).sound
    assert (await verdict(database, heads[0])).fault is Fault.OLDER
    forged = Head(OLD, "0" * 64)
    assert not (await verdict(database, forged)).sound
    assert not (await verdict(database, Head(LINES, "0" * 64))).sound


def cut_more_off(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq <= OLD + 2))


def cut_more_off_and_move_the_beginning(connection: Connection) -> None:
    cut_more_off(connection)
    row = connection.execute(select(AUDIT).order_by(AUDIT.c.seq).limit(1)).one()
    here = AUDIT_HEAD.c.log == KEPT
    connection.execute(update(AUDIT_HEAD).where(here).values(seq=row.seq - 1, hash=row.hash))


def forget_the_beginning(connection: Connection) -> None:
    connection.execute(delete(AUDIT_HEAD).where(AUDIT_HEAD.c.log == KEPT))


def say_that_nothing_went(connection: Connection) -> None:
    here = AUDIT_HEAD.c.log == KEPT
    connection.execute(update(AUDIT_HEAD).where(here).values(seq=0, hash="0" * 64))


def take_the_heads_mark(connection: Connection) -> None:
    """The end is marked, too: but not as a beginning."""
    end = connection.execute(select(AUDIT_HEAD).where(AUDIT_HEAD.c.log == "desk")).one()
    connection.execute(delete(AUDIT))
    here = AUDIT_HEAD.c.log == KEPT
    values = {"seq": end.seq, "hash": end.hash, "mark": end.mark}
    connection.execute(update(AUDIT_HEAD).where(here).values(values))


CHANGES: list[Callable[[Connection], None]] = [
    cut_more_off, cut_more_off_and_move_the_beginning, forget_the_beginning,
    say_that_nothing_went, take_the_heads_mark,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_whoever_takes_lines_away_without_the_key_is_found(
    database: Database, change: Callable[[Connection], None]
) -> None:
    await pruned(database)
    await database.write(change)
    assert not (await verdict(database)).sound


async def test_a_log_that_somebody_touched_is_evidence_and_stays(database: Database) -> None:
    def edit(connection: Connection) -> None:
        connection.execute(update(AUDIT).where(AUDIT.c.seq == 3).values(who="u2"))

    await database.write(edit)
    with pytest.raises(NotSound, match="line 3"):
        await pruned(database)
    assert len(await kept(database)) == LINES


async def test_a_hole_at_the_beginning_is_not_pruned_over(database: Database) -> None:
    await database.write(lambda c: c.execute(delete(AUDIT).where(AUDIT.c.seq <= 2)))
    with pytest.raises(NotSound):
        await pruned(database)


async def test_the_job_goes_on_until_nothing_old_is_left_and_then_rests(
    database: Database,
) -> None:
    job = AuditRetention(database, KEY, days=30)
    young = 1000.0 + 30 * DAY
    assert await job.look(young - 1) == 0
    assert await job.look(young + OLD) == OLD
    assert await job.look(young + LINES) == LINES - OLD
    count_of = select(func.count()).select_from(AUDIT)
    lines = await database.read(lambda connection: connection.scalar(count_of))
    assert await job.look(young + 90 * DAY) == 0  # only its own lines are left
    assert await database.read(lambda connection: connection.scalar(count_of)) == lines
    assert (await verdict(database)).sound


def test_the_marks_of_end_and_beginning_are_two() -> None:
    head = Head(5, "ab" * 32)
    assert mark(KEY, head) != mark(KEY, head, KEPT)
