"""`madoguchi bookings move`: whom an outage sends home, at a shell."""

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, select

from agents.bookings.city import outbox
from agents.bookings.kept import BookingBook
from agents.bookings.moments import Moment
from agents.bookings.states import Master
from agents.tables import AUDIT
from config.database import configured_url, open_database
from config.home import Home
from config.secrets import ensure_secrets
from telephony.cli.bookings import bookings
from telephony.store.call_record import JAPAN
from telephony.store.changes import ModeBegan
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.agents.bookings.people import HALF_PAST, NOW, TEN, THURSDAY, by, wish

DAY = THURSDAY.isoformat()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three visits of one day, and one of the next; under the city as master."""
    made = Home.at(tmp_path)
    ensure_secrets(made.secrets, ["a01"])
    asyncio.run(_filled(made))
    return made


async def _filled(home: Home) -> None:
    await migrate(configured_url(home))
    database = open_database(configured_url(home))
    book = BookingBook(database, Master.CITY)
    for hour in (9, 10, 15):
        form = {"phone": f"0942-00-00{hour:02}"}
        await book.agree(by(), wish(Moment(THURSDAY, time(hour)), form=form))
    await book.agree(by(), wish(Moment(date(2026, 12, 4), time(10)), site="kitano"))
    await database.close()


def moves(home: Home, *words: str) -> Any:
    given = ["move", "--home", str(home.path), "--json", *words]
    found = CliRunner().invoke(bookings, given, standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return json.loads(found.stdout)


async def outage(home: Home, since: str, until: str) -> None:
    database = open_database(configured_url(home))
    begins, ends = (
        datetime.fromisoformat(f"{DAY}T{at}").replace(tzinfo=JAPAN).timestamp()
        for at in (since, until)
    )
    began = ModeBegan("outage", begins, ends, "u9", closes=False)
    await Records(database).apply(1, [(1, [began])])
    await database.close()


def test_the_hours_are_those_of_the_outage_that_is_on(home: Home) -> None:
    asyncio.run(outage(home, "09:30", "15:00"))
    told = moves(home, "--day", DAY)
    assert told["hours"] == "0930-1500"
    assert [(each["start"], each["phone"]) for each in told["bookings"]] == [
        ("10:00", "0942-00-0010")
    ]


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ((), ["09:00", "10:00", "15:00"]),
        (("--from", "10:00"), ["10:00", "15:00"]),
        (("--until", "10:00"), ["09:00"]),
        (("--site", "kitano"), []),
    ],
)
def test_without_one_it_is_the_day_or_the_hours_that_are_named(
    home: Home, words: tuple[str, ...], starts: list[str]
) -> None:
    told = moves(home, "--day", DAY, *words)["bookings"]
    assert [each["start"] for each in told] == starts


def test_that_somebody_looked_is_in_the_audit_log(home: Home) -> None:
    moves(home, "--day", DAY)

    def lines(connection: Connection) -> list[tuple[str, str, str]]:
        return [(row.who, row.word, row.object) for row in connection.execute(select(AUDIT)).all()]

    async def read() -> list[tuple[str, str, str]]:
        database = open_database(configured_url(home))
        try:
            return await database.read(lines)
        finally:
            await database.close()

    assert asyncio.run(read()) == [("console", "sheet_seen", "move")]


def test_for_people_and_a_mistake(home: Home) -> None:
    found = CliRunner().invoke(bookings, ["move", "--home", str(home.path), "--day", DAY])
    assert "マドグチ ハナコ" in found.stdout
    assert "1948" not in found.stdout
    with pytest.raises(Exception, match="comes after"):
        moves(home, "--day", DAY, "--from", "10:00", "--until", "10:00")


def run(home: Home, *words: str) -> Any:
    found = CliRunner().invoke(
        bookings, [words[0], "--home", str(home.path), *words[1:]], standalone_mode=False
    )
    assert found.exception is None
    return found.stdout


def test_how_deliveries_stand_and_sending_again(home: Home) -> None:
    assert json.loads(run(home, "deliveries", "--json")) == {
        "waiting": 0, "oldest_at": None, "refused": 0, "superseded": 0,
        "last_delivered_at": None, "stuck": [], "lag": 0.0,
    }  # fmt: skip
    asyncio.run(_told(home))
    told = json.loads(run(home, "deliveries", "--json"))
    assert (told["waiting"], told["refused"]) == (1, 1)
    assert told["lag"] > 0
    assert [(one["state"], one["reason"]) for one in told["stuck"]] == [("refused", "http 422")]
    text = run(home, "deliveries")
    assert "http 422" in text
    assert "花子" not in text
    assert run(home, "resend").startswith("1 ")
    assert json.loads(run(home, "deliveries", "--json"))["refused"] == 0
    assert "waiting 送信待ち 2," in run(home, "deliveries")


def test_whoever_sends_again_is_told_why_an_outdated_letter_stays(home: Home) -> None:
    asyncio.run(_outdated(home))
    told = run(home, "resend")
    assert told.startswith("0 leave again")
    assert "1 stay here, because the city's system has taken a newer letter" in told
    assert "同じ予約の新しい通知が届いている" in run(home, "deliveries")


async def _outdated(home: Home) -> None:
    """A letter that was refused, and the next one of its booking, which was taken."""
    database = open_database(configured_url(home))
    book = BookingBook(database, Master.CITY, outbox.put)
    made = await book.agree(by(), wish())
    await book.change(by(), made.id, 1, replace(wish(HALF_PAST), due_day=TEN.day))
    older = await database.write(lambda connection: outbox.claim(connection, NOW))
    assert older is not None
    await database.write(lambda connection: outbox.refused(connection, older, "http 422"))
    newer = await database.write(lambda connection: outbox.claim(connection, NOW))
    assert newer is not None
    await database.write(lambda connection: outbox.delivered(connection, newer, NOW))
    await database.close()


async def _told(home: Home) -> None:
    """Two letters, of which one was refused."""
    database = open_database(configured_url(home))
    book = BookingBook(database, Master.CITY, outbox.put)
    for _ in range(2):
        await book.agree(by(), wish())
    due = await database.write(lambda connection: outbox.claim(connection, NOW))
    assert due is not None
    await database.write(lambda connection: outbox.refused(connection, due, "http 422"))
    await database.close()
