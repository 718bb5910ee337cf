"""X5: the disk of the whole home is full while people talk, wait and call."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.waiting import pause, until_true
from tests.sip import talk
from tests.watch.full_disk import fill, small_disk

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("watch"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance whose home has a disk of its own, a little larger than `up` demands."""
    folder = tmp_path_factory.mktemp("full")
    with small_disk(folder / "home", "110m"):
        async with centre(folder) as made:
            made.begin()
            yield made


async def test_x5_on_a_full_disk_calls_go_on_and_nothing_promised_is_lost(c: Centre) -> None:
    before = await c.instance.until(lambda pids: len(pids) == 5)
    talking, leg = await c.talking("a01")
    await c.phone("a02")
    await pause(2.5)  # Asterisk keeps a registration on its disk, a second later
    filler = fill(c.instance.home.path)
    second, other = await c.talking("a02")
    await talk(talking, leg)
    await talk(second, other)
    waiting = await c.call("0")
    await c.waiting(1)
    status = await c.status()
    told = {alarm["id"]: alarm["text"] for alarm in status["alarms"]}
    assert status["ready"]
    await second.hang_up()
    await c.agent_is("a02", "state", "offered")  # routed from memory
    third = await c.phones["a02"].rings()
    await third.answer()
    await talk(waiting, third)
    assert await c.instance.pids() == before
    filler.unlink()
    await until_true(
        c.status,
        lambda now: (
            not now["controller"]["journal_away"] and not now["controller"]["records_behind"]
        ),
        "journal and records are back",
        60.0,
    )
    assert "disk_full" in told
    await c.clear()
    await invariants(c)
    assert await c.instance.pids() == before
