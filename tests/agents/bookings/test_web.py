"""Bookings over real HTTP: what an agent types while a citizen talks, under both masters."""

import json
import logging
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Table, select

from agents.bookings.kept import BookingBook
from agents.bookings.opened import Opened
from agents.bookings.rules import BookingRules
from agents.bookings.states import Master
from agents.bookings.tables import BOOKINGS, HISTORY, PARTY
from agents.people import AT_A_DESK, LEADERS, Role
from agents.texts.tables import MASKED
from agents.web.fields import LONGEST_KEY
from config import logs
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN, a_wish
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk

__all__ = ["schema", "url"]
NUMBER = "000000000019"  # a valid check digit, and nobody's
WHO = sorted(AT_A_DESK | LEADERS)


@pytest.fixture
def owned(whole: Desk) -> Desk:
    """A desk that sells slots of its own."""
    book = BookingBook(whole.database, Master.OWN)
    whole.tools.put(BookingBook, book)
    rules = whole.tools.get(BookingRules)
    whole.tools.put(Opened, Opened(book, rules.slots, frozenset()))
    return whole


async def kept(desk: Desk, *tables: Table) -> str:
    """Every row, as text."""
    found = []
    for table in tables:
        rows = await desk.database.read(
            lambda connection, of=table: connection.execute(select(of)).all()  # type: ignore[misc]
        )
        found += [str(tuple(row)) for row in rows]
    return "\n".join(found)


async def agreed(page: Browser, key: str = "agreed-01", **more: Any) -> dict[str, Any]:
    told = await page.ask("POST", "/api/bookings", a_wish(key, **more))
    assert told.status == 200, told.body
    return dict(told.body)


async def on_hold(page: Browser, key: str, people: int = 1) -> Any:
    form = {"key": key, "site": "main", "day": "2026-02-12", "start": "10:00", "people": people}
    return await page.ask("POST", "/api/bookings/holds", form)


# -- asking ------------------------------------------------------------------------------------


async def test_a_birth_date_is_echoed_and_an_impossible_one_is_explained(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = await page.ask("POST", "/api/bookings/birth-date", {"text": "Ｓ２３．５．３"})
    assert told.body == {
        "birth_date": "1948-05-03",
        "western": "1948年5月3日",
        "japanese": "昭和23年5月3日",
        "age": 77,
    }
    wrong = await page.ask("POST", "/api/bookings/birth-date", {"text": "S65.5.3"})
    assert wrong.status == 422
    assert "平成2年5月3日ではありませんか" in wrong.body["fields"]["text"]


async def test_what_to_bring_and_what_is_still_to_ask(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    answers = {"who": "self", "notice": "held"}
    told = await page.ask(
        "POST", "/api/bookings/bringing", {"day": "2026-02-12", "answers": answers}
    )
    assert told.status == 200, told.body
    assert told.body["lines"] == ["交付通知書(はがき)"]
    assert told.body["questions"][0]["code"] == "holder_id"
    for day, known in (("2020-01-01", answers), ("2026-02-12", {"who": "friend"})):
        refused = await page.ask("POST", "/api/bookings/bringing", {"day": day, "answers": known})
        assert refused.status == 422


async def test_the_script_begins_with_the_agents_own_name(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = (await page.ask("GET", "/api/bookings/script")).body
    assert len(told["steps"]) == 10
    assert "anaさんでございます" in told["steps"][0]["text"]


async def test_the_sites_say_which_days_may_be_agreed_on(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = (await page.ask("GET", "/api/bookings/sites")).body
    assert (told["master"], told["party_max"], len(told["sites"])) == ("city", 5, 10)
    assert (told["sites"][0]["first"], told["sites"][0]["last"]) == ("2026-02-09", "2026-03-12")
    free = (await page.ask("GET", "/api/bookings/slots?site=main")).body
    assert free == {"spoken": "", "slots": []}  # nothing has been imported


# -- under the city ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", WHO)
async def test_a_booking_goes_through_the_citys_system(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("somebody", role)
    made = await agreed(page)
    path = f"/api/bookings/{made['id']}"
    assert (made["status"], made["owed"], made["number"]) == ("provisional", "agree", None)
    listed = (await page.ask("GET", "/api/bookings/owed")).body["bookings"]
    assert [(one["id"], one["whole"]) for one in listed] == [(made["id"], False)]
    whole_one = (await page.ask("GET", f"{path}/transcript")).body
    assert whole_one["booking"]["party"][0]["notice_no"] == "AB1000001"
    assert [(row["ja"], row["text"]) for row in whole_one["rows"]][:4] == [
        ("はがきの番号", "AB1000001"), ("氏名", "窓口 花子"), ("フリガナ", "マドグチ\u3000ハナコ"),
        ("生年月日", "19480503"),
    ]  # fmt: skip

    number = {"key": "number-01", "version": 1, "number": "C-451"}
    entered = (await page.ask("PUT", f"{path}/number", number)).body
    assert (entered["status"], entered["owed"], entered["number"]) == ("booked", None, "C-451")
    assert (await page.ask("GET", f"{path}/transcript")).status == 409
    later = a_wish("changed-01", start="11:00", version=2, why="都合", identity=KNOWN)
    moved = (await page.ask("PUT", f"{path}/appointment", later)).body
    assert (moved["start"], moved["owed"]) == ("11:00", "change")
    undo = {"key": "undone-001", "version": 3, "identity": KNOWN}
    undone = await page.ask("POST", f"{path}/undoing", undo)
    assert (undone.body["start"], undone.body["owed"]) == ("10:00", None)
    cancel = {"key": "cancel-001", "version": 4, "identity": KNOWN}
    gone = await page.ask("POST", f"{path}/cancellation", cancel)
    assert (gone.body["status"], gone.body["owed"]) == ("cancelled", "cancel")

    lines = (await page.ask("GET", f"{path}/history")).body["lines"]
    assert [line["deed"] for line in lines] == ["agree", "enter", "change", "undo", "cancel"]
    words = [word for word, _, _ in await whole.deeds()]
    for word in ("booking_agreed", "booking_entered", "booking_changed", "booking_cancelled"):
        assert word in words
    held = await page.ask("POST", f"{path}/agreement", a_wish("agreed-09", version=5))
    assert held.status == 409


async def test_nothing_is_read_out_before_two_of_three_are_right(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    path = f"/api/bookings/{(await agreed(page))['id']}/reading"
    notice = "ab1-000001"
    for wrong in (
        {}, {"name": "窓口花子"}, {"notice_no": notice}, {"birth_date": "S23.5.3"},
        {"name": "別人", "birth_date": "S23.5.3"}, {"name": "窓口花子", "birth_date": "S23.5.4"},
    ):  # fmt: skip
        told = await page.ask("POST", path, wrong)
        assert told.status == 409, wrong
        assert "AB1000001" not in json.dumps(told.body)
    for right in (
        {"name": "まどぐちはなこ", "birth_date": "19480503"},
        {"name": "窓口花子", "notice_no": notice},
        {"birth_date": "昭和23年5月3日", "notice_no": notice},
    ):
        told = await page.ask("POST", path, right)
        assert told.status == 200, told.body
        assert told.body["booking"]["party"][0]["birth_date_ja"] == "昭和23年5月3日"
        assert "ただいまは仮受付です。" in "".join(told.body["spoken"])


@pytest.mark.parametrize("deed", ["appointment", "cancellation", "undoing"])
async def test_nothing_is_changed_or_cancelled_before_two_of_three_are_right(
    whole: Desk, deed: str
) -> None:
    page = await whole.signed_in("ana")
    booking = f"/api/bookings/{(await agreed(page))['id']}"
    path, version = f"{booking}/{deed}", 1
    if deed == "undoing":
        gone = {"key": "cancel-001", "version": 1, "identity": KNOWN}
        assert (await page.ask("POST", f"{booking}/cancellation", gone)).status == 200
        version = 2
    body: dict[str, Any] = {"key": "deed-00001", "version": version}
    if deed == "appointment":
        body = a_wish("deed-00001", start="11:00", version=version)
    method = "PUT" if deed == "appointment" else "POST"
    before = await kept(whole, BOOKINGS, HISTORY)
    for said in (
        None, {}, {"name": "窓口花子"}, {"name": "窓口花子", "birth_date": "S23.5.4"},
        {"name": "別人", "notice_no": "AB1000001"},
    ):  # fmt: skip
        told = await page.ask(method, path, {**body, "identity": said})
        assert told.status == 409, said
        assert "AB1000001" not in json.dumps(told.body)
        assert "1948" not in json.dumps(told.body)
    assert await kept(whole, BOOKINGS, HISTORY) == before
    unclear = {**body, "identity": {"name": "窓口花子", "birth_date": "S65.5.3"}}
    assert "birth_date" in (await page.ask(method, path, unclear)).body["fields"]
    told = await page.ask(method, path, {**body, "identity": KNOWN})
    assert told.status == 200, told.body
    assert told.body["version"] == version + 1


async def test_a_change_that_was_done_is_answered_again_whatever_it_changed(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    path = f"/api/bookings/{(await agreed(page))['id']}/appointment"
    card = {"name": "別所 花", "kana": "ベッショ ハナ", "birth_date": "H1.2.3"}
    body = a_wish("changed-01", version=1, party=[card], identity=KNOWN)
    first = await page.ask("PUT", path, body)
    assert (first.status, first.body["party"][0]["name"]) == (200, "別所 花")
    assert (await page.ask("PUT", path, body)).body["version"] == first.body["version"]
    assert (await page.ask("PUT", path, {**body, "key": "changed-02"})).status == 409


async def test_lists_show_neither_birth_date_nor_notice_number(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await agreed(page)
    told = await page.ask("POST", "/api/bookings/search", {"name": "まどぐち"})
    (one,) = told.body["bookings"]
    assert one["party"][0]["name"] == "窓口 花子"
    assert (one["party"][0]["notice_no"], one["party"][0]["birth_date"]) == (
        "●●●●●●001", "1948-●●-●●",
    )  # fmt: skip
    assert one["form"] == {}
    assert (await page.ask("POST", "/api/bookings/search", {})).status == 422
    notes = await whole.database.read(lambda c: str(c.execute(select(HISTORY.c.why)).all()))
    assert "AB1000001" not in notes


@pytest.mark.parametrize("field", ["note", "phone", "phone_alt", "docs_version"])
async def test_no_individual_number_gets_in_through_the_form(whole: Desk, field: str) -> None:
    page = await whole.signed_in("ana")
    made = await agreed(page, **{field: NUMBER})
    assert "individual_number" in made["masked"]
    assert NUMBER not in await kept(whole, BOOKINGS, HISTORY, PARTY)
    assert "booking" in await kept(whole, MASKED)


async def test_no_individual_number_gets_in_through_a_card_a_reason_or_a_number(
    whole: Desk,
) -> None:
    page = await whole.signed_in("ana")
    card = {"name": f"花子 {NUMBER}", "kana": NUMBER, "birth_date": "S23.5.3",
            "notice_no": "AB1000001"}  # fmt: skip
    made = await agreed(page, party=[card])
    path = f"/api/bookings/{made['id']}"
    number = {"key": "number-01", "version": 1, "number": NUMBER}
    assert (await page.ask("PUT", f"{path}/number", number)).status == 422
    known = {"birth_date": "S23.5.3", "notice_no": "AB1000001"}
    why = {"key": "cancel-001", "version": 1, "why": f"番号は{NUMBER}", "identity": known}
    assert (await page.ask("POST", f"{path}/cancellation", why)).status == 200
    notice = a_wish("agreed-02", party=[{**card, "notice_no": NUMBER}])
    assert (await page.ask("POST", "/api/bookings", notice)).status == 422
    assert NUMBER not in await kept(whole, BOOKINGS, HISTORY, PARTY)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"site": "moon"}, "site"),
        ({"day": "2026-02-08"}, "day"),
        ({"day": "2026-03-13"}, "day"),
        ({"site": "kitano", "day": "2026-02-10"}, "day"),  # the card is not there yet
        ({"start": "25:00"}, "start"),
        ({"day": "2026-02-09", "start": "09:59"}, "start"),  # it is ten o'clock
        ({"party": []}, "party"),
        ({"party": [{"name": "a", "kana": "ア", "birth_date": "S65.1.1"}]}, "party.0.birth_date"),
        ({"party": [{"name": "a", "kana": "ア", "birth_date": "S23.5.3", "notice_no": "1"}]},
         "party.0.notice_no"),
        ({"party": [{"name": "a", "kana": "ア", "birth_date": "S23.5.3", "visitor": "proxy"}]},
         "party.0.reason"),
        ({"party": [{"name": "a", "kana": "ア", "birth_date": "S23.5.3"}] * 6}, "party"),
    ],
)  # fmt: skip
async def test_a_wish_that_cannot_be_names_its_field(
    whole: Desk, more: dict[str, Any], field: str
) -> None:
    page = await whole.signed_in("ana")
    told = await page.ask("POST", "/api/bookings", a_wish("agreed-01", **more))
    assert told.status == 422, told.body
    assert field in told.body["fields"], told.body
    assert await kept(whole, BOOKINGS) == ""


async def test_the_same_request_twice_is_one_booking(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    first, again = await agreed(page), await agreed(page)
    assert first["id"] == again["id"]
    other = await agreed(page, "agreed-02")
    taken = {"key": "agreed-01", "version": 1, "identity": KNOWN}
    told = await page.ask("POST", f"/api/bookings/{other['id']}/cancellation", taken)
    assert told.status == 409
    assert len("agreed-01") < LONGEST_KEY


async def test_a_place_is_not_held_where_the_city_sells_them(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    assert (await on_hold(page, "held-0001")).status == 409


@pytest.mark.parametrize(("days", "status"), [(0, 200), (1, 409)])
async def test_a_visit_nobody_came_to_is_booked_anew_from_the_next_day(
    whole: Desk, days: int, status: int
) -> None:
    one = await agreed(await whole.signed_in("ana"))
    visit = datetime.fromisoformat(f"{one['day']}T08:00:00+09:00").timestamp()
    whole.clock.now = visit + days * 86_400
    page = await whole.signed_in("ana")
    later = a_wish("changed-01", day="2026-02-20", version=1, identity=KNOWN)
    told = await page.ask("PUT", f"/api/bookings/{one['id']}/appointment", later)
    assert told.status == status
    assert ("新しい予約として" in str(told.body)) is (status == 409)


# -- under our own -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", WHO)
async def test_a_place_is_held_and_agreed_on(owned: Desk, role: Role) -> None:
    page = await owned.signed_in("somebody", role)
    free = (await page.ask("GET", "/api/bookings/slots?site=main&day=2026-02-12")).body
    assert free["spoken"] == "2月12日木曜日の午前8時30分と午前9時と午前9時30分"
    held = (await on_hold(page, "held-0001")).body
    assert (held["status"], held["hold_until"]) == ("held", owned.clock.now + 600)
    two = a_wish("agreed-01", version=1, party=a_wish("x")["party"] * 2)
    path = f"/api/bookings/{held['id']}"
    assert (await page.ask("POST", f"{path}/agreement", two)).status == 422
    told = await page.ask("POST", f"{path}/agreement", a_wish("agreed-02", version=1))
    assert (told.body["status"], len(told.body["number"])) == ("booked", 8)
    read = await page.ask("POST", f"{path}/reading", {"name": "窓口花子", "birth_date": "S23.5.3"})
    assert any(line.startswith("予約番号は、") for line in read.body["spoken"])
    assert (await page.ask("POST", "/api/bookings", a_wish("agreed-03"))).status == 409


async def test_k05_who_comes_second_is_told_the_next_free_times(owned: Desk) -> None:
    ana, bo = await owned.signed_in("ana"), await owned.signed_in("bo")
    assert (await on_hold(ana, "held-0001", people=4)).status == 200
    told = await on_hold(bo, "held-0002")
    assert told.status == 409
    assert told.body["fields"]["following"] == (
        "2月12日木曜日の午前10時30分と午前11時と午前11時30分"
    )


async def test_k06_a_cancellation_frees_the_place_at_once(owned: Desk) -> None:
    page = await owned.signed_in("ana")
    held = (await on_hold(page, "held-0001", people=4)).body
    party = a_wish("x")["party"] * 4
    path = f"/api/bookings/{held['id']}"
    await page.ask("POST", f"{path}/agreement", a_wish("agreed-01", version=1, party=party))
    assert (await on_hold(page, "held-0002")).status == 409
    cancel = {"key": "cancel-001", "version": 2, "identity": KNOWN}
    gone = await page.ask("POST", f"{path}/cancellation", cancel)
    assert gone.status == 200
    assert (await on_hold(page, "held-0003")).status == 200


@pytest.mark.parametrize("leader", [False, True])
async def test_a_held_place_is_its_holders_or_a_supervisors(owned: Desk, leader: bool) -> None:
    ana, bo = await owned.signed_in("ana"), await owned.signed_in("bo")
    held = (await on_hold(ana, "held-0001")).body
    path = f"/api/bookings/{held['id']}"
    give_up = {"key": "give-up-01", "version": 1}
    theirs = await bo.ask("POST", f"{path}/cancellation", give_up)
    assert (theirs.status, "anaさん" in str(theirs.body)) == (409, True)
    taken = await bo.ask("POST", f"{path}/agreement", a_wish("agreed-01", version=1))
    assert taken.status == 409
    who = await owned.signed_in("sue", Role.SUPERVISOR) if leader else ana
    given = await who.ask("POST", f"{path}/cancellation", give_up)
    assert (given.status, given.body["status"]) == (200, "expired")
    deeds = await owned.deeds("booking_cancelled")
    assert deeds[-1][1:] == (owned.ids["sue" if leader else "ana"], held["id"])


async def test_an_old_page_is_told_the_present_version(owned: Desk) -> None:
    page = await owned.signed_in("ana")
    held = (await on_hold(page, "held-0001")).body
    told = await page.ask(
        "POST", f"/api/bookings/{held['id']}/agreement", a_wish("agreed-01", version=7)
    )
    assert (told.status, told.body["fields"]["version"]) == (409, "1")


# -- what the contract asks for, by its own names -------------------------------------------------


async def test_k07_what_is_not_in_the_citys_system_yet_is_listed_until_it_is(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    board = await whole.signed_in("board", Role.DISPLAY)
    first, second = await agreed(page, "agreed-01"), await agreed(page, "agreed-02")
    owed = (await page.ask("GET", "/api/bookings/owed")).body["bookings"]
    assert [(one["id"], one["owed"], one["status"]) for one in owed] == [
        (first["id"], "agree", "provisional"), (second["id"], "agree", "provisional"),
    ]  # fmt: skip
    count = (await board.ask("GET", "/api/bookings/owed-count")).body
    lines = count.pop("first")
    assert count == {"owed": 2, "due": 2, "late": 0}
    assert [(one["owed"], one["announced_name"], one["late"]) for one in lines] == [
        ("agree", "anaさん", False)
    ] * 2
    assert "花子" not in str(lines)  # a wall shows no citizen
    whole.clock.goes_on(86_400)  # the day is over, and nobody has entered them
    page = await whole.signed_in("ana")
    count = (await page.ask("GET", "/api/bookings/owed-count")).body
    assert (count["owed"], count["late"]) == (2, 2)
    assert [one["late"] for one in count["first"]] == [True, True]
    number = {"key": "number-01", "version": 1, "number": "C-1"}
    await page.ask("PUT", f"/api/bookings/{first['id']}/number", number)
    owed = (await page.ask("GET", "/api/bookings/owed")).body["bookings"]
    assert [one["id"] for one in owed] == [second["id"]]


async def test_k08_a_birth_date_that_is_only_asked_about_is_in_no_log_and_no_table(
    whole: Desk,
) -> None:
    said = StringIO()
    before = logging.getLogger().handlers[:]
    logs.configure("desk", stream=said)
    page = await whole.signed_in("ana")
    for text in ("S31.7.19", "昭和31年7月19日", "19560719", "S65.7.19"):
        told = await page.ask("POST", "/api/bookings/birth-date", {"text": text})
        assert told.status in (200, 422)
    logging.getLogger().handlers[:] = before
    whole_of_it = await kept(whole, *whole.every_table())
    for form in ("1956-07-19", "19560719", "S31.7.19", "昭和31年7月19日", "1956年7月19日", "S65"):
        assert form not in whole_of_it
        assert form not in said.getvalue()
    assert len(await whole.deeds("birth_date_read")) == 3  # that somebody was answered is
