"""A whole desk for tests: real HTTP, a real database, telephones and a clock in our hand."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import aiohttp
from argon2 import PasswordHasher
from sqlalchemy import Connection, Table, select, update

from agents import api
from agents.accounts import users
from agents.accounts.administration import Administration, By, Wanted
from agents.accounts.passwords import Passwords
from agents.accounts.sessions import Sessions
from agents.accounts.watch import SessionWatch
from agents.app import Ground, tools_of
from agents.audit.chain import Head
from agents.audit.values import VALUES
from agents.audit.verify import Verdict, verify
from agents.audit.words import DETAILS, OUTCOMES, WORDS
from agents.bookings.rules import load as load_bookings
from agents.calendar.shelf import Shelf
from agents.catalogue.catalogue import Catalogue
from agents.catalogue.catalogue import load as load_words
from agents.floor.hub import Hub
from agents.people import Role
from agents.schema import METADATA as DESK
from agents.tables import AUDIT, USERS
from agents.web.pages import Pages
from agents.web.routes import Tools
from agents.web.security import Door
from agents.web.server import Server
from config.database import Database, open_database
from config.secrets import Secrets
from config.site import load
from config.site_model import Desk as DeskSettings
from config.site_model import Site
from telephony.acd.errors import Rejected
from telephony.calls.callbacks import Callbacks
from telephony.link.callbacks import DeedRequest, OpenRequest
from telephony.link.client import KeyRefused, Link, NoController, Refused
from telephony.link.stamped import KeyTaken
from telephony.owing.model import Terms
from telephony.simulation.shell.news import FakeNews
from telephony.store.changes import Change
from telephony.store.records import Records
from telephony.store.tables import METADATA as RECORDS
from telephony.store.worklist import Worklist
from tests.agents.asking import Browser, Told, a_door, browser, serving
from tests.real.waiting import until

T = TypeVar("T")
DEMO: Final = Path(__file__).parents[2] / "config" / "site"
SECRETS: Final = Secrets("a" * 48, "c" * 48, {}, "11" * 32, "22" * 32, "33" * 32)
MONDAY: Final = 1_770_598_800.0  # 2026-02-09 10:00 in Tokyo
PASSWORD: Final = "たぶん正しい-horse-9"


@dataclass
class FakeTelephones:
    """The controller's seats: each has a state, and somebody or nobody."""

    states: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    paused: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False

    async def sign_in(self, seat: str, person: str) -> None:
        self._require()
        self.states[seat], self.people[seat] = "paused", person

    async def sign_out(self, seat: str) -> None:
        self._require()
        if self.states.get(seat) in ("talking", "hold"):
            return  # they go after it
        self.states[seat] = "signed_out"
        self.people.pop(seat, None)

    async def take_no_more(self, seat: str, reason: str) -> None:
        self._require()
        self.paused.append((seat, reason))

    async def agents(self) -> Sequence[Mapping[str, Any]]:
        self._require()
        return [
            {"seat": seat, "state": state, "person": self.people.get(seat)}
            for seat, state in self.states.items()
        ]

    def _require(self) -> None:
        if self.away:
            raise NoController("away")


class Writer:
    """Keeps what the ledger takes, at once."""

    def __init__(self, records: Records, epoch: int) -> None:
        self._records, self._epoch = records, epoch

    async def add(self, changes: Sequence[Change]) -> None:
        await self._records.add(self._epoch, changes)

    written = add


class FakeLink(Link):
    """A controller whose room is told by hand, and which notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))
        self.room: dict[str, Any] = {
            "lines": [],
            "queues": [],
            "agents": [],
            "calls": [],
            "closing": {"calls_left": 0, "asked_to_stay": []},
        }
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.refusal = ""
        self.database: Database | None = None  # where it keeps what is owed
        self.clock: Callable[[], float] = lambda: MONDAY
        self.away = False
        self.taken_up: Callable[[], None] = lambda: None  # what a controller does besides

    async def take_up_calendar(self) -> None:
        """Taken up, as far as the desk sees it."""
        if self.away:
            raise NoController("away")
        if self.refusal:
            raise Refused(self.refusal)
        self.taken_up()

    async def answers(self) -> bool:
        """Unless it is away."""
        return not self.away

    async def status(self) -> dict[str, Any]:
        """The room."""
        if self.away:
            raise NoController("away")
        return self.room

    async def set_mode(
        self, mode: str, minutes: float, by: str, *, closes: bool | None = None, prompt: str = ""
    ) -> None:
        """Granted, and told from then on."""
        if self.away:
            raise NoController("away")
        if self.refusal:
            raise Refused(self.refusal)
        told = {"mode": mode, "name": mode, "since": MONDAY, "until": MONDAY + minutes * 60}
        on = [{**told, "by": by, "closes": bool(closes)}] if minutes else []
        self.room["modes"] = on

    async def open_callback(self, by: str, *, key: str, **given: Any) -> str:
        """As a controller does it."""
        self._require()
        asked = OpenRequest.model_validate({**given, "by": by, "key": key})
        return await self._ledger(lambda book: book.open(asked.asked(self.clock())))

    async def open_callbacks(self, by: str, memos: Any) -> list[str]:
        """As a controller does it."""
        self._require()
        asked = [OpenRequest.model_validate({**each, "by": by}) for each in memos]
        told = [each.asked(self.clock()) for each in asked]
        return await self._ledger(lambda book: book.open_many(told))

    async def do_callback(
        self, obligation: str, do: str, by: str, *, key: str, **given: Any
    ) -> None:
        """As a controller does it."""
        self._require()
        asked = DeedRequest.model_validate({**given, "by": by, "do": do, "key": key})
        done = asked.done(obligation, self.clock())
        await self._ledger(lambda book: book.do(done))

    async def _ledger(self, ask: Callable[[Callbacks], Awaitable[T]]) -> T:
        assert self.database is not None
        records = Records(self.database)
        epoch = await records.epoch() or 1
        await records.claim(epoch)
        keeper = Writer(records, epoch)
        book = Callbacks(keeper, Worklist(self.database), Terms(), self.clock, self.clock)
        try:
            return await ask(book)
        except KeyTaken as taken:
            raise KeyRefused(str(taken)) from None
        except Rejected as refused:
            raise Refused(str(refused)) from None

    def _require(self) -> None:
        if self.away:
            raise NoController("away")

    async def request(self, agent: str, do: str, **given: Any) -> None:
        """Granted, unless told otherwise."""
        if self.away:
            raise NoController("away")
        if self.refusal:
            raise Refused(self.refusal)
        self.asked.append((agent, do, given))


@dataclass
class Hand:
    """The clock."""

    now: float = MONDAY

    def __call__(self) -> float:
        return self.now

    def goes_on(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Desk:
    """The desk under test."""

    server: Server
    tools: Tools
    door: Door
    http: aiohttp.ClientSession
    database: Database
    telephones: FakeTelephones
    clock: Hand
    site: Site
    watch: SessionWatch
    link: FakeLink
    news: FakeNews
    hub: Hub
    ids: dict[str, str] = field(default_factory=dict)

    async def has(self, name: str, role: Role = Role.AGENT, password: str = PASSWORD) -> str:
        """Somebody of this role, who has chosen a password of their own; their id."""
        administration = self.tools.get(Administration)
        wanted = Wanted(name, f"{name}さん", role)
        user, _ = await administration.add(wanted, By(self.clock.now))
        hashed = await self.tools.get(Passwords).hashed(password, "a test")

        def own(connection: Connection) -> None:
            values = {"password": hashed, "password_until": None}
            users.change(connection, user.id, values, self.clock.now)

        await self.database.write(own)
        self.ids[name] = user.id
        return user.id

    def page(self, name: str = "a01.localhost") -> Browser:
        """A browser that nobody has signed in with."""
        return browser(self.http, self.door, name)

    async def signed_in(
        self, name: str, role: Role = Role.AGENT, seat: str | None = None
    ) -> Browser:
        """A page of somebody who is signed in, and sits if so wanted."""
        if name not in self.ids:
            await self.has(name, role)
        page = self.page()
        told = await self.sign_in(page, name)
        assert (told.status, told.body["signed_in"]) == (200, True), told.body
        if seat is not None:
            taken = await page.ask("POST", "/api/seat", {"seat": seat})
            assert taken.status == 200, taken.body
        return page

    async def sign_in(self, page: Browser, name: str, password: str = PASSWORD) -> Told:
        """Name and password, on this page."""
        told = await page.ask("POST", "/api/session", {"name": name, "password": password})
        if told.status == 200:
            page.csrf = told.body["csrf"] or ""
        return told

    def every_table(self) -> list[Table]:
        """Of the desk and of the records."""
        return [*DESK.sorted_tables, *RECORDS.sorted_tables]

    async def deeds(self, *words: str) -> list[tuple[str, str | None, str | None]]:
        """What the audit log says: word, who, object; these words only, if any are named."""

        def read(connection: Connection) -> list[tuple[str, str | None, str | None]]:
            rows = connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).all()
            return [
                (row.word, row.who, row.object) for row in rows if row.word in words or not words
            ]

        return await self.database.read(read)

    async def unsaid(self) -> set[str]:
        """Codes in the audit log that the auditor's page has no words for."""
        query = select(AUDIT.c.line)
        lines = await self.database.read(lambda connection: list(connection.scalars(query)))
        told = [json.loads(line) for line in lines]
        return {
            code
            for line in told
            for codes, texts in (
                ([line["word"]], WORDS), ([line["outcome"]], OUTCOMES), (line["detail"], DETAILS),
                *(
                    (str(value).replace(",", " ").split(), VALUES[name])
                    for name, value in line["detail"].items()
                    if name in VALUES and value is not None
                ),
            )
            for code in codes
            if code not in texts
        }  # fmt: skip

    async def details(self, word: str) -> list[dict[str, Any]]:
        """What the audit log adds to each of these words."""
        query = select(AUDIT.c.line).where(AUDIT.c.word == word).order_by(AUDIT.c.seq)
        lines = await self.database.read(lambda connection: list(connection.scalars(query)))
        return [json.loads(line)["detail"] for line in lines]

    async def verdict(self, checkpoint: Head | None = None) -> Verdict:
        """Whether the audit log is what was written."""
        key = bytes.fromhex(SECRETS.audit_key)
        return await self.database.read(lambda connection: verify(connection, key, checkpoint))

    async def set(self, name: str, **values: Any) -> None:
        """Change an account behind everybody's back."""

        def write(connection: Connection) -> None:
            connection.execute(update(USERS).where(USERS.c.id == self.ids[name]).values(**values))

        await self.database.write(write)


@asynccontextmanager
async def followed(hub: Hub) -> AsyncIterator[None]:
    """News are heard for as long as the block lasts."""
    async with asyncio.TaskGroup() as group:
        follower = group.create_task(hub.run())
        try:
            await until(lambda: not hub.floor.away, "the room is known")
            yield
        finally:
            follower.cancel()


demo = cache(lambda: load(DEMO))  # nobody changes what was read
words = cache(load_words)
booking_rules = cache(load_bookings)


@asynccontextmanager
async def a_desk(
    url: str,
    settings: DeskSettings | None = None,
    door: Door | None = None,
    pages: Pages | None = None,
    site: Site | None = None,
    catalogue: Catalogue | None = None,
) -> AsyncIterator[Desk]:
    """A desk on this database, which has the schema already; of the demo, if no other is given."""
    database, clock, telephones = open_database(url), Hand(), FakeTelephones()
    site = replace(site or demo(), desk=settings or DeskSettings())
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    link, news = FakeLink(), FakeNews()
    link.database, link.clock = database, clock
    hub = Hub(news, link, clock)
    ground = Ground(
        site,
        site.desk,
        SECRETS,
        database,
        passwords,
        telephones,
        clock,
        hub,
        catalogue or words(),
        booking_rules(),
    )
    tools = tools_of(ground)
    tools.put(Passwords, passwords)
    tools.put(Link, link)
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(DEMO, folder / "site")
    tools.put(Shelf, Shelf(site, folder / "site", folder, clock))
    door = door or a_door()
    server = Server(api.routes(), tools, door, clock, pages or Pages([]))
    key = bytes.fromhex(SECRETS.audit_key)
    watch = SessionWatch(database, tools.get(Sessions), server.sockets, telephones, hub, key)
    try:
        async with serving(server, door) as http, followed(hub):
            made = Desk(
                server, tools, door, http, database, telephones, clock, site, watch, link, news, hub
            )  # fmt: skip
            yield made
            assert await made.unsaid() == set()
    finally:
        await database.close()
        shutil.rmtree(folder)
