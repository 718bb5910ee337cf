"""Several people in one browser, somebody who must go, and what is left behind."""

import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from tests.desktop.person import PIN, Person
from tests.desktop.room import FLAGS, LIKE_A_PC, Room, chromium, room
from tests.real.centre import caller
from tests.real.invariants import invariants
from tests.sip import talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]


async def test_three_people_in_one_browser_are_strangers_to_each_other(r: Room) -> None:
    shared = await r.context()
    one, two = await r.seated("a01", shared), await r.seated("a02", shared)
    boss = await r.seated("s01", shared)
    for person in (one, two, boss):
        await person.page.reload()
        await expect(person.does).to_be_visible()
    await one.press_on_page("r")
    await one.is_so("受付可")
    call, leg = await r.talking("a01")
    await one.is_so("通話中")
    await two.is_so("着席")
    await boss.is_so("着席")
    await two.button("サインアウト").click()
    await expect(two.page.get_by_role("heading", name="サインイン")).to_be_visible()
    await one.page.reload()
    await one.is_so("通話中")
    await talk(call, leg)
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()


async def test_an_account_that_ends_in_a_call_ends_after_it(r: Room) -> None:
    c = r.centre
    one = await r.seated("a02")
    call, leg = await r.talking("a02")
    await one.is_so("通話中")
    admin = await r.person("admin")
    await admin.sign_in(pin=False)
    await expect(admin.page.get_by_role("heading", level=1)).not_to_have_text("サインイン")
    one.expects("status of 40[13]|WebSocket")
    await enable(admin, "a02", False)
    try:
        await expect(one.page.get_by_text("アカウントの利用期間が終わりました")).to_be_visible()
        await talk(call, leg)
        await one.press("F2")
        await one.is_so("保留中")
        await one.press("F2")
        await one.is_so("通話中")
        await talk(call, leg)
        await one.press("Shift+F2")
        await call.ended
        await one.is_so("後処理")
        await one.field("メモ").fill("最後の電話")
        await expect(one.button("外す: R1 新規")).to_be_visible()  # the menu has filled it in
        await one.press("F4")
        await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
        (sent,) = one.asked_for("/outcome")
        answer = await sent.response()
        assert answer
        assert answer.status == 200
        await c.agent_is("a02", "state", "signed_out")
    finally:
        await enable(admin, "a02", True)


async def enable(admin: Person, name: str, enabled: bool) -> None:
    """What the administrator does with an account."""
    _, told = await admin.fetch("GET", "/api/users")
    user = next(each for each in told["users"] if each["name"] == name)
    change = {"version": user["version"], "enabled": enabled}
    status, told = await admin.fetch("PATCH", f"/api/users/{user['id']}", change)
    assert status == 200, told


async def test_nothing_personal_is_left_in_the_browser(r: Room, tmp_path: Path) -> None:
    """A shared PC: whoever looks through its disk finds no name, note or number."""
    profile = tmp_path / "profile"
    context = await r.browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium(), args=list(FLAGS), **LIKE_A_PC
    )
    r.contexts.append(context)
    one = await r.seated("a01", context)
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    await expect(one.button("番号を表示")).to_be_visible()  # the card is there, and has the key
    await one.press_on_page("n")
    await expect(one.page.locator("#call dl dd").first).to_have_text(caller(call))
    await one.field("お名前").fill("山茶花 蒲公英")
    await one.field("メモ").fill("紫陽花の件で折り返し")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await one.page.reload()  # now all of it has come in an answer, too
    await expect(one.field("メモ")).to_have_value("紫陽花の件で折り返し")
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()
    number = caller(call)
    planted: list[str] = [
        "山茶花",
        "蒲公英",
        "紫陽花",
        number,
        f"+81{number[1:]}",
        r.password,
    ]
    assert await stored(one.page) == [0, 0, 0, 0]
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    assert [each["name"] for each in await context.cookies()] == []
    async with that_keeps() as address:  # and the search does find what a page leaves behind
        page = await context.new_page()
        await page.goto(address)
        await expect(page).to_have_title(f"{KEPT['title']}")
        await page.evaluate(KEEP, KEPT)
        await page.close()
    await context.close()
    r.contexts.remove(context)
    found = {word: on_disk(profile, word) for word in (*planted, *KEPT.values())}
    assert [word for word in planted if found[word]] == []
    assert [word for word in KEPT.values() if not found[word]] == []


# What a page of somebody else's keeps in each place that a browser has.
KEPT: Final = {
    "title": "金木犀 一",
    "local": "金木犀 二",
    "database": "金木犀 三",
    "cache": "金木犀 四",
    "plain": "金木犀 五",
    "packed": "金木犀 六",
}
KEEP: Final = """async (kept) => {
  localStorage.setItem('name', kept.local);
  const opened = indexedDB.open('people', 1);
  await new Promise((done) => {
    opened.onupgradeneeded = () => opened.result.createObjectStore('names');
    opened.onsuccess = done;
  });
  await new Promise((done) => {
    const deed = opened.result.transaction('names', 'readwrite', { durability: 'strict' });
    deed.objectStore('names').put(kept.database, 1);
    deed.oncomplete = done;
  });
  opened.result.close();
  await (await caches.open('names')).put('/name', new Response(kept.cache));
  for (const path of ['/plain', '/packed']) await (await fetch(path)).text();
}"""


@asynccontextmanager
async def that_keeps() -> AsyncIterator[str]:
    """A site whose pages may be kept, one of them packed as a server packs it."""

    async def page(_: web.Request) -> web.Response:
        html = f"<!doctype html><title>{KEPT['title']}</title>"
        return web.Response(text=html, content_type="text/html", headers=MAY_BE_KEPT)

    async def text(request: web.Request) -> web.Response:
        answer = web.Response(text=KEPT[request.path[1:]] * 20, headers=MAY_BE_KEPT)
        if request.path == "/packed":
            answer.enable_compression(web.ContentCoding.gzip)
        return answer

    application = web.Application()
    application.router.add_get("/", page)
    application.router.add_get("/plain", text)
    application.router.add_get("/packed", text)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://keeps.localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


MAY_BE_KEPT: Final = {"Cache-Control": "max-age=3600"}
PACKED: Final = b"\x1f\x8b\x08"


def on_disk(profile: Path, word: str) -> list[Path]:
    """The files of the profile that hold it, in any of the encodings that a browser writes."""
    wanted = [word.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [path for path in profile.rglob("*") if path.is_file()]
    return [path for path in files if any(each in text for text in texts(path) for each in wanted)]


def texts(path: Path) -> Iterator[bytes]:
    """What is written there, and what is packed in it, as an answer may be."""
    content = path.read_bytes()
    yield content
    for found in re.finditer(re.escape(PACKED), content):
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(content[found.start() :])


async def stored(page: Page) -> list[int]:
    """How much the page itself keeps: local, session, databases, caches."""
    found: list[int] = await page.evaluate(
        """async () => [localStorage.length, sessionStorage.length,
             (await indexedDB.databases()).length, (await caches.keys()).length]"""
    )
    return found


async def test_a_sign_out_blanks_every_window_and_the_way_back(r: Room) -> None:
    """Refused during a call; afterwards nothing of it is on the screen, nor behind the back key."""
    one = await r.seated("a01")
    other = await r.person("a01", one.page.context)
    await expect(other.does).to_be_visible()
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    await one.button("番号を表示").click()
    await expect(one.region("通話")).to_contain_text(caller(call))
    await one.field("メモ").fill("消えるはずのメモ")
    one.expects("status of 409")
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("alert").filter(has_text="通話")).to_be_visible()
    await expect(one.field("メモ")).to_have_value("消えるはずのメモ")
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()
    await expect(one.region("今日の通話")).to_contain_text("0942")
    other.expects("status of 401|WebSocket")
    await one.button("サインアウト").click()
    for window in (one, other):
        await expect(window.page.get_by_role("heading", name="サインイン")).to_be_visible()
        for gone in ("0942", "消えるはず", "窓口1", "今日の通話"):
            await expect(window.page.locator("body")).not_to_contain_text(gone)
    await one.page.go_back()
    await one.page.go_forward()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    await expect(one.page.locator("body")).not_to_contain_text("0942")


async def test_a_break_in_wrap_up_locks_at_once_and_loses_nothing(r: Room) -> None:
    """What was typed in the last half second is there afterwards, and asked for."""
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await one.field("メモ").fill("休憩の前に")
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="休憩", exact=True).click()
    await expect(one.page.get_by_role("heading", name="画面をロックしています")).to_be_visible()
    for gone in ("0942", "休憩の前に", "受取予約"):
        await expect(one.page.locator("body")).not_to_contain_text(gone)
    assert (await r.centre.agent_is("a01", "state", "paused"))["reason"] == "break"
    await one.field("PIN").fill(PIN)
    await one.press("Enter")
    await one.is_so("休憩")
    mine = one.region("今日の通話").get_by_role("listitem").first
    await expect(mine).to_contain_text("結果が未入力")
    await mine.get_by_role("button").click()
    await expect(one.dialog.get_by_role("textbox", name="メモ", exact=True)).to_have_value(
        "休憩の前に"
    )


async def test_two_instances_in_one_browser_are_strangers(r: Room, tmp_path: Path) -> None:
    """The same person at two centres of one machine: two ports, two sessions, two telephones."""
    async with room(tmp_path, r.browser) as second:
        second.centre.begin()
        shared = await r.context()
        here, there = await r.seated("a01", shared), await second.seated("a01", shared)
        assert len({each["name"] for each in await shared.cookies()}) == 2
        call, leg = await r.talking("a01")
        await here.is_so("通話中")
        await there.is_so("着席")
        for window, does in ((here, "通話中"), (there, "着席")):
            await window.page.reload()
            await window.is_so(does)
        await there.button("サインアウト").click()
        await expect(there.page.get_by_role("heading", name="サインイン")).to_be_visible()
        await here.page.reload()
        await here.is_so("通話中")
        await talk(call, leg)
        await here.press("Shift+F2")
        await here.is_so("後処理")
        await here.keeps()
        assert await second.leave() == []
        await second.centre.clear()
        await invariants(second.centre)
