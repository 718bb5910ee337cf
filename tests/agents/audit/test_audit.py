"""The audit log: whatever is done to it afterwards is found, and by what it shows."""

import asyncio
import random  # noqa: TID251 -- seeded
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, delete, select, update

from agents.api import routes
from agents.audit.chain import BEGINNING, Head, canonical, chained, mark
from agents.audit.log import AuditLog, append
from agents.audit.verify import Fault, Verdict, verify, walked
from agents.audit.words import FAULTS
from agents.people import Role
from agents.tables import AUDIT, AUDIT_HEAD
from agents.web.witness import Deed
from config.database import Database, open_database
from tests.agents.desk import Desk
from tests.store import postgres
from tests.store.conftest import postgres_socket

KEY = b"k" * 32
LINES = 12
WORDED = ("machines", "words", "outcomes", "details")
NAMES = (f"audit{number}" for number in count())
__all__ = ["postgres_socket"]


def deed(number: int) -> Deed:
    return Deed(
        1000.0 + number / 7, "card_seen", f"u{number % 3}", "agent", "a01", "s1", f"c{number}",
        detail={"masked": True, "count": number, "why": None, "kind": "本人"},
    )  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Database]:
    """A log of some lines, on either engine."""
    if request.param == "postgresql":
        url = await postgres.migrated(request.getfixturevalue("postgres_socket"), next(NAMES))
    opened = open_database(url)
    log = AuditLog(opened, KEY)
    for number in range(LINES):
        await log.note(deed(number))
    yield opened
    await opened.close()


async def verdict(database: Database, checkpoint: Head | None = None, key: bytes = KEY) -> Verdict:
    return await database.read(lambda connection: verify(connection, key, checkpoint))


async def head(database: Database) -> Head:
    return (await verdict(database)).head


async def test_a_log_that_nobody_touched_is_sound(database: Database) -> None:
    found = await verdict(database)
    assert (found.sound, found.lines) == (True, LINES)
    assert (await verdict(database, await head(database))).sound
    assert (await verdict(database, BEGINNING)).sound


async def test_an_old_checkpoint_fits_a_log_that_went_on(database: Database) -> None:
    kept = await head(database)
    await AuditLog(database, KEY).note(deed(99))
    assert (await verdict(database, kept)).sound


def edit_a_line(connection: Connection) -> None:
    line = connection.scalar(select(AUDIT.c.line).where(AUDIT.c.seq == 5))
    assert line is not None
    values = {"line": line.replace('"u1"', '"u2"'), "who": "u2"}
    connection.execute(update(AUDIT).where(AUDIT.c.seq == 5).values(values))


def edit_what_is_searched(connection: Connection) -> None:
    connection.execute(update(AUDIT).where(AUDIT.c.seq == 5).values(who="u2"))


def edit_the_time(connection: Connection) -> None:
    connection.execute(update(AUDIT).where(AUDIT.c.seq == 5).values(at=1.0))


def delete_one(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq == 5))


def delete_one_and_close_the_gap(connection: Connection) -> None:
    delete_one(connection)
    for seq in range(6, LINES + 1):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == seq).values(seq=seq - 1))


def swap_two(connection: Connection) -> None:
    for before, after in ((5, 999), (6, 5), (999, 6)):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == before).values(seq=after))


def cut_off_the_first(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq == 1))


def truncate(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq > LINES - 3))


def truncate_and_move_the_head(connection: Connection) -> None:
    truncate(connection)
    row = connection.execute(select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(1)).one()
    connection.execute(update(AUDIT_HEAD).values(seq=row.seq, hash=row.hash))


def truncate_whole(connection: Connection) -> None:
    connection.execute(delete(AUDIT))


def lose_the_head(connection: Connection) -> None:
    connection.execute(delete(AUDIT_HEAD))


def add_without_the_key(connection: Connection) -> None:
    append(connection, b"x" * 32, deed(77))


def insert_a_made_up_line(connection: Connection) -> None:
    line = canonical(LINES + 1, deed(77))
    values = {"seq": LINES + 1, "at": 1.0, "word": "card_seen", "line": line, "hash": "0" * 64}
    connection.execute(AUDIT.insert().values(values))


CHANGES: list[Callable[[Connection], None]] = [
    edit_a_line, edit_what_is_searched, edit_the_time, delete_one, delete_one_and_close_the_gap,
    swap_two, cut_off_the_first, truncate, truncate_and_move_the_head, truncate_whole,
    lose_the_head, add_without_the_key, insert_a_made_up_line,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_whatever_is_done_without_the_key_is_found(
    database: Database, change: Callable[[Connection], None]
) -> None:
    await database.write(change)
    assert not (await verdict(database)).sound


async def test_an_old_copy_put_back_is_found_by_the_checkpoint_alone(database: Database) -> None:
    """Rows and head are of one earlier instant, so the chain itself fits."""

    def copied(connection: Connection) -> list[list[tuple[object, ...]]]:
        tables = (AUDIT, AUDIT_HEAD)
        return [[tuple(row) for row in connection.execute(select(table))] for table in tables]

    copy = await database.read(copied)
    for number in range(3):
        await AuditLog(database, KEY).note(deed(50 + number))
    kept = await head(database)

    def put_back(connection: Connection) -> None:
        for table, rows in zip((AUDIT, AUDIT_HEAD), copy, strict=True):
            connection.execute(delete(table))
            names = table.columns.keys()
            connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])

    await database.write(put_back)
    assert (await verdict(database)).sound
    found = await verdict(database, kept)
    assert found.fault == "the log ends before the checkpoint"


async def test_a_fork_by_the_keys_holder_is_found_by_the_checkpoint_alone(
    database: Database,
) -> None:
    kept = await head(database)

    def fork(connection: Connection) -> None:
        connection.execute(delete(AUDIT).where(AUDIT.c.seq >= LINES - 2))
        row = connection.execute(select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(1)).one()
        here = Head(row.seq, row.hash)
        connection.execute(
            update(AUDIT_HEAD).values(seq=here.seq, hash=here.hash, mark=mark(KEY, here))
        )
        for number in range(20, 26):
            append(connection, KEY, deed(number))

    await database.write(fork)
    assert (await verdict(database)).sound
    assert (await verdict(database, kept)).fault == "is not the line of the checkpoint"


async def test_another_homes_key_does_not_fit(database: Database) -> None:
    assert not (await verdict(database, key=b"x" * 32)).sound


async def test_a_line_and_its_change_are_there_together_or_not_at_all(database: Database) -> None:
    def change_and_fail(connection: Connection) -> None:
        append(connection, KEY, deed(1))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- ours, of above
        await database.write(change_and_fail)
    assert (await verdict(database)).lines == LINES


async def test_writers_at_once_make_one_chain(database: Database) -> None:
    log = AuditLog(database, KEY)
    await asyncio.gather(*(log.note(deed(number)) for number in range(20)))
    found = await verdict(database)
    assert (found.sound, found.lines) == (True, LINES + 20)


async def test_random_changes_are_all_found(url: str) -> None:
    """A byte of any line or mark, changed at random: a thousand times, each found."""
    database = open_database(url)
    try:
        for number in range(LINES):
            await AuditLog(database, KEY).note(deed(number))
        rows = await database.read(lambda c: c.execute(select(AUDIT).order_by(AUDIT.c.seq)).all())
        chance = random.Random(20260209)

        def tampered(column: str, row: object) -> str:
            old = str(getattr(row, column))
            place = chance.randrange(len(old))
            new = chance.choice("0123456789abcdef".replace(old[place], ""))
            return old[:place] + new + old[place + 1 :]

        missed = 0
        for _ in range(1000):
            row = chance.choice(rows)
            changed = replace_row(row, chance.choice(["line", "hash"]), tampered)
            missed += fits([changed if each.seq == row.seq else each for each in rows])
        assert missed == 0
        assert fits(rows)
    finally:
        await database.close()


def replace_row(row: object, column: str, how: Callable[[str, object], str]) -> object:
    told = {name: getattr(row, name) for name in AUDIT.columns.keys()}  # noqa: SIM118 -- columns
    return SimpleNamespace(**{**told, column: how(column, row)})


def fits(rows: Sequence[object]) -> bool:
    return walked(rows, KEY, None).sound


def test_the_chain_is_what_the_decision_says() -> None:
    line = canonical(1, Deed(1.5, "signed_in", "u1"))
    assert line == (
        '{"at":1.5,"detail":{},"object":null,"outcome":"done","role":null,"seat":null,'
        '"seq":1,"session":null,"who":"u1","word":"signed_in"}'
    )
    assert chained(KEY, BEGINNING.hash, line) == (
        "49e10a39ef7b34d9b6609fb229caffeb7b638ce7254df1e2eb3cd45e2cbc3390"
    )


def test_every_fault_is_said_in_japanese() -> None:
    assert FAULTS.keys() == set(Fault)


async def test_whatever_a_route_may_write_has_words_for_the_auditor(whole: Desk) -> None:
    auditor = await whole.signed_in("eyes", Role.AUDITOR)
    told = (await auditor.ask("GET", "/api/audit/known")).body
    said = {each["code"] for each in told["words"]}
    written = {route.audit or route.name for route in routes() if route.roles is not None}
    assert written - said == set()
    assert all(each["ja"] != each["en"] for group in WORDED for each in told[group])


async def test_the_auditor_finds_a_line_by_whom_it_names_exactly(whole: Desk) -> None:
    """Not by whoever comes first of those whose name begins alike."""
    for name in ("a1", "a10"):
        await whole.signed_in(name)
    auditor = await whole.signed_in("eyes", Role.AUDITOR)
    people = (await auditor.ask("GET", "/api/audit/known")).body["people"]
    ids = {each["name"]: each["id"] for each in people}
    found = (await auditor.ask("GET", f"/api/audit?who={ids['a1']}")).body
    assert {line["who"] for line in found["lines"]} == {ids["a1"]}
    assert (await auditor.ask("GET", "/api/audit?who=a1")).body["lines"] == []
