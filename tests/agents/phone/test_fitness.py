"""A page takes no call before it was checked as a telephone, and none once that broke."""

from typing import Any

import pytest

from agents.phone.fitness import CHECKS
from agents.phone.phones import Phones
from agents.phone.watch import BACK_WITHIN, LOST, PhoneWatch
from telephony.link.news import AgentNews
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.agents.phone.test_relay import (
    ONE,
    OTHER,
    FakeAsterisk,
    asterisk,
    granted,
    opened,
    seated,
)
from tests.agents.room import at_the_phone
from tests.real.waiting import until

__all__ = ["asterisk"]
CALL = "n1-1770598800.1"


async def is_on(desk: Desk, seat: str = "a01") -> None:
    phones = desk.tools.get(Phones)
    await until(lambda: phones.rings(seat), "its socket is open")


async def tell(page: Browser, *passed: str, name: str = ONE) -> list[str]:
    told = await page.ask("POST", "/api/phone/checks", {"page": name, "passed": list(passed)})
    assert told.status == 200, told.body
    return list(told.body["missing"])


async def ready(page: Browser, key: str) -> tuple[int, str]:
    told = await page.ask("POST", "/api/agent/ready", {"key": f"ready-{key}"})
    return told.status, str(told.body and told.body["problem"])


async def test_it_is_ready_only_once_everything_was_found(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page):
        await is_on(whole)
        status, said = await ready(page, "0001")
        assert (status, "マイクの音量" in said, "音声の往復" in said) == (409, True, True)
        assert await tell(page, "secure", "permission", "microphone", "registration") == [
            "speaker",
            "round_trip",
        ]
        status, said = await ready(page, "0002")
        assert (status, "マイクの音量" in said, "音声の往復" in said) == (409, False, True)
        assert await tell(page, *CHECKS) == []
        assert (await ready(page, "0003"))[0] == 204
    assert [do for _, do, _ in whole.link.asked] == ["ready"]


async def test_a_desk_phone_alone_needs_no_check(whole: Desk) -> None:
    page = await seated(whole)
    assert (await ready(page, "0001"))[0] == 204


async def test_a_page_that_is_no_telephone_tells_nothing(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    body = {"page": ONE, "passed": list(CHECKS)}
    assert (await page.ask("POST", "/api/phone/checks", body)).status == 409
    await granted(page)
    async with opened(page):
        await is_on(whole)
        assert (await page.ask("POST", "/api/phone/checks", body | {"page": OTHER})).status == 409
        wrong = {"page": OTHER, "what": "microphone_gone"}
        assert (await page.ask("POST", "/api/phone/faults", wrong)).status == 409
    assert whole.telephones.paused == []


async def test_a_reload_needs_no_second_check_and_another_page_does(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page):
        await is_on(whole)
        await tell(page, *CHECKS)
    await until(lambda: not whole.tools.get(Phones).rings("a01"), "it is closed")
    await granted(page)
    async with opened(page):
        await is_on(whole)
        assert (await ready(page, "0001"))[0] == 204
        await granted(page, OTHER, take_over=True)
    async with opened(page, OTHER):
        await is_on(whole)
        assert (await ready(page, "0002"))[0] == 409


@pytest.mark.parametrize("what", ["microphone_gone", "microphone_refused", "devices_changed"])
async def test_what_breaks_pauses_and_asks_for_a_new_check(
    whole: Desk, asterisk: FakeAsterisk, what: str
) -> None:
    page = await seated(whole)
    await granted(page)
    await at_the_phone(whole, "a01", "ready", None)
    async with opened(page):
        await is_on(whole)
        await tell(page, *CHECKS)
        told = await page.ask("POST", "/api/phone/faults", {"page": ONE, "what": what})
        assert told.status == 204, told.body
        assert whole.telephones.paused == [("a01", what)]
        assert (await ready(page, "0001"))[0] == 409


async def test_who_is_at_lunch_keeps_that_reason(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = await seated(whole)
    await granted(page)
    await at_the_phone(whole, "a01", "paused", None, reason="lunch")
    async with opened(page):
        await is_on(whole)
        told = await page.ask("POST", "/api/phone/faults", {"page": ONE, "what": "microphone_gone"})
        assert (told.status, whole.telephones.paused) == (204, [])


async def test_a_wrap_up_ends_in_a_pause_while_nothing_can_be_heard(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    await at_the_phone(whole, "a01", "wrap_up", CALL)

    async def done(key: str) -> tuple[str, dict[str, Any]]:
        assert (await page.ask("POST", "/api/agent/wrap-up-done", {"key": key})).status == 204
        _, do, given = whole.link.asked[-1]
        return do, given

    async with opened(page):
        await is_on(whole)
        do, given = await done("done-0001")
        assert (do, given["reason"]) == ("pause", "phone_unchecked")
        await tell(page, *CHECKS)
        assert (await done("done-0002"))[0] == "wrap_up_done"
        await page.ask("POST", "/api/phone/faults", {"page": ONE, "what": "microphone_gone"})
        do, given = await done("done-0003")
        assert (do, given["reason"]) == ("pause", "microphone_gone")
    assert whole.telephones.paused == []  # that would have ended their wrap-up


async def test_who_looks_ready_without_a_telephone_is_paused(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    watch = PhoneWatch(whole.tools.get(Phones), whole.hub, whole.telephones, whole.clock)
    await at_the_phone(whole, "a01", "ready", None)
    await watch.look()
    await lose(whole)
    await watch.look()
    whole.clock.goes_on(BACK_WITHIN / 2)
    await watch.look()
    await at_the_phone(whole, "a01", "ready", None)  # loaded again
    await watch.look()
    await lose(whole)
    whole.clock.goes_on(BACK_WITHIN)
    await watch.look()
    assert whole.telephones.paused == []
    whole.clock.goes_on(BACK_WITHIN)
    await watch.look()
    assert whole.telephones.paused == [("a01", LOST)]


async def test_who_is_ready_as_an_unchecked_page_becomes_their_telephone_is_paused(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    watch = PhoneWatch(whole.tools.get(Phones), whole.hub, whole.telephones, whole.clock)
    await at_the_phone(whole, "a01", "ready", None)  # on a desk phone
    await granted(page)
    async with opened(page):
        await is_on(whole)
        await watch.look()
        whole.clock.goes_on(BACK_WITHIN / 2)
        await watch.look()
        await tell(page, *CHECKS)  # in time
        whole.clock.goes_on(BACK_WITHIN)
        await watch.look()
        assert whole.telephones.paused == []
        await granted(page, OTHER, take_over=True)
    async with opened(page, OTHER):
        await is_on(whole)
        await watch.look()
        whole.clock.goes_on(BACK_WITHIN)
        await watch.look()
        assert whole.telephones.paused == [("a01", "phone_unchecked")]


async def lose(desk: Desk) -> None:
    """Their telephone is gone, as the controller tells."""
    agent = desk.hub.floor.agent("a01")
    assert agent is not None
    gone = agent.model_copy(update={"phone": "gone"})
    desk.hub.floor.take(AgentNews(at=desk.clock.now, agent=gone))


async def test_who_never_had_a_page_is_not_paused_by_it(whole: Desk) -> None:
    await seated(whole)
    watch = PhoneWatch(whole.tools.get(Phones), whole.hub, whole.telephones, whole.clock)
    await at_the_phone(whole, "a01", "ready", None)
    await lose(whole)
    await watch.look()
    whole.clock.goes_on(2 * BACK_WITHIN)
    await watch.look()
    assert whole.telephones.paused == []
