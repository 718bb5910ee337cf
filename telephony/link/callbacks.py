"""Requests about callbacks: opened by staff, claimed, put off, withdrawn.

They are no commands: the core does not know who is owed what, and no journal sees them.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Literal, Protocol

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from telephony.acd.errors import Rejected
from telephony.caller_id import clean, e164
from telephony.link.stamped import Stamped, fingerprint
from telephony.owing.model import CallbackAsked, CallbackDone, Cause, Deed

LONGEST_TEXT: Final = 200
MOST_AT_ONCE: Final = 500
Person = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]  # never a name
Instant = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


def _number(text: str) -> str:
    number = e164(text)
    if number is None:
        problem = "電話番号は市外局番から入力してください (a number with its area code)"
        raise PydanticCustomError("number", "{problem}", {"problem": problem})
    return number


def _plain(text: str) -> str:
    return " ".join(clean(text, LONGEST_TEXT).split())


Name = Annotated[str, Field(max_length=60), AfterValidator(_plain)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_plain)]


class OpenRequest(Stamped):
    """受電メモ, or what an agent has promised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Person
    cause: Literal["memo", "promised"]
    number: Annotated[str, Field(max_length=40), AfterValidator(_number)]
    name: Name = ""
    topic: Name = ""
    wanted_at: Instant | None = None
    note: Text = ""
    call: Annotated[str, Field(max_length=80)] | None = None

    def asked(self, at: float) -> CallbackAsked:
        """As the ledger knows it."""
        return CallbackAsked(
            _key(self), at, self.by, Cause(self.cause), self.number, self.name, self.topic,
            self.wanted_at, self.note, self.call,
        )  # fmt: skip


class OpenManyRequest(Stamped):
    """A day's memos: all of them, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memos: Annotated[list[OpenRequest], Field(max_length=MOST_AT_ONCE)]


class DeedRequest(Stamped):
    """Something done with one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Person
    do: Deed
    text: Text = ""
    until: Instant | None = None

    def done(self, obligation: str, at: float) -> CallbackDone:
        """As the ledger knows it."""
        if self.do is Deed.POSTPONE and self.until is None:
            raise Rejected("いつ掛けるかを入れてください (say until when)")
        if self.do in (Deed.WITHDRAW, Deed.NOTE) and not self.text:
            raise Rejected("理由か内容を書いてください (write why, or what)")
        until = self.until if self.do is Deed.POSTPONE else None
        return CallbackDone(_key(self), obligation, self.do, at, self.by, self.text, until)


class Opened(BaseModel):
    """Which obligation it is now: a new one, or the caller's open one."""

    obligation: str


class CallbackDesk(Protocol):
    """What these requests need of the controller; each raises Rejected."""

    async def open_callback(self, asked: CallbackAsked) -> str:
        """Open or join one; its id."""

    async def open_callbacks(self, asked: Sequence[CallbackAsked]) -> list[str]:
        """Open or join many, or none of them; their ids."""

    async def do_callback(self, done: CallbackDone) -> None:
        """Do something with one."""

    def now(self) -> float:
        """The instant, as everything that is recorded knows it."""


def routes_of(desk: CallbackDesk, wall: Callable[[], float]) -> web.RouteTableDef:
    """The routes of the link that callbacks have."""
    routes = web.RouteTableDef()

    @routes.post("/callbacks")
    async def open_one(request: web.Request) -> web.Response:
        """Open one, or join it."""
        asked = OpenRequest.model_validate_json(await request.read())
        asked.require_in_time(wall())
        found = await desk.open_callback(asked.asked(desk.now()))
        return web.json_response(Opened(obligation=found).model_dump())

    @routes.post("/callback-files")
    async def open_many(request: web.Request) -> web.Response:
        """Open many at once, or none."""
        asked = OpenManyRequest.model_validate_json(await request.read())
        asked.require_in_time(wall())
        found = await desk.open_callbacks([each.asked(desk.now()) for each in asked.memos])
        return web.json_response({"obligations": found})

    @routes.post("/callbacks/{obligation}")
    async def do_one(request: web.Request) -> web.Response:
        """Do something with one."""
        asked = DeedRequest.model_validate_json(await request.read())
        asked.require_in_time(wall())
        await desk.do_callback(asked.done(request.match_info["obligation"][:80], desk.now()))
        return web.Response(status=204)

    return routes


def _key(request: Stamped) -> str:
    if request.key is None:
        raise Rejected("a request about a callback needs a key: sent twice it is done once")
    return fingerprint(request.key)
