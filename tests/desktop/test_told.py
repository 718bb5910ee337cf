"""What an agent's page says of a call that it is told of, and keeps when nobody else can."""

import json
import re
from typing import NoReturn

import pytest
from playwright.async_api import expect

from config.database import DatabaseFailed
from telephony.link.news import CallNews, LineNews, encode
from telephony.link.seen import CallSeen, LineSeen
from tests.agents.calls.test_callbacks import given_up
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone
from tests.desktop.by_hand import Office
from tests.desktop.person import Person
from tests.desktop.seen import look, narrow
from tests.real.waiting import until, until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

CALL = "n1-1.9"
MASKED = "0942-**-0101"
# Every text that comes into a live region: what a screen reader says, each time it does.
LISTEN = """() => {
  window.watch?.disconnect();
  window.aloud = [];
  const regions = document.querySelectorAll('.sr-only[aria-live]');
  const heard = (changes) => {
    const changed = new Set(changes.map(({ target }) =>
      (target.closest ? target : target.parentElement).closest('[aria-live]')));
    for (const region of changed)
      if (region.textContent !== '') window.aloud.push(region.textContent.trim());
  };
  const watch = window.watch = new MutationObserver(heard);
  for (const each of regions)
    watch.observe(each, { childList: true, characterData: true, subtree: true });
}"""


async def aloud(one: Person) -> list[str]:
    """What a screen reader has said by itself."""
    said: list[str] = await one.page.evaluate("window.aloud")
    return said


async def test_a_second_hold_and_a_second_ring_are_said_aloud_like_the_first(
    office: Office,
) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01")
    await one.page.evaluate(LISTEN)
    for call in ("n1-1.1", "n1-1.2"):  # of one number: the same words
        await a_call(desk, call, open_=True)
        await at_the_phone(desk, "a01", "offered", call)
        await one.is_so("呼出中")
        await expect(one.region("通話").get_by_text(MASKED)).to_be_visible()
        for _ in range(2):
            await at_the_phone(desk, "a01", "talking", call)
            await one.is_so("通話中")
            await at_the_phone(desk, "a01", "hold", call, since=desk.clock.now)
            await one.is_so("保留中")
        await at_the_phone(desk, "a01", "ready", None)
        await one.is_so("受付可")
    said = [text for text in await aloud(one) if text != "着信"]  # before the card was there
    assert said == 2 * [f"着信 {MASKED}", "保留", "保留"]


async def waits(desk: Desk, resumed: bool) -> None:
    """The controller tells of the call that waits on line 1."""
    at = desk.clock.now
    call = CallSeen(id=CALL, line=1, queue="general", stage="waiting", resumed=resumed)
    line = LineSeen(number=1, state="waiting", call=CALL, since=at)
    await desk.news.tell([encode(CallNews(at=at, call=call)), encode(LineNews(at=at, line=line))])


async def test_a_caller_who_waits_again_is_marked_at_the_line_and_at_the_ring(
    office: Office,
) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01")
    await one.page.evaluate(LISTEN)
    await a_call(desk, CALL, open_=True)
    line, call = one.region("回線").get_by_role("listitem"), one.region("通話")
    await waits(desk, resumed=False)
    await at_the_phone(desk, "a01", "offered", CALL)
    await expect(call.get_by_text(MASKED)).to_be_visible()
    await expect(line).to_have_count(1)
    await expect(line.or_(call).get_by_text("再開")).to_have_count(0)
    await at_the_phone(desk, "a01", "ready", None)
    await expect(call.get_by_text(MASKED)).to_have_count(0)
    await waits(desk, resumed=True)
    await expect(line).to_contain_text("再開")
    await at_the_phone(desk, "a01", "offered", CALL)
    await expect(call.get_by_text(MASKED)).to_be_visible()
    await expect(call).to_contain_text("再開")
    await look(one.page, "call-resumed")
    said = [text for text in await aloud(one) if MASKED in text]
    assert said == [f"着信 {MASKED}", f"着信 再開 {MASKED}"]
    await one.button("English").click()
    await expect(one.region("Lines").get_by_role("listitem")).to_contain_text("Resumed")
    await expect(one.region("Call")).to_contain_text("Resumed")


async def test_what_the_caller_is_owed_is_there_while_it_rings(office: Office) -> None:
    desk = office.desk
    await given_up(desk, "n1-1.1")
    desk.clock.goes_on(600.0)
    one = await office.person("ana", seat="a01")
    await a_call(desk, CALL, open_=True)
    await at_the_phone(desk, "a01", "offered", CALL)
    owed = one.region("この番号の折り返し")
    await expect(owed).to_contain_text("未了")
    await expect(one.button("応答")).to_be_visible()
    await expect(owed.get_by_role("button")).to_have_count(0)  # nobody has spoken to them yet
    await expect(owed).not_to_contain_text("電話に出た時点で")
    await look(one.page, "call-owed-at-the-ring")


async def test_each_minute_of_a_hold_the_agent_is_reminded_of_the_caller(office: Office) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01", timed=True)
    await one.page.evaluate(LISTEN)
    await a_call(desk, CALL, open_=True)
    call, past = one.region("通話"), "保留が{}分を超えました。お客様にお声がけください。"
    for _ in range(2):  # one that the page hears of late is said together with its reminder
        await at_the_phone(desk, "a01", "hold", CALL, since=desk.clock.now - 70)
        await expect(call).to_contain_text(past.format(1))
        await at_the_phone(desk, "a01", "talking", CALL, since=desk.clock.now)
        await one.is_so("通話中")
        await expect(call).not_to_contain_text("分を超えました")
    assert await aloud(one) == 2 * [f"{past.format(1)} 保留"]
    await one.page.evaluate(LISTEN)
    await at_the_phone(desk, "a01", "hold", CALL, since=desk.clock.now)
    await one.is_so("保留中")
    await one.page.clock.fast_forward(30_000)
    await expect(one.does).to_contain_text(re.compile("0:[345]"))
    await expect(call).not_to_contain_text("分を超えました")
    await one.page.clock.fast_forward(40_000)
    await expect(call).to_contain_text(past.format(1))
    await look(one.page, "call-long-on-hold")
    for seconds in (20_000, 20_000, 20_000):
        await one.page.clock.fast_forward(seconds)
    await expect(call).to_contain_text(past.format(2))
    assert await aloud(one) == ["保留", past.format(1), past.format(2)]


async def test_which_language_a_caller_spoke_is_asked_and_kept(office: Office) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01")
    one.expects("status of 422")
    await a_call(desk, CALL)
    await at_the_phone(desk, "a01", "wrap_up", CALL, since=desk.clock.now)
    form = one.region("応対結果")
    await one.says_by_key("x")
    which = form.get_by_role("combobox", name="外国語: どれですか")
    await expect(which).to_have_count(0)
    await form.get_by_role("checkbox", name="苦情を含む").check()
    await form.get_by_role("checkbox", name="外国語").check()
    await one.press("F4")
    await expect(form).to_contain_text("「外国語」はどれかを選んでください")
    await look(one.page, "outcome-language")
    await narrow(one.page, "outcome-language")
    assert desk.link.asked == []  # nothing was kept
    await which.select_option("vi")
    await expect(form).not_to_contain_text("どれかを選んで")
    await expect(form).to_contain_text("下書き保存済み")
    await one.page.reload()
    await expect(which).to_have_value("vi")
    await one.press("F4")
    await until(lambda: desk.link.asked != [], "the wrap-up is over")
    _, card = await one.fetch("GET", f"/api/calls/{CALL}/card")
    assert card["outcome"]["flags"] == ["complaint", "foreign_language:vi"]


async def test_a_draft_is_kept_half_a_second_after_the_last_key(office: Office) -> None:
    """By the page's own clock, which stands still between two steps: not sooner, and no later."""
    desk = office.desk
    one = await office.person("ana", seat="a01", timed=True)
    await a_call(desk, CALL, open_=True)
    await at_the_phone(desk, "a01", "talking", CALL, since=desk.clock.now)
    note, clock = one.field("メモ"), one.page.clock
    await note.fill("")
    await clock.pause_at(await one.page.evaluate("Date.now() + 1000"))

    async def drafts() -> list[str]:
        """What has been sent so far, once a request that is under way is on record."""
        await one.fetch("GET", "/api/session")
        sent = one.asked_for(f"/api/calls/{CALL}/draft")
        return [json.loads(each.post_data or "{}")["form"]["note"] for each in sent]

    before = await drafts()
    await note.press_sequentially("折り")
    await clock.run_for(499)
    assert await drafts() == before
    await note.press_sequentially("返")  # each key begins the half second anew
    await clock.run_for(499)
    assert await drafts() == before
    await clock.run_for(1)
    await until_true(drafts, lambda sent: sent == [*before, "折り返"], "it is kept, once")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await clock.run_for(5_000)
    assert await drafts() == [*before, "折り返"]
    _, card = await one.fetch("GET", f"/api/calls/{CALL}/card")
    assert card["draft"]["form"]["note"] == "折り返"


async def away(_work: object) -> NoReturn:
    """As the database is when it does not answer."""
    raise DatabaseFailed("away")


async def test_f1_what_came_of_a_call_waits_on_the_page_until_it_can_be_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, note = office.desk, "記録が戻るまで待つメモ"
    one = await office.person("ana", seat="a01")
    await a_call(desk, CALL)
    await at_the_phone(desk, "a01", "wrap_up", CALL, since=desk.clock.now)
    form = one.region("応対結果")
    await one.says_by_key("x")
    with monkeypatch.context() as outage:
        for way in ("read", "write"):
            outage.setattr(desk.database, way, away)
        await one.field("メモ").fill(note)
        await expect(form).to_contain_text("下書きを保存できていません")
        async with one.page.expect_response("**/outcome") as refused:
            await one.press("F4")
        assert (await refused.value).status == 503
        await expect(form).to_contain_text("記録に接続できません。入力は画面に残っています。")
        await expect(one.field("メモ")).to_have_value(note)
        assert desk.link.asked == []  # nobody takes the next call without having kept this one
    await expect(form).to_contain_text("下書き保存済み")  # by itself
    await one.press("F4")
    await until(lambda: desk.link.asked != [], "the wrap-up is over")
    assert [do for _, do, _ in desk.link.asked] == ["wrap_up_done"]
    sent = [json.loads(each.post_data or "{}")["key"] for each in one.asked_for("/outcome")]
    assert (len(sent), len(set(sent))) == (2, 1)
    _, card = await one.fetch("GET", f"/api/calls/{CALL}/card")
    assert (card["outcome"]["disposition"], card["outcome"]["note"]) == ("D12", note)
