"""Bookings as an agent types them: keys are counted, free text is as long as what is said."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from telephony.runtime.programs import PROJECT
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true

HANAKO: Final = ("AB1000001", "窓口 花子", "まどぐち はなこ", "S23.5.3")
WHEN: Final = "日時"


@dataclass
class Hands:
    """One keyboard: what is pressed is counted, what is typed is not."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    async def press(self, *keys: str) -> None:
        """Each of them once."""
        for key in keys:
            await self.page.keyboard.press(key)
            self.pressed.append(key)

    async def type(self, text: str) -> None:
        """Where the focus is, as an input method commits it."""
        await self.page.keyboard.insert_text(text)

    async def say(self, text: str) -> None:
        """A field's text, and on to the next."""
        await self.type(text)
        await self.press("Enter")

    async def begin(self) -> None:
        """Open the booking, with the focus where typing begins."""
        await self.page.get_by_role("button", name="受取予約", exact=True).wait_for()
        await self.page.evaluate("document.activeElement?.blur()")
        await self.press("b")
        await expect(self.panel).to_be_visible()
        await expect(self.panel.locator("input:focus")).to_have_count(1)

    @property
    def panel(self) -> Locator:
        """The booking beside the card."""
        return self.page.get_by_role("region", name="受取予約", exact=True)

    async def is_at(self, label: str) -> None:
        """The focus is in the field, or the group, of this name."""
        here = self.page.locator(":focus")
        field = self.page.get_by_label(label, exact=True).and_(here)
        group = self.page.get_by_role("group", name=label).filter(has=here)
        await expect(field.or_(group)).to_have_count(1)

    # -- the three kinds of call -------------------------------------------------------------

    async def new(self, when: str = "1", who: tuple[str, str, str, str] = HANAKO) -> None:
        """Everything that is asked, of one person who comes alone, until it is agreed."""
        await self.begin()
        for text in who:
            await self.say(text)
        await expect(self.panel).to_contain_text("昭和23年5月3日")
        await self.is_at("来る方")
        await self.press("1")
        await self.is_at("受取場所")
        await self.press("Enter")
        await self.is_at(WHEN)
        await self.say(when)
        await self.is_at("連絡先の電話番号")
        await expect(self.panel).to_contain_text("本人確認書類は何がありますか")
        await self.press("Enter", "Enter", "Enter", "Enter")  # number, note, transport, needs
        await self.is_at("ご本人の本人確認書類は何がありますか")
        await self.press("1", "2", "2", "2")  # an identity card with another; nothing to give back
        await self.is_at("持ち物の案内")
        await self.press("1")
        await self.press("F4")

    async def find(self, query: str = "まどぐち", birth: str = "S23.5.3") -> None:
        """An existing booking, known by two of three."""
        await self.begin()
        await self.is_at("予約を探す")  # by what they chose in the menu
        await self.say(query)
        await expect(self.panel.get_by_role("group", name="本人確認")).to_be_visible()
        await self.is_at("生年月日")
        await self.say(birth)
        await self.is_at("お名前")
        await self.say("窓口花子")
        await expect(self.panel).to_contain_text("いまの予約")

    async def number(self, number: str) -> None:
        """The city's, without copying."""
        await expect(self.panel).to_contain_text("市の予約番号")
        await self.press("e")
        await self.say(number)


async def talking(r: Room, menu: str = "1", one: Person | None = None, **given: str) -> Person:
    """An agent, ready already or not, with a citizen who chose this in the menu of bookings."""
    person = one or await r.seated("a01")
    phone = r.centre.phones[person.name] if one else await r.centre.ready(person.name)
    call = await r.centre.call("1", **given)

    async def paths() -> list[str]:
        return [each["menu_path"] for each in (await r.centre.status())["calls"]]

    await until_true(paths, lambda found: "1" in found, "they are in the second menu")
    await call.send_keys(menu, held_for=0.06)
    leg = await phone.rings()
    await leg.answer()
    await person.is_so("通話中")
    return person


async def finished(one: Person, disposition: str) -> None:
    """The call is over; what was done filled the outcome in."""
    await expect(one.region("応対結果").get_by_role("combobox", name="結果")).to_have_value(
        disposition
    )
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.press("F4")
    await one.is_so("受付可")


async def told(boss: Person, times: list[tuple[date, str]]) -> None:
    """The city's free times, as a leader imports them."""
    rows = ["場所,日付,時刻,定員,予約済み"]
    rows += [f"main,{day.isoformat()},{start},4,0" for day, start in times]
    content = b64encode("\n".join(rows).encode()).decode()
    body = {"key": f"slots-{uuid4().hex[:12]}", "content": content}
    status, said = await boss.fetch("POST", "/api/booking-files/slots", body)
    assert status == 200, said


def published(what: str) -> int:
    """How many keys the documentation says that this takes."""
    page = (PROJECT / "docs" / "bookings.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(what)} \| (\d+) \|", page, re.MULTILINE)
    assert found, what
    return int(found[1])
