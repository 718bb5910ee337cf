"""The controller's side of the link."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from config.clock import Clock
from ivr_flows.prompts.speak import known
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, CallId, Work
from telephony.centre import commands as cmd
from telephony.centre.effects import AttemptEnd
from telephony.link.callbacks import CallbackDesk, routes_of
from telephony.link.reason import fault_in
from telephony.link.stamped import KeyTaken, Stamped

Verb = Literal[
    "sign_in", "ready", "pause", "sign_out", "wrap_up_done",
    "answer", "hold", "resume", "transfer", "call", "end",
    "consult", "swap", "confer", "hand_over", "end_consult",
    "call_back", "call_again", "attempt_result",
]  # fmt: skip
WALL: Final = Clock().wall
LARGEST: Final = 1024 * 1024  # bytes: a day's memos
SEAT: Final = 40  # characters; a site allows no seat a longer name


def _kept(reason: str) -> str:
    if problem := fault_in(reason):
        raise PydanticCustomError("reason", "{problem}", {"problem": problem})
    return reason


def _named(target: str) -> str:
    if len(target) > SEAT or not target.isprintable():
        raise PydanticCustomError("target", "その席はありません (there is no such seat)")
    return target


def _spoken(prompt: str) -> str:
    if prompt and not known(prompt):
        problem = f"{prompt!r} という案内はありません (there is no such prompt)"
        raise PydanticCustomError("prompt", "{problem}", {"problem": problem})
    return prompt


Person = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]  # never a name
Reason = Annotated[str, AfterValidator(_kept)]
Target = Annotated[str, AfterValidator(_named)]
Owed = Annotated[str, Field(pattern=r"^ob-[0-9A-Za-z._-]{1,96}$")]  # an obligation's id
Attempt = Annotated[str, Field(pattern=r"^own-[0-9]{1,12}[.][0-9]{1,12}$")]
Said = Literal["reached", "other_person", "machine", "wrong_number"]


class AgentRequest(Stamped):
    """What somebody asks for an agent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Verb
    reason: Reason | None = None
    target: Target | None = None
    person: Person | None = None
    availability: Literal["first", "reserve"] | None = None
    work: Work | None = None
    obligation: Owed | None = None
    attempt: Attempt | None = None
    result: Said | None = None
    imposed: bool = False  # of a pause: not the agent's own wish


class ModeRequest(BaseModel):
    """A mode to be switched on for so many minutes, or off (0)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: Annotated[float, Field(ge=0, le=24 * 60, allow_inf_nan=False)]
    by: Person
    closes: bool | None = None
    prompt: Annotated[str, AfterValidator(_spoken)] = ""
    good_until: Annotated[float, Field(allow_inf_nan=False)] | None = None

    def command(self, mode: str) -> cmd.SetMode | cmd.EndMode:
        """As the core knows it."""
        if self.minutes == 0:
            return cmd.EndMode(mode, self.by)
        return cmd.SetMode(mode, self.minutes * 60, self.by, self.closes, self.prompt)


class Desk(CallbackDesk, Protocol):
    """What the link needs of the controller."""

    def status(self) -> dict[str, Any]:
        """The whole centre as plain data."""

    async def request(self, request: cmd.Request) -> None:
        """Grant it and make it durable, or raise Rejected."""

    async def take_up_calendar(self) -> None:
        """Go by the calendar as it is written now, or raise Rejected."""


def command_of(seat: str, asked: AgentRequest) -> cmd.OfAgent:  # noqa: C901 -- one arm each
    """The request as a command; raises Rejected where something is missing."""
    agent = AgentId(seat)
    match asked.do:
        case "sign_in":
            if asked.person is None:
                raise Rejected("a sign-in needs the person's id")
            return cmd.SignIn(agent, asked.person)
        case "ready":
            return _ready(agent, asked)
        case "pause":
            if not asked.reason or not asked.reason.strip():
                raise Rejected("a pause needs a reason")
            return cmd.Pause(agent, asked.reason, imposed=asked.imposed)
        case "sign_out":
            return cmd.SignOut(agent, released_by=asked.person or "")
        case "wrap_up_done":
            return cmd.EndWrapUp(agent)
        case "answer":
            return cmd.Answer(agent)
        case "hold":
            return cmd.Hold(agent)
        case "resume":
            return cmd.Resume(agent)
        case "transfer":
            if not asked.target:
                raise Rejected("a transfer needs a target")
            return cmd.Transfer(agent, AgentId(asked.target))
        case "consult":
            if not asked.target:
                raise Rejected("a consultation needs a target")
            return cmd.AskAside(agent, asked.target)
        case "swap":
            return cmd.Swap(agent)
        case "confer":
            return cmd.Confer(agent)
        case "hand_over":
            return cmd.HandOver(agent)
        case "end_consult":
            return cmd.EndConsult(agent)
        case "call":
            if not asked.target:
                raise Rejected("a call needs a target")
            return cmd.CallUp(agent, asked.target)
        case "end":
            return cmd.EndCall(agent)
        case "call_back":
            if asked.obligation is None:
                raise Rejected("a callback needs the obligation")
            return cmd.CallBack(agent, asked.obligation)
        case "call_again":
            return cmd.CallAgain(agent)
        case "attempt_result":
            return _result(agent, asked)


def _result(agent: AgentId, asked: AgentRequest) -> cmd.AttemptResult:
    if asked.attempt is None or asked.result is None:
        raise Rejected("a result needs the attempt and who answered")
    return cmd.AttemptResult(agent, CallId(asked.attempt), AttemptEnd(asked.result))


def _ready(agent: AgentId, asked: AgentRequest) -> cmd.Ready:
    if asked.work is not None and asked.availability == "first":
        raise Rejected(
            "事務作業中は予備での受付になります (who does card work takes calls in reserve)"
        )
    return cmd.Ready(agent, None, asked.availability == "reserve", asked.work)


def application(desk: Desk, wall: Callable[[], float] = WALL) -> web.Application:
    """The routes of the link."""
    routes = web.RouteTableDef()

    @routes.get("/status")
    async def status(request: web.Request) -> web.Response:
        """The whole centre as plain data."""
        return web.json_response(desk.status())

    @routes.post("/agents/{seat}")
    async def agent(request: web.Request) -> web.Response:
        """Something asked for an agent."""
        asked = AgentRequest.model_validate_json(await request.read())
        asked.require_in_time(wall())
        command = command_of(request.match_info["seat"], asked)
        await desk.request(replace(command, stamp=asked.stamp()))
        return web.Response(status=204)

    @routes.post("/modes/{mode}")
    async def mode(request: web.Request) -> web.Response:
        """A mode, on or off."""
        asked = ModeRequest.model_validate_json(await request.read())
        Stamped(good_until=asked.good_until).require_in_time(wall())
        await desk.request(asked.command(request.match_info["mode"]))
        return web.Response(status=204)

    @routes.post("/calendar")
    async def calendar(request: web.Request) -> web.Response:
        """The calendar as it is written, from now on."""
        asked = Stamped.model_validate_json(await request.read())
        asked.require_in_time(wall())
        await desk.take_up_calendar()
        return web.Response(status=204)

    app = web.Application(middlewares=[problems], client_max_size=LARGEST)
    app.add_routes(routes)
    app.add_routes(routes_of(desk, wall))
    return app


@web.middleware
async def problems(
    request: web.Request, handler: Callable[[web.Request], Any]
) -> web.StreamResponse:
    """Our errors as HTTP statuses."""
    try:
        answer: web.StreamResponse = await handler(request)
    except KeyTaken as refused:
        return web.json_response({"problem": str(refused), "key_taken": True}, status=409)
    except Rejected as refused:
        return web.json_response({"problem": str(refused)}, status=409)
    except ValidationError as wrong:
        said = "; ".join(error["msg"] for error in wrong.errors(include_input=False))
        return web.json_response({"problem": said}, status=422)
    return answer


async def serve(app: web.Application, socket: Path) -> web.AppRunner:
    """Serve on a unix socket that only its owner may use."""
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 -- one system call, at the start
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(socket)).start()
    finally:
        os.umask(before)
    return runner
