"""From a request to a route and back: everything that holds for all routes happens here.

The order is the order of trust. Under which name and from where; whose session; may they; is the
token right; only then is what they sent read, the object looked at, and the work done. The audit
line is written before the answer leaves: what cannot be written down is not shown.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError

from agents.people import NOBODY
from agents.web import security
from agents.web.pages import Pages
from agents.web.problems import (
    KeyTaken,
    Problem,
    away,
    bilingual,
    conflict,
    forbidden,
    malformed,
    not_found,
    not_signed_in,
    sent_before,
)
from agents.web.reading import given_by
from agents.web.routes import SAFE, Asked, Route, Tools
from agents.web.security import Door
from agents.web.sockets import Gone, Socket, Sockets, accepted, opened
from agents.web.witness import Doorkeeper, Witness, deed_of
from config.database import DatabaseFailed
from telephony.link.client import KeyRefused, NoController, Refused
from telephony.privacy.individual_number import guard

log = structlog.get_logger(__name__)

LOCKED: Final = HTTPStatus.LOCKED
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """The desk's HTTP side, made of the route table."""

    def __init__(
        self,
        routes: Iterable[Route],
        tools: Tools,
        door: Door,
        clock: Callable[[], float],
        pages: Pages | None = None,
    ) -> None:
        self.sockets = Sockets()
        tools.put(Sockets, self.sockets)
        self._routes = tuple(routes)
        self._tools = tools
        self._door = door
        self._clock = clock
        self._pages = pages or Pages()

    def application(self) -> web.Application:
        """For aiohttp to serve."""
        app = web.Application(middlewares=[self._problems])
        for route in self._routes:
            app.router.add_route(route.method, route.path, self._answering(route))
        app.router.add_get("/{page:(?!api/).*}", self._page)
        app.on_response_prepare.append(self._dress)
        app.on_shutdown.append(self._leave)
        return app

    async def _dress(self, _: web.Request, response: web.StreamResponse) -> None:
        security.dress(response, self._door)

    async def _leave(self, _: web.Application) -> None:
        await self.sockets.end_all()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self._door.origin(request)
        self._door.address(request)
        return await self._pages.answer(request)

    @web.middleware
    async def _problems(self, request: web.Request, handler: Next) -> web.StreamResponse:
        """Whatever goes wrong, as one sentence."""
        try:
            return await handler(request)
        except web.HTTPException as refused:
            return _of_http(refused).answer()
        except Exception as error:  # noqa: BLE001 -- a fault of ours ends this request alone
            return self._problem(error).answer()

    def _problem(self, error: Exception) -> Problem:
        match error:
            case Problem():
                return error
            case ValidationError():
                return malformed(error)
            case KeyTaken():
                return sent_before()
            case KeyRefused():
                return sent_before(bilingual(str(error)))
            case Refused():
                return conflict(*bilingual(str(error)))
            case NoController():
                return _controller_away()
            case DatabaseFailed():
                log.error("database away", error=error)
                return _database_away()
            case _:
                log.error("request failed", exc_info=error)
                return _fault()

    def _answering(self, route: Route) -> Next:
        async def answer(request: web.Request) -> web.StreamResponse:
            asked = await self._asked(request, route)
            try:
                self._admit(request, route, asked)
                given = await given_by(request, route)
                if route.guard is not None:
                    await route.guard(asked, given.get("path"))
            except Problem as refused:
                await self._note_refusal(route, asked, refused, request)
                raise
            if route.socket:
                return await self._over_socket(request, route, asked, given)
            told = await route.answer(asked, **given)
            await self._note(route, asked, request)
            return self._response(route, asked, told)

        return answer

    async def _asked(self, request: web.Request, route: Route) -> Asked:
        door, now = self._door, self._clock()
        origin, address = door.origin(request), door.address(request)
        if route.of_machines:
            return Asked(self._tools, now, address, origin, known=None)
        if request.method not in SAFE or _is_upgrade(request):
            security.require_origin(request, origin)
        elif route.roles is not None:
            security.require_same_site(request)
        token = request.cookies.get(door.cookie)
        known = None
        if token:
            doorkeeper = self._tools.get(Doorkeeper)  # type: ignore[type-abstract]
            known = await doorkeeper.caller(token, now, acts=request.method not in SAFE)
        return Asked(self._tools, now, address, origin, known, token)

    def _admit(self, request: web.Request, route: Route, asked: Asked) -> None:
        if route.roles is None:
            return
        if asked.known is None:
            raise not_signed_in()
        if asked.known.role not in route.roles:
            raise forbidden()
        if asked.known.locked and not route.while_locked:
            raise _locked()
        if asked.known.leaving and not (route.while_locked or route.while_leaving):
            raise _leaving()
        if request.method not in SAFE:
            sent = request.headers.get(security.CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), asked.known.csrf.encode()):
                raise _stale_page()

    async def _over_socket(
        self, request: web.Request, route: Route, asked: Asked, given: dict[str, BaseModel]
    ) -> web.StreamResponse:
        if not _is_upgrade(request):
            raise Problem(HTTPStatus.UPGRADE_REQUIRED, "接続し直してください。", "Use a WebSocket.")
        ws = await accepted(request, route.protocol)
        caller = asked.known or NOBODY
        foreign = Socket(ws, caller) if route.protocol else None
        socket = foreign or await opened(ws, caller)
        if socket is None:
            return ws
        await self._note(route, asked, request)
        if asked.known is not None:
            self.sockets.add(socket)
        try:
            await route.answer(asked, socket, **given)
        except Gone:
            pass  # it will come back, and say from where it wants the news
        finally:
            self.sockets.remove(socket)
            await socket.close(1000)
        return ws

    async def _note(self, route: Route, asked: Asked, request: web.Request) -> None:
        if route.audit is None or asked.written:
            return
        deed = deed_of(asked.known, asked.now, route.audit, object=_object_of(request))
        await self._witness().note(replace(deed, detail=asked.details))

    async def _note_refusal(
        self, route: Route, asked: Asked, refused: Problem, request: web.Request
    ) -> None:
        """Who tries what is not theirs is written down, too."""
        if asked.known is None or refused.status not in (
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
        ):
            return
        word, thing = route.audit or route.name, _asked_for(request)
        await self._witness().note(
            deed_of(asked.known, asked.now, word, object=thing, outcome="refused")
        )

    def _witness(self) -> Witness:
        return self._tools.get(Witness)  # type: ignore[type-abstract]

    def _response(self, route: Route, asked: Asked, told: Any) -> web.StreamResponse:
        response: web.StreamResponse
        if isinstance(told, web.StreamResponse):
            response = told
        elif told is None:
            response = web.Response(status=HTTPStatus.NO_CONTENT)
        else:
            body = told.model_dump_json().encode()
            response = web.Response(status=route.status, body=body, content_type="application/json")
        if asked.reply.set_cookie is not None:
            response.set_cookie(
                self._door.cookie, asked.reply.set_cookie,
                path="/", secure=True, httponly=True, samesite="Strict",
            )  # fmt: skip
        elif asked.reply.drop_cookie:
            response.del_cookie(
                self._door.cookie, path="/", secure=True, httponly=True, samesite="Strict"
            )
        return response


def _is_upgrade(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _object_of(request: web.Request) -> str | None:
    """The values of the path, which name what it was done to."""
    said = "/".join(request.match_info.values())
    return "".join(each if each.isprintable() else "?" for each in said)[:80] or None


def _asked_for(request: web.Request) -> str | None:
    """What somebody was refused: it may be nothing of ours, but a number in the address bar."""
    parts = (_object_of(request) or "").split("/")
    return "/".join(guard(part).text if _is_number(part) else part for part in parts) or None


def _is_number(part: str) -> bool:
    """Digits alone, however apart; a call's id begins with its node."""
    return "".join(sign for sign in part if sign not in "- \u3000").isdigit()


def _of_http(refused: web.HTTPException) -> Problem:
    if refused.status == HTTPStatus.NOT_FOUND:
        return not_found()
    if refused.status == HTTPStatus.METHOD_NOT_ALLOWED:
        allow = {"Allow": refused.headers.get("Allow", "")}
        return Problem(
            HTTPStatus.METHOD_NOT_ALLOWED, "この操作はできません。", "Not possible here.",
            headers=allow,
        )  # fmt: skip
    return Problem(
        HTTPStatus(refused.status), "受け付けられませんでした。", "This cannot be taken."
    )


def _locked() -> Problem:
    return Problem(
        LOCKED, "画面がロックされています。PINで解除してください。",
        "The page is locked. Unlock it with your PIN.",
    )  # fmt: skip


def _leaving() -> Problem:
    return Problem(
        HTTPStatus.FORBIDDEN,
        "アカウントの利用は終了しました。通話が終わるとサインアウトします。",
        "Your account has ended. You are signed out when the call is over.",
    )


def _stale_page() -> Problem:
    return Problem(
        HTTPStatus.FORBIDDEN,
        "画面が古くなっています。開き直してください。",
        "The page is out of date. Open it again.",
    )


def _controller_away() -> Problem:
    return away(
        "電話の制御が応答しません。少し待ってから、もう一度操作してください。",
        "The controller does not answer. Wait a moment and try again.",
    )


def _database_away() -> Problem:
    return away(
        "記録に接続できません。入力は画面に残っています。少し待ってから、もう一度送ってください。",
        "The records cannot be reached. What you typed is still on the page: try again.",
    )


def _fault() -> Problem:
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "システムの誤りで処理できませんでした。管理者に時刻を伝えてください。",
        "A fault of the system. Tell the administrator the time it happened.",
    )
