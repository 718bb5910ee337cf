"""A controller as the supervisor sees one: it holds the lease, answers, and goes when told.

Run as a program: `stand_in.py HOME`. Its lease lasts an hour, so that a successor can lead only if
somebody released it.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

from config.home import Home
from telephony.calls.lease import RedisLease
from telephony.supervisor.parts import holder, redis_url

AGENTS = {
    f"a0{number}": {
        "name": f"窓口{number}",
        "seat": f"a0{number}",
        "state": "signed_out",
        "reason": None,
        "since": 1_770_000_000.0,
    }
    for number in range(1, 7)
}


async def lead(home: Home) -> None:
    """Take the lease, or fail; serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    name = holder(home, os.getpid())
    async with Redis.from_url(redis_url(home)) as redis:
        lease = RedisLease(redis, ttl=3600.0)
        held = await lease.take(name, 0)
        if held is None:
            sys.exit("the lease is somebody else's")
        runner = web.AppRunner(_application(held.epoch), shutdown_timeout=0.1)
        await runner.setup()
        await web.UnixSite(runner, str(home.controller_socket)).start()
        await web.TCPSite(runner, "127.0.0.1", home.instance().ports.health).start()
        await stop.wait()
        await runner.cleanup()
        await lease.release(name)


def _application(epoch: int) -> web.Application:
    async def status(_: web.Request) -> web.Response:
        return web.json_response(
            {
                "ready": True,
                "lines": [
                    {"number": n, "state": "idle", "call": None, "agent": None, "since": None}
                    for n in range(1, 7)
                ],
                "queues": [{"name": "general", "waiting": 2, "longest_wait": 65.0}],
                "agents": list(AGENTS.values()),
                "controller": {"epoch": epoch, "core_version": "stand-in"},
            }
        )

    async def ask(request: web.Request) -> web.Response:
        asked: dict[str, Any] = await request.json()
        agent = AGENTS[request.match_info["seat"]]
        if asked["do"] == "pause" and agent["state"] == "signed_out":
            return web.json_response({"problem": "a signed-out agent cannot pause"}, status=409)
        agent.update(state=asked["do"], reason=asked.get("reason") or asked.get("target"))
        return web.Response(status=204)

    app = web.Application()

    async def lives(_: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/status", status)
    app.router.add_get("/healthz", lives)
    app.router.add_post("/agents/{seat}", ask)
    return app


if __name__ == "__main__":
    asyncio.run(lead(Home.at(Path(sys.argv[1]))))
