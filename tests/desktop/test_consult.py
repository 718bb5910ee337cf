"""取次 on the page: say what it is about and to whom, talk to either or to both, hand over."""

import pytest
from playwright.async_api import Locator, expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true
from tests.sip import IncomingCall, OutgoingCall, not_hears, talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

NOTE = "委任状の書き方について"
MUSIC = -45.0  # dBov
Three = tuple[Person, Person, OutgoingCall, IncomingCall, IncomingCall]


async def consulting(r: Room, note: str = "") -> Three:
    """A citizen on hold, their agent, and a colleague who has answered at their telephone."""
    one, two = await r.seated("a01"), await r.seated("a02")
    call, leg = await r.talking("a01")
    await one.is_so("通話中")
    await one.button("取次(相談)").click()
    window = one.dialog
    # What the menu has said is what it is about, unless somebody chooses otherwise.
    await expect(window.get_by_label("用件(任意)")).to_have_value("R1")
    if note:
        await window.get_by_role("textbox").fill(note)
    await window.get_by_role("button", name="(a02)").click()
    aside = await r.centre.phones["a02"].rings()
    await expect(keys(one)).to_contain_text("呼び出しています")
    await aside.answer()
    await expect(keys(one)).to_contain_text("取次先と話しています")
    return one, two, call, leg, aside


def keys(person: Person) -> Locator:
    """What goes on with whoever is asked."""
    return person.page.get_by_role("group", name="取次先")


async def press(person: Person, name: str) -> None:
    await keys(person).get_by_role("button", name=name).click()


async def test_the_colleague_reads_what_it_is_about_and_gets_the_caller(r: Room) -> None:
    one, two, call, leg, aside = await consulting(r, NOTE)
    said = two.region("この通話のメモ")
    await expect(said).to_contain_text(NOTE)
    await expect(said).to_contain_text("【")
    await talk(leg, aside)
    await not_hears(call, aside.tone_hz, for_=0.4)
    await press(one, "相手を切り替える")
    await expect(keys(one)).to_contain_text("お客様と話しています")
    await talk(call, leg)
    await press(one, "三者通話")
    await expect(keys(one)).to_contain_text("三者で話しています")
    await talk(call, aside)
    await talk(leg, aside)
    await press(one, "転送して終わる")
    await leg.ended
    await one.is_so("後処理")
    await talk(call, aside)
    await two.is_so("通話中")
    await call.hang_up()
    await two.is_so("後処理")


async def test_it_is_given_up_and_the_caller_is_back(r: Room) -> None:
    one, _, call, leg, aside = await consulting(r)
    await press(one, "取次をやめる")
    await aside.ended
    await talk(call, leg)
    await expect(keys(one)).to_be_hidden()
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")


@pytest.mark.parametrize("last", ["相手を切り替える", "三者通話"])
async def test_it_is_given_up_in_the_middle_of_talking_to_the_caller(r: Room, last: str) -> None:
    one, _, call, leg, aside = await consulting(r)
    await press(one, last)
    await one.is_so("通話中")
    await talk(call, leg)
    await press(one, "取次をやめる")
    await aside.ended
    await expect(keys(one)).to_be_hidden()
    await one.press("F2")
    await one.is_so("保留中")
    await one.press("F2")
    await one.is_so("通話中")
    await talk(call, leg)
    await call.hang_up()
    await one.is_so("後処理")


async def test_the_colleague_hangs_up_and_the_caller_waits_with_music(r: Room) -> None:
    one, two, call, leg, aside = await consulting(r)
    await two.press("Shift+F2")
    await aside.ended
    await expect(keys(one)).to_be_hidden()
    await one.is_so("保留中")

    async def loudness() -> float:
        return call.rms()

    await until_true(loudness, lambda now: now > MUSIC, "music")
    await one.press("F2")
    await talk(call, leg)
    await call.hang_up()
    await one.is_so("後処理")
