"""A UDP socket on the event loop that knows when the kernel received each datagram."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable

Address = tuple[str, int]
Arrival = Callable[[bytes, Address, float], None]

# Linux <asm-generic/socket.h>; Python 3.11 has no name for it.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
_LARGEST = 65535
# One busy socket must not starve the others of the loop.
_AT_ONCE = 64
_LONGEST_WAIT = 5.0
_READINGS = 5
_CLOSE_ENOUGH = 20e-6


class UdpSocket:
    """Calls back with (datagram, source, arrival on the monotonic clock).

    The kernel's time stamp keeps the measured latencies free of this process's own load.
    """

    def __init__(self, host: str, port: int, on_datagram: Arrival) -> None:
        self._on_datagram = on_datagram
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._socket.setblocking(False)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self.host = host
        self.port = int(self._socket.getsockname()[1])
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self.read)

    def send(self, datagram: bytes, address: Address) -> None:
        """Sends or, when the kernel's buffer is full, loses the datagram, as UDP may."""
        if self._socket.fileno() < 0:
            return
        try:
            self._socket.sendto(datagram, address)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Stops reading; a second call does nothing."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def read(self) -> None:
        """Takes what has arrived; for who cannot wait until the loop comes to it."""
        for _ in range(_AT_ONCE):
            if self._socket.fileno() < 0:
                return
            try:
                datagram, ancillary, _, source = self._socket.recvmsg(_LARGEST, 64)
            except BlockingIOError:
                return
            self._on_datagram(datagram, source, _arrival(ancillary))


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    wall, now = _clocks()
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data[: _TIMESPEC.size])
            waited = wall - (seconds + nanoseconds / 1e9)
            # A stepped wall clock makes nonsense of the difference.
            return now - waited if 0 <= waited < _LONGEST_WAIT else now
    return now


def _clocks() -> tuple[float, float]:
    """Both clocks at one instant: read again if we were put to sleep between the two."""
    for _ in range(_READINGS):
        before, wall, now = time.monotonic(), time.time(), time.monotonic()
        if now - before < _CLOSE_ENOUGH:
            break
    return wall, now
