"""Thirty pages are telephones on one machine, each with a secret of its own."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from agents.web.security import Door
from config.telephones import sip_socket
from tests.real.many_desks import DESKS, centre_of, names
from tests.real.page_phone import CHALLENGED, OK, at_asterisk, signed_in, through_the_desk
from tests.real.waiting import until_true

pytestmark = pytest.mark.asterisk


async def test_thirty_desks_are_registered_and_gone_with_their_sockets(tmp_path: Path) -> None:
    async with centre_of(tmp_path, DESKS) as (c, password), AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        door, turn = Door(c.ports.desk), asyncio.Semaphore(3)

        async def online() -> set[str]:
            agents = (await c.status())["agents"]
            return {agent["seat"] for agent in agents if agent["phone"] == "free"}

        async def become(seat: str) -> None:
            async with turn:
                page = await signed_in(http, door, seat, password)
            phone = await stack.enter_async_context(through_the_desk(page, seat))
            assert await phone.register() == OK
            # What the page knows opens nothing at Asterisk itself: its password is another one.
            direct = at_asterisk(http, sip_socket(c.ports), seat, phone.secret)
            async with direct as stolen:
                assert await stolen.register() == CHALLENGED

        async with asyncio.TaskGroup() as group:
            for seat in names(DESKS):
                group.create_task(become(seat))
        await until_true(online, lambda found: found == set(names(DESKS)), "all are telephones")
        await stack.aclose()
        await until_true(online, lambda found: found == set(), "none is one any more")
