"""A network of the house: the centre's machine and an agent's PC, by cables at one switch.

Each of the three is a network namespace of its own, so whatever one machine reaches of the other
has gone over the cables. Pulled at the switch, the PC's has no signal at its own end either, and
the centre's machine notices nothing: what it sends just does not arrive.
"""

import ctypes
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NAMESPACES: Final = Path("/run/netns")
CENTRE_AT, PC_AT = "192.0.2.10", "192.0.2.20"  # of nobody, for examples (RFC 5737)
NETWORK: Final = "192.0.2.0/24"
CALLED: Final = "madoguchi.city.example"  # what browsers call the desk
OURS: Final = re.compile(r"mado-lan-(\d+)-")
CLONE_NEWNET: Final = 0x40000000  # of sched.h: it is a namespace of the network


class NoNetwork(Exception):
    """Nobody may make one here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many packets the PC's cable has carried."""

    to_pc: int
    from_pc: int


@dataclass(frozen=True, slots=True)
class Lan:
    """The three namespaces, and the PC's cable."""

    centre: str
    switch: str
    pc: str

    @property
    def port(self) -> int:
        """People come by the desk's own address, and there is no other way to it."""
        return 0

    def cut(self) -> None:
        """The cable is pulled."""
        _ip("-n", self.switch, "link", "set", "pc", "down")

    def mend(self) -> None:
        """It is in its place; so it may have been before."""
        _ip("-n", self.switch, "link", "set", "pc", "up")

    def crossed(self) -> Crossed:
        """Counted by the switch, where the PC's cable is."""
        (port,) = json.loads(_ip("-n", self.switch, "-s", "-j", "link", "show", "pc"))
        counted: dict[str, Any] = port["stats64"]
        return Crossed(to_pc=counted["tx"]["packets"], from_pc=counted["rx"]["packets"])


@contextmanager
def lan() -> Iterator[Lan]:
    """A network of this process; nothing is left of it, nor of one whose process was killed.

    Raises NoNetwork.
    """
    _require_rights()
    _sweep()
    ours = Lan(*(f"mado-lan-{os.getpid()}-{each}" for each in ("centre", "switch", "pc")))
    try:
        _build(ours)
        yield ours
    finally:
        _remove(ours)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """This thread, and every process that it starts, is on that machine meanwhile."""
    with (
        Path("/proc/thread-self/ns/net").open("rb") as here,
        (NAMESPACES / namespace).open("rb") as there,
    ):
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(here.fileno())


def _require_rights() -> None:
    if shutil.which("ip") is None:
        raise NoNetwork("no network namespaces: the package iproute2 is missing")
    if os.geteuid() != 0:
        raise NoNetwork("no network namespaces: only root may make them")


def _build(wanted: Lan) -> None:
    for namespace in (wanted.centre, wanted.switch, wanted.pc):
        _ip("netns", "add", namespace)
        _ip("-n", namespace, "link", "set", "lo", "up")
    at_switch = ("-n", wanted.switch, "link")
    _ip(*at_switch, "add", "switch", "type", "bridge")
    _ip(*at_switch, "set", "switch", "up")
    for port, namespace, address in (
        ("centre", wanted.centre, CENTRE_AT),
        ("pc", wanted.pc, PC_AT),
    ):
        peer = ("peer", "name", "eth0", "netns", namespace)
        _ip(*at_switch, "add", port, "type", "veth", *peer)
        _ip(*at_switch, "set", port, "master", "switch", "up")
        _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", namespace, "link", "set", "eth0", "up")


def _remove(former: Lan) -> None:
    """With a namespace go the cables in it."""
    for namespace in (former.pc, former.centre, former.switch):
        if (NAMESPACES / namespace).exists():
            _ip("netns", "delete", namespace)


def _sweep() -> None:
    """What a process left that was killed in the middle of it."""
    for left in NAMESPACES.glob("mado-lan-*"):
        made_by = OURS.match(left.name)
        if made_by and not Path("/proc", made_by[1]).exists():
            _ip("netns", "delete", left.name)


def _ip(*words: str) -> str:
    told = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise NoNetwork(f"no network namespaces: ip {' '.join(words)}: {told.stderr.strip()}")
    return told.stdout


def _enter(namespace: int) -> None:
    """Python has it from 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        trouble = ctypes.get_errno()
        raise OSError(trouble, os.strerror(trouble))
