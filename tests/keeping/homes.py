"""A home as a system leaves it: records, keys, site, archive, and what is not worth keeping."""

import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config.database import Database, open_database
from config.home import Home, Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from telephony.keeping.backup import Order, back_up
from telephony.keeping.manifest import Manifest
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.store.examples import an_answered_call, content

PASSPHRASE: Final = "a passphrase kept apart"
NOON: Final = 1_775_012_400.0
SITE: Final = Path(__file__).parents[2] / "config" / "site"
EPOCH: Final = 7
WORTH_KEEPING: Final = {
    "site.json": b"{}",
    "archive/journal-2026-04-01.jsonl.enc": os.urandom(3000),
    "net/calls.jsonl": b'{"call": "n1"}\n',
    "spool/000001.spool": b"\0" * 5000,
    "a directory/of a later version/\xe5\xbe\x8c".encode("latin-1").decode(): b"kept too",
    "empty": b"",
}
NOT_WORTH_KEEPING: Final = (
    "asterisk/etc/pjsip.conf", "redis/appendonly.aof", "log/controller-1.log",
    "parts/redis.json", "up.lock", "spool/.half-written",
)  # fmt: skip


def write(root: Path, name: str, content: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def a_home(path: Path, url: str = "", calls: Sequence[str] = ("c1", "c2")) -> Home:
    """One that nothing runs on; its records are in its own file, or at the URL."""
    home = Home.at(path)
    home.claim()
    site = shutil.copytree(SITE, path.parent / f"site of {path.name}")
    home.describe(Instance(Ports(9000), site, {"asterisk": "22.10.1"}))
    ensure_secrets(home.secrets, ["a01"])
    for name, inside in WORTH_KEEPING.items():
        write(home.path, name, inside)
    for name in NOT_WORTH_KEEPING:
        write(home.path, name, b"not kept")
    with socket.socket(socket.AF_UNIX) as left_behind:
        here = os.getcwd()
        os.chdir(home.path)  # a socket's path is short
        left_behind.bind("some.sock")
        os.chdir(here)
    database = open_database(url or at(home))
    await migrate(url or at(home))
    await add_calls(Records(database), calls)
    await database.close()
    return home


async def add_calls(records: Records, calls: Sequence[str], first: int = 1) -> None:
    await records.claim(EPOCH, "1")
    for number, call in enumerate(calls):
        start = first + 8 * number
        await records.apply(EPOCH, an_answered_call(call, NOON + 100.0 * start, start))


def at(home: Home) -> str:
    return f"sqlite:///{home.database}"


async def taken(home: Home, target: Path, url: str = "", passphrase: str = PASSPHRASE) -> Manifest:
    database = open_database(url or at(home))
    try:
        return await back_up(Order(home, target, passphrase, NOON), database)
    finally:
        await database.close()


async def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row, in an order that both engines share."""
    database: Database = open_database(url)
    try:
        return {name: sorted(rows, key=repr) for name, rows in (await content(database)).items()}
    finally:
        await database.close()


def files(root: Path) -> dict[str, bytes]:
    """Every file in a directory."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith("madoguchi.db")
    }
