"""Rows A7, F3, F4, F6, F9, F10 and F11 of the catalogue of bad input, typed into the pages."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from aiohttp import web
from playwright.async_api import Locator, expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import pause

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

SCRIPT: Final = "<script>window.hurt=1</script>"
IMAGE: Final = '"><img src=x onerror="window.hurt=1">'
HOSTILE: Final = (
    SCRIPT,
    IMAGE,
    "=HYPERLINK(1)",
    "javascript:window.hurt=1",
    "\u202e右から左",
    "😀",
)
# As typed and never normalised: a compatibility ideograph, a variation sequence, a combining mark.
RARE: Final = "\ufa19田 辻\U000e0100 か\u3099 \u2028 😀"


async def talking(r: Room, number: str = "0942000931") -> Person:
    """Somebody in the middle of a call."""
    one = await r.seated("a01")
    await r.talking("a01", from_number=number)
    await one.is_so("通話中")
    return one


async def finished(one: Person) -> None:
    """The call is over, and its outcome kept."""
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()


async def put(field: Locator, text: str) -> None:
    """As a paste does it; `fill` would turn a lone surrogate into something else."""
    await field.evaluate(
        """(field, escaped) => {
          const text = JSON.parse(escaped);
          const shape = field.rows ? HTMLTextAreaElement : HTMLInputElement;
          Object.getOwnPropertyDescriptor(shape.prototype, 'value').set.call(field, text);
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        json.dumps(text),
    )


async def unhurt(one: Person) -> bool:
    """No script of somebody else's ran, and no element of theirs is there."""
    told: bool = await one.page.evaluate(
        "window.hurt === undefined && !document.querySelector('#page script, #page img')"
    )
    return told


@pytest.mark.parametrize(
    "display",  # and nobody has written it in another test
    [SCRIPT.replace("1", "7"), IMAGE.replace('"', "'").replace("1", "7"), "\u202e右から左七😀"],
)
async def test_a7_what_a_telephone_calls_itself_is_shown_nowhere(r: Room, display: str) -> None:
    """It may say anything, so no page repeats it; names that are shown are in `test_hostile.py`."""
    c = r.centre
    one = await r.seated("a01")
    await one.press_on_page("r")
    await one.is_so("受付可")
    call = await r.booking(display=display)
    await c.phones["a01"].rings()
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await expect(one.page.locator("body")).not_to_contain_text(display)
    assert await unhurt(one)
    await call.hang_up()
    await one.is_so("受付可")


async def test_f11_what_is_typed_anywhere_is_shown_and_never_run(r: Room) -> None:
    one = await talking(r, "0942000932")
    text = " ".join(HOSTILE)
    await one.field("お名前").fill(IMAGE)
    await one.field("メモ").fill(text)
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await finished(one)
    for region in ("連絡", "申し送り"):
        await one.region(region).get_by_role("button", name="書く").click()
        await one.field("本文").fill(text)
        await one.button("送る", exact=True).click()
        await expect(one.dialog).to_be_hidden()
        await expect(one.region(region)).to_contain_text(text)
    boss = await r.seated("s01")
    await boss.region("朝礼・お知らせ").get_by_role("button", name="書く").click()
    await boss.field("本文").fill(text)
    await boss.button("送る", exact=True).click()
    await expect(one.region("朝礼・お知らせ")).to_contain_text(text)
    # The next call of the same number shows the name and the note of this one.
    await r.booking(from_number="0942000932")
    await expect(one.region("通話")).to_contain_text(IMAGE)
    await expect(one.region("通話")).to_contain_text(text)
    assert await unhurt(one)
    assert await unhurt(boss)
    await r.answer(one)
    await finished(one)


async def test_f6_rare_signs_are_kept_as_typed(r: Room) -> None:
    one = await talking(r)
    await put(one.field("メモ"), RARE + "\n二行目")
    await put(one.field("お名前"), "\ufa19田 辻\U000e0100")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await one.page.reload()
    await expect(one.field("メモ")).to_have_value(RARE + "\n二行目")
    assert await one.field("お名前").input_value() == "\ufa19田 辻\U000e0100"
    assert await one.field("メモ").input_value() == RARE + "\n二行目"
    await finished(one)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("あ" * 1_000_000, "4000文字までです"),
        ("前\x00後", "制御文字は使えません"),
        ("前\ud800後", "壊れた文字"),
    ],
    ids=["a megabyte", "NUL", "half a sign"],
)
async def test_f6_what_cannot_be_kept_is_told_and_not_lost(r: Room, text: str, told: str) -> None:
    one = await talking(r)
    one.expects("status of 4(13|22)")
    note = one.field("メモ")
    await put(note, text)
    await expect(one.region("応対結果")).to_contain_text("下書きを保存できていません")
    await expect(one.region("応対結果")).to_contain_text(told)
    assert await note.evaluate("(field, n) => field.value.length === n", utf16(text))
    await one.press("F4")
    await expect(one.region("応対結果")).to_contain_text(told)
    assert await note.evaluate("(field, n) => field.value.length === n", utf16(text))
    await note.fill("短いメモ")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await finished(one)


def utf16(text: str) -> int:
    """How long a text is for the browser."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


async def test_f3_a_double_click_does_it_once(r: Room) -> None:
    one = await talking(r)
    await one.press("Shift+F2")
    await one.is_so("後処理")
    filled_in = one.region("応対結果").get_by_role("button", name="外す").first
    await expect(filled_in).to_be_visible()  # by the menu
    await one.button("保存して終了").dblclick()
    await one.is_so("受付可")
    kept = [each for each in one.asked if each.url.endswith("/outcome")]
    assert len({json.loads(each.post_data or "{}")["key"] for each in kept}) == 1
    await expect(one.page.get_by_role("alert").filter(has_text="⚠")).to_have_count(0)
    await one.region("申し送り").get_by_role("button", name="書く").click()
    await one.field("本文").fill("二度押し")
    await one.button("送る", exact=True).dblclick()
    await expect(one.dialog).to_be_hidden()
    await expect(one.region("申し送り").get_by_text("二度押し")).to_have_count(1)
    await one.page.reload()
    await expect(one.region("申し送り").get_by_text("二度押し")).to_have_count(1)


async def test_f4_two_windows_on_one_draft(r: Room) -> None:
    """The other window is told so by a sentence, and what was typed there stays."""
    one = await talking(r)
    shared = one.page.context
    other = await r.person("a01", shared)
    await expect(other.field("メモ")).to_be_visible()
    other.expects("status of 409")
    await one.field("メモ").fill("一つめの画面から")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await other.field("メモ").fill("二つめの画面から")
    await expect(other.region("応対結果")).to_contain_text("別の画面で入力が進んでいます")
    await expect(other.field("メモ")).to_have_value("二つめの画面から")
    await other.page.reload()
    await expect(other.field("メモ")).to_have_value("一つめの画面から")
    await finished(other)


async def test_f9_a_colleagues_call_is_not_there(r: Room) -> None:
    one = await talking(r)
    two = await r.seated("a02")
    two.expects("status of 404")
    call = (await r.centre.agent("a01"))["call"]
    for path in ("card", "..%2F..%2Fapi%2Fusers"):
        status, told = await two.fetch("GET", f"/api/calls/{call}/{path}")
        assert status == 404, told
    status, _ = await two.fetch("POST", f"/api/calls/{call}/number")
    assert status == 404
    await finished(one)


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """A page of somebody else's in the same browser."""
    application = web.Application()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><p>elsewhere", content_type="text/html")

    application.router.add_get("/", page)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://elsewhere.localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_f10_another_page_in_the_browser_can_do_and_hear_nothing(r: Room) -> None:
    one = await r.seated("a01")
    before = await r.centre.agent("a01")
    async with another_site() as address:
        page = await one.page.context.new_page()
        await page.goto(address)
        told = await page.evaluate(
            """async (desk) => {
              const tried = async (work) => {
                try { return await work(); } catch { return 'refused'; }
              };
              const asked = (path, init) => tried(async () =>
                (await fetch(desk + path, { credentials: 'include', ...init })).status);
              const heard = () => new Promise((done) => {
                const socket = new WebSocket(desk.replace('http', 'ws') + '/api/news');
                socket.onmessage = () => done('heard');
                socket.onclose = () => done('refused');
              });
              return [
                await asked('/api/session', {}),
                await asked('/api/agent/ready', { method: 'POST', body: '{}',
                  headers: { 'Content-Type': 'text/plain' }, mode: 'no-cors' }),
                await tried(heard),
              ];
            }""",
            one.address,
        )
        await page.close()
    assert told[0] == "refused"
    assert told[1] in ("refused", 0)
    assert told[2] == "refused"
    await pause(0.3)
    now = await r.centre.agent("a01")
    assert (now["state"], now["since"]) == (before["state"], before["since"])


async def test_f10_a_cookie_is_worth_nothing_after_the_sign_out(r: Room) -> None:
    one = await r.seated("a01")
    stolen = await one.page.context.cookies()
    assert [each["httpOnly"] and each["secure"] for each in stolen] == [True]
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    thief = await r.context()
    await thief.add_cookies(stolen)  # type: ignore[arg-type]
    other = await r.person("a01", thief)
    await expect(other.page.get_by_role("heading", name="サインイン")).to_be_visible()
