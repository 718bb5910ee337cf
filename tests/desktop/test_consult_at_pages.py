"""取次 from one headset to another: no desk phone is there, and each of the three may drop out."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import Locator, expect

from tests.desktop.audio import page_hears, page_hears_no, sound
from tests.desktop.headset import (
    CHOSEN_HZ,
    IS_PHONE,
    TONE_HZ,
    VOICE,
    answered,
    at_the_page,
    is_heard,
    is_not_heard,
    tone_microphone,
    tried_or_done,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

NOTE: Final = "委任状の書き方について"
LOUDNESS: Final = 0.2
ASKS_HZ, ASKED_HZ = TONE_HZ, CHOSEN_HZ


@dataclass
class Three:
    """A citizen, their agent and a colleague, both of whom have nothing but a page."""

    r: Room
    call: OutgoingCall
    one: Person
    two: Person

    def keys(self) -> Locator:
        """What goes on with whoever is asked, at the page of who asks."""
        return self.one.page.get_by_role("group", name="取次先")

    async def press(self, name: str, then: str) -> None:
        await self.keys().get_by_role("button", name=name).click()
        await expect(self.keys()).to_contain_text(then)

    async def all_hear_each_other(self) -> None:
        call, one, two = self.call, self.one, self.two
        await is_heard(call, ASKS_HZ)
        await is_heard(call, ASKED_HZ)
        for page, other in ((one, ASKED_HZ), (two, ASKS_HZ)):
            await page_hears(page, other)
            await page_hears(page, call.tone_hz)


async def rung(r: Room) -> Three:
    """The colleague's page rings, and is not answered yet."""
    people = []
    for name, hertz in (("a01", ASKS_HZ), ("a02", ASKED_HZ)):
        context = await tone_microphone(await r.context(), LOUDNESS, hertz)
        await (await r.centre.phone(name)).unregister()  # another test may have left it there
        people.append(await at_the_page(r, name, context))
    one, two = people
    call = await answered(r, one)
    await is_heard(call, ASKS_HZ)
    await one.button("取次(相談)").click()
    await expect(one.dialog.get_by_label("用件(任意)")).to_have_value("R1")
    await one.dialog.get_by_role("textbox").fill(NOTE)
    await one.dialog.get_by_role("button", name="(a02)").click()
    three = Three(r, call, one, two)
    await expect(three.keys()).to_contain_text("呼び出しています")
    await two.is_so("呼出中")
    return three


async def consulting(r: Room) -> Three:
    """The same, answered with the key."""
    three = await rung(r)
    await expect(three.two.button("応答")).to_be_visible()
    await three.two.press("F2")
    await expect(three.keys()).to_contain_text("取次先と話しています")
    return three


async def conferring(r: Room) -> Three:
    """All three hear each other."""
    three = await consulting(r)
    await three.press("三者通話", "三者で話しています")
    await three.all_hear_each_other()
    return three


async def test_the_page_that_is_asked_rings_and_says_who_comes_and_gets_them(r: Room) -> None:
    three = await rung(r)
    call, one, two = three.call, three.one, three.two
    card = two.region("通話")
    await expect(card).to_contain_text(re.compile(r"0942-\*\*-09\d\d"))
    await expect(card).to_contain_text("受取予約・新規")
    await expect(two.region("この通話のメモ")).to_contain_text(re.compile(f"【.*新規.*】{NOTE}"))
    await until_true(two.instants, lambda seen: "ring" in seen, "it rings there")
    await is_not_heard(call, ASKED_HZ)
    await two.press("F2")
    await expect(three.keys()).to_contain_text("取次先と話しています")
    await page_hears(one, ASKED_HZ)
    await page_hears(two, ASKS_HZ)
    await page_hears_no(two, call.tone_hz)
    await is_not_heard(call, ASKS_HZ)
    await three.press("相手を切り替える", "お客様と話しています")
    await is_heard(call, ASKS_HZ)
    await page_hears_no(two, ASKS_HZ)
    await three.press("三者通話", "三者で話しています")
    await three.all_hear_each_other()
    await three.keys().get_by_role("button", name="転送して終わる").click()
    await one.is_so("後処理")
    await has_no_call(one)
    await two.is_so("通話中")
    await is_not_heard(call, ASKS_HZ)
    await is_heard(call, ASKED_HZ)
    await page_hears(two, call.tone_hz)
    await call.hang_up()
    await two.is_so("後処理")
    record = await r.centre.record(call)
    assert (record["agent"], record["outcome"]) == ("a02", "answered")


async def has_no_call(person: Person) -> None:
    """Nothing of it is left at the page."""
    await until_true(lambda: sound(person), lambda now: now.live == 0, "no call")


async def gone(person: Person) -> None:
    """Its tab is closed."""
    await person.page.close()


async def reloaded(person: Person) -> None:
    """It is loaded again, and the telephone by itself."""
    await person.page.reload()
    await expect(person.page.get_by_text(IS_PHONE)).to_be_visible()


LEAVES: Final[dict[str, Callable[[Person], Awaitable[None]]]] = {
    "closed": gone,
    "reloaded": reloaded,
}


async def left(three: Three, person: Person, how: str) -> Person:
    """Their page as it is afterwards: whoever closed it signs out by another one at the end."""
    return person if how == "reloaded" else await three.r.person(person.name, person.page.context)


@pytest.mark.parametrize("how", LEAVES)
async def test_of_three_the_agents_page_goes_and_the_other_two_talk(r: Room, how: str) -> None:
    three = await conferring(r)
    call, one, two = three.call, three.one, three.two
    await LEAVES[how](one)
    await r.centre.agent_is("a01", "state", "wrap_up")
    await two.is_so("通話中")
    await is_heard(call, ASKED_HZ)
    await page_hears(two, call.tone_hz)
    await is_not_heard(call, ASKS_HZ)
    (seen,) = (await r.centre.status())["calls"]
    assert (seen["agent"], seen["consult"]) == ("a02", None)
    one = await left(three, one, how)
    await one.is_so("後処理")
    await call.hang_up()
    await two.is_so("後処理")
    assert (await r.centre.record(call))["agent"] == "a02"
    await tried_or_done(one)


@pytest.mark.parametrize("how", LEAVES)
async def test_of_three_the_page_that_was_asked_goes_and_the_agent_goes_on(
    r: Room, how: str
) -> None:
    three = await conferring(r)
    call, one, two = three.call, three.one, three.two
    await LEAVES[how](two)
    await expect(three.keys()).to_be_hidden()
    await one.is_so("通話中")
    await is_heard(call, ASKS_HZ)
    await page_hears(one, call.tone_hz)
    await is_not_heard(call, ASKED_HZ)
    await page_hears_no(one, ASKED_HZ)
    two = await left(three, two, how)
    await two.is_so("停止中")
    await call.hang_up()
    await one.is_so("後処理")
    assert (await r.centre.record(call))["agent"] == "a01"
    await tried_or_done(two)


async def test_of_three_the_citizen_goes_and_it_is_over_for_all(r: Room) -> None:
    three = await conferring(r)
    await three.call.hang_up()
    await three.one.is_so("後処理")
    await three.two.is_so("停止中")
    await has_no_call(three.one)
    await has_no_call(three.two)


async def test_the_page_that_is_asked_goes_and_the_citizen_is_not_alone(r: Room) -> None:
    """The two of them talked: the citizen stays on hold, with music, until they are taken back."""
    three = await consulting(r)
    call, one, two = three.call, three.one, three.two
    await page_hears(one, ASKED_HZ)
    await gone(two)
    await expect(three.keys()).to_be_hidden()
    await one.is_so("保留中")

    async def loudness() -> float:
        return call.rms()

    await until_true(loudness, lambda now: now > VOICE, "music")
    await one.press("F2")
    await one.is_so("通話中")
    await is_heard(call, ASKS_HZ)
    await page_hears(one, call.tone_hz)
    await call.hang_up()
    await one.is_so("後処理")
    await tried_or_done(await left(three, two, "closed"))


@pytest.mark.parametrize("how", LEAVES)
async def test_the_agents_page_goes_and_the_citizen_is_with_whoever_was_asked(
    r: Room, how: str
) -> None:
    """They were on hold until then; the agent had nobody but the colleague to hear."""
    three = await consulting(r)
    call, one, two = three.call, three.one, three.two
    await page_hears(two, ASKS_HZ)
    await LEAVES[how](one)
    await r.centre.agent_is("a01", "state", "wrap_up")
    await two.is_so("通話中")
    await is_heard(call, ASKED_HZ)
    await page_hears(two, call.tone_hz)
    one = await left(three, one, how)
    await one.is_so("後処理")
    await has_no_call(one)
    await call.hang_up()
    await two.is_so("後処理")
    assert (await r.centre.record(call))["agent"] == "a02"
    await tried_or_done(one)


@pytest.mark.parametrize("begun", [rung, consulting], ids=["while it rings", "while they talk"])
async def test_the_citizen_goes_and_neither_page_has_a_call_any_more(
    r: Room, begun: Callable[[Room], Awaitable[Three]]
) -> None:
    three = await begun(r)
    three.two.expects("status of 404")  # a page may ask for what belongs to an offer that is gone
    await three.call.hang_up()
    await three.one.is_so("後処理")
    await three.two.is_so("停止中")
    await expect(three.two.button("応答")).to_be_hidden()
    await has_no_call(three.one)
    await has_no_call(three.two)


async def test_the_page_that_is_asked_goes_while_it_rings(r: Room) -> None:
    three = await rung(r)
    call, one, two = three.call, three.one, three.two
    await until_true(two.instants, lambda seen: "ring" in seen, "it rings there")
    await gone(two)
    await expect(three.keys()).to_be_hidden()
    await one.is_so("保留中")
    await one.press("F2")
    await one.is_so("通話中")
    await is_heard(call, ASKS_HZ)
    await call.hang_up()
    await one.is_so("後処理")
    await tried_or_done(await left(three, two, "closed"))
