"""Browser, desk and database, each killed between every two steps of a booking with a call.

Real processes and real signals: the browser's window goes without a word, the desk by SIGKILL, and
PostgreSQL as in a crash (SIGQUIT), all of it while somebody talks. What a page has shown is there
afterwards; what it had only sent is there once or not at all, and is sent again under its key.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Error, Locator, expect
from sqlalchemy import Connection, func, select

from agents.bookings.tables import BOOKINGS, HISTORY, PARTY, SLOTS
from tests.desktop.booking import WHEN, Hands, finished, talking, told
from tests.desktop.person import Person
from tests.desktop.room import Room, kill_the_desk, room
from tests.real.waiting import until_true
from tests.store import postgres

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]
DEATHS: Final = ("browser", "desk", "database")
UNHEARD: Final = r"Failed to load resource|WebSocket|ERR_|Failed to fetch"  # while nothing answers


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL of this module's own."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    with postgres.running(programs) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=["city", "own"])
async def mortal(
    running: Room,
    tmp_path_factory: pytest.TempPathFactory,
    server: postgres.Server,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Room]:
    """A centre on PostgreSQL, under either master, in the browser of the others."""
    folder, master = tmp_path_factory.mktemp("mortal"), request.param
    url = await postgres.create(server.socket, f"mortal_{master}")
    booking = {"master": master}
    async with room(folder, running.browser, database=url, booking=booking) as made:
        yield made


@dataclass
class Killer:
    """Kills one thing, and has the person go on as people do: they open the page again."""

    r: Room
    server: postgres.Server
    what: str
    one: Person

    @property
    def hands(self) -> Hands:
        return Hands(self.one.page)

    @property
    def panel(self) -> Locator:
        return self.hands.panel

    async def strike(self, sending: Callable[[], Awaitable[object]] | None = None) -> None:
        """Now, or at the same time as something is sent; then the booking is open again."""
        self.one.expects(UNHEARD)
        async with asyncio.TaskGroup() as group:
            if sending is not None:
                group.create_task(_sent(sending))
            group.create_task(self._kill())
        await self._open_again()

    async def _kill(self) -> None:
        match self.what:
            case "browser":
                await self.one.page.context.close()
            case "desk":
                await kill_the_desk(self.r)
            case _:
                await asyncio.to_thread(self.server.stop, signal.SIGQUIT)
                await asyncio.to_thread(self.server.start)

    async def _open_again(self) -> None:
        if self.what == "browser":
            self.one = await self.r.person(self.one.name)
            self.one.expects(UNHEARD)
            await self.one.sit_at_once()
        else:
            await until_true(self._reloaded, bool, "the page is there again", within=60.0)
        await self.one.button("受取予約", exact=True).wait_for()
        if not await self.panel.is_visible():
            await self.one.press_on_page("b")
        await expect(self.panel).to_be_visible()

    async def _reloaded(self) -> bool:
        """Whether the page came up with its call."""
        with suppress(Error):
            await self.one.page.reload()
            await self.one.button("受取予約", exact=True).wait_for(timeout=3_000)
            return True
        return False


async def _sent(sending: Callable[[], Awaitable[object]]) -> None:
    with suppress(Error):  # its window may be gone before it is told that it was sent
        await sending()


@dataclass
class Kept:
    """What the database has of one citizen's card."""

    bookings: list[Any]
    deeds: list[str]


async def kept(r: Room, notice: str) -> Kept:
    """Read anew each time."""

    def look(connection: Connection) -> Kept:
        mine = select(PARTY.c.booking).where(PARTY.c.notice_no == notice)
        bookings = connection.execute(select(BOOKINGS).where(BOOKINGS.c.id.in_(mine))).all()
        lines = select(HISTORY.c.deed).where(HISTORY.c.booking.in_(mine))
        deeds = connection.scalars(lines.order_by(HISTORY.c.booking, HISTORY.c.version))
        return Kept(list(bookings), list(deeds))

    return await until_true(
        lambda: _tried(r, look), lambda found: found is not None, "the database answers"
    )


async def _tried(r: Room, look: Callable[[Connection], Any]) -> Any:
    with suppress(Exception):
        return await r.centre.database.read(look)
    return None


async def typed(killer: Killer, who: tuple[str, str, str, str]) -> None:
    """Everything that has to be said, up to the time; and it is kept on the server."""
    labels = ("はがきの番号", "お名前", "ふりがな", "生年月日")
    for label, text in zip(labels, who, strict=True):
        await killer.panel.get_by_label(label, exact=True).fill(text)
    await killer.panel.get_by_role("radio", name="本人", exact=False).first.check()
    await expect(killer.panel).to_contain_text("下書き保存済み")


async def is_typed(killer: Killer, who: tuple[str, str, str, str]) -> None:
    """The draft is there again."""
    name = killer.panel.get_by_label("お名前", exact=True)
    await expect(name).to_have_value(who[1])
    await expect(killer.panel).to_contain_text("昭和23年5月3日")


async def agreed(killer: Killer, shown: str) -> None:
    """Killed while it is sent; whoever sees the draft again sends it again."""
    await killer.strike(lambda: killer.one.press("F4"))
    done = killer.panel.get_by_text(shown).first
    draft = killer.panel.get_by_label("お名前", exact=True)
    await expect(done.or_(draft).first).to_be_visible()
    if not await done.is_visible():
        await killer.one.press_on_page("F4")
    await expect(done).to_be_visible()


@pytest.mark.parametrize("what", DEATHS)
async def test_nothing_acknowledged_is_lost_and_there_are_never_two(
    own: Room, server: postgres.Server, what: str, request: pytest.FixtureRequest
) -> None:
    master = request.node.callspec.params["mortal"]
    at = 100 + DEATHS.index(what)
    if master == "city":
        await the_city_told_its_times(own)
    who = (f"AB1000{at}", f"窓口 {at}子", "まどぐち はなこ", "S23.5.3")
    killer = Killer(own, server, what, await talking(own))
    await killer.hands.begin()
    await killer.strike()

    await typed(killer, who)
    await killer.strike()
    await is_typed(killer, who)

    box = killer.panel.get_by_label(WHEN, exact=True)
    await expect(killer.panel.get_by_role("list", name="次の空き")).to_be_visible()
    await box.fill("1")
    await box.press("Enter")
    if master == "own":
        await expect(killer.panel).to_contain_text("仮押さえ中")
    await expect(killer.panel).to_contain_text("下書き保存済み")
    await killer.strike()
    await is_typed(killer, who)
    if master == "own":
        await expect(killer.panel).to_contain_text("仮押さえ中")  # it is theirs still

    await agreed(killer, "予約済み" if master == "own" else "ただいまは仮受付です")
    before = await kept(own, who[0])
    assert len(before.bookings) == 1
    await killer.strike()
    assert (await kept(own, who[0])) == before

    number = f"K-{master}-{at}"
    if master == "city":
        await entered(killer, number)
        after = await kept(own, who[0])
        assert [(one.number, one.status) for one in after.bookings] == [(number, "booked")]
        await killer.strike()
    await expect(killer.panel).to_contain_text("予約済み")
    await finished(killer.one, "D02")

    last = await kept(own, who[0])
    assert [one.status for one in last.bookings] == ["booked"]
    assert last.deeds == (["agree", "enter"] if master == "city" else ["hold", "agree"])
    if master == "own":
        (one,) = last.bookings
        assert await taken(own, one) == await occupying(own, one)


async def the_city_told_its_times(own: Room) -> None:
    boss = await own.person("s01")
    await boss.sit_at_once()
    first = date.today() + timedelta(days=7)  # noqa: DTZ011 -- the desk runs on this clock
    await told(boss, [(first, "10:00"), (first, "10:30"), (first, "11:00")])
    await boss.leave()


async def entered(killer: Killer, number: str) -> None:
    """The city's number, killed while it is sent; typed again where it was not kept."""
    before = killer.panel.get_by_label("市の予約番号", exact=True)
    await before.fill(number)
    await killer.strike(lambda: before.press("Enter"))
    field = killer.panel.get_by_label("市の予約番号", exact=True)  # perhaps of another window
    done = killer.panel.get_by_text("予約済み").first
    await expect(done.or_(field).first).to_be_visible()
    if not await done.is_visible():
        await field.fill(number)
        await field.press("Enter")
    await expect(done).to_be_visible()


async def taken(r: Room, one: Any) -> int:
    """How many places of that time are sold, as the slot has it."""
    of = (SLOTS.c.site == one.site, SLOTS.c.day == one.day, SLOTS.c.start == one.start)
    sold = await r.centre.database.read(lambda c: c.scalar(select(SLOTS.c.taken).where(*of)))
    assert sold is not None
    return int(sold)


async def occupying(r: Room, one: Any) -> int:
    """The same, as the bookings have it."""
    at = (BOOKINGS.c.site == one.site, BOOKINGS.c.day == one.day, BOOKINGS.c.start == one.start)
    here = (*at, BOOKINGS.c.status.in_(("held", "booked")))
    query = select(func.coalesce(func.sum(BOOKINGS.c.people), 0)).where(*here)
    sold = await r.centre.database.read(lambda c: c.scalar(query))
    assert sold is not None
    return int(sold)
