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
