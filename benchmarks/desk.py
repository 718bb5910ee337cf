"""What the desk's server does for many pages at once."""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from agents.web.security import Door
from benchmarks.desk_crowd import Crowd
from benchmarks.measure import Sample, figures, least, milliseconds, told
from benchmarks.plan import Plan
from benchmarks.processor import Processor
from benchmarks.report import Row
from tests.agents.asking import browser
from tests.supervisor.instance import Instance, Supervisor, instance

DESKS: Final = 200
EACH_SECOND: Final = 20.0
DELIVERED: Final = 0.100  # seconds, p99
AT_ONCE: Final = 4  # sign-ins


def run(plan: Plan) -> list[Row]:
    """200 desks, 20 news a second in all."""
    return asyncio.run(_delivery(plan))


@asynccontextmanager
async def a_system() -> AsyncIterator[tuple[Instance, Supervisor]]:
    """The demo site with its desk; nothing is left at the end."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        async with instance(Path(folder) / "home") as made:
            where = ("--home", str(made.home.path), "--port-base", str(made.base))
            supervisor = await made.up(sys.executable, "-m", "telephony", "up", *where)
            await supervisor.ready()
            await made.until(lambda pids: "desk" in pids)
            await _people(Door(made.base + 80), password_of(supervisor))
            yield made, supervisor


async def _people(door: Door, password: str) -> None:
    """The demo's people are made one after the other, the administrator among the last."""
    form = {"name": "admin", "password": password}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for _ in range(4):  # after five wrong ones the door would be shut
            page = browser(http, door, "admin.localhost")
            if (await page.ask("POST", "/api/session", form)).status == HTTPStatus.OK:
                return
            await asyncio.sleep(3.0)
    raise AssertionError("nobody can sign in")


def password_of(supervisor: Supervisor) -> str:
    """What `up` printed for the people of the demo."""
    found = re.search(r"共通パスワード: (\S+)", "\n".join(supervisor.printed))
    assert found, supervisor.printed
    return found[1]


async def _delivery(plan: Plan) -> list[Row]:
    runs: list[Sample] = []
    desks, seconds = plan.choose(DESKS, 10), float(plan.choose(60, 3))
    async with a_system() as (made, supervisor):
        door = Door(made.base + 80)
        sessions = await _sessions(door, password_of(supervisor), desks)
        redis = str(made.home.redis_socket)
        pids = await made.pids()
        used = Processor({"desk": pids["desk"]})
        for seed in range(plan.runs):
            crowd = Crowd(door.port, redis, door.cookie, sessions, EACH_SECOND, seconds, seed)
            runs.append(Sample(tuple(await _late(crowd))))
        share = used.since()["desk"]
    what = f"news to {desks} desks, {EACH_SECOND:g} a second in all: Redis → browser's socket"
    kept = {"desks": desks, "deliveries": figures(runs), "desk_processors": round(share, 3)}
    target = f"p99 ≤ {milliseconds(DELIVERED)}"
    return [Row(what, told(runs), target=target, met=least(runs, 99) <= DELIVERED, figures=kept)]


async def _late(crowd: Crowd) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.desk_crowd",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate(json.dumps(asdict(crowd)).encode())
    assert process.returncode == 0
    late: list[float] = json.loads(said)
    return late


async def _sessions(door: Door, password: str, wanted: int) -> list[tuple[str, str]]:
    """As many sign-ins; the people of the demo have several pages open each."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:

        async def one(number: int) -> tuple[str, str]:
            name = f"a0{number % 6 + 1}"
            page = browser(http, door, f"{name}.localhost")
            async with turn:
                form = {"name": name, "password": password}
                answer = await page.ask("POST", "/api/session", form)
            assert answer.status == 200, answer.body
            assert page.token is not None
            return page.token, str(answer.body["csrf"])

        return list(await asyncio.gather(*map(one, range(wanted))))
