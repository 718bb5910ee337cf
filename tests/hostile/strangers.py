"""A9: floods from addresses that are nobody's: INVITEs, a scan by OPTIONS, guessed passwords."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.hostile.attack import Attacker
from tests.hostile.message import invite

EVERY: Final = 0.02  # seconds between two volleys

Make = Callable[[Random, int, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Flood:
    """One stranger: from where, to which port, what, and how much of it."""

    host: str
    port: int
    make: Make
    a_second: int

    async def last(self, seconds: float, seed: int) -> Attacker:
        """Send for so long; who it was, with what came back."""
        stranger, dice = await Attacker.open(self.port, self.host), Random(seed)
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        while (passed := loop.time() - began) < seconds:
            while sent < passed * self.a_second:
                stranger.send(self.make(dice, sent, stranger.at, self.port))
                sent += 1
            await asyncio.sleep(EVERY)  # the rate is what is wanted
        stranger.sent["flood"] = sent
        stranger.close()
        return stranger


def calling(dice: Random, serial: int, ours: int, theirs: int) -> bytes:
    """A right INVITE, from the wrong address."""
    return invite(dice, serial, ours, theirs).encode()


def scanning(dice: Random, serial: int, ours: int, theirs: int) -> bytes:
    """Is there an extension of this number?"""
    request = invite(dice, serial, ours, theirs)
    request.method, request.uri = b"OPTIONS", b"sip:%d@127.0.0.1:%d" % (100 + serial, theirs)
    request.set(b"CSeq", b"1 OPTIONS")
    return request.encode()


def guessing(dice: Random, serial: int, ours: int, theirs: int) -> bytes:
    """A seat that exists, and a password that is not its own."""
    request = invite(dice, serial, ours, theirs)
    seat = b"a%02d" % (serial % 6 + 1)
    request.method, request.uri = b"REGISTER", b"sip:127.0.0.1:%d" % theirs
    request.set(b"CSeq", b"1 REGISTER")
    request.set(b"To", b"<sip:%b@127.0.0.1>" % seat)
    request.set(b"From", b"<sip:%b@127.0.0.1>;tag=%d" % (seat, serial))
    credentials = (seat, b"%032x" % dice.getrandbits(128), b"%032x" % dice.getrandbits(128))
    digest = b'Digest username="%b", realm="madoguchi", nonce="%b", uri="sip:x", response="%b"'
    request.add(b"Authorization", digest % credentials)
    return request.encode()


def floods(trunk: int, phones: int) -> tuple[Flood, ...]:
    """500 calls a second among them."""
    return (
        Flood("127.0.0.2", trunk, calling, 500),
        Flood("127.0.0.3", trunk, scanning, 50),
        Flood("127.0.0.4", phones, guessing, 50),
    )
