"""The demo's citizen: a page that calls in, so that one browser shows the whole product.

Nobody signs in there, so it exists on the demo alone, which is on this machine alone. Asterisk
takes its calls as it takes the carrier's, and lets it do nothing else.
"""

from typing import Final

import aiohttp
from aiohttp import WSCloseCode

from agents.phone.relay import PROTOCOL, connected, down, either_way, heard
from agents.web.fields import Answer
from agents.web.problems import not_found
from agents.web.routes import Asked, Table
from agents.web.sockets import Socket
from config.telephones import CITIZEN

TABLE: Final = Table("citizen")


class CitizenLine:
    """The way to Asterisk for whoever plays the citizen; without a number there is none."""

    def __init__(self, url: str, number: str | None) -> None:
        self._url = url
        self.number = number

    async def serve(self, page: Socket) -> None:
        """Until either side goes."""
        try:
            async with connected(self._url) as asterisk:
                await either_way(_up(page, asterisk), down(page, asterisk))
        except aiohttp.ClientError:
            await page.close(WSCloseCode.TRY_AGAIN_LATER)


class CitizenSeen(Answer):
    """What the citizen's telephone is, and whom it calls."""

    user: str
    number: str


async def _in_demo(asked: Asked, _: object) -> None:
    if asked.tool(CitizenLine).number is None:
        raise not_found()


@TABLE.get("/api/citizen", roles=None, audit=None, guard=_in_demo)
async def citizen(asked: Asked) -> CitizenSeen:
    """The demo's citizen; elsewhere there is none."""
    number = asked.tool(CitizenLine).number
    assert number is not None  # the guard saw to it
    return CitizenSeen(user=CITIZEN, number=number)


@TABLE.socket("/citizen-phone", roles=None, audit=None, guard=_in_demo, protocol=PROTOCOL)
async def citizen_phone(asked: Asked, socket: Socket) -> None:
    """SIP of the demo's citizen."""
    await asked.tool(CitizenLine).serve(socket)


async def _up(page: Socket, asterisk: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await asterisk.send_str(await heard(page))
