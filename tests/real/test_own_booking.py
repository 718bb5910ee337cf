"""A real caller hears their own booking, where the site has switched it on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
import pytest_asyncio
import yaml

from agents.bookings.kept import BookingBook
from agents.bookings.moments import Moment
from agents.bookings.states import Master, Status
from tests.agents.bookings.people import by, wish
from tests.real import site_copy
from tests.real.centre import CARRIER, JOURNAL, RING_FOR, Centre, begun, up_command
from tests.real.invariants import invariants
from tests.real.tones import heard, hears
from tests.real.waiting import pause
from tests.sip import OutgoingCall
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]
KEYS, BORN = "221000001", "19480503"  # AB1000001, S23.5.3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance whose site has it switched on."""
    folder = tmp_path_factory.mktemp("own-booking")
    async with instance(folder / "home") as made:
        carrier = made.base + CARRIER
        site = site_copy.copy(folder, carrier, RING_FOR)
        told = yaml.safe_load((site / "site.yaml").read_text(encoding="utf-8"))
        text = yaml.safe_dump(told | {"booking": {"phone_menu": True}}, allow_unicode=True)
        (site / "site.yaml").write_text(text, encoding="utf-8")
        async with begun(made, up_command(made, site), carrier) as started:
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def c(running: Centre) -> AsyncIterator[Centre]:
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


async def known(c: Centre, born: str) -> OutgoingCall:
    """A caller who has typed both."""
    call = await c.call("14")
    await hears(call, "own_notice_ask", since=call.invited_at)
    await call.send_keys(KEYS, held_for=0.06)
    told = await hears(call, "number_confirm", since=call.invited_at)
    await call.send_key("1", held_for=0.06)
    await hears(call, "own_birth_ask", since=told)
    await call.send_keys(born, held_for=0.06)
    return call


async def test_a_caller_hears_when_their_booking_is_and_nobody_reads_what_they_typed(
    c: Centre,
) -> None:
    on = date.today() + timedelta(days=7)  # noqa: DTZ011 -- the centre's own clock
    wanted = replace(wish(Moment(on, time(10, 30))), status=Status.PROVISIONAL)
    await BookingBook(c.database, Master.CITY).agree(by(), wanted)
    call = await known(c, BORN)
    since = call.invited_at
    said = [
        "own_booking_intro", f"month-{on.month}", f"day-{on.day}",
        f"weekday-{on.isoweekday()}", "word-forenoon", "hour-10", "minutes-30",
        "own_booking_provisional",
    ]  # fmt: skip
    for stem in said:
        since = await hears(call, stem, since=since)
    await hears(call, "info_menu", since=since)
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"]) == ("informed", "1/4")
    kept = str(record) + str(await c.redis.xrange(JOURNAL))
    logs = "".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in c.instance.home.logs.glob("*.log*")
    )
    for secret in (KEYS, BORN, "AB1000001", "1948-05-03"):
        assert secret not in kept
        assert secret not in logs


async def test_who_is_wrong_three_times_gets_a_person(c: Centre) -> None:
    call = await known(c, "19480504")
    for _ in range(2):
        told = await hears(call, "own_not_found", since=call.invited_at)
        await pause(0.3)
        await call.send_keys("19480504", held_for=0.06)
        call_since = await hears(call, "own_not_found", since=told + 1.0)
        assert call_since > told
        break
    await call.send_keys("19480504", held_for=0.06)
    await c.waiting(1)
    assert not heard(call, "own_booking_intro", call.invited_at)
    await call.hang_up()
    record = await c.record(call)
    assert record["outcome"] == "abandoned"
