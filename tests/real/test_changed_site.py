"""The site is changed and the controllers started again while a caller is in a menu (E5)."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from telephony.supervisor import control
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.tones import hears
from tests.real.waiting import until_true

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

UP_WITHIN = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own: its site is changed."""
    async with centre(tmp_path_factory.mktemp("changed")) as made:
        yield made


def change_flow(site: Path) -> None:
    """Another menu: its key leads to hours and places, no more to the lost card."""
    file = site / "flows" / "main.yaml"
    flow = yaml.safe_load(file.read_text(encoding="utf-8"))
    flow["nodes"]["patient"] |= {"prompt": "booking_menu", "choices": {"1": "places"}}
    file.write_text(yaml.safe_dump(flow, allow_unicode=True, sort_keys=False), encoding="utf-8")


async def test_e5_a_caller_in_a_menu_goes_on_in_the_flow_they_began_in(running: Centre) -> None:
    c = running
    c.begin()
    old = await c.call("74")
    await hears(old, "bring_menu")
    before = (await c.status())["controller"]
    change_flow(c.site)
    restarted = time.monotonic()
    await control.restart(c.instance.home, "controller")
    await until_true(
        c.status,
        lambda status: status["ready"] and status["controller"]["config"] != before["config"],
        "the new site",
        UP_WITHIN,
    )
    await hears(old, "bring_menu", since=restarted)
    await old.send_key("1")
    await hears(old, "lost_intro")
    await old.hang_up()
    new = await c.call("74")
    await hears(new, "booking_menu")
    await new.send_key("1")
    await hears(new, "hours_intro")
    await new.hang_up()
    paths = {(await c.record(call))["menu_path"] for call in (old, new)}
    assert paths == {"7/4/1"}
    await c.quiet()
    await invariants(c)
