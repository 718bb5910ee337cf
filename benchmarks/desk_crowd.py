"""`python -m benchmarks.desk_crowd`: two hundred open desks and whoever tells them news.

A process of its own, so that the desk server is not measured by itself. It reads one JSON object
(`Crowd`) from its standard input and prints one list: the seconds from the moment that a piece of
news was given to Redis until a desk had it, for each piece and desk.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import aiohttp
from redis.asyncio import Redis

from agents.web.security import CSRF_HEADER
from telephony.link.news import AgentNews, encode
from telephony.link.news_stream import RedisNews
from telephony.link.seen import AgentSeen

OURS: Final = "benchmark"  # marks what is told here among what the controller tells
STATES: Final = ("ready", "offered", "talking", "wrap_up", "paused")
ARRIVES_WITHIN: Final = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Crowd:
    """What to do."""

    port: int
    redis: str  # its socket
    cookie: str
    sessions: Sequence[tuple[str, str]]  # cookie's value and CSRF token
    each_second: float  # news
    seconds: float
    seed: int


class Desks:
    """All of them, and what they heard."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.late: list[float] = []
        self.begun = 0
        self.heard = asyncio.Event()

    async def listen(self, http: aiohttp.ClientSession, token: str, csrf: str) -> None:
        """One desk, for ever."""
        headers = {
            "Host": f"a01.localhost:{self._crowd.port}",
            "Origin": f"http://a01.localhost:{self._crowd.port}",
            "Cookie": f"{self._crowd.cookie}={token}",
            CSRF_HEADER: csrf,
        }
        url = f"http://127.0.0.1:{self._crowd.port}/api/news"
        async with http.ws_connect(url, headers=headers, max_msg_size=0) as ws:
            await ws.send_json({"csrf": csrf})
            async for message in ws:
                at = time.monotonic()
                self._hear(json.loads(message.data), at)

    def _hear(self, told: dict[str, Any], at: float) -> None:
        news = told.get("news")
        if told.get("floor") is not None:
            self.begun += 1
        elif news and news["kind"] == "agent" and news["agent"]["name"] == OURS:
            self.late.append(at - news["at"])
        self.heard.set()

    async def until(self, wanted: Any) -> None:
        """Wait for what the desks have heard."""
        async with asyncio.timeout(ARRIVES_WITHIN):
            while not wanted():
                self.heard.clear()
                await self.heard.wait()


async def run(crowd: Crowd) -> list[float]:
    """Everybody listens; then news come at random instants."""
    desks, dice = Desks(crowd), Random(crowd.seed)
    stream = RedisNews(Redis(unix_socket_path=crowd.redis))
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:
        listening = [
            group.create_task(desks.listen(http, token, csrf)) for token, csrf in crowd.sessions
        ]
        await desks.until(lambda: desks.begun == len(listening))
        told, begins = 0, time.monotonic()
        due = begins
        while (due := due + dice.expovariate(crowd.each_second)) < begins + crowd.seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await stream.tell([encode(_news(dice))])
            told += 1
        await desks.until(lambda: len(desks.late) >= told * len(listening))
        for each in listening:
            each.cancel()
    return desks.late


def _news(dice: Random) -> AgentNews:
    seat = f"a0{dice.randrange(1, 7)}"
    agent = AgentSeen(name=OURS, seat=seat, state=dice.choice(STATES), phone="free")
    return AgentNews(at=time.monotonic(), agent=agent)


def main() -> None:
    """From one pipe to another."""
    late = asyncio.run(run(Crowd(**json.load(sys.stdin))))
    json.dump([round(each, 6) for each in late], sys.stdout)


if __name__ == "__main__":
    main()
