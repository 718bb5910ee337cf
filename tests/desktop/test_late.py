"""What a page's telephone began and something newer has overtaken changes nothing any more."""

import asyncio
import json
import re
from typing import Final

import pytest
from playwright.async_api import Locator, Route, WebSocketRoute, expect

from tests.desktop.cutting import way_to
from tests.desktop.headset import (
    CHECK,
    ELSEWHERE,
    IS_PHONE,
    TAKE_CALLS,
    answered,
    at_the_page,
    check,
    hears_the_tone,
    is_beeped_at,
    telephone,
    tone_microphone,
    tried,
)
from tests.desktop.person import UNTOUCHED, Person
from tests.desktop.room import Room
from tests.real.waiting import until, until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

GIVE_UP: Final = "この画面で受けるのをやめる"
RINGS_AT_LAST: Final = 300.0  # milliseconds after the offer
AWAY: Final = {"problem": "記録を読めません。", "problem_en": "The records cannot be read."}
FAULTS: Final = "/api/phone/faults"
# Whoever asks `navigator.permissions` while `holds` is answered when a test says so.
PERMISSIONS: Final = """
  window.held = [];
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (asked) => {
    if (window.holds) await new Promise((go) => window.held.push(go));
    return query(asked);
  };
"""
# The same of microphones; each that was opened is kept.
OPENINGS: Final = """
  window.held = [];
  window.opened = [];
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    if (window.holds) await new Promise((go) => window.held.push(go));
    const stream = await open(asked);
    window.opened.push(stream.getAudioTracks()[0]);
    return stream;
  };
"""
# What is counted first of a page's sound, as it tries it before its calls, is told late.
FIRST_COUNT: Final = """
  window.held = [];
  let first = true;
  const count = RTCPeerConnection.prototype.getStats;
  RTCPeerConnection.prototype.getStats = async function (...of) {
    const isFirst = first;
    first = false;
    const counted = await count.apply(this, of);
    if (isFirst) await new Promise((go) => window.held.push(go));
    return counted;
  };
"""
# A browser that makes no connection for sound, and all places of sound that were opened.
NO_PEER: Final = """
  window.refused = 0;
  window.RTCPeerConnection = class {
    constructor() {
      window.refused += 1;
      throw new DOMException('none', 'UnknownError');
    }
  };
  window.contexts = [];
  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...how) { super(...how); window.contexts.push(this); }
  };
"""
UNPLUG: Final = """() => {
  window.holds = true;
  const { track } = window.microphones.at(-1);
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


async def held(person: Person, how_many: int) -> None:
    """So many wait for the test's word."""
    await until_true(
        lambda: person.page.evaluate("window.held.length"), how_many.__eq__, "they are held"
    )


async def let_go(person: Person, which: int) -> None:
    await person.page.evaluate(f"window.held[{which}]()")


async def test_a_fault_of_a_telephone_that_was_given_up_is_not_the_next_ones(r: Room) -> None:
    """Why a microphone went silent is known only when there is another telephone in its place."""
    context = await tone_microphone(await r.context())
    await context.add_init_script(PERMISSIONS)
    one = await at_the_page(r, "a01", context)
    await one.page.evaluate(UNPLUG)
    await held(one, 1)
    await one.page.evaluate("window.holds = false")
    await one.button(GIVE_UP).click()
    await one.button(TAKE_CALLS).click()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await expect(one.region(CHECK)).to_be_hidden()  # the same page was checked before
    await let_go(one, 0)
    await one.press_on_page("r")
    await one.is_so("受付可")
    await expect(one.region(CHECK)).to_be_hidden()
    assert one.asked_for(FAULTS) == []


async def test_of_two_microphones_the_one_that_was_chosen_last_is_heard(r: Room) -> None:
    """Whichever the browser opens first; the arrow keys choose each on the way."""
    context = await r.context()
    await context.add_init_script(OPENINGS)
    one = await at_the_page(r, "a01", context)
    await one.page.evaluate("window.holds = true")
    await one.button("ヘッドセット").click()
    box = one.dialog.get_by_label("マイク", exact=True)
    others = box.locator("option:not([value=''])")
    await expect(others.first).to_be_attached()
    for which, option in enumerate((others.first, others.last)):
        await box.select_option(await option.get_attribute("value"))
        await held(one, which + 1)
    await let_go(one, 1)
    await opened(one, 2)
    await let_go(one, 0)
    await opened(one, 3)
    before, last, late = "ended", "live", "ended"
    await until_true(lambda: microphones(one), [before, last, late].__eq__, "the last is heard")
    await one.page.evaluate("window.holds = false")
    await one.press("Escape")
    await check(one)


async def opened(person: Person, how_many: int) -> None:
    await until_true(lambda: microphones(person), lambda now: len(now) == how_many, "it is open")


async def microphones(person: Person) -> list[str]:
    """What each that was opened is now."""
    found: list[str] = await person.page.evaluate("window.opened.map((one) => one.readyState)")
    return found


async def test_the_sound_is_tried_again_after_a_call_that_was_over_first(r: Room) -> None:
    """It gave way to the call, and hears of that only when nobody is on the line any more."""
    context = await r.context()
    one = await at_the_page(r, "a01", context)
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.close()
    await context.add_init_script(FIRST_COUNT)
    other = await r.person("a01", context)  # in the middle of the talk, and tries its sound first
    await held(other, 1)
    await other.is_so("通話中")
    await is_beeped_at(call)
    await call.hang_up()
    await other.is_so("後処理")
    await expect(trip(other)).to_contain_text("確かめています")
    await let_go(other, 0)
    await tried(other)
    await hears_the_tone(other)
    await expect(other.region(CHECK)).to_be_hidden()


def trip(person: Person) -> Locator:
    return person.region(CHECK).get_by_role("listitem").filter(has_text="音声の往復")


async def test_a_browser_that_connects_no_sound_is_told_and_keeps_no_tone(r: Room) -> None:
    context = await r.context()
    await context.add_init_script(NO_PEER)
    one = await telephone(r, "a01", context)
    for attempt in (1, 2, 3):
        await until_true(lambda: one.page.evaluate("window.refused"), attempt.__eq__, "it is tried")
        await expect(trip(one)).to_contain_text("音声が戻りません")
        await until_true(lambda: tones(one), (0).__eq__, "no tone is left")
        await one.button("もう一度確かめる").click()


async def tones(person: Person) -> int:
    """Of the places of sound that are open, all but the microphone's own, which is the first."""
    count = "window.contexts.filter((one) => one.state !== 'closed').length"
    return int(await person.page.evaluate(count)) - 1


async def test_another_page_that_took_the_telephone_while_the_line_was_cut_has_it(r: Room) -> None:
    async with way_to(r.desk_port) as way:
        context = await r.context()
        one = await at_the_page(r, "a01", context, way.port)
        one.expects("ERR_|WebSocket|Failed to load resource|status of 409")
        way.cut()
        await expect(one.page.get_by_text("電話の接続が切れました")).to_be_visible()
        other = await r.person("a01", context)
        await other.button(TAKE_CALLS).click()
        await expect(other.page.get_by_text(IS_PHONE)).to_be_visible()
        way.mend()
        await expect(one.page.get_by_text(ELSEWHERE)).to_be_visible()
        await expect(other.page.get_by_text(IS_PHONE)).to_be_visible()
        await tried(other)
        await one.page.close()


async def test_a_desk_that_takes_a_request_and_never_answers_is_told_of(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    await one.page.route("**/api/agent/hold", lambda route: None)
    await one.press("F2")
    unreachable = one.page.get_by_text("サーバーにつながりません")
    await expect(unreachable).to_be_visible(timeout=40_000)
    await one.page.unroute("**/api/agent/hold")
    await one.press("F2")
    await one.is_so("保留中")
    await expect(unreachable).to_be_hidden()
    await call.hang_up()
    await one.is_so("後処理")


def without_cards(page: WebSocketRoute) -> None:
    """The news, but for the cards that the desk sends along with them."""
    desk = page.connect_to_server()
    desk.on_message(lambda told: None if json.loads(told).get("card") else page.send(told))


async def test_a_card_that_could_not_be_had_is_asked_for_again(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    one.expects("status of 503|Failed to load resource")
    await one.page.route_web_socket(re.compile("/api/news"), without_cards)
    await one.page.route("**/card", lambda route: route.fulfill(status=503, json=AWAY))
    await one.page.reload()
    await expect(one.page.get_by_text(AWAY["problem"])).to_be_visible()
    await one.page.unroute("**/card")
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await expect(one.page.get_by_text(AWAY["problem"])).to_be_hidden()
    await call.hang_up()
    await one.is_so("後処理")


async def test_it_rings_after_300_ms_where_the_card_is_late(r: Room) -> None:
    one = await r.seated("a01")
    await r.centre.ready("a01")
    await one.page.route_web_socket(re.compile("/api/news"), without_cards)
    await one.page.reload()
    await one.is_so("受付可")
    rung = asyncio.Event()

    async def late(route: Route) -> None:
        await rung.wait()
        await route.continue_()

    await one.page.route("**/card", late)
    await one.forget_instants()
    await one.page.locator("body").click(position={"x": 1, "y": 1})  # whoever works there may hear
    call = await r.booking()
    saw = await until_true(one.instants, lambda saw: "ring" in saw, "it rings")
    assert "card" not in saw
    assert saw["ring"] - saw["offer"] >= RINGS_AT_LAST - 10  # a browser rounds
    rung.set()
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await call.hang_up()
    await one.is_so("受付可")


async def test_a_ring_that_was_over_before_it_was_allowed_to_sound_is_no_error(r: Room) -> None:
    one = await r.seated("a01")
    one.expects("status of 404")  # what it still asks of the call is of nobody's any more
    await r.centre.ready("a01")
    call = await r.booking()
    await one.is_so("呼出中")
    await one.page.reload()  # whatever the driver asks of a page counts as a touch: it asks nothing
    await until(lambda: any(UNTOUCHED in each for each in one.said), "it would ring")
    await call.hang_up()
    await one.is_so("受付可")
