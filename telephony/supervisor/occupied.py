"""Who sits on a port that we need, as far as the kernel tells."""

import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.ports import Ports
from config.site import Site
from telephony.asterisk.core_files import LOOPBACK
from telephony.asterisk.sockets import SipSocket, phones_socket, trunk_socket
from telephony.supervisor.identity import command_of
from telephony.supervisor.parts import DESK, PAIR
from telephony.supervisor.problem import CannotStart

_LOCAL, _INODE = 1, 9  # columns of /proc/net/tcp and its like


@dataclass(frozen=True, slots=True)
class Port:
    """A port and what for."""

    number: int
    purpose: str
    kind: socket.SocketKind
    part: str
    address: str = LOOPBACK
    named_by: str = ""  # the setting that has the address


def wanted(ports: Ports, site: Site) -> tuple[Port, ...]:
    """Every single port of an instance; media ports are looked for among a thousand."""
    trunk, phones = trunk_socket(site.trunk, ports), phones_socket(site, ports)
    return (
        Port(ports.asterisk_http, "Asterisk's HTTP", socket.SOCK_STREAM, "asterisk"),
        _sip(trunk, "the trunk's SIP", "trunk.bind"),
        _sip(phones, "the agents' phones", "phones.bind"),
        Port(ports.health, "the controller's health", socket.SOCK_STREAM, PAIR[0]),
        Port(ports.standby_health, "the standby's health", socket.SOCK_STREAM, PAIR[1]),
        Port(ports.desk, "the desk", socket.SOCK_STREAM, DESK, site.desk.host, "desk.host"),
    )


def _sip(at: SipSocket, purpose: str, named_by: str) -> Port:
    return Port(at.port, purpose, socket.SOCK_DGRAM, "asterisk", at.address, named_by)


def require_free(ports: Ports, running: frozenset[str], site: Site) -> None:
    """Refuse to start where a stranger listens; parts that are `running` have their own already."""
    for port in wanted(ports, site):
        if port.part not in running and not _is_free(port):
            raise CannotStart(
                f"port {port.number} ({port.purpose}) is in use{_by(port)}: "
                "end that, or choose another --port-base"
            )


def _is_free(port: Port) -> bool:
    family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
    with socket.socket(family, port.kind) as probe:
        if port.kind is socket.SOCK_STREAM:  # as the servers do: a closed connection may linger
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.address, port.number))
        except OSError as refused:
            if refused.errno == errno.EADDRNOTAVAIL:
                raise CannotStart(
                    f"{port.address} ({port.named_by}) is no address of this machine now: "
                    "`ip address` lists those it has"
                ) from None
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
