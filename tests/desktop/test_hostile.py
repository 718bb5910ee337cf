"""What people call themselves, wherever a page shows it: inert, and turning nothing around."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import pytest
from playwright.async_api import Locator, expect
from pydantic import BaseModel

from agents.catalogue.catalogue import Catalogue
from agents.people import Role
from tests.agents.asking import Browser
from tests.agents.calendar.test_calendar import SHORTER
from tests.agents.desk import demo, words
from tests.agents.room import a_call, at_the_phone
from tests.desktop.by_hand import Office, an_office
from tests.desktop.person import Person
from tests.desktop.seen import edges, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

EARLIER, CALL = "n1-1.1", "n1-1.2"
RIGHT_TO_LEFT: Final = "\u202e太郎 花子"
IMAGE: Final = '"><img src=x onerror="window.hurt=1">'
NAMES: Final = {
    "script": "<script>window.hurt=1</script>",
    "image": IMAGE,
    "formula": '=HYPERLINK("http://x.invalid")',
    "right to left": RIGHT_TO_LEFT,
    "one word": "あ" * 60,  # as long as a name may be
    "marks": "か\u3099\ufa19e\u0301\U000e0100" * 8,
    "emoji": "👩‍👩‍👧‍👦" * 8,
    "zero width": "太\u200b郎\u2066花\u2060子\ufeff",
}
WORDS: Final = {  # the site's own files may hold no others
    name: text for name, text in NAMES.items() if not {category(each) for each in text} & {"Cf"}
}
NOTE: Final = 'メモ =HYPERLINK("http://x.invalid") '


async def unhurt(one: Person) -> None:
    """No script of theirs ran, no element of theirs is there, nothing is pushed off the page."""
    told: dict[str, Any] = await one.page.evaluate(
        """() => ({
          ran: window.hurt !== undefined,
          elements: document.querySelectorAll('#page script, #page img').length,
          title: document.title,
        })"""
    )
    assert (told["ran"], told["elements"]) == (False, 0)
    assert told["title"] == "窓口"
    beyond = [each for each in await edges(one.page) if not each.startswith("cut off: INPUT")]
    assert beyond == []  # an input is no longer than its box, and is scrolled


async def runs_on(place: Locator, after: str) -> None:
    """These words stand as they are read: each sign to the right of the one before."""
    told: list[float] = await place.evaluate(
        """(place, words) => {
          const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const at = texts.currentNode.data.indexOf(words);
            if (at < 0) continue;
            return [...words].map((_, n) => {
              const range = document.createRange();
              range.setStart(texts.currentNode, at + n);
              range.setEnd(texts.currentNode, at + n + 1);
              return range.getBoundingClientRect().left;
            });
          }
          return [];
        }""",
        after,
    )
    assert told, after
    assert told == sorted(told), (after, told)


async def has_called(office: Office, call: str, citizen: str, by: str) -> None:
    """A call of this number, over, whose outcome an agent of this name has written down."""
    desk = office.desk
    await desk.has("writer")
    await desk.set("writer", announced_name=by)
    given: dict[str, Any] = {"reasons": ["P2"], "disposition": "D08", "flags": []}
    await a_call(desk, call)
    page = await desk.signed_in("writer", seat="a02")
    await at_the_phone(desk, "a02", "wrap_up", call)
    given |= {"key": f"outcome-{call}", "note": NOTE + citizen, "citizen": citizen}
    told = await page.ask("POST", f"/api/calls/{call}/outcome", given)
    assert told.status == 200, told.body
    letter = {"key": "letter-of-writer", "text": citizen}
    assert (await page.ask("POST", "/api/messages", letter)).status == 200
    assert (await page.ask("POST", "/api/handover", letter)).status == 200
    await at_the_phone(desk, "a02", "ready", None)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a7_f11_a_name_is_inert_wherever_it_is_shown(office: Office, name: str) -> None:
    """A citizen's, on the card and among the people; an agent's, at letters, lists and the head."""
    desk = office.desk
    await has_called(office, EARLIER, name, name)
    desk.clock.goes_on(60)
    one = await office.person("ana", seat="a01")
    await a_call(desk, CALL, open_=True)
    await at_the_phone(desk, "a01", "talking", CALL)
    await one.is_so("通話中")
    earlier = one.region("この番号からの履歴").get_by_role("listitem")
    await expect(earlier).to_contain_text(name)
    await expect(earlier).to_contain_text(f"({name})")
    await expect(one.region("通話")).to_contain_text(NOTE)
    people = one.page.get_by_role("group", name="この番号で名乗った方")
    for place in (one.region("連絡"), one.region("申し送り")):
        await expect(place.get_by_role("listitem")).to_contain_text(name)
    await picture(one.page, "hostile-name")
    await unhurt(one)
    await people.get_by_role("button").click()
    await expect(one.field("お名前")).to_have_value(name)
    assert one.complaints() == []

    admin = await office.person("admin", Role.ADMINISTRATOR)
    await admin.button("利用者", exact=True).click()
    await expect(admin.page.get_by_role("row").filter(has_text="writer")).to_contain_text(name)
    await admin.button("writer", exact=True).click()
    await expect(admin.page.get_by_role("heading", name="writer")).to_contain_text(name)
    await unhurt(admin)
    assert admin.complaints() == []


async def test_a7_a_name_from_right_to_left_turns_nothing_around(office: Office) -> None:
    desk = office.desk
    await has_called(office, EARLIER, RIGHT_TO_LEFT, "青木")
    desk.clock.goes_on(60)
    one = await office.person("ana", seat="a01")
    await a_call(desk, CALL, open_=True)
    await at_the_phone(desk, "a01", "talking", CALL)
    earlier = one.region("この番号からの履歴").get_by_role("listitem")
    await expect(earlier).to_contain_text(RIGHT_TO_LEFT)
    await runs_on(earlier, "青木")
    admin = await office.person("admin", Role.ADMINISTRATOR)
    await admin.button("利用者", exact=True).click()
    await runs_on(admin.page.get_by_role("row").filter(has_text="writer"), "writer")


async def test_f11_every_screen_shows_what_was_typed_anywhere_and_runs_none_of_it(
    office: Office,
) -> None:
    """Escalations, callbacks, the calendar's register, factors, wall boards, and the audit log."""
    desk = office.desk
    writer = await desk.signed_in("writer", seat="a02")
    await a_call(desk, EARLIER)
    await at_the_phone(desk, "a02", "wrap_up", EARLIER)
    asked = f"/api/calls/{EARLIER}/escalation"
    for key, to in (("escalated-1", "supervisor"), ("escalated-2", "city")):
        await sent(writer, asked, {"key": key, "to": to, "note": IMAGE})
    memo = {"key": "memo-00001", "number": "0942000102", "name": IMAGE, "topic": IMAGE}
    await sent(writer, "/api/callbacks", {**memo, "note": IMAGE})
    supervisor = await desk.signed_in("sue", Role.SUPERVISOR)
    entry = {"what": IMAGE, "why": IMAGE, "agreed_on": "2026-02-01", "agreed_by": IMAGE}
    await sent(supervisor, "/api/calendar/proposals", {"calendar": SHORTER, **entry})
    administrator = await desk.signed_in("admin", Role.ADMINISTRATOR)
    await desk.has("board", Role.DISPLAY)
    of = f"/api/users/{desk.ids['writer']}/factors"
    await sent(administrator, of, {"label": IMAGE, "seed": "ab" * 20, "kind": "totp"})
    await sent(administrator, f"/api/users/{desk.ids['board']}/displays", {"label": IMAGE})

    manager = await office.person("manager", Role.GENERAL_MANAGER)
    await opened(manager, "引き継ぎ・照会")
    await opened(manager, "カレンダー", "変更")
    await manager.page.go_back()
    await opened(manager, "折り返し")
    admin = await office.person("admin", Role.ADMINISTRATOR)
    await opened(admin, "掲示板")
    await opened(admin, "利用者", "writer")
    auditor = await office.person("auditor", Role.AUDITOR)
    await auditor.button("監査記録", exact=True).click()
    await auditor.field("対象").fill(IMAGE)
    auditor.expects("status of 422")
    await auditor.press("Enter")
    await expect(auditor.page.get_by_role("alert").first).to_be_visible()
    await unhurt(auditor)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a7_f11_what_leaders_and_administrators_write_is_inert(
    office: Office, name: str
) -> None:
    """Notices and hand-over notes, the name they are signed with, designations and labels."""
    desk = office.desk
    leader = await desk.signed_in("sue", Role.SUPERVISOR, seat="s01")
    await desk.set("sue", announced_name=name)
    await sent(leader, "/api/notices", {"key": "notice-0001", "text": name, "urgent": True})
    await sent(leader, "/api/handover", {"key": "handover-1", "text": name})
    await sent(leader, "/api/messages", {"key": "message-01", "text": name})
    administrator = await desk.signed_in("admin", Role.ADMINISTRATOR)
    await desk.has("board", Role.DISPLAY)
    await desk.set("sue", designation=name)
    of = f"/api/users/{desk.ids['sue']}/factors"
    await sent(administrator, of, {"label": name, "seed": "ab" * 20, "kind": "totp"})
    await sent(administrator, f"/api/users/{desk.ids['board']}/displays", {"label": name})

    one = await office.person("ana", seat="a01")
    await at_the_phone(desk, "a01", "ready", None)
    for region in ("朝礼・お知らせ", "申し送り", "連絡"):
        listed = one.region(region).get_by_role("listitem")
        await expect(listed).to_contain_text(name)
    await picture(one.page, "hostile-notice")
    await unhurt(one)
    admin = await office.person("admin", Role.ADMINISTRATOR)
    await admin.button("利用者", exact=True).click()
    await admin.button("sue", exact=True).click()
    await expect(admin.field("指定番号")).to_have_value(name)
    await expect(admin.page.get_by_text(name).first).to_be_visible()
    await unhurt(admin)
    await admin.button("掲示板", exact=True).click()
    await expect(admin.region("掲示板").get_by_role("listitem")).to_contain_text(name)
    await unhurt(admin)
    auditor = await office.person("auditor", Role.AUDITOR)
    await auditor.button("監査記録", exact=True).click()
    await auditor.button("検索").click()
    log = auditor.region("監査記録").get_by_role("table")
    await expect(log).to_contain_text(f"{name} (sue)")
    await unhurt(auditor)
    for person in (one, admin, auditor):
        assert person.complaints() == []


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
async def test_f11_what_the_site_calls_its_things_is_inert(tmp_path: Path, text: str) -> None:
    """Reasons, dispositions, states and flags in its own files; rules of the calendar."""
    said, calendar = marked(words(), text), demo().calendar
    assert calendar is not None
    base = tuple(replace(rule, name=text) for rule in calendar.base)
    site = replace(demo(), calendar=replace(calendar, base=base))
    async with an_office(tmp_path, site=site, catalogue=said) as office:
        desk = office.desk
        one = await office.person("ana", seat="a01")
        await a_call(desk, CALL, open_=True)
        await at_the_phone(desk, "a01", "talking", CALL)
        await expect(one.does).to_contain_text(text)
        await expect(one.region("応対結果")).to_contain_text(text)
        await picture(one.page, "hostile-catalogue")
        await unhurt(one)
        await one.press_on_page("a")
        await expect(one.dialog).to_contain_text(text)
        await unhurt(one)
        await one.press("Escape")
        await one.press_on_page("?")
        await expect(one.dialog).to_contain_text(text)
        await unhurt(one)
        manager = await office.person("manager", Role.GENERAL_MANAGER)
        await manager.button("カレンダー", exact=True).click()
        await expect(manager.page.get_by_text(text).first).to_be_visible()
        await unhurt(manager)
        for person in (one, manager):
            assert person.complaints() == []


def marked(said: Any, text: str) -> Any:
    """The same with this before every word that people read."""
    match said:
        case BaseModel():
            given = {name: marked(getattr(said, name), text) for name in type(said).model_fields}
            names = {name: text + given[name] for name in ("ja", "en") if name in given}
            return said.model_copy(update=given | names)
        case Mapping():
            return {code: marked(each, text) for code, each in said.items()}
        case Catalogue():
            parts = {each.name: marked(getattr(said, each.name), text) for each in fields(said)}
            return replace(said, **parts)
        case _:
            return said


async def sent(page: Browser, path: str, body: dict[str, Any]) -> None:
    """As the pages send it; the desk has taken it."""
    told = await page.ask("POST", path, body)
    assert told.status in (200, 201), (path, told.body)


async def opened(one: Person, *way: str) -> None:
    """Through these keys to a screen that shows it, as a text."""
    for button in way:
        await one.button(button, exact=True).click()
    await expect(one.page.locator("#page").get_by_text(IMAGE).first).to_be_visible()
    await unhurt(one)
    assert one.complaints() == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("あ" * 5_000, "60文字までです"),
        ("花子\x07", "制御文字は使えません"),
        ("花子\x1b[31m", "制御文字は使えません"),
        ("花子\u2028太郎", "制御文字は使えません"),
    ],
    ids=["15 kB", "a bell", "a terminal's", "a line separator"],
)
async def test_a7_a_name_that_cannot_be_kept_is_told_and_not_lost(
    office: Office, name: str, told: str
) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01")
    await a_call(desk, CALL)
    await at_the_phone(desk, "a01", "wrap_up", CALL, since=desk.clock.now)
    one.expects("status of 422")
    form = one.region("応対結果")
    await one.says_by_key("x")
    await one.field("お名前").fill(name)
    await one.field("メモ").fill("これは残る")
    await expect(form).to_contain_text("下書きを保存できていません")
    await expect(form).to_contain_text(told)
    await one.press("F4")
    await expect(form).to_contain_text(told)
    await expect(one.field("お名前")).to_have_value(name)
    await expect(one.field("メモ")).to_have_value("これは残る")
    assert desk.link.asked == []  # the wrap-up is not over
    await one.field("お名前").fill("花子")
    await expect(form).to_contain_text("下書き保存済み")
    assert one.complaints() == []
