"""Several people in one browser, somebody who must go, and what is left behind."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.desktop.person import Person
from tests.desktop.room import FLAGS, LIKE_A_PC, Room, chromium
from tests.real.centre import caller
from tests.sip import talk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


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
    await one.press("F4")
    await one.is_so("受付可")


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
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.press("F4")
    await one.is_so("受付可")
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
    await context.close()
    r.contexts.remove(context)
    files = [path for path in profile.rglob("*") if path.is_file()]
    assert files
    found = [(word, path) for path in files for word in planted if holds(path, word)]
    assert found == []


def holds(path: Path, word: str) -> bool:
    """In any of the encodings that a browser writes."""
    content = path.read_bytes()
    return any(word.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


async def stored(page: Page) -> list[int]:
    """How much the page itself keeps: local, session, databases, caches."""
    found: list[int] = await page.evaluate(
        """async () => [localStorage.length, sessionStorage.length,
             (await indexedDB.databases()).length, (await caches.keys()).length]"""
    )
    return found
