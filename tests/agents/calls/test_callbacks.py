"""The worklist at the desk: seen, claimed by one of two, rung, confirmed; memos, balance."""

from base64 import b64encode
from typing import Any

import pytest

from agents.people import Role
from telephony.store import changes as row
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome
from tests.agents.asking import Browser
from tests.agents.desk import MONDAY, Desk
from tests.agents.room import CITIZEN, a_call, at_the_phone

HOUR = 3600.0
HEADS = "電話番号,氏名,用件,希望日時,メモ"


async def write(desk: Desk, *changes: row.Change) -> None:
    records = Records(desk.database)
    epoch = await records.epoch() or 1
    await records.claim(epoch)
    await records.add(epoch, changes)


async def given_up(desk: Desk, call: str, number: str = CITIZEN) -> str:
    """Somebody waited for a minute in vain; the obligation's id."""
    await a_call(desk, call, number=number, open_=True)
    closed = row.CallClosed(
        call, desk.clock.now + 60, Outcome.ABANDONED, None, 60.0, 0.0, 0.0, HungUpBy.CALLER
    )
    await write(desk, closed)
    return f"ob-{call}"


async def deed(page: Browser, callback: str, do: str, key: str = "", **given: Any) -> Any:
    body = {"key": key or f"{do}-0001", "do": do, **given}
    return await page.ask("POST", f"/api/callbacks/{callback}/deeds", body)


async def test_f3_a_key_stands_for_the_deed_that_was_done_under_it(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    one = await given_up(whole, "n1-1.1")
    for _ in range(2):
        told = await deed(page, one, "note", "deed-0001", text="午後がよい")
        assert told.status == 204
    told = await deed(page, one, "withdraw", "deed-0001", text="不要")
    assert (told.status, list(told.body["fields"])) == (409, ["key"])
    assert "前に送った" in told.body["problem"]
    seen = (await page.ask("GET", f"/api/callbacks/{one}")).body
    assert seen["callback"]["state"] == "open"


async def test_the_worklist_shows_first_due_first_and_hides_numbers(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    whole.clock.now = MONDAY - 4 * HOUR
    await given_up(whole, "n1-1.1", "0942000111")
    whole.clock.now = MONDAY
    await given_up(whole, "n1-1.2", "0942000112")
    told = (await page.ask("GET", "/api/callbacks")).body
    assert [each["id"] for each in told["callbacks"]] == ["ob-n1-1.1", "ob-n1-1.2"]
    assert not told["more"]
    counts = (await page.ask("GET", "/api/callback-counts")).body
    assert (counts["open"], counts["overdue"], counts["happened"]) == (2, 1, 2)
    assert "0942000111" not in str(told).replace("-", "")
    last = told["callbacks"][0]
    rest = f"/api/callbacks?after_due={last['due_at']}&after_no={last['no']}"
    assert [each["id"] for each in (await page.ask("GET", rest)).body["callbacks"]] == ["ob-n1-1.2"]
    shown = await page.ask("POST", "/api/callbacks/ob-n1-1.1/number")
    assert shown.body == {"number": "+81942000111"}
    assert await whole.deeds("callback_number_seen")


async def test_f4_of_two_who_reach_for_one_the_second_is_told(whole: Desk) -> None:
    ana = await whole.signed_in("ana", seat="a01")
    ben = await whole.signed_in("ben", seat="a02")
    callback = await given_up(whole, "n1-1.1")
    assert (await deed(ana, callback, "claim")).status == 204
    refused = await deed(ben, callback, "claim")
    assert (refused.status, refused.body["problem"]) == (409, "ほかの人が対応しています")
    (seen,) = (await ben.ask("GET", "/api/callbacks")).body["callbacks"]
    assert (seen["claimed_name"], seen["mine"]) == ("anaさん", False)
    assert (await deed(ben, callback, "withdraw", text="本人不要")).status == 409
    assert (await deed(ana, callback, "release")).status == 204
    assert (await deed(ben, callback, "withdraw")).status == 422
    assert (await deed(ben, callback, "withdraw", "withdraw-02", text="本人不要")).status == 204
    told = (await ben.ask("GET", "/api/callbacks?closed=true")).body["callbacks"]
    assert [each["state"] for each in told] == ["withdrawn"]
    history = (await ana.ask("GET", f"/api/callbacks/{callback}")).body
    assert [(each["what"], each["by"], each["note"]) for each in history["events"]] == [
        ("opened", "", ""), ("claimed", "anaさん", ""), ("released", "anaさん", ""),
        ("withdrawn", "benさん", "本人不要"),
    ]  # fmt: skip


async def test_ringing_claims_it_and_rings_ones_own_telephone_first(whole: Desk) -> None:
    ana = await whole.signed_in("ana", seat="a01")
    callback = await given_up(whole, "n1-1.1")
    path = f"/api/callbacks/{callback}/call"
    assert (await ana.ask("POST", path, {"key": "ring-0001"})).status == 204
    seat, do, given = whole.link.asked[-1]
    assert (seat, do, given["obligation"]) == ("a01", "call_back", callback)
    (seen,) = (await ana.ask("GET", "/api/callbacks")).body["callbacks"]
    assert seen["mine"]
    ben = await whole.signed_in("ben", seat="a02")
    assert (await ben.ask("POST", path, {"key": "ring-0002"})).status == 409
    assert len(whole.link.asked) == 1
    standing = await whole.signed_in("leader", Role.SUPERVISOR)
    assert (await standing.ask("POST", path, {"key": "ring-0003"})).status == 409  # no seat
    at = whole.clock.now
    await write(whole, row.AttemptEnded(callback, "own-1.1", "a01", at, at, at + 9, "answered"))
    result = {"key": "said-0001", "attempt": "own-1.1", "result": "reached"}
    path = f"/api/callbacks/{callback}/result"
    assert (await ben.ask("POST", path, result)).status == 409
    assert (await ana.ask("POST", path, result)).status == 204
    seat, do, given = whole.link.asked[-1]
    assert (do, given["attempt"], given["result"]) == ("attempt_result", "own-1.1", "reached")


async def test_what_a_caller_is_owed_is_in_the_outcomes_form(whole: Desk) -> None:
    ana = await whole.signed_in("ana", seat="a01")
    await given_up(whole, "n1-1.1")
    named = {"key": "memo-0001", "number": CITIZEN, "name": "窓口 花子", "topic": "更新"}
    assert (await ana.ask("POST", "/api/callbacks", named)).status == 200
    call, at = "n1-1.9", MONDAY + 600
    await a_call(whole, call, open_=True, at=at)
    await write(whole, row.CallNoted(call, at + 5, "connected", {"agent": "a01"}))
    await at_the_phone(whole, "a01", "talking", call)
    told = (await ana.ask("GET", f"/api/calls/{call}/callbacks")).body["callbacks"]
    assert [(each["name"], each["state"], each["provisional"]) for each in told] == [
        ("", "contacted", True), ("窓口 花子", "contacted", True),
    ]  # fmt: skip
    assert (await deed(ana, told[0]["id"], "confirm")).status == 204
    assert (await deed(ana, told[1]["id"], "split")).status == 204
    again = (await ana.ask("GET", f"/api/calls/{call}/callbacks")).body["callbacks"]
    assert [(each["name"], each["state"]) for each in again] == [("窓口 花子", "open")]
    ben = await whole.signed_in("ben", seat="a02")
    assert (await ben.ask("GET", f"/api/calls/{call}/callbacks")).status == 404


async def test_an_agent_promises_a_callback_to_whoever_they_talk_to(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, "n1-1.9", open_=True)
    await at_the_phone(whole, "a01", "talking", "n1-1.9")
    path = "/api/calls/n1-1.9/promise"
    wish = {"key": "promise-1", "topic": "更新 000000000019", "wanted_at": whole.clock.now + HOUR}
    kept = await page.ask("POST", path, wish)
    assert (kept.status, kept.body["masked"]) == (200, ["individual_number"])
    assert (await page.ask("POST", path, wish)).body == kept.body  # clicked twice
    (one,) = (await page.ask("GET", "/api/callbacks")).body["callbacks"]
    assert (one["id"], one["cause"]) == (kept.body["callback"], "promised")
    assert one["topic"] == "更新 " + "●" * 12
    number = await page.ask("POST", f"/api/callbacks/{one['id']}/number")
    assert number.body == {"number": f"+81{CITIZEN[1:]}"}  # nobody had to type it
    other = await page.ask("POST", path, {"key": "promise-2", "number": "0942000177"})
    assert other.body["callback"] != one["id"]
    wrong = await page.ask("POST", path, {"key": "promise-3", "number": "12"})
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["number"])
    ben = await whole.signed_in("ben", seat="a02")
    assert (await ben.ask("POST", path, {"key": "promise-4"})).status == 404  # not their call


@pytest.mark.parametrize("role", [Role.CITY_VIEWER, Role.AGENT])
async def test_a_memo_is_kept_and_its_texts_are_guarded(whole: Desk, role: Role) -> None:
    page = await whole.signed_in("city", role)
    body = {
        "key": "memo-0001", "number": "0942-00-0123", "name": "窓口 花子", "topic": "受取",
        "note": "個人番号は 123456789018 です", "wanted_at": MONDAY + HOUR,
    }  # fmt: skip
    kept = await page.ask("POST", "/api/callbacks", body)
    assert (kept.status, kept.body["masked"]) == (200, ["individual_number"]), kept.body
    again = await page.ask("POST", "/api/callbacks", body)
    assert again.body["callback"] == kept.body["callback"]
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    history = (await leader.ask("GET", f"/api/callbacks/{kept.body['callback']}")).body
    assert len(history["events"]) == 1
    assert "123456789018" not in str(history)
    assert history["callback"]["due_at"] == MONDAY + HOUR
    wrong = await page.ask("POST", "/api/callbacks", {**body, "key": "memo-0002", "number": "12"})
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["number"])
    late = {**body, "key": "memo-0003", "wanted_at": MONDAY - 1}
    assert "3か月" in (await page.ask("POST", "/api/callbacks", late)).body["problem"]


@pytest.mark.parametrize("path", ["callbacks", "calls/n1-1.9/promise"])
async def test_f3_a_callback_put_right_under_the_key_of_the_first_is_refused(
    whole: Desk, path: str
) -> None:
    """Of two numbers the wrong one would be rung, and nobody would know."""
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, "n1-1.9", open_=True)
    await at_the_phone(whole, "a01", "talking", "n1-1.9")
    wish = {
        "key": "callback-1", "number": "0942-00-0123", "name": "窓口 花子", "topic": "受取",
        "note": "午後", "wanted_at": MONDAY + HOUR,
    }  # fmt: skip
    kept = await page.ask("POST", f"/api/{path}", wish)
    whole.clock.goes_on(20)
    assert (await page.ask("POST", f"/api/{path}", wish)).body == kept.body
    changes: list[dict[str, Any]] = [
        {"number": "0942-00-0199"}, {"name": "窓口 太郎"}, {"topic": "更新"}, {"note": "午前"},
        {"wanted_at": MONDAY + 2 * HOUR}, {"wanted_at": None},
    ]  # fmt: skip
    for changed in changes:
        told = await page.ask("POST", f"/api/{path}", wish | changed)
        assert (told.status, told.body["fields"].keys()) == (409, {"key"}), changed
        assert "一覧で" in told.body["problem"]
        assert "withdraw it" in told.body["problem_en"]
    (one,) = (await page.ask("GET", "/api/callbacks")).body["callbacks"]
    number = await page.ask("POST", f"/api/callbacks/{one['id']}/number")
    assert number.body == {"number": "+81942000123"}
    again = wish | {"key": "callback-2", "number": "0942-00-0199"}
    assert (await page.ask("POST", f"/api/{path}", again)).body["callback"] != one["id"]


def a_file(*lines: str) -> dict[str, str]:
    return {"content": b64encode("\r\n".join((HEADS, *lines)).encode("cp932")).decode()}


async def test_a_days_memos_are_taken_whole_or_not_at_all(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    good = ("0942000131,窓口 花子,更新,2026-02-10 14:00,午後", "0942-00-0132,,,,", "")
    wrong = await leader.ask(
        "POST", "/api/callback-files", a_file(*good, "12,,,,", "0942000133,,,明日,")
    )
    assert (wrong.status, list(wrong.body["fields"])) == (422, ["row 5", "row 6"])
    assert (await leader.ask("GET", "/api/callback-counts")).body["open"] == 0
    for _ in range(2):
        taken = await leader.ask("POST", "/api/callback-files", a_file(*good))
        assert (taken.status, taken.body) == (200, {"rows": 2, "masked": 0}), taken.body
    told = (await leader.ask("GET", "/api/callbacks")).body["callbacks"]
    assert sorted(each["name"] for each in told) == ["", "窓口 花子"]
    assert [each["wishes"] for each in told] == [1, 1]
    assert (await leader.ask("POST", "/api/callback-files", {"content": "?"})).status == 422


async def test_the_balance_is_told_by_month_and_says_what_is_missing(whole: Desk) -> None:
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    await given_up(whole, "n1-1.1")
    told = (await leader.ask("GET", "/api/callback-balance")).body
    assert (told["total"]["opened"], told["total"]["open"], told["sound"]) == (1, 1, True)
    assert (told["months"][0]["month"], told["months"][0]["opened"]) == ("2026-02", 1)
    assert (told["months"][12]["month"], told["months"][12]["opened"]) == ("2025-02", 0)
    await whole.database.write(
        lambda connection: connection.exec_driver_sql("DELETE FROM obligations")
    )
    told = (await leader.ask("GET", "/api/callback-balance")).body
    assert (told["total"]["opened"], told["sound"]) == (1, False)
    assert {each["kind"] for each in told["faults"]} == {
        "event_without_obligation", "number_missing",
    }  # fmt: skip
