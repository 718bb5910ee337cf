"""No individual number leaves the browser, however it is written and wherever."""

import json
from collections.abc import Iterable

import pytest
from playwright.async_api import Request, expect

from tests.desktop.ime import InputMethod
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import pause

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

# Nobody's: the check digit is right, the number begins with seven noughts.
DIGITS = "000000000019"
WRITTEN = [
    DIGITS,
    "００００００００００１９",
    "〇〇〇〇〇〇〇〇〇〇一九",
    "0000 0000 0019",
    "００００－００００－００１９",
    "0000ー0000ー0019",
]
MASKED = "個人番号または暗証番号の可能性がある部分を消しました"
READ = {ord(each): str(n) for signs in ("０１２３４５６７８９", "〇一二三四五六七八九")
        for n, each in enumerate(signs)}  # fmt: skip


def digits_in(text: str) -> str:
    """Every digit of a text, however it is written."""
    return "".join(each for each in text.translate(READ) if each.isascii() and each.isdigit())


def bodies(requests: Iterable[Request]) -> list[str]:
    """What was sent, as the server reads it."""
    return [(each.post_data or "").encode().decode("unicode_escape", "replace")
            if "\\u" in (each.post_data or "") else (each.post_data or "")
            for each in requests if each.method != "GET"]  # fmt: skip


def left(person: Person, before: int) -> list[str]:
    """Bodies and addresses, sent since, with the number in them."""
    since = person.asked[before:]
    return [each for each in (*bodies(since), *(one.url for one in since))
            if DIGITS in digits_in(each)]  # fmt: skip


async def talking(r: Room) -> Person:
    """Somebody in the middle of a call."""
    one = await r.seated("a01")
    await r.talking("a01")
    await one.is_so("通話中")
    return one


async def done(one: Person) -> None:
    """The call is over, and its outcome kept."""
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()


async def test_a_number_in_a_note_is_masked_before_it_leaves(r: Room) -> None:
    one = await talking(r)
    before = len(one.asked)
    note = one.field("メモ")
    for text in WRITTEN:
        await note.fill(f"番号 {text} とのこと")
        await expect(note).to_have_value("番号 " + masked(text) + " とのこと")
        await expect(one.page.get_by_text(MASKED)).to_be_visible()
        await pause(0.6)
    await one.field("お名前").fill(f"花子 {DIGITS}")
    await expect(one.field("お名前")).to_have_value("花子 " + "●" * 12)
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await done(one)
    assert left(one, before) == []


def masked(text: str) -> str:
    """With a mark for each digit."""
    return "".join("●" if digits_in(each) else each for each in text)


async def test_what_was_taken_out_is_told_and_a_telephone_number_stays(r: Room) -> None:
    one = await talking(r)
    note = one.field("メモ")
    await note.press_sequentially("0942-00-1234、10時以降 ")
    await expect(note).to_have_value("0942-00-1234、10時以降 ")
    assert one.asked_for("/api/masked") == []
    await note.press_sequentially(f"番号 {DIGITS}")
    await expect(note).to_have_value("0942-00-1234、10時以降 番号 " + "●" * 12)
    (told,) = one.asked_for("/api/masked")
    sent = json.loads(told.post_data or "{}")
    assert sent["finds"] == [{"kind": "individual_number", "valid": True}]
    await done(one)


@pytest.mark.at_length
async def test_a_number_split_over_two_saves_is_masked_when_it_is_whole(r: Room) -> None:
    one = await talking(r)
    before = len(one.asked)
    note = one.field("メモ")
    await note.fill("番号 0000000")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await note.press_sequentially("00019")
    await expect(note).to_have_value("番号 " + "●" * 12)
    await pause(0.6)
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await done(one)
    assert left(one, before) == []


@pytest.mark.at_length
async def test_a_number_split_over_two_texts_is_masked_in_the_second(r: Room) -> None:
    """Two memos of a call, and two letters of any kind: each half alone is nothing."""
    one = await talking(r)
    await done(one)
    halves = ("上は0000000", "00019です")
    hidden, before = "●" * 5 + "です", len(one.asked)
    today = one.region("今日の通話").get_by_role("listitem").first
    await today.get_by_role("button", name="メモを追加").click()
    memo = one.dialog.get_by_role("textbox", name="後からのメモ")
    await memo.fill(halves[0])
    await one.dialog.get_by_role("button", name="メモを追加").click()
    kept = one.dialog.get_by_role("region", name="後からのメモ").get_by_role("listitem")
    await expect(kept.last).to_contain_text(halves[0])
    await memo.fill(halves[1])
    await expect(memo).to_have_value(hidden)
    await expect(one.dialog.get_by_text(MASKED)).to_be_visible()
    await one.dialog.get_by_role("button", name="メモを追加").click()
    await expect(kept.last).to_contain_text(hidden)
    await one.dialog.get_by_role("button", name="閉じる").click()

    for region, text, kept_as in (
        ("連絡", "午前中に来た", "午前中に来た"),
        ("連絡", *[halves[0]] * 2),
        ("申し送り", halves[1], hidden),
    ):
        await one.region(region).get_by_role("button", name="書く").click()
        await one.field("本文").fill(text)
        await expect(one.field("本文")).to_have_value(kept_as)
        await one.button("送る", exact=True).click()
        await expect(one.dialog).to_be_hidden()
        await expect(one.region(region)).to_contain_text(kept_as)
    sent = [json.loads(body) for body in bodies(one.asked[before:]) if halves[1][:5] in body]
    assert sent == []
    reports = [json.loads(each.post_data or "{}") for each in one.asked_for("/api/masked")]
    assert [report["finds"] for report in reports] == 2 * [
        [{"kind": "individual_number", "valid": True}]
    ]
    assert len({report["key"] for report in reports}) == len(reports)


@pytest.mark.at_length
async def test_what_is_composed_is_left_alone_and_masked_when_it_is_committed(r: Room) -> None:
    one = await talking(r)
    before = len(one.asked)
    note = one.field("メモ")
    await note.focus()
    ime = await InputMethod.on(one.page)
    await ime.compose("００００００００００１９")
    await expect(note).to_have_value("００００００００００１９")
    await pause(0.8)  # longer than a draft waits
    await ime.commit("００００００００００１９")
    await expect(note).to_have_value("●" * 12)
    await expect(one.page.get_by_text(MASKED)).to_be_visible()
    await done(one)
    assert left(one, before) == []


@pytest.mark.at_length
async def test_no_other_text_of_the_page_lets_a_number_out(r: Room) -> None:
    """Messages, hand-over notes, and what is said when a call is handed on."""
    one = await talking(r)
    before = len(one.asked)
    for region, button in (("連絡", "送る"), ("申し送り", "送る")):
        await one.region(region).get_by_role("button", name="書く").click()
        await one.field("本文").fill(f"番号は{DIGITS}です")
        await expect(one.field("本文")).to_have_value("番号は" + "●" * 12 + "です")
        await one.button(button, exact=True).click()
        await expect(one.dialog).to_be_hidden()
        await expect(one.region(region)).to_contain_text("番号は" + "●" * 12 + "です")
    await one.button("引き継ぎ").click()
    await one.field("伝えること").fill(f"番号は{DIGITS}です")
    await expect(one.field("伝えること")).to_have_value("番号は" + "●" * 12 + "です")
    await one.button("業務管理者へ").click()
    await expect(one.dialog).to_be_hidden()
    await done(one)
    assert left(one, before) == []
