"""What is backed up comes back whole, between both databases, or nothing comes back (F15)."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from config.database import Database, Result, Work, open_database
from config.home import Home
from config.secrets import read_secrets
from telephony.calls.spool import FileSpool
from telephony.keeping import tables
from telephony.keeping.backup import BackupFailed, Order, back_up
from telephony.keeping.bundle import Bundle
from telephony.keeping.manifest import Figures, Manifest, Member
from telephony.keeping.proof import prove
from telephony.keeping.restoring import Place, RestoreFailed, restore
from telephony.keeping.sealed import CHUNK, SealedWriter, Unreadable
from telephony.store.records import Records
from tests.calls.spooling import owed
from tests.keeping.homes import (
    EPOCH,
    NOON,
    PASSPHRASE,
    SITE,
    WORTH_KEEPING,
    a_home,
    add_calls,
    at,
    everything,
    files,
    taken,
)
from tests.store import postgres


async def restored(
    file: Path, into: Path, url: str | None = None, *, replace: bool = False
) -> Home:
    home = Home.at(into)
    await restore(file, PASSPHRASE, Place(home, NOON, replace, url))
    return home


async def test_f15_what_only_the_spool_has_is_promised_in_the_new_home_too(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    secret = read_secrets(home.secrets).caller_key_secret
    leader = FileSpool(home.spool, secret)
    await leader.begin(EPOCH)
    await leader.append([owed(EPOCH, 1)])
    await taken(home, tmp_path / "b")

    new = await restored(tmp_path / "b", tmp_path / "new")

    next_one = FileSpool(new.spool, read_secrets(new.secrets).caller_key_secret)
    assert await next_one.newest() == EPOCH
    assert await next_one.begin(EPOCH + 1) == [owed(EPOCH, 1)]


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_f15_everything_comes_back(
    empty_url: str, into: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = await a_home(tmp_path / "home", empty_url)
    url = None
    if into == "postgresql":
        socket = request.getfixturevalue("postgres_socket")
        url = await postgres.create(socket, f"into_{abs(hash(empty_url))}")
    told = await taken(home, tmp_path / "b", empty_url)

    new = await restored(tmp_path / "b", tmp_path / "elsewhere" / "new", url)

    assert await everything(url or at(new)) == await everything(empty_url)
    assert {name: files(new.path)[name] for name in WORTH_KEEPING} == WORTH_KEEPING
    assert files(new.path / "site") == files(SITE)
    assert read_secrets(new.secrets) == read_secrets(home.secrets)
    assert told.figures.rows["calls"] == 2


async def test_nothing_of_the_old_machine_comes_along(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    told = await taken(home, tmp_path / "b")
    new = await restored(tmp_path / "b", tmp_path / "new")
    assert files(new.path).keys() - WORTH_KEEPING.keys() - {
        f"site/{name}" for name in files(SITE)
    } == {"home.json", "secrets.json", "restored.json"}
    assert new.instance().site == new.path / "site"
    assert told.left_out == ("home/some.sock",)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


async def test_only_its_owner_can_open_any_of_it(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    new = await restored(tmp_path / "b", tmp_path / "new")
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert [path for path in [new.path, *new.path.rglob("*")] if path.stat().st_mode & 0o077] == []


async def test_a_backup_shows_nobodys_number(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    assert b"942001234" in home.database.read_bytes()
    assert b"942001234" not in (tmp_path / "b").read_bytes()


async def test_the_next_leaders_epoch_is_above(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    new = await restored(tmp_path / "b", tmp_path / "new")
    database = open_database(at(new))
    records = Records(database)
    assert (await records.epoch(), await records.cursor()) == (EPOCH, (EPOCH, 16))
    await database.close()


async def test_f15_a_backup_under_load_is_of_one_instant(empty_url: str, tmp_path: Path) -> None:
    """Every call is eight entries, so the cursor tells how many there must be."""
    home = await a_home(tmp_path / "home", empty_url, calls=())
    database = open_database(empty_url)
    records, done = Records(database), asyncio.Event()

    async def load() -> None:
        number = 0
        while not done.is_set():
            await add_calls(records, [f"c{number}"], first=1 + 8 * number)
            number += 1

    seen = []
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(load())
        for number in range(4):
            before = await records.cursor()
            seen.append(await taken(home, tmp_path / f"b{number}", empty_url))
            while await records.cursor() == before:
                await asyncio.sleep(0)  # noqa: TID251  # until the writer had a turn
        done.set()
        await writing
    await database.close()

    for number, told in enumerate(seen):
        pen = told.figures.pens.get("main")
        calls = 0 if pen is None else max(0, pen.cursor_seq) // 8
        assert told.figures.rows["calls"] == told.figures.outcomes.get("answered", 0) == calls
        assert told.figures.rows["call_events"] == 6 * calls
        assert prove(tmp_path / f"b{number}", PASSPHRASE) == told
    assert seen[-1].figures.rows["calls"] > seen[0].figures.rows["calls"]


async def test_many_rows_come_in_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.keeping.tables.PORTION", 3)
    home = await a_home(tmp_path / "home", calls=[f"c{number}" for number in range(8)])
    told = await taken(home, tmp_path / "b")
    assert len([name for name in told.members if name.startswith("sql/calls/")]) == 3
    new = await restored(tmp_path / "b", tmp_path / "new")
    assert await everything(at(new)) == await everything(at(home))


async def test_what_is_imported_meanwhile_is_not_lost(tmp_path: Path) -> None:
    """Files are read before records: the other way round this call would be in neither."""

    class Importing:
        def __init__(self, database: Database) -> None:
            self.read, self.write, self.close = self._import, database.write, database.close
            self._read = database.read

        async def _import(self, work: Work[Result]) -> Result:
            home.net_calls.unlink()
            return await self._read(work)

    home = await a_home(tmp_path / "home")
    database = open_database(at(home))
    order = Order(home, tmp_path / "b", PASSPHRASE, NOON)
    told = await back_up(order, Importing(database))
    await database.close()
    assert "home/net/calls.jsonl" in told.members


async def test_other_figures_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await a_home(tmp_path / "home")
    with monkeypatch.context() as patch:
        patch.setattr(tables, "figures", lambda _: Figures("0001", {"calls": 3}))
        await taken(home, tmp_path / "b")
    with pytest.raises(Unreadable, match="other figures"):
        prove(tmp_path / "b", PASSPHRASE)


@pytest.mark.parametrize("name", ["home/../../x", "/etc/x", "x", "elsewhere/x"])
async def test_no_name_leads_out_of_the_home(name: str, tmp_path: Path) -> None:
    crafted(tmp_path / "b", name)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Unreadable, match="a name that is not ours"):
        await restored(tmp_path / "b", tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("told", [{}, {"home/x": Member(6, "0")}, {"home/y": Member(6, "0")}])
def test_a_manifest_that_tells_otherwise_is_noticed(
    told: dict[str, Member], tmp_path: Path
) -> None:
    crafted(tmp_path / "b", "home/x", told)
    with pytest.raises(Unreadable, match="not what its manifest says: home/x"):
        prove(tmp_path / "b", PASSPHRASE)


def test_a_cut_behind_the_manifest_is_noticed(tmp_path: Path) -> None:
    crafted(tmp_path / "b", "home/x", behind=bytes(3 * CHUNK))
    (tmp_path / "b").write_bytes((tmp_path / "b").read_bytes()[:-1])
    with pytest.raises(Unreadable, match="cut off"):
        prove(tmp_path / "b", PASSPHRASE)


def crafted(
    path: Path, name: str, told: dict[str, Member] | None = None, behind: bytes = b""
) -> None:
    """A backup with one member, whose manifest tells of others."""
    with path.open("wb") as file:
        out = SealedWriter(file, PASSPHRASE)
        bundle = Bundle(out)
        bundle.add_bytes(name, b"gotcha")
        members = bundle.members if told is None else told
        bundle.finish(Manifest(1, "1", NOON, "sqlite", Figures("0001", {}), members))
        out.write(behind)
        out.finish()


# -- whole or not at all ----------------------------------------------------------------------


async def test_f15_a_cut_backup_leaves_no_home(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(whole[:-100])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Unreadable, match="cut off"):
        await restored(tmp_path / "b", tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before


async def test_f15_a_cut_backup_leaves_an_empty_database(
    tmp_path: Path, postgres_socket: str
) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    url = await postgres.create(postgres_socket, "cut")
    (tmp_path / "b").write_bytes(whole[:-100])
    with pytest.raises(Unreadable, match="cut off"):
        await restored(tmp_path / "b", tmp_path / "new", url)
    (tmp_path / "b").write_bytes(whole)
    await restored(tmp_path / "b", tmp_path / "new", url)
    assert await everything(url) == await everything(at(home))


async def test_a_database_with_something_in_it_is_left_alone(
    tmp_path: Path, postgres_socket: str
) -> None:
    url = await postgres.create(postgres_socket, "taken")
    home = await a_home(tmp_path / "home", url)
    await taken(home, tmp_path / "b", url)
    before = await everything(url)
    with pytest.raises(RestoreFailed, match="not empty: name a new one"):
        await restored(tmp_path / "b", tmp_path / "new", url)
    assert await everything(url) == before
    assert not (tmp_path / "new").exists()


async def test_what_is_replaced_is_put_aside(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    old = await a_home(tmp_path / "old", calls=["another"])
    before = await everything(at(old))
    new = await restored(tmp_path / "b", old.path, replace=True)
    assert await everything(at(new)) == await everything(at(home))
    aside = Home.at(tmp_path / f"old.before-{NOON:.0f}")
    assert await everything(at(aside)) == before


async def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RestoreFailed, match="No space left on device"):
        await restored(tmp_path / "b", tmp_path / "new")
    with pytest.raises(BackupFailed, match="No space left on device"):
        await taken(home, tmp_path / "c")
    assert sorted(tmp_path.iterdir()) == before


async def test_a_restored_home_says_what_it_came_from(tmp_path: Path) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    new = await restored(tmp_path / "b", tmp_path / "new")
    note = json.loads((new.path / "restored.json").read_text())
    assert note["restored_at"] == NOON
    assert note["backup"]["figures"]["rows"]["calls"] == 2
