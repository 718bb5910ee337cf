"""The centre and a PC on a network of the house, set up step by step as the manual says it."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from agents.web.security import Door
from tests.desktop import site
from tests.desktop.lan import CALLED, CENTRE_AT, NETWORK, Lan, inside
from tests.desktop.pc import Policies, browser_at, told_by
from tests.desktop.room import LIKE_A_PC, Room
from tests.real.centre import CARRIER, begun, up_command
from tests.supervisor.instance import Instance, instance

PEOPLE: Final = {"a01": "agent", "a02": "agent", "s01": "supervisor"}  # by seat
PASSWORD: Final = "ユリカモメが三羽とまる橋"  # of each, once they have replaced the one they got
LIKE_THE_HOUSE: Final[dict[str, Any]] = {
    "desk": {"host": CENTRE_AT, "names": [CALLED, CENTRE_AT], "networks": [NETWORK]},
}
AS_SHIPPED: Final = 1.5  # seconds without a sound until a page is lost
PHONES: Final[dict[str, Any]] = {"bind": CENTRE_AT, "networks": [NETWORK]}
# Nothing is granted by the driver: the policies grant what a page needs.
ON_A_PC: Final = {key: value for key, value in LIKE_A_PC.items() if key != "permissions"}


@dataclass
class House:
    """A centre on a network, and a PC where somebody sits."""

    lan: Lan
    room: Room
    folder: Path
    policies: Policies

    @property
    def authority(self) -> Path:
        """The certificate that PCs are given."""
        return self.room.centre.instance.home.path / "tls" / "ca.pem"

    async def account(self, name: str, role: str = "agent") -> str:
        """A new person's; the password they are given."""
        return await _account(self.room.centre.instance, name, role)


@asynccontextmanager
async def house(folder: Path, lan: Lan, page_lost_after: float = 4.0) -> AsyncIterator[House]:
    """From the site's directory to people with a password of their own; this thread is there."""
    phones = PHONES | {"page_lost_after": page_lost_after}
    async with AsyncExitStack() as stack:
        stack.enter_context(inside(lan.centre))
        made = await stack.enter_async_context(instance(folder / "home"))
        where = site.copy(folder, made.base + CARRIER, **LIKE_THE_HOUSE, phones=phones)
        await _certified(made, where)
        command = up_command(made, where)
        centre = await stack.enter_async_context(begun(made, command, made.base + CARRIER))
        centre.phones_at = CENTRE_AT
        await made.until(lambda pids: "desk" in pids)
        registry = made.home.path / "tls" / "browser-policy.reg"
        await madoguchi("tls", "policy", "--home", made.home.path, "--site", where)
        policies = told_by(registry, made.home.path / "tls" / "ca.pem")
        browser = await stack.enter_async_context(browser_at(lan, folder / "pc", policies))
        origin = f"https://{CALLED}:{made.base + 80}"
        room = Room(centre, browser, PASSWORD, origin=origin, pc=ON_A_PC)
        found = House(lan, room, folder, policies)
        await asyncio.gather(*(_comes(found, *each) for each in PEOPLE.items()))
        yield found


async def madoguchi(*words: object) -> str:
    """The command, as typed on the centre's machine; what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telephony", *map(str, words)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def _certified(made: Instance, where: Path) -> None:
    """What `tls make` says to write into `site.yaml`, is written there."""
    said = await madoguchi("tls", "make", "--home", made.home.path, "--site", where)
    named = [line.split(": ") for line in said.splitlines() if line.startswith("    ")]
    file = where / "site.yaml"
    held = yaml.safe_load(file.read_text(encoding="utf-8"))
    held["desk"] |= {key.strip(): value for key, value in named}
    file.write_text(yaml.safe_dump(held, allow_unicode=True, sort_keys=False), encoding="utf-8")


async def _account(made: Instance, name: str, role: str) -> str:
    told = await madoguchi(
        *("users", "add", name, "--role", role, "--announced", name),
        *("--home", made.home.path, "--json"),
    )
    return str(yaml.safe_load(told)["password"])


async def _comes(at: House, name: str, role: str) -> None:
    """Somebody who has signed in once, as everybody must with a password that was given out."""
    given = await at.account(name, role)
    origin, door = at.room.origin, Door(at.room.desk_port, tls=True)
    trusted = ssl.create_default_context(cafile=str(at.authority))
    headers = {"Host": origin.removeprefix("https://"), "Origin": origin}
    async with aiohttp.ClientSession(
        f"https://{CENTRE_AT}:{door.port}", connector=aiohttp.TCPConnector(ssl=trusted)
    ) as http:
        form = {"name": name, "password": given}
        async with http.post("/api/session", json=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            cookie = answer.cookies[door.cookie].value
        headers["Cookie"] = f"{door.cookie}={cookie}"
        new = {"new": PASSWORD}
        async with http.put("/api/session/password", json=new, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
