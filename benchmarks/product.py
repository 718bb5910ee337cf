"""The whole product on ports of its own, with a carrier, one agent's phone, and the rival."""

import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from benchmarks.core import DEMO
from benchmarks.rival import add_app_queue
from config.ports import Ports
from config.secrets import read_secrets
from telephony.link.client import Link
from tests.sip import DeskPhone, OutgoingCall, Trunk
from tests.supervisor.instance import Instance, instance

OURS: Final = "0942000100"
SEAT: Final = "a01"
CARRIER: Final = 50  # offset of the carrier's SIP port from the base
STRAIGHT: Final = {
    "start": "person",
    "person": "person",
    "prompts": {"wrong_key": "wrong_key", "silence": "no_input"},
    "nodes": {"person": {"kind": "enqueue", "queue": "general"}},
}
QUEUE: Final = {"ring_for": 15, "wrap_up_for": 0, "announce_after": 3000, "recorded": False}


@dataclass(frozen=True, slots=True)
class Product:
    """A running instance, the telephones at both ends, and the way to ask it things."""

    instance: Instance
    trunk: Trunk
    phone: DeskPhone
    link: Link

    async def call(self, dialled: str = OURS) -> OutgoingCall:
        """A citizen's call."""
        return await self.trunk.call(dialled)


@asynccontextmanager
async def product(*, straight: bool) -> AsyncIterator[Product]:
    """The demo site, or one whose callers wait for an agent from the first moment.

    The agent is signed in. Nothing is left at the end.
    """
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        site = _site(Path(folder) / "site", straight=straight)
        async with instance(Path(folder) / "home") as made:
            supervisor = await made.up(*_up(made, site))
            await supervisor.ready()
            await add_app_queue(made.home, SEAT)
            async with _carrier(made) as trunk, _phone(made) as phone:
                await phone.register()
                link = Link(made.home.controller_socket)
                await link.request(SEAT, "ready")
                yield Product(made, trunk, phone, link)


def opening(lines: int) -> dict[str, object]:
    """A calendar with the demo's services and no announcement of its own."""
    weekdays = {"name": "weekdays", "hours": {"weekdays": "8:30-17:15"}, "lines": lines}
    return {"services": ["booking", "general"], "base": weekdays}


def _carrier(made: Instance) -> Trunk:
    return Trunk("127.0.0.1", made.base + CARRIER, Ports(made.base).trunk)


def _phone(made: Instance) -> DeskPhone:
    password = read_secrets(made.home.secrets).seat_passwords[SEAT]
    return DeskPhone(SEAT, SEAT, password, made.base + CARRIER + 1, Ports(made.base).phones)


def _up(made: Instance, site: Path) -> tuple[str, ...]:
    where = ("--home", str(made.home.path), "--port-base", str(made.base), "--site", str(site))
    return (sys.executable, "-m", "telephony", "up", *where)


def _site(into: Path, *, straight: bool) -> Path:
    shutil.copytree(DEMO, into)
    if straight:
        _write(into / "queues.yaml", {"booking": {**QUEUE}, "general": {**QUEUE}})
        # The demo's announces why it is closed, and this flow plays no such prompt.
        _write(into / "calendar.yaml", opening(6))
        (into / "register.yaml").unlink()  # nobody agreed to this calendar
        (into / "flows").mkdir()
        _write(into / "flows" / "straight.yaml", STRAIGHT)
        file = into / "site.yaml"
        file.write_text(file.read_text("utf-8").replace("flow: main", "flow: straight"), "utf-8")
    return into


def _write(file: Path, content: object) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
