"""A city's reservation system for tests: it checks signatures, keeps letters, and can be ill."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from aiohttp.test_utils import TestServer

from agents.web.letters import Letter, Seal
from agents.web.problems import Problem
from tests.real.waiting import pause

KEY: Final = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class CitySystem:
    """Enters each booking once, under a number of its own."""

    seal: Seal
    now: float
    numbers: bool = True  # answers with the number
    piecemeal: bool = False  # and with one half of it after the other
    status: list[int] = field(default_factory=list)  # of the next answers, while there are any
    letters: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # every id that came, again ones too
    taken: set[str] = field(default_factory=set)
    entered: dict[str, str] = field(default_factory=dict)  # a booking's number
    url: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        letter = Letter.of(request.headers, await request.read())
        try:
            body = self.seal.opened(letter, self.now)
        except Problem:
            return web.Response(status=401)
        self.seen.append(letter.id)
        if self.status:
            status = self.status.pop(0)
            return web.Response(status=status, headers={"Location": "http://127.0.0.1:9/"})
        letter_told = json.loads(body)
        if letter.id not in self.taken:
            self.taken.add(letter.id)
            self.letters.append(letter_told)
        booking = letter_told["booking"]["booking"]
        number = self.entered.setdefault(booking, f"C-{len(self.entered) + 1:04}")
        told = {"number": number} if self.numbers else {}
        return await _in_halves(request, told) if self.piecemeal else web.json_response(told)


async def _in_halves(request: web.Request, told: dict[str, str]) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    text = json.dumps(told).encode()
    await answer.write(text[: len(text) // 2])
    await pause(0.1)
    await answer.write(text[len(text) // 2 :])
    return answer


@asynccontextmanager
async def city_system(seal: Seal, now: float) -> AsyncIterator[CitySystem]:
    """On a port of the loopback."""
    system = CitySystem(seal, now)
    app = web.Application()
    app.router.add_post("/hook", system.take)
    async with TestServer(app) as server:
        system.url = str(server.make_url("/hook"))
        yield system
