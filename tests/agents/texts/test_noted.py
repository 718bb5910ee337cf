"""What the desk itself takes out of a text: an audit line each, an incident, once, and no digit."""

from base64 import b64encode
from typing import Any

import pytest
from sqlalchemy import select

from agents.people import Role
from agents.tables import AUDIT
from agents.texts.tables import MASKED
from tests.agents.asking import Browser
from tests.agents.bookings.people import a_wish
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone
from tests.store.conftest import postgres_socket, url

__all__ = ["postgres_socket", "url"]  # both engines

CALL = "n1-1770598800.1"
RIGHT = "000000000019"  # a valid check digit, and nobody's
WRONG = "123456789012"
OUTCOME = {"key": "outcome-1", "reasons": ["P2"], "disposition": "D01"}
BOOKING = {"mode": "new", "key": "typed-0001"}
FILE = "\r\n".join(
    (
        "電話番号,氏名,用件,希望日時,メモ",
        f"0942000131,窓口 花子,{WRONG},,番号 {RIGHT}",
        f"0942000132,{RIGHT},,,午後",
        "0942000133,窓口 太郎,更新,,",
    )
)


async def at_work(whole: Desk) -> Browser:
    page = await whole.signed_in("ana", Role.SUPERVISOR, seat="s01")
    await a_call(whole, CALL, "s01", open_=True)
    await at_the_phone(whole, "s01", "talking", CALL)
    return page


async def noted(whole: Desk) -> list[tuple[str, str | None, bool]]:
    query = select(MASKED.c.where, MASKED.c.object, MASKED.c.incident)
    found = await whole.database.read(lambda connection: connection.execute(query).all())
    return sorted(tuple(row) for row in found)


@pytest.mark.parametrize(
    ("method", "path", "body", "where", "of"),
    [
        ("PUT", f"calls/{CALL}/draft", {"version": 0, "form": {"note": RIGHT}}, "draft", CALL),
        ("POST", f"calls/{CALL}/outcome", {**OUTCOME, "note": RIGHT}, "outcome", CALL),
        ("POST", f"calls/{CALL}/memos", {"key": "memo-0001", "note": RIGHT}, "memo", CALL),
        ("POST", "callbacks", {"key": "memo-0001", "number": "0942-00-0123", "note": RIGHT},
         "callback", "memo-0001"),
        ("POST", "messages", {"key": "letter-01", "text": RIGHT}, "message", "letter-01"),
        ("POST", "notices", {"key": "letter-01", "text": RIGHT}, "notice", "letter-01"),
        ("POST", "handover", {"key": "letter-01", "text": RIGHT}, "handover", "letter-01"),
        ("PUT", "unsent/message", {"key": "letter-01", "fields": {"text": RIGHT}}, "unsent",
         "message"),
        ("PUT", f"calls/{CALL}/booking-draft", {"version": 0, "form": {**BOOKING, "note": RIGHT}},
         "booking", CALL),
    ],
)  # fmt: skip
async def test_whatever_is_masked_here_is_in_the_audit_log_once(
    whole: Desk, method: str, path: str, body: dict[str, Any], where: str, of: str
) -> None:
    page = await at_work(whole)
    for _ in range(2):  # the answer was lost, and it is sent again
        told = await page.ask(method, f"/api/{path}", body)
        assert told.status in (200, 409), told.body  # a draft has gone on meanwhile
    assert await whole.deeds("number_masked") == [("number_masked", whole.ids["ana"], of)]
    assert await whole.details("number_masked") == [{"where": where, "found": 1, "incidents": 1}]
    assert await noted(whole) == [(where, of, True)]
    assert RIGHT not in await everything(whole)


async def everything(whole: Desk) -> str:
    lines = await whole.database.read(lambda connection: connection.execute(select(AUDIT)).all())
    rows = await whole.database.read(lambda connection: connection.execute(select(MASKED)).all())
    return str([*lines, *rows])


async def test_another_number_at_the_same_place_is_another_find(whole: Desk) -> None:
    page = await at_work(whole)
    for version, note in enumerate((WRONG, RIGHT)):
        body = {"version": version, "form": {"note": note}}
        assert (await page.ask("PUT", f"/api/calls/{CALL}/draft", body)).status == 200
    assert [each["incidents"] for each in await whole.details("number_masked")] == [0, 1]
    assert await noted(whole) == [("draft", CALL, False), ("draft", CALL, True)]


async def test_a_text_with_nothing_in_it_leaves_no_line(whole: Desk) -> None:
    page = await at_work(whole)
    letter = {"key": "letter-01", "text": "0942-00-0123 に電話"}
    assert (await page.ask("POST", "/api/messages", letter)).status == 200
    assert await whole.deeds("number_masked") == []


async def test_a_file_tells_how_many_cells_were_masked_and_where(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    file = {"content": b64encode(FILE.encode("cp932")).decode()}
    for _ in range(2):
        taken = await leader.ask("POST", "/api/callback-files", file)
        assert (taken.status, taken.body) == (200, {"rows": 3, "masked": 3}), taken.body
    assert (await whole.details("memos_imported")) == [{"rows": 3, "cells": 3}] * 2
    said = await whole.deeds("number_masked")
    assert [who for _, who, _ in said] == [whole.ids["leader"]] * 3
    assert [str(of).rpartition(".")[2] for _, _, of in said] == ["2", "2", "3"]  # the rows
    assert sum(is_incident for *_, is_incident in await noted(whole)) == 2
    assert RIGHT not in await everything(whole)


HEADS = "予約番号,状態,場所,日付,時刻,氏名,フリガナ,生年月日,通知書番号,電話番号"
OTHER_HEADS = "整理番号,氏名,個人番号"
GOOD = "W1,予約,本庁舎,2026-02-12,10:00,窓口 三郎,マドグチ サブロウ,S23.5.3,AB1-000001,"


@pytest.mark.parametrize(
    ("path", "rows", "named", "found", "incidents"),
    [
        ("booking-files/bookings", (HEADS, GOOD, GOOD.replace("三郎", RIGHT)), "row 3", 1, 1),
        ("booking-files/bookings", (HEADS, GOOD.replace("三郎", WRONG)), "row 2", 1, 0),
        # Whatever else is wrong with the row, or with the whole file.
        ("booking-files/bookings", (HEADS, f"W1,なし,{RIGHT}"), "row 2", 1, 1),
        ("booking-files/bookings", (OTHER_HEADS, f"1,花子,{RIGHT}", f"2,太郎,{WRONG}"), "row 3",
         2, 1),
        ("booking-files/slots", ("場所,日付,時刻,定員,予約済み", f"本庁舎,{RIGHT},10:00,4,1"),
         "row 2", 1, 1),
        ("booking-files/results", ("予約番号,結果", f"{RIGHT},来庁"), "row 2", 1, 1),
        ("callback-files", ("電話番号,氏名,用件,希望日時,メモ", f"1,花子,,,番号 {RIGHT}"), "row 2",
         1, 1),
    ],
)  # fmt: skip
async def test_a_file_that_is_refused_leaves_a_line_of_the_numbers_in_it(
    whole: Desk, path: str, rows: tuple[str, ...], named: str, found: int, incidents: int
) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    content = b64encode("\r\n".join(rows).encode("cp932")).decode()
    for key in ("file-0001", "file-0002"):  # chosen again, it is the same attempt
        body = (
            {"content": content} if path == "callback-files" else {"content": content, "key": key}
        )
        told = await leader.ask("POST", f"/api/{path}", body)
        assert told.status == 422, told.body
        assert "個人番号らしい数字" in told.body["fields"][named]
        assert "消して" in told.body["fields"][named]
        assert RIGHT not in str(told.body)
        assert WRONG not in str(told.body)
    assert await whole.deeds("number_masked") == [("number_masked", whole.ids["leader"], None)]
    (line,) = await whole.details("number_masked")
    assert line == {"where": "file", "found": found, "incidents": incidents}
    assert len(await noted(whole)) == found
    assert RIGHT not in await everything(whole)


async def test_of_a_file_full_of_numbers_the_line_counts_them_all(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    rows = [OTHER_HEADS, *(f"{at},花子,{WRONG}" for at in range(2_000)), f"2000,太郎,{RIGHT}"]
    content = b64encode("\r\n".join(rows).encode()).decode()
    told = await leader.ask(
        "POST", "/api/booking-files/bookings", {"content": content, "key": "file-0001"}
    )
    assert told.status == 422
    assert len(told.body["fields"]) == 100
    (line,) = await whole.details("number_masked")
    assert line == {"where": "file", "found": 2_001, "incidents": 1}
    assert any(is_incident for *_, is_incident in await noted(whole))


async def test_a_refused_file_without_a_number_leaves_no_line(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    content = b64encode(f"{HEADS}\r\nW1,なし".encode()).decode()
    body = {"content": content, "key": "file-0001"}
    assert (await leader.ask("POST", "/api/booking-files/bookings", body)).status == 422
    assert await whole.deeds("number_masked") == []


async def test_the_same_words_in_another_memo_are_another_find(whole: Desk) -> None:
    page = await at_work(whole)
    for key in ("memo-0001", "memo-0002"):
        memo = {"key": key, "note": RIGHT}
        assert (await page.ask("POST", f"/api/calls/{CALL}/memos", memo)).status == 200
    assert len(await whole.deeds("number_masked")) == 2


async def test_each_field_of_a_form_is_a_find_of_its_own(whole: Desk) -> None:
    page = await at_work(whole)
    body = {**OUTCOME, "note": RIGHT, "citizen": RIGHT}
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", body)).status == 200
    assert len(await whole.deeds("number_masked")) == 2


async def test_each_field_of_a_booking_is_a_find_of_its_own(whole: Desk) -> None:
    page = await at_work(whole)
    card = {"name": RIGHT, "kana": RIGHT}
    form = {**BOOKING, "note": RIGHT, "why": RIGHT, "party": [card, card]}
    body = {"version": 0, "form": form}
    told = await page.ask("PUT", f"/api/calls/{CALL}/booking-draft", body)
    assert told.status == 200, told.body
    assert len(await whole.deeds("number_masked")) == 6

    wish = a_wish("wish-0001", note=RIGHT)
    cards = [{**each, "name": RIGHT, "kana": RIGHT} for each in wish["party"]]
    told = await page.ask("POST", "/api/bookings", {**wish, "party": cards})
    assert told.status == 200, told.body
    assert len(await whole.deeds("number_masked")) == 6 + 1 + 2 * len(cards)


async def test_no_text_of_an_account_keeps_a_number(whole: Desk) -> None:
    admin = await whole.signed_in("admin1", Role.ADMINISTRATOR)
    new = {"name": "neu", "announced_name": f"青木 {RIGHT}", "role": "agent", "designation": RIGHT}
    made = await admin.ask("POST", "/api/users", new)
    assert made.status == 201, made.body
    masked = "●" * 12
    user = made.body["user"]
    assert (user["announced_name"], user["designation"]) == (f"青木 {masked}", masked)
    path = f"/api/users/{user['id']}"
    told = await admin.ask("PATCH", path, {"version": user["version"], "designation": WRONG})
    assert (told.status, told.body["designation"]) == (200, masked), told.body
    board = {"name": "wall", "announced_name": "掲示板", "role": "display"}
    wall = (await admin.ask("POST", "/api/users", board)).body["user"]["id"]
    added = await admin.ask("POST", f"/api/users/{wall}/displays", {"label": RIGHT})
    assert added.status == 201, added.body
    said = [one["where"] for one in await whole.details("number_masked")]
    assert said == ["account"] * 4
    assert sum(is_incident for *_, is_incident in await noted(whole)) == 3
    for seen in ("/api/users", "/api/displays"):
        answer = await admin.ask("GET", seen)
        assert RIGHT not in str(answer.body)
    assert RIGHT not in await everything(whole)


async def test_each_field_of_a_calendar_is_a_find_of_its_own(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.GENERAL_MANAGER)
    text = (await leader.ask("GET", "/api/calendar/changes")).body["calendar"]
    proposal = {
        "calendar": text, "agreed_on": "2026-02-09",
        **dict.fromkeys(("what", "why", "agreed_by"), RIGHT),
    }  # fmt: skip
    told = await leader.ask("POST", "/api/calendar/proposals", proposal)
    assert told.status < 500, told.body
    assert len(await whole.deeds("number_masked")) == 3


async def test_an_auditor_looks_for_no_number(whole: Desk) -> None:
    """What is looked for is in the log itself."""
    auditor = await whole.signed_in("eyes", Role.AUDITOR)
    told = await auditor.ask("GET", f"/api/audit?object={RIGHT}")
    assert (told.status, list(told.body["fields"])) == (422, ["object"])
    assert RIGHT not in await everything(whole)
    assert (await auditor.ask("GET", f"/api/audit?object={CALL}")).status == 200
