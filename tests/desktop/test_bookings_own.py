"""Bookings typed while a citizen talks, where we sell the places."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.desktop.booking import HANAKO, Hands, finished, published, talking
from tests.desktop.person import Person
from tests.desktop.room import Room, room
from tests.desktop.seen import look
from tests.real.invariants import invariants

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]
Told = tuple[int, Any]
ROUNDS = 100  # of two windows after the last place


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def owning(running: Room, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """A centre of its own, in the browser of the others."""
    folder = tmp_path_factory.mktemp("owning")
    async with room(folder, running.browser, booking={"master": "own"}) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="package")
async def own(owning: Room) -> AsyncIterator[Room]:
    """The centre with nobody in it, and with nobody in it again afterwards."""
    owning.centre.begin()
    yield owning
    complaints = await owning.leave()
    await owning.centre.clear()
    await invariants(owning.centre)
    assert complaints == []


async def test_new_change_cancel_and_undo(own: Room) -> None:
    one = await talking(own)
    hands = Hands(one.page)
    await hands.new()
    await expect(hands.panel).to_contain_text("予約済み")
    await expect(hands.panel).to_contain_text("予約番号は、")
    await look(one.page, "booking-own-new")
    assert len(hands.pressed) == published("新規、自前の枠")
    number = await hands.panel.locator(".tabular-nums").first.inner_text()
    assert len(number) == 8
    await finished(one, "D02")

    one, hands = await caller(own, "2", "1")
    await hands.find(number)
    await hands.is_at("日時")
    await hands.type("2")
    await hands.press("F4")
    await expect(hands.panel).to_contain_text("復唱")
    assert len(hands.pressed) == published("変更、自前の枠")
    await finished(one, "D03")

    one, hands = await caller(own, "3", "2")
    await hands.find(number)
    await hands.is_at("理由")
    await hands.press("F4")
    await expect(hands.panel).to_contain_text("ご予約を取り消しました")
    assert len(hands.pressed) == published("取消、自前の枠")
    await hands.press("u")
    await expect(hands.panel).to_contain_text("元に戻しました")
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()


async def caller(own: Room, menu: str, last: str) -> tuple[Person, Hands]:
    """The next citizen, at a desk that somebody has just sat down at."""
    await own.leave()
    one = await talking(own, menu, from_number=f"094200095{last}")
    return one, Hands(one.page)


async def test_the_place_is_held_while_they_talk_and_the_other_sees_the_next(own: Room) -> None:
    one = await talking(own)
    hands = Hands(one.page)
    await hands.begin()
    panel = hands.panel
    for label, text in zip(("はがきの番号", "お名前", "ふりがな", "生年月日"), HANAKO, strict=True):
        await panel.get_by_label(label, exact=True).fill(text)
    await panel.get_by_label("受取場所", exact=True).select_option(label="北野総合支所")
    await expect(panel.get_by_role("list", name="次の空き")).to_contain_text("16:00")
    await panel.get_by_label("日時", exact=True).fill("1")
    await panel.get_by_label("日時", exact=True).press("Enter")
    await expect(panel).to_contain_text("仮押さえ中")
    await look(one.page, "booking-own-held")
    chosen = await panel.get_by_label("日時", exact=True).input_value()
    two = await own.seated("a02")
    two.expects("status of 409")
    place = {"site": "kitano", "day": chosen[:10], "start": chosen[11:16], "people": 1}
    status, told = await two.fetch("POST", "/api/bookings/holds", {"key": "other-0001", **place})
    assert status == 409
    assert "午前" in told["fields"]["following"] or "午後" in told["fields"]["following"]
    await one.page.reload()
    await one.button("受取予約", exact=True).wait_for()
    await one.press_on_page("b")
    await expect(panel).to_contain_text("仮押さえ中")  # it is ours still
    await panel.get_by_role("radio", name="本人", exact=False).first.check()
    await one.press("F4")
    await expect(panel).to_contain_text("予約済み")
    await finished(one, "D02")


async def test_two_windows_after_the_last_place(own: Room) -> None:
    """A hundred times: one has it, the other is told the next three, and nobody has it twice."""
    one, two = await own.seated("a01"), await own.seated("a02")
    for each in (one, two):
        each.expects("status of 409")
    _, free = await one.fetch("GET", "/api/bookings/slots?site=mino&people=1")
    places = [(slot["day"], slot["start"]) for slot in free["slots"]]
    for at in range(ROUNDS):
        day, start = places[at % len(places)]
        asked = {"site": "mino", "day": day, "start": start, "people": 1}
        told = await at_once((one, two), at, asked)
        assert sorted(status for status, _ in told) == [200, 409], told
        lost = next(said for status, said in told if status == 409)
        assert lost["fields"]["following"]
        held = next(said for status, said in told if status == 200)
        who = one if told[0][0] == 200 else two
        body = {"key": f"let-go-{at:04}", "version": held["version"]}
        path = f"/api/bookings/{held['id']}/cancellation"
        assert (await who.fetch("POST", path, body))[0] == 200


async def at_once(people: Sequence[Person], at: int, asked: dict[str, object]) -> list[Told]:
    """Each from its own page."""
    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(
                each.fetch("POST", "/api/bookings/holds", {"key": f"{each.name}-{at:06}", **asked})
            )
            for each in people
        ]
    return [each.result() for each in asking]
