"""A page that was lost in a talk and does not come back, where no desk phone stands."""

from datetime import datetime
from time import monotonic
from typing import Final

import pytest
from playwright.async_api import expect

from tests.desktop.headset import (
    TONE_HZ,
    VOICE,
    answered,
    at_the_page,
    is_heard,
    tone_microphone,
    tried,
)
from tests.desktop.room import Room
from tests.real.tones import hears
from tests.real.waiting import until_true
from tests.sip import OutgoingCall, talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

ALARMS: Final = "システムの警告"
KEPT: Final = "1 件のお客様が保留音を聞いています"
WAITED_FOR: Final = 20.0  # seconds, for the telephone to come back
ROUGHLY: Final = 1.0  # the record has whole seconds


async def hears_music(call: OutgoingCall) -> None:
    """Something is heard, and not the page's microphone."""

    async def heard() -> bool:
        return call.rms() > VOICE > call.level(TONE_HZ)

    await until_true(heard, bool, "music")


async def test_the_caller_is_told_and_comes_next_and_the_supervisor_is_alarmed(r: Room) -> None:
    boss, other = await r.seated("s01"), await r.seated("a02")
    await (await r.centre.phone("a01")).unregister()  # another test may have left it there
    one = await at_the_page(r, "a01", await tone_microphone(await r.context()))
    call = await answered(r, one)
    await is_heard(call)
    later = await r.booking()
    await r.centre.waiting(1, "booking")
    kept = boss.region(ALARMS).get_by_text(KEPT)  # beside what the machine may complain of
    await expect(kept).to_be_hidden()
    closed = monotonic()
    await one.page.close()
    await hears_music(call)
    await expect(kept).to_be_visible()
    await hears(call, "please_wait", since=closed, within=60)
    await r.centre.waiting(2, "booking")
    await hears_music(call)
    await expect(kept).to_be_visible()

    await r.centre.ready("a02")
    leg = await r.answer(other)
    await expect(other.region("通話").get_by_text("再開")).to_be_visible()
    await talk(call, leg)  # and not the one who came later
    await expect(kept).to_be_hidden()
    afterwards = (await r.centre.agent("a01"))["afterwards"]
    assert (afterwards["state"], afterwards["reason"]) == ("paused", "phone_lost")
    await call.hang_up()
    await later.hang_up()
    await other.is_so("後処理")
    await other.keeps()
    assert await after_the_loss(r, call) > WAITED_FOR - ROUGHLY
    await tried(await r.person("a01", one.page.context))  # who signs out at the end


async def after_the_loss(r: Room, call: OutgoingCall) -> float:
    """Seconds until the caller waited again, as the record has it."""
    timeline = (await r.centre.record(call))["timeline"]
    at = {each["event"]: datetime.fromisoformat(each["at"]) for each in timeline}
    return (at["returned"] - at["phone_lost"]).total_seconds()
