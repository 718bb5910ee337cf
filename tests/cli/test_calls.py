"""`madoguchi calls`, with nothing running."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import insert

from agents.tables import SEATINGS
from config.database import open_database
from config.home import Home
from config.site import describe, load
from config.site_model import BUSY_TONE_UNSEEN
from telephony.caller_id import E164, Caller, CallerKind
from telephony.cli.options import DEMO_SITE
from telephony.store.changes import CallAdvanced, CallClosed, CallNoted, CallOpened, Change
from telephony.store.migrate import migrate
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome, OverflowReason
from tests.cli.run import Shell

AT = 1_790_000_000.0
KNOWN = Caller(E164("+81942000901"), CallerKind.FIXED, "", "", None)
WITHHELD = Caller(None, CallerKind.WITHHELD, "", "", None)
CHANGES = (
    CallOpened("c1", AT, 1, "0942000100", KNOWN),
    CallAdvanced("c1", AT + 5, queue="booking", agent="a01"),
    CallNoted("c1", AT + 12, "connected", {"agent": "a01"}),
    CallClosed("c1", AT + 90, Outcome.ANSWERED, None, 12.0, 75.0, 0.0, HungUpBy.CALLER),
    CallOpened("c2", AT + 100, None, "0942000100", WITHHELD),
    CallClosed("c2", AT + 100, Outcome.OVERFLOWED, OverflowReason.ALL_LINES_BUSY, 0, 0, 0, None),
)


@pytest.fixture
def recorded(home: Home) -> str:
    asyncio.run(_record(f"sqlite:///{home.database}", CHANGES))
    return str(home.path)


def _busy_hour() -> Iterator[Change]:
    """52 calls of five minutes in an hour: 4.3 erlangs that six lines have carried."""
    begins = AT // 3600 * 3600
    for nth in range(52):
        at = begins + 60 * nth
        yield CallOpened(f"b{nth}", at, 1 + nth % 6, "0942000100", KNOWN)
        yield CallClosed(f"b{nth}", at + 300, Outcome.ANSWERED, None, 0.0, 300.0, 0.0, None)


async def _record(url: str, changes: Sequence[Change]) -> None:
    await migrate(url)
    database = open_database(url)
    records = Records(database)
    await records.claim(1)
    await records.apply(1, [(1, changes)])
    sat = [("u1", "青木", AT - 900, AT), ("u2", "井上", AT, AT + 80), ("u3", "上田", AT + 81, None)]
    columns = ("seat", "user", "announced_name", "session", "started_at", "ended_at")
    rows = [dict(zip(columns, ("a01", *one[:2], one[0], *one[2:]), strict=True)) for one in sat]
    await database.write(lambda connection: connection.execute(insert(SEATINGS), rows))
    await database.close()


def test_before_the_first_call(madoguchi: Shell, home: Home) -> None:
    assert madoguchi("calls", "--home", str(home.path)).out == "no calls yet\n"
    assert json.loads(madoguchi("calls", "--json", "--home", str(home.path)).out) == []
    assert not home.database.exists()


def test_figures_say_that_a_carriers_busy_tone_is_not_in_them(
    madoguchi: Shell, home: Home, recorded: str
) -> None:
    site = load(DEMO_SITE)
    for sessions, visible in ((None, False), (6, False), (7, False), (8, True), (30, True)):
        known = replace(site, trunk=replace(site.trunk, sessions=sessions))
        home.site.write_text(describe(known), encoding="utf-8")
        out = madoguchi("calls", "--home", recorded).out
        assert (BUSY_TONE_UNSEEN not in out) is visible
        assert ("Erlang's loss formula" not in out) is visible  # never a bare nothing


def test_the_estimate_is_of_whole_hours_however_few_calls_are_shown(
    madoguchi: Shell, home: Home
) -> None:
    site = load(DEMO_SITE)
    hidden = replace(site, trunk=replace(site.trunk, sessions=6))
    home.site.write_text(describe(hidden), encoding="utf-8")
    asyncio.run(_record(f"sqlite:///{home.database}", list(_busy_hour())))
    told = {
        madoguchi("calls", "--limit", str(limit), "--home", str(home.path)).out.splitlines()[-1]
        for limit in (1, 20, 52)
    }
    assert len(told) == 1
    assert "推定 17" in told.pop()


def test_a_table_shows_no_number_in_full(madoguchi: Shell, home: Home, recorded: str) -> None:
    home.site.write_text(describe(load(DEMO_SITE)), encoding="utf-8")
    ended = madoguchi("calls", "--home", recorded)
    heads, latest, first = ended.out.splitlines()
    assert "outcome" in heads
    assert "withheld" in latest
    assert "overflowed all_lines_busy" in latest
    assert "+819•••••901" in first
    assert first.endswith("1:15")
    assert "+81942000901" in madoguchi("calls", "--numbers", "--home", recorded).out


def test_scripts_get_whole_records(madoguchi: Shell, recorded: str) -> None:
    [latest] = json.loads(madoguchi("calls", "--json", "--limit", "1", "--home", recorded).out)
    assert latest["id"] == "c2"
    assert latest["overflow_reason"] == "all_lines_busy"
    assert latest["arrived_at"].endswith("+09:00")


def test_a_record_carries_the_announced_name_of_who_took_the_call(
    madoguchi: Shell, recorded: str
) -> None:
    told = json.loads(madoguchi("calls", "--json", "--home", recorded).out)
    assert {one["id"]: one["announced_name"] for one in told} == {"c1": "井上", "c2": None}
    assert " a01 井上 " in madoguchi("calls", "--home", recorded).out


def test_a_database_that_cannot_be_read_is_one_sentence(madoguchi: Shell, home: Home) -> None:
    home.database.write_text("not a database, whatever it says")
    ended = madoguchi("calls", "--home", str(home.path))
    assert ended.status == 2
    assert "records cannot be read" in ended.sentence
