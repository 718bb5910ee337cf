"""A booking while somebody talks: the draft, what was done on the call, and its witness."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from agents.bookings.kept import BookingBook
from agents.bookings.opened import Opened
from agents.bookings.rules import BookingRules
from agents.bookings.states import Master
from agents.bookings.tables import DRAFTS, HISTORY
from agents.tables import AUDIT
from agents.texts.tables import MASKED
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN, a_wish
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone

__all__ = ["schema", "url"]
CALL = "n1-1770598800.7"
NUMBER = "000000000019"  # a valid check digit, and nobody's
DRAFT = f"/api/calls/{CALL}/booking-draft"
TYPED: dict[str, Any] = {"mode": "new", "key": "typed-0001", "when": "2/12 10:00", "query": "まど"}


async def talking(desk: Desk, name: str = "ana", seat: str = "a01") -> Browser:
    """Somebody at their telephone with a citizen."""
    page = await desk.signed_in(name, seat=seat)
    await a_call(desk, CALL, seat=seat, open_=True)
    await at_the_phone(desk, seat, "talking", CALL)
    return page


async def of(page: Browser, key: str) -> dict[str, Any]:
    told = await page.ask("POST", "/api/bookings", a_wish(key, call=CALL))
    assert told.status == 200, told.body
    return dict(told.body)


async def card(page: Browser) -> dict[str, Any]:
    return dict((await page.ask("GET", f"/api/calls/{CALL}/card")).body["prefill"])


# -- drafts --------------------------------------------------------------------------------------


async def test_what_is_typed_is_kept_and_found_again(whole: Desk) -> None:
    page = await talking(whole)
    assert (await page.ask("GET", DRAFT)).body == {"version": 0, "form": None}
    party = [{"name": "窓口 \U000e0100花子", "birth_date": "S23.5"}]
    form = {**TYPED, "party": party, "answers": {"notice": "held"}}
    told = await page.ask("PUT", DRAFT, {"version": 0, "form": form})
    assert (told.status, told.body["version"], told.body["masked"]) == (200, 1, [])
    found = (await page.ask("GET", DRAFT)).body
    assert found["version"] == 1
    assert found["form"]["party"][0]["name"] == "窓口 \U000e0100花子"
    assert (found["form"]["when"], found["form"]["answers"]) == ("2/12 10:00", {"notice": "held"})
    assert (await page.ask("PUT", DRAFT, {"version": 1, "form": TYPED})).body["version"] == 2


async def test_an_older_window_is_told_the_present_version(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("PUT", DRAFT, {"version": 0, "form": TYPED})
    told = await page.ask("PUT", DRAFT, {"version": 0, "form": {**TYPED, "when": "別の画面"}})
    assert (told.status, told.body["fields"]["version"]) == (409, "1")
    assert (await page.ask("GET", DRAFT)).body["form"]["when"] == "2/12 10:00"


async def test_a_draft_is_its_authors_alone(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("PUT", DRAFT, {"version": 0, "form": TYPED})
    other = await whole.signed_in("bo", seat="a02")
    assert (await other.ask("GET", DRAFT)).body == {"version": 0, "form": None}
    assert (await other.ask("DELETE", DRAFT)).status == 204
    assert (await page.ask("GET", DRAFT)).body["version"] == 1
    for method in ("GET", "DELETE"):
        assert (await page.ask(method, "/api/calls/nobody/booking-draft")).status == 404


@pytest.mark.parametrize("field", ["query", "when", "phone", "note", "why", "number"])
async def test_no_individual_number_stays_in_a_draft(whole: Desk, field: str) -> None:
    page = await talking(whole)
    form = {**TYPED, field: NUMBER}
    told = await page.ask("PUT", DRAFT, {"version": 0, "form": form})
    assert (told.body["form"][field], told.body["masked"]) == ("●" * 12, ["individual_number"])
    await nothing_of(whole, NUMBER)


@pytest.mark.parametrize("field", ["name", "kana", "birth_date", "notice_no"])
async def test_no_individual_number_stays_in_a_drafts_card(whole: Desk, field: str) -> None:
    page = await talking(whole)
    form = {**TYPED, "party": [{}, {field: NUMBER}]}
    told = await page.ask("PUT", DRAFT, {"version": 0, "form": form})
    assert told.body["form"]["party"][1][field] == "●" * 12
    await nothing_of(whole, NUMBER)


async def nothing_of(desk: Desk, text: str) -> None:
    rows = await desk.database.read(lambda c: str(c.execute(select(DRAFTS)).all()))
    assert text not in rows
    assert await desk.database.read(lambda c: c.execute(select(MASKED)).all())


async def test_the_draft_ends_with_the_deed_that_comes_of_it(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("PUT", DRAFT, {"version": 0, "form": TYPED})
    refused = await page.ask("POST", "/api/bookings", a_wish("agreed-00", call=CALL, site="moon"))
    assert refused.status == 422
    assert (await page.ask("GET", DRAFT)).body["version"] == 1  # nothing came of it
    made = await of(page, "agreed-01")
    assert (await page.ask("GET", DRAFT)).body == {"version": 0, "form": None}
    # What was typed afterwards is another booking's.
    await page.ask("PUT", DRAFT, {"version": 0, "form": TYPED})
    number = {"key": "number-01", "version": 1, "number": "C-451", "call": CALL}
    await page.ask("PUT", f"/api/bookings/{made['id']}/number", number)
    assert (await page.ask("GET", DRAFT)).body["version"] == 1


# -- what was done on the call -------------------------------------------------------------------


async def test_the_page_finds_what_it_has_done_though_it_heard_nothing(whole: Desk) -> None:
    """The browser died after it had sent, and before it was answered."""
    page = await talking(whole)
    made = await of(page, "agreed-01")
    again = await of(page, "agreed-01")
    assert again["id"] == made["id"]
    (found,) = (await page.ask("GET", f"/api/calls/{CALL}/bookings")).body["bookings"]
    assert (found["id"], found["whole"]) == (made["id"], True)
    assert any("ただいまは仮受付です" in line for line in found["spoken"])
    other = await whole.signed_in("bo", seat="a02")
    assert (await other.ask("GET", f"/api/calls/{CALL}/bookings")).body["bookings"] == []
    assert (await page.ask("GET", "/api/calls/nobody/bookings")).status == 404


async def test_what_was_done_says_what_came_of_the_call(whole: Desk) -> None:
    page = await talking(whole)
    assert await card(page) == {"reasons": [], "disposition": None, "because": []}
    made = await of(page, "agreed-01")
    assert await card(page) == {"reasons": ["R1"], "disposition": "D02", "because": ["booking"]}
    path = f"/api/bookings/{made['id']}"
    later = a_wish("changed-01", start="11:00", version=1, call=CALL)
    assert (await page.ask("PUT", f"{path}/appointment", later)).status == 200
    assert (await card(page))["disposition"] == "D02"  # made and moved on one call: a new one
    gone = {"key": "cancel-001", "version": 2, "call": CALL}
    told = await page.ask("POST", f"{path}/cancellation", gone)
    assert "取り消しました" in told.body["spoken"][0]
    assert (await card(page))["disposition"] == "D04"


async def test_a_change_on_a_later_call_that_is_taken_back_says_nothing(whole: Desk) -> None:
    page = await talking(whole)
    made = (await page.ask("POST", "/api/bookings", a_wish("agreed-01"))).body
    path = f"/api/bookings/{made['id']}"
    later = a_wish("changed-01", start="11:00", version=1, call=CALL, identity=KNOWN)
    await page.ask("PUT", f"{path}/appointment", later)
    assert (await card(page))["disposition"] == "D03"
    undone = {"key": "undone-001", "version": 2, "call": CALL}
    assert (await page.ask("POST", f"{path}/undoing", undone)).status == 200
    assert (await card(page))["disposition"] is None


# -- one box, and the script ---------------------------------------------------------------------


@pytest.mark.parametrize("text", ["まどぐち", "窓口花子", "AB1-000001", "ａｂ１０００００１"])
async def test_one_box_finds_by_whatever_is_known(whole: Desk, text: str) -> None:
    page = await talking(whole)
    made = await of(page, "agreed-01")
    told = await page.ask("POST", "/api/bookings/search", {"text": text})
    assert [one["id"] for one in told.body["bookings"]] == [made["id"]]


async def test_one_box_finds_by_the_citys_number(whole: Desk) -> None:
    page = await talking(whole)
    made = await of(page, "agreed-01")
    number = {"key": "number-01", "version": 1, "number": "C-451"}
    await page.ask("PUT", f"/api/bookings/{made['id']}/number", number)
    told = await page.ask("POST", "/api/bookings/search", {"text": "Ｃ－４５１"})
    assert [one["id"] for one in told.body["bookings"]] == [made["id"]]
    assert (await page.ask("POST", "/api/bookings/search", {"text": "  "})).status == 422


async def test_the_script_says_what_is_known(whole: Desk) -> None:
    page = await talking(whole)
    book = BookingBook(whole.database, Master.OWN)
    whole.tools.put(BookingBook, book)
    slots = whole.tools.get(BookingRules).slots
    whole.tools.put(Opened, Opened(book, slots, frozenset()))
    said = "?site=main&day=2026-02-12&start=10:00&people=2"
    steps = (await page.ask("GET", f"/api/bookings/script{said}")).body["steps"]
    text = {step["code"]: step["text"] for step in steps}
    assert "受取場所は本庁舎でよろしいですか" in text["site"]
    assert text["slot"].startswith("2月9日月曜日の午前10時と")
    assert "令和8年2月12日、木曜日午前10時、本庁舎、2名様" in text["read_back"]
    assert "〔予約番号〕" in text["read_back"]


async def test_a_question_comes_back_with_its_answer(whole: Desk) -> None:
    page = await talking(whole)
    answers = {"who": "self", "notice": "lost"}
    told = await page.ask(
        "POST", "/api/bookings/bringing", {"day": "2026-02-12", "answers": answers}
    )
    asked = {one["code"]: one["answer"] for one in told.body["asked"]}
    assert asked == {
        "who": "self", "notice": "lost", "holder_id": None, "old_notification": None,
        "resident_card": None, "present_card": None,
    }  # fmt: skip


# -- witnessed -----------------------------------------------------------------------------------


async def test_a_deed_and_its_line_of_the_audit_log_are_one(whole: Desk) -> None:
    """Whatever keeps the line from being written keeps the deed from being done."""
    page = await talking(whole)
    made = await of(page, "agreed-01")
    lines = await whole.deeds("booking_agreed")
    assert [thing for _, _, thing in lines] == [made["id"]]
    await of(page, "agreed-01")  # the same again: it was asked for, and nothing was done
    assert len(await whole.deeds("booking_agreed")) == 2

    def break_log(connection: Connection) -> None:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'x'); END"
        )

    await whole.database.write(break_log)
    before = await whole.database.read(lambda c: len(c.execute(select(HISTORY)).all()))
    told = await page.ask("POST", "/api/bookings", a_wish("agreed-02", call=CALL))
    assert told.status == 503
    after = await whole.database.read(lambda c: len(c.execute(select(HISTORY)).all()))
    assert after == before
    await whole.database.write(lambda c: c.exec_driver_sql("DROP TRIGGER broken"))
    assert (await of(page, "agreed-02"))["id"] != made["id"]
    assert (await whole.verdict()).sound
    told_of = await whole.database.read(
        lambda c: c.execute(select(AUDIT.c.line).where(AUDIT.c.word == "booking_agreed")).all()
    )
    assert all("窓口" not in row.line for row in told_of)
