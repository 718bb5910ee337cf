"""Whether a restore may put a home somewhere: never over a system, least of all one that runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from config.home import Home, NoSystemError
from telephony.keeping.restoring import RestoreFailed
from telephony.link.client import Link, NoController, Refused
from telephony.supervisor import notes
from telephony.supervisor.lock import only_one
from telephony.supervisor.parts import ASTERISK, DESK, PAIR, REDIS
from telephony.supervisor.problem import CannotStart


@contextmanager
def kept_vacant(home: Home, *, replace: bool) -> Iterator[None]:
    """Raises RestoreFailed. What is to be replaced cannot be started meanwhile."""
    if not _has_anything(home):
        yield
        return
    if not replace:
        raise RestoreFailed(
            f"{home.path} is not empty: name a new --home, or put what is there aside with "
            "--replace"
        )
    try:
        with only_one(home):
            _require_stopped(home)
            yield
    except CannotStart as running:
        raise RestoreFailed(str(running)) from None


async def require_no_leader(home: Home) -> None:
    """Raises RestoreFailed when a controller answers, whoever started it."""
    try:
        await Link(home.controller_socket).status()
    except (NoSystemError, NoController):
        return
    except Refused:
        pass
    raise RestoreFailed(f"a controller of {home.path} runs: stop it first")


def _has_anything(home: Home) -> bool:
    try:
        return bool(os.listdir(home.path))
    except FileNotFoundError:
        return False
    except OSError as wrong:
        raise RestoreFailed(f"{home.path}: {wrong.strerror}") from None


def _require_stopped(home: Home) -> None:
    for part in (ASTERISK, REDIS, *PAIR, DESK):
        if left := notes.living(home, part):
            raise RestoreFailed(
                f"{part} of {home.path} still runs (pid {left.pid}): start and stop it with "
                "`madoguchi up`, or end it"
            )
