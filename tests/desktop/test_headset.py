"""Before a page may ring it is checked; in a talk it can be changed, and made louder."""

import pytest
from playwright.async_api import BrowserContext, Locator, expect

from tests.desktop.audio import hears_something
from tests.desktop.headset import (
    CHECK,
    CHOSEN_HZ,
    HEARD,
    TONE,
    TONE_HZ,
    VOICE,
    answered,
    at_the_page,
    check,
    is_beeped_at,
    is_heard,
    telephone,
    tone_microphone,
    tried,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

UNPLUG = """() => {
  window.unplugged = %s;
  const { track } = window.microphones.at(-1);
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""
PLUGGED = "() => navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
# Which microphones were asked for; one of them may not be plugged in.
PLUGGED_IN = """
  window.asked = [];
  window.away = null;
  const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
  navigator.mediaDevices.enumerateDevices = async () =>
    (await list()).filter((one) => one.deviceId !== window.away);
  const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    const device = asked.audio.deviceId?.exact ?? '';
    if (device !== '' && device === window.away) throw new DOMException('away', 'NotFoundError');
    window.asked.push(device);
    return give(asked);
  };
"""
# Every time that a sound was given a place.
SINKS = """
  window.sinks = [];
  for (const kind of [AudioContext, HTMLMediaElement]) {
    const set = kind.prototype.setSinkId;
    kind.prototype.setSinkId = function (id) {
      window.sinks.push([kind.name, id]);
      if (this instanceof HTMLMediaElement) window.loudspeaker = this;
      return set.call(this, id);
    };
  }
"""
# The tests' browser opens a microphone to everybody; a person's opens none that was denied, also
# before it has told its pages so.
REFUSES = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    if (window.denies) throw new DOMException('denied', 'NotAllowedError');
    return open(asked);
  };
"""
# Asterisk's first word that it has registered the page comes as a refusal.
REFUSED_ONCE = """
  window.refused = 0;
  const Line = window.WebSocket;
  const taken = Object.getOwnPropertyDescriptor(Line.prototype, 'onmessage');
  window.WebSocket = class extends Line {
    set onmessage(take) {
      taken.set.call(this, (event) => {
        const isIt = window.refused === 0 && /^SIP\\S+ 200 [^]*REGISTER/.test(event.data);
        if (!isIt) return take(event);
        window.refused += 1;
        return take({ data: event.data.replace(/^(SIP\\S+) 200 OK/, '$1 503 Unavailable') });
      });
    }
  };
"""
QUIETEST = -60.0  # dBFS, of a meter that shows nothing
QUIET = 0.05  # about -29 dBFS
LOUDER = 6.0  # dB
ROUGHLY = 1.0  # dB; G.711 is no measuring instrument


async def with_tone(r: Room, loudness: float = QUIET) -> BrowserContext:
    return await tone_microphone(await r.context(), loudness)


async def steady(call: OutgoingCall) -> float:
    """How loud the caller hears them, once it does not change any more."""
    heard: list[float] = []

    async def look() -> list[float]:
        heard.append(call.level(TONE_HZ))
        return heard[-4:]

    def is_steady(last: list[float]) -> bool:
        return len(last) == 4 and max(last) - min(last) < 0.5 and min(last) > VOICE

    return (await until_true(look, is_steady, "a steady tone"))[-1]


async def no_longer_granted(r: Room, person: Person) -> None:
    """As at the sign beside the address."""
    page = await person.page.context.new_cdp_session(person.page)
    told = await page.send("Target.getTargetInfo")
    browser = await r.browser.new_browser_cdp_session()
    denied = {"permission": {"name": "microphone"}, "setting": "denied", "origin": person.address}
    of = {"browserContextId": told["targetInfo"]["browserContextId"]}
    await browser.send("Browser.setPermission", denied | of)
    await browser.detach()


async def another_microphone(person: Person) -> str:
    """The last of those that are plugged in, chosen in the window."""
    await person.button("ヘッドセット").click()
    box = person.dialog.get_by_label("マイク", exact=True)
    others = box.locator("option:not([value=''])")
    await expect(others.first).to_be_attached()
    device = await others.last.get_attribute("value")
    assert device
    await box.select_option(device)
    await person.press("Escape")
    return device


async def speaker(person: Person, label: str, which: int) -> str:
    """Chosen in the open window, of those that are plugged in."""
    box = person.dialog.get_by_label(label, exact=True)
    one = box.locator("option:not([value=''])").nth(which)
    await expect(one).to_be_attached()
    device = await one.get_attribute("value")
    assert device
    await box.select_option(device)
    return device


async def test_no_call_before_the_check(r: Room) -> None:
    one = await telephone(r, "a01")
    one.expects("status of 409")
    panel = one.region(CHECK)
    await look(one.page, "phone-check")
    await one.press_on_page("r")
    await expect(one.page.get_by_text("電話の確認が済んでいません")).to_be_visible()
    await r.centre.agent_is("a01", "state", "paused")
    # Everything but the speaker is found by the page itself, the round trip through Asterisk too.
    for line in (
        "✓ 安全な接続(https)",
        "✓ マイクの許可",
        "✓ マイクの音量",
        "✓ 電話の登録",
        "✓ 音声の往復",
    ):
        await expect(panel.get_by_text(line)).to_be_visible()
    await expect(panel.get_by_text("… 受話音")).to_be_visible()
    await expect(panel.get_by_role("button", name=HEARD)).to_be_disabled()
    await panel.get_by_role("button", name=TONE).click()
    await panel.get_by_role("button", name=HEARD).click()
    await expect(panel).to_be_hidden()
    await r.centre.agent_is("a01", "phone", "free")
    await one.press_on_page("r")
    await one.is_so("受付可")


async def test_a_silent_microphone_is_named_with_what_to_do(r: Room) -> None:
    one = await telephone(r, "a01", await with_tone(r, 0.0))
    panel = one.region(CHECK)
    await expect(panel.get_by_text("声が届いていません")).to_be_visible(timeout=20_000)
    await one.page.evaluate("window.microphones.at(-1).gain.gain.value = 0.1")
    # It goes on listening: whoever has found the switch need not begin again.
    await expect(panel.get_by_text("✓ マイクの音量")).to_be_visible()


async def test_the_key_for_who_hears_badly_is_six_decibels(r: Room) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    call = await answered(r, one)
    before = await steady(call)
    await one.press_on_page("v")
    await expect(one.page.get_by_text("+6 dB")).to_be_visible()
    await until_true(
        lambda: steady(call),
        lambda now: abs(now - before - LOUDER) < ROUGHLY,
        "the caller hears them twice as loud",
    )
    # Louder than can be sent is held by the limiter, and not cut off.
    await one.page.evaluate("window.microphones.at(-1).gain.gain.value = 0.9")
    await until_true(
        lambda: steady(call), lambda now: -9.0 < now < -3.0, "it is loud, and no louder than that"
    )
    await one.page.evaluate(f"window.microphones.at(-1).gain.gain.value = {QUIET}")
    await one.press_on_page("v")
    await until_true(
        lambda: steady(call), lambda now: abs(now - before) < ROUGHLY, "as loud as before"
    )
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_headset_that_is_unplugged_costs_no_call_and_no_next_one(r: Room) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    one.expects("status of 409")
    call = await answered(r, one)
    await is_beeped_at(call)
    # In a talk: the system's own microphone goes on, and the next call waits for a check.
    await one.page.evaluate(UNPLUG % "false")
    await is_beeped_at(call)
    await hears_something(one)
    await expect(one.region(CHECK)).to_be_visible()
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await one.keeps(then="停止中")
    await r.centre.agent_is("a01", "reason", "microphone_gone")
    # Waiting for calls: paused at once, with the reason.
    await check(one)
    await one.press_on_page("r")
    await one.is_so("受付可")
    await one.page.evaluate(UNPLUG % "true")
    await one.is_so("停止中")
    await expect(one.does).to_contain_text("マイクが外れました")
    await expect(one.page.get_by_text("マイクを使えません")).to_be_visible()


async def shown(meter: Locator) -> float:
    """dBFS."""
    return float(await meter.get_attribute("value") or QUIETEST)


async def test_another_headset_in_the_middle_of_a_talk(r: Room) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    call = await answered(r, one)
    await is_heard(call, TONE_HZ)
    meters = one.page.get_by_role("meter")
    assert await meters.count() == 2  # of whoever sits here, and of the caller
    await until_true(lambda: shown(meters.first), lambda now: now > QUIETEST, "theirs moves")
    await until_true(lambda: shown(meters.last), lambda now: now > QUIETEST, "the caller's moves")
    await another_microphone(one)
    await is_heard(call, CHOSEN_HZ)
    await hears_something(one)
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await tried(one)


async def test_a_microphone_that_is_no_longer_granted_pauses_who_waits_for_calls(r: Room) -> None:
    context = await r.context()
    await context.add_init_script(REFUSES)
    one = await at_the_page(r, "a01", context)
    one.expects("status of 409")
    await one.press_on_page("r")
    await one.is_so("受付可")
    await one.page.evaluate("window.denies = true")
    await no_longer_granted(r, one)
    await r.centre.agent_is("a01", "reason", "microphone_refused")
    await one.is_so("停止中")
    await expect(one.does).to_contain_text("マイクの許可がなくなりました")
    mend = "アドレス欄の左の印からマイクを「許可」にして、もう一度選んでください"
    await expect(one.page.get_by_text(mend)).to_be_visible()


async def test_it_rings_where_ringing_was_chosen_and_talks_where_talking_was(r: Room) -> None:
    context = await r.context()
    await context.add_init_script(SINKS)
    one = await at_the_page(r, "a01", context)
    await one.button("ヘッドセット").click()
    ring, talk = await speaker(one, "呼出音を出す先", 0), await speaker(one, "通話の音を出す先", 1)
    await one.press("Escape")
    await check(one)  # another speaker has to be heard first
    assert ["HTMLMediaElement", talk] in await one.page.evaluate("window.sinks")
    await one.page.evaluate("window.sinks = []")
    call = await answered(r, one)
    await hears_something(one)
    assert await one.page.evaluate("window.sinks") == [["AudioContext", ring]]
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_microphone_that_is_there_again_in_a_talk_leaves_no_complaint(r: Room) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.evaluate(UNPLUG % "true")
    unheard = one.page.get_by_text("マイクを使えません")
    await expect(unheard).to_be_visible()
    await one.is_so("通話中")
    await one.page.evaluate("window.unplugged = false")
    await another_microphone(one)
    await is_beeped_at(call)
    await expect(unheard).to_be_hidden()
    await call.hang_up()
    await one.is_so("後処理")
    await tried(one)


async def test_a_headset_that_is_plugged_in_again_in_a_talk_is_heard_by_itself(r: Room) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.evaluate(UNPLUG % "true")
    unheard = one.page.get_by_text("マイクを使えません")
    await expect(unheard).to_be_visible()
    await one.page.evaluate(PLUGGED)  # something else: there is no microphone yet
    await expect(unheard).to_be_visible()
    await one.page.evaluate("window.unplugged = false")
    await one.page.evaluate(PLUGGED)
    await is_beeped_at(call)
    await expect(unheard).to_be_hidden()
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await tried(one)


async def test_the_chosen_headset_takes_over_from_its_stand_in_once_it_is_there(r: Room) -> None:
    context = await with_tone(r)
    await context.add_init_script(PLUGGED_IN)
    one = await at_the_page(r, "a01", context)
    device = await another_microphone(one)
    await check(one)
    call = await answered(r, one)
    await is_beeped_at(call)
    await one.page.evaluate("device => { window.away = device; }", device)
    await one.page.evaluate(UNPLUG % "false")
    await is_beeped_at(call)
    stand_in = await one.page.evaluate("window.asked.length")
    await one.page.evaluate(PLUGGED)  # something else: the stand-in stays
    await one.page.evaluate("window.away = null")
    await one.page.evaluate(PLUGGED)
    assert (await one.page.evaluate("window.asked"))[stand_in:] == [device]
    await is_beeped_at(call)
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await tried(one)


async def hears_by(person: Person, device: str) -> None:
    """The element that plays the caller is given to this device; "" is the system's own."""

    async def sink() -> str:
        told: str = await person.page.evaluate("window.loudspeaker.sinkId")
        return told

    await until_true(sink, device.__eq__, "sound goes there")


async def with_a_chosen_speaker(r: Room) -> tuple[Person, str]:
    """Somebody who hears callers by a device of their own, which a test can unplug."""
    context = await with_tone(r)
    for script in (SINKS, PLUGGED_IN):
        await context.add_init_script(script)
    one = await at_the_page(r, "a01", context)
    await one.button("ヘッドセット").click()
    device = await speaker(one, "通話の音を出す先", 1)
    await one.press("Escape")
    await check(one)
    await hears_by(one, device)
    return one, device


async def is_plugged(person: Person, away: str | None) -> None:
    """Everything but this one."""
    await person.page.evaluate("away => { window.away = away; }", away)
    await person.page.evaluate(PLUGGED)


async def test_a_speaker_that_is_unplugged_in_a_talk_leaves_nobody_deaf(r: Room) -> None:
    one, device = await with_a_chosen_speaker(r)
    call = await answered(r, one)
    await hears_something(one)
    notice = one.page.get_by_text("既定の音声出力から出しています")
    await is_plugged(one, device)
    await hears_by(one, "")
    await expect(notice).to_be_visible()
    await hears_something(one)
    await is_heard(call)
    await is_plugged(one, "another")  # and this one again
    await hears_by(one, device)
    await expect(notice).to_be_hidden()
    await hears_something(one)
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await tried(one)


async def test_whose_speaker_is_unplugged_takes_no_call_unchecked(r: Room) -> None:
    one, device = await with_a_chosen_speaker(r)
    await one.press_on_page("r")
    await one.is_so("受付可")
    await is_plugged(one, device)
    await r.centre.agent_is("a01", "reason", "devices_changed")
    await expect(one.region(CHECK)).to_be_visible()
    await check(one)
    await hears_by(one, "")
    await one.press_on_page("r")
    await one.is_so("受付可")


async def test_a_fault_that_the_desk_did_not_hear_is_no_complaint_once_it_is_put_right(
    r: Room,
) -> None:
    one = await at_the_page(r, "a01", await with_tone(r))
    one.expects("ERR_FAILED|Failed to load resource")
    await one.page.route("**/api/phone/faults", lambda route: route.abort())
    await one.page.evaluate(UNPLUG % "false")
    offline = one.page.get_by_text("サーバーにつながりません")
    await expect(offline).to_be_visible()
    await one.page.unroute("**/api/phone/faults")
    await check(one)
    await expect(offline).to_be_hidden()
    await r.centre.agent_is("a01", "phone", "free")


async def test_a_registration_that_was_refused_once_is_tried_again(r: Room) -> None:
    """On the same connection: nobody has to load the page anew."""
    context = await r.context()
    await context.add_init_script(REFUSED_ONCE)
    one = await telephone(r, "a01", context)
    assert await one.page.evaluate("window.refused") == 1
    await tried(one)
