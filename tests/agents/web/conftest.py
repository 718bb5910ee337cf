"""A desk of a few routes, where whoever says a known token is let in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

import pytest
from pydantic import Field

from agents.people import AT_A_DESK, Caller, Role, SessionId, UserId
from agents.web.fields import Answer, Form, Query, Text
from agents.web.pages import Pages
from agents.web.problems import forbidden
from agents.web.routes import Asked, Table, Tools
from agents.web.security import Door
from agents.web.server import Server
from agents.web.sockets import Socket
from agents.web.witness import Deed, Doorkeeper, Witness
from config.database import DatabaseFailed
from telephony.link.client import NoController, Refused
from tests.agents.asking import Browser, a_door, browser, serving

TABLE = Table("test")


class OfThing(Form):
    number: int


class Note(Form):
    note: Annotated[Text, Field(max_length=20)]


class Kept(Answer):
    number: int
    note: str


class Which(Query):
    limit: Annotated[int, Field(ge=1, le=50)] = 10


@dataclass
class Store:
    """What the routes work with."""

    fails: Exception | None = None
    done: list[str] = field(default_factory=list)


async def even(asked: Asked, path: OfThing) -> None:
    if path.number % 2:
        raise forbidden()


@TABLE.put("/api/things/{number}", roles=AT_A_DESK, audit="thing_kept", guard=even)
async def keep(asked: Asked, path: OfThing, body: Note) -> Kept:
    """Keep a note."""
    store = asked.tool(Store)
    if store.fails is not None:
        raise store.fails
    asked.detail(length=len(body.note))
    store.done.append(body.note)
    return Kept(number=path.number, note=body.note)


@TABLE.get("/api/things", roles=AT_A_DESK, audit=None)
async def things(asked: Asked, query: Which) -> Answer:
    """List."""
    return Kept(number=query.limit, note="")


@TABLE.delete("/api/things", roles=AT_A_DESK, audit="things_gone", while_locked=True)
async def clear(asked: Asked) -> None:
    """Forget all."""
    asked.tool(Store).done.clear()


@TABLE.get("/api/open", roles=None, audit=None)
async def open_to_all(asked: Asked) -> Kept:
    """Anybody."""
    return Kept(number=0, note=asked.address)


@TABLE.socket("/api/echo", roles=AT_A_DESK, audit=None, shows=Kept)
async def echo(asked: Asked, socket: Socket) -> None:
    """Say it again."""
    while True:
        await socket.send(Kept(number=1, note=await socket.receive()))


def someone(role: Role, *, locked: bool = False) -> Caller:
    """A session by its role."""
    session = SessionId(f"s-{role}")
    return Caller(UserId(f"u{role}"), role, "担当", role, session, f"csrf-of-{role}", "a01", locked)


@dataclass
class Post:
    """Lets in by token, and writes down."""

    known: dict[str, Caller] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    away: bool = False

    async def caller(self, token: str, now: float, *, acts: bool) -> Caller | None:
        return self.known.get(token)

    async def note(self, deed: Deed) -> None:
        if self.away:
            raise DatabaseFailed("Gone in INSERT")
        self.deeds.append(deed)


@dataclass
class Desk:
    """The server under test."""

    server: Server
    door: Door
    post: Post
    store: Store
    browser: Browser

    def signs_in(self, role: Role, *, locked: bool = False) -> Browser:
        """The browser now has a session of this role."""
        self.post.known["token"] = someone(role, locked=locked)
        self.browser.token, self.browser.csrf = "token", f"csrf-of-{role}"
        return self.browser


@pytest.fixture
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    post, store, door = Post(), Store(), a_door()
    tools = Tools(store)
    tools.put(Doorkeeper, post)  # type: ignore[type-abstract]
    tools.put(Witness, post)  # type: ignore[type-abstract]
    pages = Pages([tmp_path_factory.mktemp("no-pages")])
    server = Server(TABLE, tools, door, lambda: 1_000.0, pages)
    async with serving(server, door) as http:
        yield Desk(server, door, post, store, browser(http, door))


__all__ = ["Desk", "NoController", "Refused"]
