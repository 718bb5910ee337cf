"""The supervisor's own socket: how its parts are, and restarting one."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from config.home import Home
from telephony.supervisor.keeper import Keeper
from telephony.supervisor.logs import file_of
from telephony.supervisor.parts import CONTROLLER, PAIR, STANDBY, leader

RESTARTED_WITHIN: Final = aiohttp.ClientTimeout(total=60.0)
ALL: Final = "all"


class NoSupervisor(Exception):
    """No `madoguchi up` runs on this home."""


class NoSuchPart(Exception):
    """The text names the parts there are."""


class NotBack(Exception):
    """A part was ended, and has not come up since."""


def socket_of(home: Home) -> Path:
    """Where it listens."""
    return home.runtime() / "supervisor.sock"


@asynccontextmanager
async def served(home: Home, keepers: Mapping[str, Keeper]) -> AsyncIterator[None]:
    """Answer on the socket, which only its owner may use."""
    runner = web.AppRunner(_application(home, keepers), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(socket_of(home))).start()
    finally:
        os.umask(before)
    try:
        yield
    finally:
        await runner.cleanup()
        socket_of(home).unlink(missing_ok=True)


async def parts(home: Home) -> list[dict[str, Any]]:
    """Every part and how it is; `NoSupervisor` where nobody answers."""
    answer: list[dict[str, Any]] = await _ask(home, "GET", "/parts")
    return answer


async def restart(home: Home, part: str) -> None:
    """End a part and wait until the new one is up."""
    await _ask(home, "POST", f"/parts/{part}/restart")


def _by_duty(keepers: Mapping[str, Keeper], led_by: int | None) -> dict[str, Keeper]:
    """The keepers under the names of what they do: whoever leads is the controller."""
    pair = [keepers[name] for name in PAIR if name in keepers]
    pair.sort(key=lambda keeper: not keeper.leads(led_by))
    rest = {name: keeper for name, keeper in keepers.items() if name not in PAIR}
    return {**rest, **dict(zip((CONTROLLER, STANDBY), pair, strict=False))}


def _to_restart(name: str, named: Mapping[str, Keeper]) -> list[Keeper]:
    """In this order. A new standby takes over from an old leader, so that calls go on at once."""
    if name == ALL:
        return list(named.values())
    pair = [named[part] for part in (STANDBY, CONTROLLER) if part in named]
    return pair if name == CONTROLLER else [named[name]]


def _application(home: Home, keepers: Mapping[str, Keeper]) -> web.Application:
    routes = web.RouteTableDef()

    @routes.get("/parts")
    async def show(_: web.Request) -> web.Response:
        named = _by_duty(keepers, await leader(home))
        return web.json_response([_shown(home, name, keeper) for name, keeper in named.items()])

    @routes.post("/parts/{part}/restart")
    async def begin_again(request: web.Request) -> web.Response:
        name, named = request.match_info["part"], _by_duty(keepers, await leader(home))
        if name != ALL and name not in named:
            known = ", ".join((*named, ALL))
            problem = f"there is no part {name!r} to restart: the parts are {known}"
            return web.json_response({"problem": problem}, status=HTTPStatus.NOT_FOUND)
        for keeper in _to_restart(name, named):
            await keeper.restart()
        return web.Response(status=HTTPStatus.NO_CONTENT)

    app = web.Application()
    app.add_routes(routes)
    return app


def _shown(home: Home, name: str, keeper: Keeper) -> dict[str, Any]:
    return {
        "name": name,
        "log": str(file_of(home, keeper.part.name)),
        "state": keeper.state.value,
        "pid": keeper.process.pid if keeper.process else None,
        "adopted": keeper.process.adopted if keeper.process else False,
        "restarts": keeper.restarts,
        "lived": round(keeper.process.lived, 1) if keeper.process else None,
    }


async def _ask(home: Home, method: str, path: str) -> Any:
    connector = aiohttp.UnixConnector(path=str(socket_of(home)))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=RESTARTED_WITHIN) as session,
            session.request(method, f"http://supervisor{path}") as reply,
        ):
            if reply.status == HTTPStatus.NO_CONTENT:
                return None
            data = await reply.json()
    except TimeoutError:
        raise NotBack(f"it was not up again within {RESTARTED_WITHIN.total:g} s") from None
    except (aiohttp.ClientError, OSError) as away:
        raise NoSupervisor(f"no `madoguchi up` runs on {home.path}") from away
    if not reply.ok:
        raise NoSuchPart(data["problem"])
    return data
