"""The page is the telephone: a headset, no desk phone."""

import asyncio
import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.desktop.audio import hears_something, sound
from tests.desktop.cutting import way_to
from tests.desktop.headset import (
    ELSEWHERE,
    IS_PHONE,
    MOVE_HERE,
    answered,
    at_the_page,
    check,
    is_beeped_at,
    offered,
    tried,
)
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import until_true
from tests.sip import talk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

AT_ONCE = 15.0  # seconds; what it has registered holds for two minutes
SOON = 15.0  # seconds; a browser gives a connection up after half a minute
ALL_CLOSED = "window.peers.every((peer) => peer.connectionState === 'closed')"


async def registered(r: Room, seat: str, telephone: str = ".web") -> str:
    """What Asterisk says of the page's telephone, or of the desk's."""
    return str((await r.centre.ari.endpoint(f"{seat}{telephone}")).state)


async def test_a_call_on_the_page(r: Room) -> None:
    one = await at_the_page(r, "a01")
    call = await answered(r, one)
    r.centre.told_to_end.add(caller(call))
    await is_beeped_at(call)
    await hears_something(one)

    # Held: the page hears nothing more, and its leg stays.
    await one.press("F2")
    await one.is_so("保留中")
    quiet = await sound(one)
    await until_true(lambda: sound(one), lambda now: now.went > quiet.went + 50, "a second passes")
    assert (await sound(one)).live == 1
    await one.press("F2")
    await one.is_so("通話中")
    await is_beeped_at(call)
    await hears_something(one)

    # Hung up by the page: a request, as with a desk phone.
    await one.press("Shift+F2")
    await call.ended
    await one.is_so("後処理")
    await until_true(lambda: sound(one), lambda now: now.live == 0, "nothing of it is left")
    await one.press("F4")
    await one.is_so("受付可")


@pytest.mark.at_length
async def test_a_call_that_the_news_end_is_over_at_the_page_whatever_sip_says(r: Room) -> None:
    context = await r.context()
    deaf = asyncio.Event()

    def take(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(lambda frame: None if deaf.is_set() else line.send(frame))

    await context.route_web_socket(re.compile(r"/phone\?"), take)
    one = await at_the_page(r, "a01", context)
    call = await answered(r, one)
    await is_beeped_at(call)
    deaf.set()  # the page hears no BYE
    await call.hang_up()
    await one.is_so("後処理")

    async def has_ended() -> bool:
        ended: bool = await one.page.evaluate(ALL_CLOSED)
        return ended

    # By the page itself: what only comes to nothing for want of packets is not closed so soon.
    await until_true(has_ended, bool, "the page has ended its session", within=SOON)
    assert (await sound(one)).live == 0
    deaf.clear()


@pytest.mark.at_length
async def test_a_page_that_is_closed_is_no_telephone(r: Room) -> None:
    one = await at_the_page(r, "a01")
    assert await registered(r, "a01") == "online"
    await one.page.close()
    await until_true(
        lambda: registered(r, "a01"), lambda now: now == "offline", "it is gone", within=AT_ONCE
    )
    on_the_desk = await registered(r, "a01", "") == "online"  # another test may have left it there
    await r.centre.agent_is("a01", "phone", "free" if on_the_desk else "gone")
    await tried(await r.person("a01", one.page.context))  # who signs out at the end


@pytest.mark.at_length
async def test_a_call_that_was_announced_is_no_emergency_when_the_news_are_cut(r: Room) -> None:
    """The card says who rings, and has the one key to answer."""
    context = await r.context()
    lines: list[WebSocketRoute] = []
    cut = asyncio.Event()

    async def take(line: WebSocketRoute) -> None:
        lines.append(line)
        if cut.is_set():
            await line.close()
        else:
            line.connect_to_server()

    await context.route_web_socket("**/api/news**", take)
    one = await at_the_page(r, "a01", context)
    await one.press_on_page("r")
    await one.is_so("受付可")
    call = await r.booking()
    await one.is_so("呼出中")
    cut.set()
    await lines[-1].close()
    await expect(one.page.get_by_text("最新の状態を取得できません")).to_be_visible()
    await expect(one.button("応答")).to_have_count(1)
    await one.button("応答").click()
    await is_beeped_at(call)
    await call.hang_up()
    await one.page.close()


@pytest.mark.at_length
async def test_a_second_page_says_that_the_first_is_the_telephone(r: Room) -> None:
    one = await at_the_page(r, "a01")
    other = await r.person("a01", one.page.context)
    other.expects("status of 409")
    await expect(other.page.get_by_text(ELSEWHERE)).to_be_visible()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await other.button(MOVE_HERE).click()
    await expect(other.page.get_by_text(IS_PHONE)).to_be_visible()
    await expect(one.page.get_by_text(ELSEWHERE)).to_be_visible()
    await check(other)
    await r.centre.agent_is("a01", "phone", "free")
    call = await answered(r, other)
    await is_beeped_at(call)
    await call.hang_up()
    await other.is_so("後処理")


@pytest.mark.at_length
async def test_a_page_that_lost_its_line_is_offered_nobody_and_is_paused(r: Room) -> None:
    await (await r.centre.phone("a01")).unregister()  # another test's
    async with way_to(r.desk_port) as way:
        one = await at_the_page(r, "a01", await r.context(), way.port)
        one.expects("ERR_|WebSocket|Failed to load resource")
        await one.press_on_page("r")
        await one.is_so("受付可")
        way.cut()
        await r.centre.agent_is("a01", "phone", "gone")
        call = await r.booking()
        await r.centre.agent_is("a01", "state", "paused")
        assert (await r.centre.agent("a01"))["reason"] == "phone_lost"
        way.mend()
        await one.is_so("電話機がつながりません")
        await call.hang_up()
        timeline = (await r.centre.record(call))["timeline"]
        assert "offered" not in [each["event"] for each in timeline]
        await r.leave()  # everybody signs out through it


@pytest.mark.at_length
async def test_a_reload_is_the_telephone_again(r: Room) -> None:
    one = await at_the_page(r, "a01")
    await one.page.reload()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    call = await answered(r, one)
    await is_beeped_at(call)
    await hears_something(one)
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_reload_in_the_middle_of_a_talk_goes_on_with_the_same_caller(r: Room) -> None:
    one = await at_the_page(r, "a01")
    call = await answered(r, one)
    await is_beeped_at(call)
    (before,) = (await r.centre.status())["calls"]
    first = (await r.centre.agent("a01"))["offer"]["attempt"]
    await one.page.reload()
    await until_true(
        lambda: r.centre.agent("a01"),
        lambda agent: agent["state"] == "talking" and agent["offer"]["attempt"] > first,
        "a fresh leg is in the same call",
    )
    await one.is_so("通話中")
    await is_beeped_at(call)
    await hears_something(one)
    (after,) = (await r.centre.status())["calls"]
    assert (after["id"], after["agent"]) == (before["id"], "a01")
    await call.hang_up()
    await one.is_so("後処理")
    record = await r.centre.record(call)
    events = [each["event"] for each in record["timeline"]]
    assert events.index("phone_lost") < events.index("phone_back")


async def rings(r: Room, name: str) -> int:
    """The attempt that rings at this seat; 0 while none does."""
    offer = (await r.centre.agent(name))["offer"]
    return int(offer["attempt"]) if offer and offer["ringing"] else 0


async def test_a_page_that_is_closed_while_it_rings_leaves_the_caller_to_the_next(r: Room) -> None:
    one = await at_the_page(r, "a01")
    call = await offered(r, one)
    await until_true(lambda: rings(r, "a01"), (1).__eq__, "it rings")
    colleague = await r.centre.ready("a02")
    await one.page.close()
    leg = await colleague.rings(within=20)  # the page would ring for longer
    await leg.answer()
    assert await call.heard(leg.tone_hz)
    await call.hang_up()
    timeline = (await r.centre.record(call))["timeline"]
    ends = [each["end"] for each in timeline if each["event"] == "offer_ended"]
    assert ends == ["unreachable", "answered"]


@pytest.mark.at_length
async def test_a_reload_while_it_rings_is_rung_anew(r: Room) -> None:
    one = await at_the_page(r, "a01")
    one.expects("status of 404")  # between the two rings the call is nobody's
    call = await offered(r, one)
    await until_true(lambda: rings(r, "a01"), (1).__eq__, "it rings")
    await one.page.reload()
    await until_true(lambda: rings(r, "a01"), (2).__eq__, "it rings anew", within=15)
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await one.is_so("通話中")
    await is_beeped_at(call)
    await call.hang_up()
    await one.is_so("後処理")


@pytest.mark.at_length
async def test_a_page_that_dies_leaves_the_caller_to_the_desk_phone(r: Room) -> None:
    phone = await r.centre.phone("a01")
    one = await at_the_page(r, "a01")
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.close()
    leg = await phone.rings()
    await leg.answer()
    await talk(call, leg)
    await r.centre.agent_is("a01", "state", "talking")
    await call.hang_up()
    await leg.ended
    await tried(await r.person("a01", one.page.context))  # who signs out at the end


@pytest.mark.at_length
async def test_whoever_gets_a_caller_of_a_dead_page_sees_that_they_waited_again(r: Room) -> None:
    one = await at_the_page(r, "a01")
    other = await r.seated("a02")
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.close()
    await r.centre.agent_is("a01", "state", "wrap_up", within=40)  # nobody has come back
    await r.centre.ready("a02")
    leg = await r.answer(other)
    await expect(other.region("通話").get_by_text("再開")).to_be_visible()
    await expect(other.region("回線").get_by_text("再開")).to_be_visible()
    await talk(call, leg)
    await call.hang_up()
    await other.is_so("後処理")
    await other.keeps()
    await tried(await r.person("a01", one.page.context))  # who signs out at the end
