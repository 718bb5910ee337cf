"""An answer that was lost: what was put right since is not dropped in silence, nor done twice."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Route, expect

from agents.people import Role
from tests.agents.room import a_call, at_the_phone
from tests.desktop.by_hand import Office
from tests.desktop.person import PIN, Person
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

CALL = "n1-1.9"
UNREACHABLE = "サーバーにつながりません"


async def talking(office: Office) -> Person:
    """Somebody in the middle of a call."""
    one = await office.person("ana", seat="a01")
    await a_call(office.desk, CALL, menu_path="2/1", open_=True)
    await at_the_phone(office.desk, "a01", "talking", CALL, since=office.desk.clock.now)
    await one.is_so("通話中")
    return one


async def loses_the_answer(one: Person, path: str) -> None:
    """The desk does what is sent there next, and the page never hears of it."""
    here = f"127.0.0.1:{one.port}"

    async def lose(route: Route) -> None:
        host = urlsplit(one.address).netloc  # a name that the browser alone knows
        headers = await route.request.all_headers() | {"host": host}
        done = await route.fetch(url=route.request.url.replace(host, here), headers=headers)
        assert done.status == 200, await done.text()
        await route.abort()

    await one.page.route(path, lose, times=1)


async def test_an_outcome_put_right_after_a_lost_answer_is_the_one_that_counts(
    office: Office,
) -> None:
    one = await talking(office)
    form = one.region("応対結果")
    await expect(form.get_by_role("button", name="外す").first).to_be_visible()
    await one.field("メモ").fill("一つめ")
    await loses_the_answer(one, "**/outcome")
    await one.press("F4")
    await expect(form).to_contain_text(UNREACHABLE)
    await one.field("メモ").fill("二つめ")
    async with one.page.expect_response("**/outcome") as answer:
        await one.press("F4")
    assert (await (await answer.value).json())["version"] == 2
    _, card = await one.fetch("GET", f"/api/calls/{CALL}/card")
    assert (card["outcome"]["version"], card["outcome"]["note"]) == (2, "二つめ")


async def test_a_promise_put_right_after_a_lost_answer_says_that_the_first_stands(
    office: Office,
) -> None:
    one = await talking(office)
    await one.press_on_page("p")
    number = one.dialog.get_by_role("textbox", name="別の電話番号")
    await number.fill("0942-00-0123")
    await loses_the_answer(one, "**/promise")
    await one.press("F4")
    await expect(one.dialog).to_contain_text(UNREACHABLE)
    await number.fill("0942-00-0199")
    await one.press("F4")
    await expect(one.dialog).to_contain_text("すでに登録されています")
    await expect(one.dialog).to_contain_text("下書き保存済み")
    _, told = await one.fetch("GET", "/api/callbacks")
    assert [each["masked"] for each in told["callbacks"]] == ["0942-**-0123"]
    await one.page.reload()  # what was learnt of the first is not forgotten with the page
    await one.is_so("通話中")
    await one.press_on_page("p")
    await expect(number).to_have_value("0942-00-0199")
    await one.press("F4")
    await expect(one.dialog).to_be_hidden()
    _, told = await one.fetch("GET", "/api/callbacks")
    assert {each["masked"] for each in told["callbacks"]} == {"0942-**-0123", "0942-**-0199"}


async def test_a_question_handed_to_another_after_a_lost_answer_reaches_both(
    office: Office,
) -> None:
    one = await talking(office)
    boss = await office.desk.signed_in("sue", Role.SUPERVISOR)
    await one.button("引き継ぎ").click()
    await one.dialog.get_by_role("textbox", name="伝えること").fill("至急")
    await loses_the_answer(one, "**/escalation")
    await one.button("市へ照会").click()
    await expect(one.dialog).to_contain_text(UNREACHABLE)
    await one.button("業務管理者へ").click()
    await expect(one.dialog).to_contain_text("前に送った内容がすでに届いています")
    await one.button("業務管理者へ").click()
    await expect(one.dialog).to_be_hidden()
    waiting = (await boss.ask("GET", "/api/escalations")).body["escalations"]
    assert [each["to"] for each in waiting] == ["city", "supervisor"]


async def test_what_is_typed_after_the_outcome_was_kept_is_there_after_a_reload_and_a_lock(
    office: Office,
) -> None:
    """F4 in the talk ends the draft, and nobody else's window has anything to do with it."""
    one = await talking(office)
    form, note = one.region("応対結果"), one.field("メモ")
    await expect(form.get_by_role("button", name="外す").first).to_be_visible()
    await note.fill("一つめ")
    await expect(form).to_contain_text("下書き保存済み")
    await one.press("F4")
    await expect(form).to_contain_text("保存しました")
    await note.fill("一つめ、二つめ")
    await expect(form).to_contain_text("下書き保存済み")
    await expect(form).not_to_contain_text("別の画面")
    await one.page.reload()
    await expect(note).to_have_value("一つめ、二つめ")
    await one.press("F4")
    await expect(form).to_contain_text("保存しました")
    await note.fill("一つめ、二つめ、三つめ")
    await one.button("ロック").click()
    await one.field("PIN").fill(PIN)
    await one.button("ロックを解除").click()
    await expect(note).to_have_value("一つめ、二つめ、三つめ")


async def test_what_is_typed_while_the_outcome_is_being_kept_is_a_draft_afterwards(
    office: Office,
) -> None:
    one = await talking(office)
    form, note = one.region("応対結果"), one.field("メモ")
    await expect(form.get_by_role("button", name="外す").first).to_be_visible()
    await note.fill("一つめ")
    await expect(form).to_contain_text("下書き保存済み")

    async def meanwhile(route: Route) -> None:
        async with one.page.expect_response("**/draft"):
            await note.fill("一つめ、二つめ")
        await route.continue_()

    await one.page.route("**/outcome", meanwhile, times=1)
    async with one.page.expect_response("**/outcome"):
        await one.press("F4")
    await expect(form).to_contain_text("下書き保存済み")

    async def drafted() -> object:
        _, card = await one.fetch("GET", f"/api/calls/{CALL}/card")
        return card["draft"] and card["draft"]["form"]["note"]

    await until_true(drafted, lambda found: found == "一つめ、二つめ", "it is kept")


async def test_what_is_typed_after_a_wrap_up_that_could_not_be_ended_is_not_lost(
    office: Office,
) -> None:
    one = await talking(office)
    await at_the_phone(office.desk, "a01", "wrap_up", CALL, since=office.desk.clock.now)
    form, note = one.region("応対結果"), one.field("メモ")
    await expect(form.get_by_role("button", name="外す").first).to_be_visible()
    await note.fill("一つめ")
    await expect(form).to_contain_text("下書き保存済み")
    office.desk.link.refusal = "いまは終えられません (not now)"
    await loses_the_answer(one, "**/outcome")
    await one.press("F4")
    await expect(form).to_contain_text(UNREACHABLE)
    await note.fill("一つめ、二つめ")
    await expect(form).to_contain_text("下書き保存済み")
    await one.press("F4")
    await expect(one.page.get_by_text("いまは終えられません").first).to_be_visible()
    await note.fill("一つめ、二つめ、三つめ")
    await expect(form).to_contain_text("下書き保存済み")
    await one.page.reload()
    await expect(note).to_have_value("一つめ、二つめ、三つめ")
