"""A signed-in page gone mad: what it sends over the socket of its own telephone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

import aiohttp
from aiohttp import WSMsgType

from config.telephones import browser_of
from tests.agents.asking import Browser
from tests.hostile.message import Request, invite
from tests.hostile.mutations import RAW, SPOILS
from tests.real.page_phone import PagePhone, through_the_desk
from tests.real.waiting import pause

HOST: Final = b"madoguchi.invalid"
METHODS: Final = (b"INVITE", b"REGISTER", b"OPTIONS", b"SUBSCRIBE", b"MESSAGE", b"REFER", b"BYE")
# A colleague, a feature code, the city's number, emergency and time, abroad, a channel of ours.
WANTED: Final = (b"a02", b"*11", b"0942000100", b"110", b"119", b"117", b"010-1-0942", b"o.1.1")


@dataclass
class HostilePage:
    """One page; each time its socket is closed it becomes the telephone again."""

    page: Browser
    seat: str
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    sockets: int = 0

    async def attack(self, seed: int, count: int, a_second: float) -> None:
        """So many messages at this rate, in text frames, whether they are text or not."""
        left = list(self._spoilt(seed, count))
        while left:
            async with through_the_desk(self.page, self.seat) as phone:
                self.sockets += 1
                while left and not phone.ws.closed:
                    kind, message = left.pop()
                    self.sent[kind] += 1
                    await self._send(phone, message)
                    await pause(1 / a_second)
                self._count(phone)

    async def _send(self, phone: PagePhone, message: bytes) -> None:
        writer = phone.ws._writer  # a browser's script cannot, an attacker can
        try:
            await writer.send_frame(message, WSMsgType.TEXT)
        except (aiohttp.ClientError, ConnectionError):
            return

    def _count(self, phone: PagePhone) -> None:
        while not phone.answers.empty():
            said = phone.answers.get_nowait()
            if said.startswith("SIP/2.0 "):
                self.statuses[int(said.split(" ", 2)[1])] += 1

    def _spoilt(self, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
        dice, kinds = Random(seed), list(SPOILS)
        for serial in range(count):
            kind = kinds[serial % len(kinds)]
            request = self._request(dice, serial)
            SPOILS[kind](dice, request)
            whole = request.extra if kind in RAW else [request.encode(), *request.extra]
            yield from ((kind, each) for each in whole if each)

    def _request(self, dice: Random, serial: int) -> Request:
        """As the page's own would be; it is whom the socket says, whatever it calls itself."""
        request = invite(dice, serial, 9, 9)
        request.method = dice.choice(METHODS)
        request.uri = b"sip:%b@%b" % (dice.choice(WANTED), HOST)
        name = b"p%d-%08x" % (serial, dice.getrandbits(32))
        user = dice.choice((browser_of(self.seat), "a02.web", "a02")).encode()
        request.set(b"Via", b"SIP/2.0/WS relay.invalid;branch=z9hG4bK" + name)
        request.set(b"From", b'"Agent" <sip:%b@%b>;tag=%b' % (user, HOST, name))
        request.set(b"To", b"<" + request.uri + b">")
        request.set(b"CSeq", b"1 " + request.method)
        request.set(b"Contact", b"<sip:%b@relay.invalid;transport=ws>" % user)
        return request
