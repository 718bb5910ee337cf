"""A centre with more seats than the demo has, and a desk for each."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import yaml

from tests.desktop import site
from tests.real.centre import CARRIER, Centre, begun, up_command
from tests.supervisor.instance import instance

DESKS: Final = 30


def names(count: int) -> tuple[str, ...]:
    """Of the seats."""
    return tuple(f"a{number:02}" for number in range(1, count + 1))


@asynccontextmanager
async def centre_of(folder: Path, seats: int) -> AsyncIterator[tuple[Centre, str]]:
    """The centre, and the password of all its people."""
    async with instance(folder / "home") as made:
        where = site.copy(folder, made.base + CARRIER)
        file = where / "seats.yaml"
        held = yaml.safe_load(file.read_text(encoding="utf-8"))
        for name in names(seats):
            held.setdefault(name, {"name": name, "role": "agent", "queues": ["general"]})
        file.write_text(yaml.safe_dump(held, allow_unicode=True), encoding="utf-8")
        command = up_command(made, where, None)
        async with begun(made, command, made.base + CARRIER) as started:
            await made.until(lambda pids: "desk" in pids)
            found = re.search(r"共通パスワード: (\S+)", "\n".join(started.supervisor.printed))
            assert found, started.supervisor.printed
            yield started, found[1]
