"""Who sits on a port that we need, as far as the kernel tells."""

import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.ports import Ports
from telephony.supervisor.identity import command_of
from telephony.supervisor.parts import DESK, PAIR
from telephony.supervisor.problem import CannotStart

LOOPBACK: Final = "127.0.0.1"
_LOCAL, _INODE = 1, 9  # columns of /proc/net/tcp and its like


@dataclass(frozen=True, slots=True)
class Port:
    """A port and what for."""

    number: int
    purpose: str
    kind: socket.SocketKind
    part: str


def wanted(ports: Ports, trunk: int | None = None) -> tuple[Port, ...]:
    """Every single port of an instance; media ports are looked for among a thousand.

    `trunk` is the port that the site names towards its carrier instead of ours.
    """
    return (
        Port(ports.asterisk_http, "Asterisk's HTTP", socket.SOCK_STREAM, "asterisk"),
        Port(trunk or ports.trunk, "the trunk's SIP", socket.SOCK_DGRAM, "asterisk"),
        Port(ports.phones, "the agents' phones", socket.SOCK_DGRAM, "asterisk"),
        Port(ports.health, "the controller's health", socket.SOCK_STREAM, PAIR[0]),
        Port(ports.standby_health, "the standby's health", socket.SOCK_STREAM, PAIR[1]),
        Port(ports.desk, "the desk", socket.SOCK_STREAM, DESK),
    )


def require_free(ports: Ports, running: frozenset[str], trunk: int | None = None) -> None:
    """Refuse to start where a stranger listens; parts that are `running` have their own already."""
    for port in wanted(ports, trunk):
        if port.part not in running and not _is_free(port):
            raise CannotStart(
                f"port {port.number} ({port.purpose}) is in use{_by(port)}: "
                "end that, or choose another --port-base"
            )


def _is_free(port: Port) -> bool:
    with socket.socket(socket.AF_INET, port.kind) as probe:
        if port.kind is socket.SOCK_STREAM:  # as the servers do: a closed connection may linger
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port.number))
        except OSError as refused:
            if refused.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def _by(port: Port) -> str:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for pid in _processes():
        if sockets & set(_open_files(pid)):
            return f" by {command_of(pid)} (pid {pid})"
    return ""


def _inodes(port: Port) -> Iterator[str]:
    name = "tcp" if port.kind is socket.SOCK_STREAM else "udp"
    for table in (Path("/proc/net") / name, Path("/proc/net") / f"{name}6"):
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        for columns in map(str.split, rows):
            if int(columns[_LOCAL].rpartition(":")[2], 16) == port.number:
                yield columns[_INODE]


def _processes() -> Iterator[int]:
    return (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _open_files(pid: int) -> Iterator[str]:
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            yield os.readlink(link)
    except OSError:  # another user's, or just gone
        return
