"""Measuring, each thing in its own way; none waits behind the calls' own work."""

import asyncio
import ctypes
import itertools
import os
import re
import shutil
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.ari.rest import AriRest
from telephony.asterisk import console
from telephony.asterisk.core_files import LOOPBACK
from telephony.asterisk.sockets import SipSocket
from telephony.store.city_letters import CityLetters, LettersOwed
from telephony.watch.measures import Disk
from telephony.watch.served import DeskDoor, Served

RESEND_AFTER: Final = 0.5  # seconds; SIP's own T1
FINAL: Final = re.compile(rb"SIP/2\.0 [2-6]\d\d ")
DEPTH: Final = re.compile(r"^\S.*?\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)(?:\s+\d+)*\s*$", re.M)
STRANGER: Final = re.compile(r"^\s*Request:\s+(\S+)\s+(\d+)\s+[\d.]+\s*$", re.M)
NO_STRANGERS: Final = "No objects found"
UNSYNCHRONISED: Final = 0x40  # STA_UNSYNC of adjtimex(2)


@dataclass(frozen=True, slots=True)
class Probes:
    """Everything that is asked: one instance's Asterisk, its machine's clock and disks."""

    ari: AriRest  # its own, not that of the calls
    sip: tuple[SipSocket, ...]
    control: Path  # Asterisk's control socket
    folders: tuple[Path, ...]
    desk: DeskDoor | None = None  # None: it has no certificate of its own
    city: CityLetters | None = None  # None: no letters are configured

    async def version(self) -> str:
        """Asterisk's version, by an ARI GET. Raises AriError."""
        return (await self.ari.info()).system.version

    @property
    def sip_ports(self) -> tuple[int, ...]:
        """Where Asterisk listens for SIP."""
        return tuple(at.port for at in self.sip)

    async def options(self, port: int) -> None:
        """Return when Asterisk answers SIP on this port of ours."""
        await options(port, next(at.asked_at for at in self.sip if at.port == port))

    async def task_processor(self) -> int | None:
        """Tasks that wait in the fullest queue. Raises OSError."""
        return deepest(await console.ask(self.control, "core show taskprocessors"))

    async def strangers(self) -> int | None:
        """Requests of neither phone nor carrier, within half a minute. Raises OSError."""
        said = await console.ask(self.control, "pjsip show unidentified_requests")
        return strangers(said, {LOOPBACK, *(at.asked_at for at in self.sip)})

    async def disks(self) -> tuple[Disk, ...]:
        """Each file system once. In a thread: a disk that hangs must not hold up the calls."""
        return await asyncio.to_thread(disks, self.folders)

    def clock_synchronised(self) -> bool | None:
        """Whether the kernel says that somebody keeps this clock right; None: it does not say."""
        return clock_synchronised()

    async def letters(self) -> LettersOwed | None:
        """What the city's system has not taken; None without letters. Raises DatabaseFailed."""
        return None if self.city is None else await self.city.owed()

    async def certificate(self) -> Served | None:
        """The one that the desk shows; None without one. Raises TimeoutError."""
        return None if self.desk is None else await self.desk.served()


# -- SIP --------------------------------------------------------------------------------------


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, call_id: bytes) -> None:
        self._call_id = call_id
        self.heard = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if FINAL.match(data) and self._call_id in data and not self.heard.done():
            self.heard.set_result(None)


_numbers = itertools.count(1)


async def options(port: int, address: str = LOOPBACK) -> None:
    """Ask until there is a final response, whichever; the caller sets the limit."""
    call_id = f"watch-{os.getpid()}-{next(_numbers)}"
    loop = asyncio.get_running_loop()
    transport, answer = await loop.create_datagram_endpoint(
        lambda: _Answer(call_id.encode()), remote_addr=(address, port)
    )
    try:
        own, ours, *_ = transport.get_extra_info("sockname")
        request = _options(SipSocket(address, port), SipSocket(own, ours), call_id)
        while not answer.heard.done():
            transport.sendto(request)
            await asyncio.wait([answer.heard], timeout=RESEND_AFTER)
    finally:
        transport.close()


def _options(theirs: SipSocket, ours: SipSocket, call_id: str) -> bytes:
    lines = (
        f"OPTIONS sip:{theirs} SIP/2.0",
        f"Via: SIP/2.0/UDP {ours};rport;branch=z9hG4bK{call_id}",
        f"From: <sip:watch@{ours}>;tag={call_id}",
        f"To: <sip:{theirs}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:watch@{ours}>",
        "Max-Forwards: 70",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# -- Asterisk's queues of tasks ---------------------------------------------------------------


def deepest(said: str) -> int | None:
    """The most tasks that wait in any queue; None when this is not the table of them."""
    return max((int(row[1]) for row in DEPTH.findall(said)), default=None)


# -- strangers --------------------------------------------------------------------------------


def strangers(said: str, ours: Container[str]) -> int | None:
    """The requests that Asterisk could put down to nobody; None when this is not the table of them.

    Asterisk forgets an address between 10 and 40 s after its first. From `ours` the watch itself
    asks.
    """
    rows = STRANGER.findall(said)
    if not rows and NO_STRANGERS not in said:
        return None
    return sum(int(count) for address, count in rows if address not in ours)


# -- the machine ------------------------------------------------------------------------------


def disks(folders: Iterable[Path]) -> tuple[Disk, ...]:
    """The file systems of these folders; one that is not there is none."""
    found: dict[int, Disk] = {}
    for folder in folders:
        try:
            room, device = shutil.disk_usage(folder), folder.stat().st_dev
        except OSError:
            continue
        found.setdefault(device, Disk(folder, room.free, room.total))
    return tuple(found.values())


class _Timex(ctypes.Structure):
    """The beginning of the kernel's struct; `modes` 0 only reads."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def clock_synchronised() -> bool | None:
    """What the kernel was told by whoever keeps the time; None where it may not be asked."""
    asked = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):  # no such call on this system
        return None
    return None if state < 0 else not asked.status & UNSYNCHRONISED
