"""A private PostgreSQL server for the tests: a directory of its own, a unix socket, no port."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
USER = "nobody"  # the server refuses to run as root


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are: on PATH, in Debian's place or the private runtime."""
    found = shutil.which("initdb")
    places = [
        *([Path(found).resolve().parent] if found else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        ROOT / ".runtime" / "bin",
    ]
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The socket directory of a running server, gone with everything in it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="mado-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, USER)
        _run(programs / "initdb", "-D", home / "data", "-U", USER, "-A", "trust", "--no-sync")
        settings = ["listen_addresses=", f"unix_socket_directories={home}", "fsync=off"]
        options = [part for setting in settings for part in ("-c", setting)]
        process = subprocess.Popen(
            _as_user(programs / "postgres", "-D", home / "data", *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _wait_until_ready(process)
            yield str(home)
        finally:
            process.send_signal(signal.SIGINT)  # the fast way down, waiting for nobody
            process.communicate()
    finally:
        shutil.rmtree(home)


async def create(socket: str, name: str) -> str:
    """A new empty database on the server, as a URL."""
    connection = await asyncpg.connect(host=socket, user=USER, database="postgres")
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return f"postgresql://{USER}@/{name}?host={socket}"


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
