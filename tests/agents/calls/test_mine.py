"""What one had, handed on and asked; and that it is one's own."""

from typing import Any

import pytest

from agents.calls.figures import Sitting
from agents.calls.mine import HandedOn, had, handed_on, telephone_of
from agents.people import Role
from telephony.caller_id import Caller, CallerKind
from telephony.store import changes as row
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.intervals import AgentInterval
from telephony.store.records import Records
from tests.agents.asking import Browser
from tests.agents.desk import MONDAY, Desk
from tests.agents.room import a_call, at_the_phone

CALL, EARLIER = "n1-1770598800.1", "n1-1770595200.1"
NOBODY = Caller(None, CallerKind.WITHHELD, "", "", None)


def interval(call: str | None, state: str, since: float, until: float | None) -> AgentInterval:
    return AgentInterval("a01", "a01", state, None, call, since, until)


def test_a_call_is_whose_who_sat_there() -> None:
    intervals = [
        interval("c1", "talking", 10, 20), interval("c1", "wrap_up", 20, 30),
        interval("c2", "offered", 40, 45), interval("c3", "hold", 50, None),
    ]  # fmt: skip
    assert had(intervals, [Sitting("a01", 0, None)]) == ["c1", "c3"]
    assert had(intervals, [Sitting("a01", 0, 15)]) == ["c1"]
    assert had(intervals, [Sitting("a01", 35, None)]) == ["c3"]
    assert had(intervals, [Sitting("a02", 0, None)]) == []


def event(word: str, at: float = MONDAY, **detail: str) -> TimelineEvent:
    return TimelineEvent(at, word, detail)


def recorded(*timeline: TimelineEvent) -> CallRecord:
    return CallRecord(
        CALL, MONDAY, 1, NOBODY, None, None, None, None, None, None, None, None, None, None, None,
        None, timeline,
    )  # fmt: skip


TRANSFER = event("transfer", agent="a01", target="a02")


@pytest.mark.parametrize(
    ("after", "became"),
    [
        ([], "underway"),
        ([event("offered", agent="a02")], "underway"),
        ([event("offer_ended", agent="a02", end="answered")], "underway"),
        ([event("connected", agent="a02")], "taken"),
        ([event("offer_ended", agent="a02", end="no_answer")], "returned"),
        ([event("offer_ended", agent="a02", end="no_answer"), event("offered", agent="a03")],
         "returned"),
        ([event("offer_ended", agent="a02", end="busy"), event("connected", agent="a03")], "taken"),
        ([event("dialled", number="card_section"), event("returned", reason="not_reached")],
         "returned"),
        ([event("dialled", number="card_section"), event("connected_outside")], "taken"),
        ([event("connected", agent="a02"), event("transfer", agent="a02", target="a01")], None),
    ],
)  # fmt: skip
def test_what_became_of_it(after: list[TimelineEvent], became: str | None) -> None:
    record = recorded(event("connected", agent="a01"), TRANSFER, *after)
    found = handed_on(record, [Sitting("a01", MONDAY, None)])
    assert (found and found.became) == became
    assert found is None or found == HandedOn("a02", MONDAY, found.became)
    since = [Sitting("a03", MONDAY + 40, None), Sitting("a01", MONDAY - 9, MONDAY + 30)]
    assert handed_on(record, since) == found  # whoever has moved, or signed in again
    others = [Sitting("a01", MONDAY + 1, None), Sitting("a01", 0, MONDAY), Sitting("a04", 0, None)]
    assert handed_on(record, others) is None  # by whoever sat there before or afterwards


@pytest.mark.parametrize(("at", "rang"), [(-9, None), (-5, "desk"), (5, "browser"), (25, None)])
def test_which_telephone_rang_is_that_of_the_last_offer_before(at: float, rang: str | None) -> None:
    record = recorded(
        event("offered", MONDAY - 6, agent="a01", phone="desk"),
        event("offered", MONDAY + 1, agent="a01", phone="browser"),
        event("offered", MONDAY + 2, agent="a02", phone="desk"),
        event("offered", MONDAY + 20, agent="a01"),  # as an older release has written it
    )
    assert telephone_of(record, "a01", MONDAY + at) == rang
    assert telephone_of(None, "a01", MONDAY + at) is None


# -- over HTTP ----------------------------------------------------------------------------------


async def moved(desk: Desk, seat: str, *states: tuple[str, str | None, float]) -> None:
    """What the controller has written about a seat."""
    records = Records(desk.database)
    epoch = await records.epoch() or 1
    await records.claim(epoch)
    changes = [row.AgentMoved(seat, seat, at, state, None, call) for state, call, at in states]
    await records.add(epoch, changes)


async def after_a_call(desk: Desk) -> Browser:
    """An agent who had a call, wrote nothing, and takes calls again."""
    page = await desk.signed_in("ana", seat="a01")
    await a_call(desk, CALL, menu_path="2/1")
    now = desk.clock.now
    await moved(
        desk, "a01",
        ("talking", CALL, now + 5), ("wrap_up", CALL, now + 60), ("ready", None, now + 70),
    )  # fmt: skip
    desk.clock.goes_on(90)
    await at_the_phone(desk, "a01", "ready", None)
    return page


async def test_what_was_not_written_down_can_be_later_and_is_marked(whole: Desk) -> None:
    page = await after_a_call(whole)
    (mine,) = (await page.ask("GET", "/api/me/calls")).body["calls"]
    assert (mine["call"], mine["masked"], mine["disposition"]) == (CALL, "0942-**-0101", None)
    assert (await page.ask("GET", f"/api/calls/{CALL}/card")).status == 200
    body = {"key": "later-001", "reasons": ["P2"], "disposition": "D01", "note": ""}
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", body)).status == 200
    memo = {"key": "memo-0001", "note": "夕方に思い出した"}
    assert (await page.ask("POST", f"/api/calls/{CALL}/memos", memo)).status == 200
    (mine,) = (await page.ask("GET", "/api/me/calls")).body["calls"]
    assert (mine["disposition"], mine["late"], mine["memos"]) == ("D01", True, 1)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert card["memos"][0]["at"] == "2026-02-09T10:01:30.000+09:00"  # when it was typed


async def test_in_wrap_up_nothing_is_late_yet(whole: Desk) -> None:
    page = await after_a_call(whole)
    await at_the_phone(whole, "a01", "wrap_up", CALL)
    body = {"key": "intime-01", "reasons": ["P2"], "disposition": "D01", "note": "", "late": True}
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", body)).status == 422
    del body["late"]  # nobody says so themselves
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", body)).status == 200
    (mine,) = (await page.ask("GET", "/api/me/calls")).body["calls"]
    assert mine["late"] is False


async def test_f9_who_sits_there_next_has_not_had_it(whole: Desk) -> None:
    page = await after_a_call(whole)
    assert (await page.ask("DELETE", "/api/session")).status == 204
    whole.clock.goes_on(10)
    next_one = await whole.signed_in("ben", seat="a01")
    assert (await next_one.ask("GET", "/api/me/calls")).body["calls"] == []
    assert (await next_one.ask("GET", f"/api/calls/{CALL}/card")).status == 404
    again = await whole.signed_in("ana")
    assert (await again.ask("GET", f"/api/calls/{CALL}/card")).status == 200


async def test_a_caller_who_was_not_taken_is_seen_by_who_handed_them_on(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    records = Records(whole.database)
    epoch = await records.epoch() or 1
    now = whole.clock.now

    async def told() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await page.ask("GET", "/api/me/handed-on")).body["handed_on"]
        return found

    assert await told() == []
    to = {"agent": "a01", "target": "a02"}
    await records.add(epoch, [row.CallNoted(CALL, now + 1, "transfer", to)])
    assert [each["became"] for each in await told()] == ["underway"]
    ended = {"agent": "a02", "end": "no_answer"}
    await records.add(epoch, [row.CallNoted(CALL, now + 9, "offer_ended", ended)])
    (mine,) = await told()
    assert (mine["target"], mine["became"], mine["line"]) == ("a02", "returned", 1)


async def test_who_handed_them_on_sees_them_at_another_seat_and_after_signing_in_again(
    whole: Desk,
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    whole.clock.goes_on(5)
    records = Records(whole.database)
    to = {"agent": "a01", "target": "a02"}
    epoch = await records.epoch() or 1
    await records.add(epoch, [row.CallNoted(CALL, whole.clock.now, "transfer", to)])
    whole.clock.goes_on(5)

    async def told(of: Browser) -> list[tuple[str, str]]:
        found = (await of.ask("GET", "/api/me/handed-on")).body["handed_on"]
        return [(each["call"], each["became"]) for each in found]

    assert await told(page) == [(CALL, "underway")]
    assert (await page.ask("POST", "/api/seat", {"seat": "a03"})).status == 200
    assert await told(page) == [(CALL, "underway")]
    next_one = await whole.signed_in("bo", seat="a01")
    assert await told(next_one) == []
    assert (await page.ask("DELETE", "/api/session")).status == 204
    whole.clock.goes_on(5)
    again = await whole.signed_in("ana")
    assert await told(again) == [(CALL, "underway")], "no seat is needed to see it"
    assert (await again.ask("POST", "/api/seat", {"seat": "a04"})).status == 200
    assert await told(again) == [(CALL, "underway")]


async def test_an_answer_to_an_escalation_comes_back_to_who_asked(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    asked = {"key": "esc-00001", "to": "city", "note": "休日の受取りは"}
    assert (await page.ask("POST", f"/api/calls/{CALL}/escalation", asked)).status == 200
    city = await whole.signed_in("shi", Role.CITY_APPROVER)
    (waiting,) = (await city.ask("GET", "/api/escalations")).body["escalations"]
    assert waiting["key"] == "esc-00001"
    reply = {"answer": "第2土曜です"}
    assert (await city.ask("POST", "/api/escalations/esc-00001/answer", reply)).status == 200
    (mine,) = (await page.ask("GET", "/api/me/escalations")).body["escalations"]
    assert mine["answer"] == "第2土曜です"
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert card["escalations"][0]["answer"] == "第2土曜です"
    other = await whole.signed_in("ben", seat="a02")
    assert (await other.ask("GET", "/api/me/escalations")).body["escalations"] == []


async def test_f9_what_is_for_the_supervisor_is_not_the_citys(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    asked = {"key": "esc-00002", "to": "supervisor", "note": "至急"}
    await page.ask("POST", f"/api/calls/{CALL}/escalation", asked)
    city = await whole.signed_in("shi", Role.CITY_APPROVER)
    assert (await city.ask("GET", "/api/escalations")).body["escalations"] == []
    assert (await city.ask("POST", "/api/escalations/esc-00002/take")).status == 404
    reply = {"answer": "x"}
    assert (await city.ask("POST", "/api/escalations/esc-00002/answer", reply)).status == 404


@pytest.mark.parametrize(
    ("disposition", "open_"), [("D08", True), ("D09", True), ("D01", False), ("D12", False)]
)
async def test_what_an_earlier_call_left_open_is_on_the_card(
    whole: Desk, disposition: str, open_: bool
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, EARLIER, at=MONDAY - 3600, open_=True)
    await at_the_phone(whole, "a01", "talking", EARLIER)
    body = {
        "key": "earlier-1", "reasons": ["P2"], "disposition": disposition, "note": "夕方に電話",
    }  # fmt: skip
    assert (await page.ask("POST", f"/api/calls/{EARLIER}/outcome", body)).status == 200
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    found = (await page.ask("GET", f"/api/calls/{CALL}/card")).body["obligations"]
    assert [each["disposition"] for each in found] == ([disposition] if open_ else [])
    if open_:
        assert (found[0]["call"], found[0]["note"]) == (EARLIER, "夕方に電話")
