"""What staff ask of the ledger, on a real database: granted after the commit, or told why not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.database import DatabaseFailed, open_database
from config.site import load
from config.site_calendar import weekly_calendar
from config.site_hours import weekly
from ivr_flows.opening.book import Book
from telephony.acd.errors import Rejected
from telephony.caller_id import identify
from telephony.calls.callbacks import Callbacks
from telephony.calls.night import NightWatch
from telephony.calls.publisher import NotKept
from telephony.calls.sql_ledger import SqlLedger
from telephony.calls.terms import OpenHours, terms_of
from telephony.link.client import KeyRefused, Link, Refused
from telephony.link.server import application, serve
from telephony.owing.model import AlwaysOpen, CallbackAsked, CallbackDone, Deed, Terms
from telephony.store import changes as row
from telephony.store.migrate import migrate
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome

MONDAY = 1_795_392_000.0  # 2026-11-23 09:00 in Japan
CALLER = identify("<sip:0942000123@127.0.0.1>", "", "", trust_pai=True)
TIMES = ("8:30-17:15",)


class Keeper:
    """SQL, or the spool alone while it is away."""

    def __init__(self, records: Records) -> None:
        self.away = False
        self.spooled: list[row.Change] = []
        self._records = records

    async def add(self, changes: Sequence[row.Change]) -> None:
        if self.away:
            self.spooled += changes
        else:
            await self._records.add(1, changes)

    async def written(self, changes: Sequence[row.Change]) -> None:
        if self.away:
            raise NotKept
        await self._records.add(1, changes)


class Away(SqlLedger):
    """A ledger that may not answer."""

    away = False

    async def request(self, key: str) -> Any:
        if self.away:
            raise DatabaseFailed("no answer")
        return await super().request(key)


class Rig:
    """A controller's side of the link, as far as callbacks go."""

    def __init__(self, records: Records, ledger: Away, terms: Terms) -> None:
        self.at = MONDAY
        self.set_ahead = 0.0  # somebody has set the wall clock
        self.records, self.ledger = records, ledger
        self.keeper = Keeper(records)
        self.callbacks = Callbacks(self.keeper, ledger, terms, self.now, self.wall)

    def now(self) -> float:
        return self.at

    def wall(self) -> float:
        return self.at + self.set_ahead

    def status(self) -> dict[str, Any]:
        return {}

    async def take_up_calendar(self) -> None:
        raise Rejected("nothing is written here")

    async def request(self, request: object) -> None:
        raise Rejected("nothing is commanded here")

    async def open_callback(self, asked: CallbackAsked) -> str:
        return await self.callbacks.open(asked)

    async def open_callbacks(self, asked: Sequence[CallbackAsked]) -> list[str]:
        return await self.callbacks.open_many(asked)

    async def do_callback(self, done: CallbackDone) -> None:
        await self.callbacks.do(done)

    async def abandon(self, call: str) -> None:
        """Somebody waits half a minute and leaves."""
        closed = row.CallClosed(
            call, self.at, Outcome.ABANDONED, None, 30.0, 0.0, 0.0, HungUpBy.CALLER
        )
        opened = row.CallOpened(call, self.at - 30, 1, "0942000100", CALLER)
        await self.records.add(1, [opened, closed])


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    url = f"sqlite:///{tmp_path}/madoguchi.db"
    await migrate(url)
    database = open_database(url)
    week = {"weekdays": TIMES}
    calendar = weekly_calendar(weekly("phone", week))
    terms = Terms(hours=OpenHours(Book(calendar), ZoneInfo("Asia/Tokyo")))
    records = Records(database, terms=terms)
    yield Rig(records, Away(database, records), terms)
    await database.close()


@pytest.fixture
async def link(rig: Rig, tmp_path: Path) -> AsyncIterator[Link]:
    runner = await serve(application(rig), tmp_path / "c.sock")
    yield Link(tmp_path / "c.sock")
    await runner.cleanup()


async def opened(link: Link, key: str, **given: Any) -> str:
    told: dict[str, Any] = {"cause": "memo", "number": "0942-00-0123"} | given
    return await link.open_callback("p1", key=key, **told)


async def test_a_memo_is_opened_once_and_joined_by_the_next(rig: Rig, link: Link) -> None:
    first = await opened(link, "key-1", note="窓口から")
    assert await opened(link, "key-1", note="窓口から") == first
    assert await opened(link, "key-2") == first
    named = await opened(link, "key-3", name="窓口 花子", topic="更新")
    assert named != first
    whole = await rig.ledger.whole(first)
    assert whole is not None
    assert (whole.obligation.number, len(whole.events)) == ("+81942000123", 2)
    assert whole.events[0].note == "窓口から"


async def test_f3_a_key_stands_for_what_was_asked_under_it(rig: Rig, link: Link) -> None:
    """Somebody's promise that was put right must not pass for kept."""
    later = MONDAY + 3600.0
    first = await opened(link, "key-1", note="窓口から")
    joined = await opened(link, "key-2", wanted_at=later)
    assert joined == first
    for key, given in (("key-1", {"note": "窓口から", "number": "0942-00-0124"}),
                       ("key-1", {"note": "電話で"}), ("key-2", {}),
                       ("key-2", {"wanted_at": later + 60.0})):  # fmt: skip
        with pytest.raises(KeyRefused, match="withdraw it"):
            await opened(link, key, **given)
    assert await opened(link, "key-2", wanted_at=later) == first
    assert [each.number for each in await rig.ledger.open(10)] == ["+81942000123"]


async def test_f3_a_key_stands_for_the_deed_that_was_done_under_it(rig: Rig, link: Link) -> None:
    """Another deed, another text, another time, another callback: none of them passes for done."""
    one, other = await opened(link, "key-1"), await opened(link, "key-2", name="窓口 花子")
    later = MONDAY + 3600.0
    did: dict[str, dict[str, Any]] = {
        "note": {"text": "午後がよい"}, "claim": {}, "postpone": {"until": later}, "release": {},
    }  # fmt: skip
    for do, given in did.items():
        for _ in range(2):  # sent twice it is done once
            await link.do_callback(one, do, "p1", key=f"deed-{do}", **given)
        for where, what, more in (
            (other, do, given),
            (one, "withdraw", {"text": "不要"}),
            (one, "note", {"text": "午前がよい"}),
            (one, "postpone", {"until": later + 60.0}),
        ):
            with pytest.raises(KeyRefused, match="read the list again"):
                await link.do_callback(where, what, "p1", key=f"deed-{do}", **more)
    with pytest.raises(KeyRefused, match="read the list again"):
        await link.do_callback(one, "claim", "p1", key="key-1")  # a memo was opened under it
    whole = await rig.ledger.whole(one)
    assert whole is not None
    assert [each.what.value for each in whole.events] == [
        "opened", "noted", "claimed", "postponed", "released",
    ]  # fmt: skip
    await link.do_callback(one, "withdraw", "p1", key="deed-withdraw", text="不要")
    await link.do_callback(one, "withdraw", "p1", key="deed-withdraw", text="不要")


async def test_f3_of_two_deeds_at_once_under_one_key_one_is_done(rig: Rig, link: Link) -> None:
    ids = [await opened(link, f"key-{n}", name=f"窓口 {n}") for n in range(4)]

    async def claim(one: str) -> bool:
        try:
            await link.do_callback(one, "claim", "p1", key="claim-1")
        except KeyRefused:
            return False
        return True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(claim(one)) for one in ids]
    held = [each.id for each in await rig.ledger.open(10) if each.holder(rig.at) == "p1"]
    assert [one for one, task in zip(ids, tasks, strict=True) if task.result()] == held
    assert len(held) == 1


async def test_what_cannot_be_is_told_in_a_sentence(link: Link) -> None:
    for given, sentence in (
        ({"number": "12"}, "市外局番"),
        ({"wanted_at": MONDAY - 1}, "3か月"),
        ({"wanted_at": MONDAY + 9.0 * 3600}, "11月24日 08:30"),
        ({"wanted_at": MONDAY + 200 * 86_400.0}, "3か月"),
    ):
        with pytest.raises(Refused, match=sentence):
            await opened(link, f"key-{sentence}", **given)
    with pytest.raises(Refused, match="理由"):
        await link.do_callback("ob-1", "withdraw", "p1", key="key-1")
    with pytest.raises(Refused, match="ありません"):
        await link.do_callback("ob-1", "withdraw", "p1", key="key-1", text="誤り")


async def test_two_claim_at_once_and_one_has_it(rig: Rig, link: Link) -> None:
    one = await opened(link, "key-1")

    async def claim(who: str) -> str:
        try:
            await link.do_callback(one, "claim", who, key=f"claim-{who}")
        except Refused as refused:
            return str(refused)
        return ""

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(claim(f"p{n}")) for n in range(6)]
    winners = [n for n, task in enumerate(tasks) if not task.result()]
    assert len(winners) == 1
    assert all("ほかの人" in task.result() for task in tasks if task.result())
    (known,) = await rig.ledger.open(10)
    assert known.holder(rig.at) == f"p{winners[0]}"
    await link.do_callback(one, "claim", f"p{winners[0]}", key=f"claim-p{winners[0]}")  # again
    await link.do_callback(one, "release", f"p{winners[0]}", key="release-1")
    assert await claim("p9") == ""
    rig.at += Terms().lease
    assert await claim("p8") == ""


async def test_while_sql_is_away_a_memo_is_kept_and_a_claim_is_not_granted(
    rig: Rig, link: Link
) -> None:
    one = await opened(link, "key-1")
    rig.keeper.away = rig.ledger.away = True
    two = await opened(link, "key-2", number="0942000124")
    with pytest.raises(Refused, match="確かめられない"):
        await link.do_callback(one, "claim", "p1", key="claim-1")
    await link.do_callback(one, "note", "p1", key="note-1", text="午後がよい")
    rig.keeper.away = rig.ledger.away = False
    await rig.records.add(1, rig.keeper.spooled)
    assert {each.id for each in await rig.ledger.open(10)} == {one, two}
    whole = await rig.ledger.whole(one)
    assert whole is not None
    assert [each.note for each in whole.events] == ["", "午後がよい"]


async def test_whom_to_ring_and_when(rig: Rig) -> None:
    await rig.abandon("c1")
    number_of = rig.callbacks.number_of
    assert await number_of("ob-c1") == "+81942000123"
    assert await number_of("ob-none") is None
    ended = rig.at + 20
    tried = row.AttemptEnded("ob-c1", "own-1.1", "a01", rig.at, None, ended, "no_answer")
    await rig.records.add(1, [tried])
    rig.at = ended + 60
    assert await number_of("ob-c1") == "+81942000123"  # it broke off: again at once
    rig.at = ended + 61
    with pytest.raises(Rejected, match="10:00"):
        await number_of("ob-c1")
    rig.at = ended + 3600
    assert await number_of("ob-c1") == "+81942000123"
    rig.at = MONDAY + 9.0 * 3600
    with pytest.raises(Rejected, match="11月24日 08:30"):
        await number_of("ob-c1")
    gone = CallbackDone("k", "ob-c1", Deed.WITHDRAW, rig.at, "p1", "本人より不要と連絡")
    await rig.callbacks.do(gone)
    with pytest.raises(Rejected, match="終わって"):
        await number_of("ob-c1")


async def test_due_counts_opening_hours_alone(rig: Rig) -> None:
    rig.at = MONDAY + 7.5 * 3600  # 16:30
    await rig.abandon("c1")
    (known,) = await rig.ledger.open(10)
    assert known.due_at == MONDAY + 86_400 - 1800 + 4500  # 75 minutes into the next morning
    hours = rig.callbacks._terms.hours
    friday = MONDAY + 4 * 86_400 + 8.25 * 3600  # 17:15: closed
    assert hours.after(friday, 0.0) == MONDAY + 7 * 86_400 - 1800
    assert hours.after(friday - 1, 0.0) == friday - 1
    assert hours.after(friday - 10, 10.0) == MONDAY + 7 * 86_400 - 1800


async def test_the_night_watch_reads_what_was_before_and_proves_it(rig: Rig) -> None:
    await rig.abandon("c1")
    watch = NightWatch(rig.ledger, 1, rig.now)
    await watch.look()
    assert watch.faults == 0
    lost = row.CallNoted("c1", rig.at, "requested", {})
    await rig.records.add(1, [lost])
    rig.at += 86_400.0 - 7 * 3600  # 2:00 of the next night
    await watch.look()
    assert watch.faults == 0
    await rig.records._database.write(
        lambda connection: connection.exec_driver_sql("DELETE FROM obligations")
    )
    rig.at += 3600.0
    await watch.look()
    assert watch.faults == 2


def test_the_settings_are_the_terms() -> None:
    site = load(Path("config/site"))
    terms = terms_of(site)
    assert isinstance(terms.hours, AlwaysOpen)
    assert (terms.attempts, terms.short_abandon, terms.since) == (3, 10.0, 0.0)


async def test_e6_nobody_is_rung_outside_the_hours_of_the_clock_that_was_set(
    rig: Rig, link: Link
) -> None:
    owed = await opened(link, "key-1")
    rig.set_ahead = 11 * 3600.0
    with pytest.raises(Rejected, match="11月24日 08:30 から発信できます"):
        await rig.callbacks.number_of(owed)
    rig.at, rig.set_ahead = MONDAY + 11 * 3600.0, -11 * 3600.0
    assert await rig.callbacks.number_of(owed) == "+81942000123"


async def test_e6_a_wanted_time_lies_ahead_of_the_clock_that_was_set(rig: Rig, link: Link) -> None:
    rig.set_ahead = 3600.0
    with pytest.raises(Refused, match="lies ahead"):
        await opened(link, "key-1", wanted_at=MONDAY + 1800.0)
    rig.set_ahead = -3600.0
    await opened(link, "key-2", wanted_at=MONDAY - 600.0 + 1.0)
