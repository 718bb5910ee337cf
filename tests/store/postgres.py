"""A private PostgreSQL server for the tests: a directory of its own, a unix socket, no port."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]

from telephony.store.migrate import migrate

ROOT = Path(__file__).parents[2]
PRESENT = "present"  # the database that others are copied from
USER = "nobody"  # the server refuses to run as root
MEMORY: Final = Path("/dev/shm")
ROOM: Final = 4 * 2**30  # bytes; each test has a database of 8 MB, and there are several servers


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are: on PATH, in Debian's place or the private runtime."""
    found = shutil.which("initdb")
    places = [
        *([Path(found).resolve().parent] if found else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        ROOT / ".runtime" / "bin" / "postgresql",
    ]
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


class Server:
    """A server that can be stopped and started again, with what it had committed."""

    def __init__(self, programs: Path, home: Path) -> None:
        self.socket = str(home)
        self._programs = programs
        self._home = home
        self._process: subprocess.Popen[str] | None = None

    def make(self) -> None:
        """Its data directory."""
        if os.geteuid() == 0:
            shutil.chown(self._home, USER)
        _run(self._programs / "initdb", "-D", self._home / "data", "-U", USER, "-A", "trust",
             "--no-sync")  # fmt: skip

    def start(self) -> None:
        """Up, and what it had committed recovered."""
        here = f"unix_socket_directories={self._home}"
        settings = ["listen_addresses=", here, "fsync=off", "autovacuum=off"]
        options = [part for setting in settings for part in ("-c", setting)]
        self._process = subprocess.Popen(
            _as_user(self._programs / "postgres", "-D", self._home / "data", *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        _wait_until_ready(self._process)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """The fast way down, waiting for nobody; or at once, as if it had crashed (SIGQUIT)."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(sign)
            process.communicate()

    def send(self, sign: signal.Signals) -> None:
        """To the server and every process of it: SIGSTOP, and it takes connections and is mute."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for each in (pid, *map(int, children)):
            os.kill(each, sign)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """A running server, gone with everything in it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="mado-pg-", dir=_in_memory()))
    try:
        server = Server(programs, home)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # nothing of it is kept: no checkpoint
    finally:
        shutil.rmtree(home)


def _in_memory() -> Path | None:
    """Where files are memory, if there is room: to copy a database costs a tenth there."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if roomy else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The socket directory of a running server."""
    with running(programs) as made:
        yield made.socket


async def create(socket: str, name: str, *, like: str = "template1") -> str:
    """A new database on the server, empty or a copy of another, as a URL."""
    connection = await asyncpg.connect(host=socket, user=USER, database="postgres")
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    await connection.close()
    return f"postgresql://{USER}@/{name}?host={socket}"


async def migrated(socket: str, name: str) -> str:
    """A new database at the present schema, which is made once for each server."""
    connection = await asyncpg.connect(host=socket, user=USER, database="postgres")
    made = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", PRESENT)
    await connection.close()
    if not made:
        await migrate(await create(socket, PRESENT))
    return await create(socket, name, like=PRESENT)


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if "ready to accept connections" in line:
            return
    raise RuntimeError("PostgreSQL did not start")


def _as_user(program: Path, *arguments: str | Path) -> list[str]:
    change = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"]
    return [*(change if os.geteuid() == 0 else []), str(program), *map(str, arguments)]


def _run(program: Path, *arguments: str | Path) -> None:
    subprocess.run(_as_user(program, *arguments), check=True, capture_output=True, cwd="/")
