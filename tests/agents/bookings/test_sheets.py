"""K14, K15: paper of a day, from the live reservations, with what changed after it was printed."""

from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from agents.bookings.bringing import decide, in_force
from agents.bookings.rules import BookingRules
from agents.bookings.sheets import Span, overlap
from agents.bookings.tables import SHEETS
from agents.people import AT_A_DESK, LEADERS, Role
from ivr_flows.prompts.catalogue import prompts
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN, a_wish
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk

__all__ = ["schema", "url"]
DAY = "2026-02-12"
OLD_CARDS = ("old_notification", "resident_card", "present_card")  # the menu asks for them at once
PICK, DISPATCH = "/api/booking-sheets/pick", "/api/booking-sheets/dispatch"


async def made(page: Browser, key: str, **more: Any) -> dict[str, Any]:
    told = await page.ask("POST", "/api/bookings", a_wish(key, **more))
    assert told.status == 200, told.body
    return dict(told.body)


async def printed(page: Browser, sheet: str, key: str, day: str = DAY) -> dict[str, Any]:
    told = await page.ask("POST", sheet, {"key": key, "day": day})
    assert told.status == 200, told.body
    return dict(told.body)


def marks(sheet: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["start"], row["mark"]) for row in sheet["rows"]]


@pytest.mark.parametrize("role", sorted(AT_A_DESK | LEADERS))
async def test_k14_the_list_is_the_live_reservations(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("somebody", role)
    first = await made(page, "agreed-01", needs=["wheelchair"], transport="car")
    await made(page, "agreed-02", start="09:00")
    gone = await made(page, "agreed-03", start="11:00")
    await made(page, "agreed-04", day="2026-02-13")
    body = {"key": "cancel-001", "version": 1, "identity": KNOWN}
    await page.ask("POST", f"/api/bookings/{gone['id']}/cancellation", body)
    sheet = (await page.ask("GET", f"{PICK}?day={DAY}")).body
    assert marks(sheet) == [("09:00", "same"), ("10:00", "same")]
    row = sheet["rows"][1]
    assert (row["booking"], row["name"], row["needs"]) == (
        first["id"], "窓口 花子", "車いす、車で来庁",
    )  # fmt: skip
    assert (row["notice_no"], row["status"]) == ("●●●●●●001", "provisional")
    assert sheet["day_ja"] == "令和8年2月12日(木)"
    assert "1948" not in str(sheet)  # no birth date on any list
    live = await page.ask("POST", "/api/bookings/search", {"day": DAY})
    still = [one["id"] for one in live.body["bookings"] if one["status"] == "provisional"]
    assert sorted(row["booking"] for row in sheet["rows"]) == sorted(still)
    assert (await printed(page, PICK, "printed-01"))["printed"]["announced_name"] == "somebodyさん"


async def test_k15_what_changes_after_printing_is_marked(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    stays = await made(page, "agreed-01", start="09:00")
    moves = await made(page, "agreed-02", start="10:00")
    ends = await made(page, "agreed-03", start="11:00")
    away = await made(page, "agreed-04", start="13:00")
    await printed(page, PICK, "printed-01")
    whole.clock.goes_on(600)
    await page.ask(
        "PUT", f"/api/bookings/{moves['id']}/appointment",
        a_wish("changed-01", start="10:30", version=1, identity=KNOWN),
    )  # fmt: skip
    body = {"key": "cancel-001", "version": 1, "identity": KNOWN}
    await page.ask("POST", f"/api/bookings/{ends['id']}/cancellation", body)
    await page.ask(
        "PUT", f"/api/bookings/{away['id']}/appointment",
        a_wish("changed-02", day="2026-02-13", version=1, identity=KNOWN),
    )  # fmt: skip
    await made(page, "agreed-05", start="15:00")
    sheet = (await page.ask("GET", f"{PICK}?day={DAY}")).body
    found = {row["booking"]: row["mark"] for row in sheet["rows"]}
    assert found[stays["id"]] == "same"
    assert (found[moves["id"]], found[ends["id"]], found[away["id"]]) == (
        "changed", "gone", "gone",
    )  # fmt: skip
    assert marks(sheet)[-2:] == [("15:00", "new"), ("10:00", "gone")]
    assert sheet["changed"] == 4
    assert sheet["last"]["announced_name"] == "anaさん"
    # The next print is what is compared with from then on.
    again = await printed(page, PICK, "printed-02")
    assert again["changed"] == 4
    assert (await page.ask("GET", f"{PICK}?day={DAY}")).body["changed"] == 0


async def test_a_print_is_witnessed_once_and_names_nobody(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await made(page, "agreed-01")
    await printed(page, PICK, "printed-01")
    await printed(page, PICK, "printed-01")
    kept = await whole.database.read(lambda c: c.execute(select(SHEETS)).all())
    assert len(kept) == 1
    assert "窓口" not in str(kept[0])
    assert [thing for _, _, thing in await whole.deeds("sheet_printed")][:1] == ["pick"]
    assert (await whole.verdict()).sound
    assert (await page.ask("GET", f"{PICK}?day={DAY}&site=moon")).status == 422


async def test_cards_that_must_be_on_their_way_to_a_branch(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await made(page, "agreed-01")  # the main hall has its cards
    await made(page, "agreed-02", site="kitano", day="2026-02-16")
    await made(page, "agreed-03", site="kitano", day="2026-02-20")
    sheet = (await page.ask("GET", f"{DISPATCH}?day=2026-02-12")).body
    assert [(row["site"], row["day"]) for row in sheet["rows"]] == [("北野総合支所", "2026-02-16")]
    later = (await page.ask("GET", f"{DISPATCH}?day=2026-02-16")).body
    assert [row["day"] for row in later["rows"]] == ["2026-02-16", "2026-02-20"]


async def test_the_slip_says_what_was_explained(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    answers = {
        "who": "self", "notice": "held", "holder_id": "photo", "old_notification": "none",
        "resident_card": "none", "present_card": "none",
    }  # fmt: skip
    one = await made(page, "agreed-01", answers=answers, docs_version="2025-12-02")
    told = await page.ask("POST", f"/api/bookings/{one['id']}/slip", {"key": "slip-00001"})
    assert told.status == 200, told.body
    slip = told.body
    assert (slip["site"], slip["start"], slip["version"]) == ("本庁舎", "10:00", "2025-12-02")
    assert slip["bring"][0] == "交付通知書(はがき)"
    assert slip["late_grace_minutes"] == 5
    assert "仮受付" in "".join(slip["booking"]["spoken"])


@pytest.mark.parametrize(("prompt", "who"), [("bring_self", "self"), ("bring_proxy", "proxy")])
async def test_k09_the_same_case_is_the_same_list_on_screen_paper_and_telephone(
    whole: Desk, prompt: str, who: str
) -> None:
    page = await whole.signed_in("ana")
    answers: dict[str, str] = {"who": who}
    while True:  # every question that arises, by its first answer
        body = {"day": DAY, "answers": answers}
        screen = (await page.ask("POST", "/api/bookings/bringing", body)).body
        if not screen["questions"]:
            break
        assert len(answers) < 20
        answers[screen["questions"][0]["code"]] = next(iter(screen["questions"][0]["choices"]))
    one = await made(page, "agreed-01", answers=answers, docs_version=screen["version"])
    slip = (await page.ask("POST", f"/api/bookings/{one['id']}/slip", {"key": "slip-0001"})).body
    assert slip["bring"] == screen["lines"]
    assert len(slip["bring"]) > 1
    # The menu has no answers to go by: each paper it names is of the same table, in its words,
    # and those that this case needs with a notice in hand are all named.
    table = in_force(whole.tools.get(BookingRules).bringing, date.fromisoformat(DAY))
    assert table is not None
    heard = prompts().prompts[prompt].ja
    named = {code for code, each in table.documents.items() if each.heard in heard}
    listed = {item.document for item in decide(table, answers, date.fromisoformat(DAY)).items}
    assert named
    assert named & listed
    assert listed - named <= {"photo_id", "other_id", *OLD_CARDS}


MOVE = "/api/booking-sheets/move"


async def test_an_outage_names_the_bookings_to_move(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await made(page, "agreed-01", start="09:00")
    inside = await made(page, "agreed-02", start="10:00", phone="0942-00-0123")
    await made(page, "agreed-03", start="11:00")
    whole.link.room["modes"] = [
        {"mode": "outage", "since": at(DAY, "09:30"), "until": at(DAY, "11:00")}
    ]
    sheet = (await page.ask("GET", f"{MOVE}?day={DAY}")).body
    assert (sheet["since"], sheet["until"]) == ("09:30", "11:00")
    assert [(row["booking"], row["phone"]) for row in sheet["rows"]] == [
        (inside["id"], "0942-00-0123")
    ]
    pick = (await page.ask("GET", f"{PICK}?day={DAY}")).body
    assert len(pick["rows"]) == 3
    assert {row["phone"] for row in pick["rows"]} == {""}  # only on the one that calls for it


@pytest.mark.parametrize(
    ("hours", "starts"),
    [
        ("", ["09:00", "10:00", "11:00"]),
        ("&since=10:00", ["10:00", "11:00"]),
        ("&until=10:00", ["09:00"]),
        ("&since=10:00&until=11:00", ["10:00"]),
        ("&since=12:00&until=13:00", []),
        ("&site=kitano", []),
    ],
)
async def test_the_hours_may_be_said_and_without_any_it_is_the_day(
    whole: Desk, hours: str, starts: list[str]
) -> None:
    whole.link.room["modes"] = []
    page = await whole.signed_in("ana")
    for number, start in enumerate(("09:00", "10:00", "11:00")):
        await made(page, f"agreed-0{number}", start=start)
    sheet = (await page.ask("GET", f"{MOVE}?day={DAY}{hours}")).body
    assert [row["start"] for row in sheet["rows"]] == starts


async def test_what_was_printed_of_some_hours_is_compared_with_these(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await made(page, "agreed-01", start="09:00")
    moved = await made(page, "agreed-02", start="10:00")
    body = {"key": "printed-01", "day": DAY, "since": "09:30", "until": "12:00"}
    assert (await page.ask("POST", MOVE, body)).status == 200
    other = (await page.ask("GET", f"{MOVE}?day={DAY}&since=08:00&until=12:00")).body
    assert (other["last"], other["changed"]) == (None, 0)
    await page.ask(
        "PUT", f"/api/bookings/{moved['id']}/appointment",
        a_wish("changed-01", start="13:00", version=1, identity=KNOWN),
    )  # fmt: skip
    same = (await page.ask("GET", f"{MOVE}?day={DAY}&since=09:30&until=12:00")).body
    assert marks(same) == [("13:00", "gone")]
    assert [thing for _, _, thing in await whole.deeds("sheet_printed")] == ["move"]


@pytest.mark.parametrize("hours", ["since=25:00", "since=9:00", "since=12:00&until=12:00"])
async def test_hours_that_make_no_sense_are_refused(whole: Desk, hours: str) -> None:
    page = await whole.signed_in("ana")
    assert (await page.ask("GET", f"{MOVE}?day={DAY}&{hours}")).status == 422


async def test_without_a_controller_it_is_the_whole_day(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await made(page, "agreed-01")
    whole.link.away = True
    assert len((await page.ask("GET", f"{MOVE}?day={DAY}")).body["rows"]) == 1


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-02-11 22:00", "2026-02-12 09:00", Span(None, time(9))),
        ("2026-02-12 08:00", "2026-02-12 09:00", Span(time(8), time(9))),
        ("2026-02-12 22:00", "2026-02-13 02:00", Span(time(22), None)),
        ("2026-02-11 08:00", "2026-02-13 09:00", Span()),
        ("2026-02-11 08:00", "2026-02-11 09:00", None),
        ("2026-02-13 00:00", "2026-02-13 09:00", None),
        ("2026-02-11 08:00", "2026-02-12 00:00", None),
    ],
)
def test_the_part_of_a_day_that_a_time_covers(since: str, until: str, found: Span | None) -> None:
    begins, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    assert overlap(date(2026, 2, 12), begins, ends) == found


def at(day: str, clock: str) -> float:
    return datetime.fromisoformat(f"{day}T{clock}:00+09:00").timestamp()
