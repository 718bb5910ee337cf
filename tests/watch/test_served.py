"""What the desk shows is asked of the desk; its file says only what it will show."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from agents.app import tls_of
from config.certificates import Pair, issue, new_authority, read
from config.clock import Clock
from config.site_model import Desk
from telephony.watch import served
from telephony.watch.served import DeskDoor, Served

NAMES = ("127.0.0.1", "madoguchi.city.example")
DAY = 86_400.0


@pytest.fixture
def authority() -> Pair:
    return new_authority("某市", NAMES, Clock().wall() - 300 * DAY)


def kept(authority: Pair, folder: Path, days_ago: float = 0.0) -> tuple[Path, float]:
    """A certificate in the desk's place, and when it ends."""
    pair = issue(authority, NAMES, Clock().wall() - days_ago * DAY)
    pair.write(folder / "desk.pem", folder / "desk.key")
    return folder / "desk.pem", read(pair.certificate).until.timestamp()


def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


@asynccontextmanager
async def desk(folder: Path, *, encrypts: bool = True) -> AsyncIterator[int]:
    """One that runs, with the context that the desk makes as it starts; its port."""
    settings = Desk(certificate=str(folder / "desk.pem"), key_file=str(folder / "desk.key"))
    context = tls_of(settings) if encrypts else None
    running = await asyncio.start_server(_greet, "127.0.0.1", 0, ssl=context)
    async with running:
        yield running.sockets[0].getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_a_new_file_counts_when_the_desk_was_restarted(
    authority: Pair, tmp_path: Path, host: str
) -> None:
    file, ends_at = kept(authority, tmp_path, days_ago=350)
    async with desk(tmp_path) as port:
        door = DeskDoor(file, host, port)
        assert await door.served() == Served(ends_at)
        _, new_ends_at = kept(authority, tmp_path)
        assert await door.served() == Served(ends_at, is_that_of_the_file=False)
        file.write_text("nonsense")
        assert await door.served() == Served(ends_at)  # with it, no desk would start
        file, new_ends_at = kept(authority, tmp_path)
    async with desk(tmp_path) as port:
        assert await DeskDoor(file, host, port).served() == Served(new_ends_at)


async def test_an_authority_that_ends_first_counts(tmp_path: Path) -> None:
    now = Clock().wall()
    old = new_authority("某市", NAMES, now - 3640 * DAY)
    file, ends_at = kept(old, tmp_path)
    async with desk(tmp_path) as port:
        told = await DeskDoor(file, "127.0.0.1", port).served()
    assert told == Served(ends_at)
    assert ends_at < now + 11 * DAY


async def test_a_desk_that_does_not_run_will_show_its_file(authority: Pair, tmp_path: Path) -> None:
    file, ends_at = kept(authority, tmp_path)
    door = DeskDoor(file, "127.0.0.1", unused_port())
    assert await door.served() == Served(ends_at)
    file.unlink()
    assert await door.served() is None


async def test_a_desk_that_began_without_one_is_to_be_restarted(
    authority: Pair, tmp_path: Path
) -> None:
    file, ends_at = kept(authority, tmp_path)
    async with desk(tmp_path, encrypts=False) as port:
        told = await DeskDoor(file, "127.0.0.1", port).served()
    assert told == Served(ends_at, is_that_of_the_file=False)


async def test_one_that_does_not_answer_tells_nothing(
    authority: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "ANSWERS_WITHIN", 0.2)
    file, _ = kept(authority, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # which takes nobody in
        port = silent.getsockname()[1]
        with pytest.raises(TimeoutError):
            await DeskDoor(file, "127.0.0.1", port).served()
