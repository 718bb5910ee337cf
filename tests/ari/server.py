"""A real HTTP and WebSocket server that plays Asterisk badly, as each test asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Socket = web.WebSocketResponse
Visit = Callable[[Socket], Awaitable[None]]
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server on a free loopback port; its base URL."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def visits(*script: Visit) -> Handler:
    """Each connection is served by the next step of the script, the last for ever after."""
    steps = list(script)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = Socket()
        await socket.prepare(request)
        visit = steps.pop(0) if len(steps) > 1 else steps[0]
        await visit(socket)
        return socket

    return handler
