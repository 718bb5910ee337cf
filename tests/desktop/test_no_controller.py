"""Both controllers are dead: the safety net rings the pages, which say so and go on ringing."""

import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, WebSocketRoute, expect

from tests.desktop.audio import hears_something, sound
from tests.desktop.headset import answered, at_the_page, is_heard, tone_microphone
from tests.desktop.person import Person
from tests.desktop.room import Room, room
from tests.desktop.seen import look
from tests.real.centre import caller
from tests.real.dying import without_controllers
from tests.real.waiting import pause, until, until_true
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

STOPPED: Final = "交換制御が止まっています"
OF_THE_NET: Final = "交換制御を通らない"
PUT_DOWN: Final = "この画面の電話は切りました"
RUNG_WITHIN: Final = 60_000  # milliseconds; the net waits, speaks, and then rings
LONGER: Final = 3.0  # seconds, than a page keeps a call that live news do not know
EMPTY: Final[dict[str, object]] = {
    "lines": [], "queues": [], "agents": [], "calls": [], "alarms": [], "away": True, "led": False,
    "closing": {"calls_left": 0, "asked_to_stay": []},
}  # fmt: skip
UNHEARD: Final = r"Failed to load resource|WebSocket|ERR_"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def mortal(running: Room, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """A centre of this module's own, whose net rings the phones soon."""
    limits = {"short_abandon": 1, "max_menu_time": 300, "retry_after": 1, "net_ring_after": 1}
    folder = tmp_path_factory.mktemp("unled")
    async with room(folder, running.browser, limits=limits) as made:
        yield made


async def ready_at_the_page(own: Room, context: BrowserContext | None = None) -> Person:
    """a01, and no other telephone is there."""
    one = await at_the_page(own, "a01", await tone_microphone(context or await own.context()))
    one.expects(UNHEARD)
    await one.press_on_page("r")
    await one.is_so("受付可")
    return one


async def rung_by_the_net(own: Room, one: Person) -> OutgoingCall:
    """A citizen who called while nobody leads; the page rings, and is heard to."""
    await expect(one.page.get_by_text(STOPPED)).to_be_visible()
    await one.forget_instants()
    call = await own.centre.call()
    rings = one.page.get_by_role("alert").get_by_text(OF_THE_NET)
    await expect(rings).to_be_visible(timeout=RUNG_WITHIN)
    await look(one.page, "call-of-the-net")
    await until(lambda: "ring" in one.saw, "it rings aloud")
    return call


async def test_a_call_of_the_net_outlives_the_outage_at_the_page(own: Room) -> None:
    one = await ready_at_the_page(own)
    async with without_controllers(own.centre):
        call = await rung_by_the_net(own, one)
        await one.press("F2")
        await is_heard(call)
        await hears_something(one)
    await expect(one.page.get_by_text(STOPPED)).to_be_hidden()
    await one.is_so("受付可")
    await pause(LONGER)
    await is_heard(call)
    await hears_something(one)
    other = await own.booking()
    await own.centre.waiting(1, "booking")  # for whoever carries a call is offered no other
    own.centre.told_to_end.add(caller(call))
    await one.press("Shift+F2")
    await call.ended
    await one.is_so("呼出中")
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await is_heard(other)
    await other.hang_up()
    await one.is_so("後処理")
    record, _ = await own.centre.some_records(2)  # the net's own comes after its call is over
    assert (record["outcome"], record["agent"]) == ("answered", "a01")
    assert [each["event"] for each in record["timeline"]] == ["safety_net"]


async def test_it_is_hung_up_while_nobody_leads_and_the_next_one_rings(own: Room) -> None:
    one = await ready_at_the_page(own)
    async with without_controllers(own.centre):
        first = await rung_by_the_net(own, one)
        await one.button("応答").click()
        await is_heard(first)
        own.centre.told_to_end.add(caller(first))
        await one.page.get_by_role("alert").get_by_role("button", name="切断").click()
        await first.ended
        second = await rung_by_the_net(own, one)
        await one.press("F2")
        await is_heard(second)
        await second.hang_up()
        await expect(one.page.get_by_text(OF_THE_NET)).to_be_hidden()
    await one.is_so("受付可")
    again = await answered(own, one)
    await again.hang_up()
    await one.is_so("後処理")


async def test_a_page_that_knows_nobody_rings(own: Room) -> None:
    """Its desk was started anew meanwhile, and could ask no controller."""
    context = await own.context()
    lines: list[WebSocketRoute] = []

    def take(line: WebSocketRoute) -> None:
        line.connect_to_server().on_message(line.send)
        lines.append(line)

    await context.route_web_socket("**/api/news**", take)
    one = await ready_at_the_page(own, context)
    async with without_controllers(own.centre):
        await expect(one.page.get_by_text(STOPPED)).to_be_visible()
        lines[-1].send(json.dumps({"seq": "0-0", "floor": EMPTY}))
        await expect(one.does).to_be_hidden()
        call = await rung_by_the_net(own, one)
        await one.press("F2")
        await is_heard(call)
        await expect(one.page.get_by_role("alert").get_by_text("通話中")).to_be_visible()
        own.centre.told_to_end.add(caller(call))
        await one.press("Shift+F2")
        await call.ended
    await one.is_so("受付可")


async def ends_what_was_announced(one: Person) -> None:
    """A call of a controller's: while none is there they alone leave it, as with a handset."""
    await expect(one.page.get_by_text(STOPPED)).to_be_visible()
    await one.press("Shift+F2")
    await until_true(lambda: sound(one), lambda now: now.live == 0, "its session is over")
    await expect(one.page.get_by_text(PUT_DOWN)).to_be_visible()


async def test_a_call_of_before_is_ended_at_the_page_and_the_net_rings_it_again(own: Room) -> None:
    """Their citizen has gone, too: else the page would be busy as long as nobody leads."""
    one = await ready_at_the_page(own)
    call = await answered(own, one)
    await is_heard(call)
    async with without_controllers(own.centre):
        await call.hang_up()
        await ends_what_was_announced(one)
        other = await rung_by_the_net(own, one)
        await one.press("F2")
        await is_heard(other)
        await expect(one.button("切断")).to_have_count(1)  # of the net's call
        await other.hang_up()
        await expect(one.page.get_by_text(OF_THE_NET)).to_be_hidden()
    await one.is_so("後処理")
    await expect(one.page.get_by_text(PUT_DOWN)).to_be_hidden()


async def test_whose_agent_has_hung_up_meanwhile_gets_somebody_once_there_is_a_controller(
    own: Room,
) -> None:
    """What the agent wanted nobody has heard: so a citizen who stayed is not hung up on."""
    one = await ready_at_the_page(own)
    call = await answered(own, one)
    async with without_controllers(own.centre):
        await ends_what_was_announced(one)
        assert not call.ended.happened
    await own.centre.waiting(1, "booking")
    await one.is_so("後処理")
    await one.press_on_page("r")
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await is_heard(call)
    await call.hang_up()
    await one.is_so("後処理")
