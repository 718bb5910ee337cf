"""The room over HTTP: requests, card work, notices, hands, messages, one's own day."""

from typing import Any

import pytest

from agents.people import Role
from telephony.link.seen import MissedSeen
from tests.agents.asking import Browser
from tests.agents.desk import MONDAY, Desk
from tests.agents.room import a_call, at_the_phone


async def seated(whole: Desk, name: str = "ana", seat: str = "a01") -> Browser:
    return await whole.signed_in(name, seat=seat)


@pytest.mark.parametrize(
    ("path", "body", "do", "given"),
    [
        ("ready", {}, "ready", {"availability": "first", "work": None}),
        ("ready", {"availability": "reserve", "work": "card_pre"}, "ready",
         {"availability": "reserve", "work": "card_pre"}),
        ("pause", {"reason": "lunch"}, "pause", {"reason": "lunch"}),
        ("wrap-up-done", {}, "wrap_up_done", {}),
        ("answer", {}, "answer", {}),
        ("hold", {}, "hold", {}),
        ("resume", {}, "resume", {}),
        ("hang-up", {}, "end", {}),
        ("transfer", {"target": "a02"}, "transfer", {"target": "a02"}),
        ("call", {"target": "s01"}, "call", {"target": "s01"}),
    ],
)  # fmt: skip
async def test_a_key_of_the_page_is_a_request_to_the_controller(
    whole: Desk, path: str, body: dict[str, Any], do: str, given: dict[str, Any]
) -> None:
    page = await seated(whole)
    told = await page.ask("POST", f"/api/agent/{path}", {"key": "request-1", **body})
    assert told.status == 204, told.body
    ((seat, asked, sent),) = whole.link.asked
    assert (seat, asked) == ("a01", do)
    assert {name: sent[name] for name in given} == given
    assert sent["key"].endswith("request-1")


async def test_c6_the_pages_own_number_goes_with_its_session_to_the_controller(
    whole: Desk,
) -> None:
    """Each page counts for itself, and one that does not count is no client."""
    for page, seq in ((await seated(whole), 7), (await seated(whole, "ben", "a02"), 3)):
        await page.ask("POST", "/api/agent/ready", {"key": "request-1", "seq": seq})
        await page.ask(
            "POST", "/api/agent/pause", {"key": "request-2", "reason": "lunch", "seq": seq + 1}
        )
        await page.ask("POST", "/api/agent/ready", {"key": "request-3"})
    clients = [(sent["client"], sent["seq"]) for _, _, sent in whole.link.asked]
    (first, *_), (second, *_) = clients[0], clients[3]
    assert None not in {first, second}
    assert first != second
    assert clients == [(first, 7), (first, 8), (None, None), (second, 3), (second, 4), (None, None)]


async def test_what_the_controller_refuses_is_told_in_both_languages(whole: Desk) -> None:
    page = await seated(whole)
    whole.link.refusal = "いまは保留できません (not in a call)"
    told = await page.ask("POST", "/api/agent/hold", {"key": "request-1"})
    assert told.status == 409
    assert (told.body["problem"], told.body["problem_en"]) == (
        "いまは保留できません", "not in a call",
    )  # fmt: skip


async def test_without_a_controller_the_page_is_told_and_nothing_is_lost(whole: Desk) -> None:
    page = await seated(whole)
    whole.link.away = True
    told = await page.ask("POST", "/api/agent/hold", {"key": "request-1"})
    assert told.status == 503


async def test_without_a_seat_there_is_nothing_to_ask(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = await page.ask("POST", "/api/agent/ready", {"key": "request-1"})
    assert (told.status, "席" in told.body["problem"]) == (409, True)
    assert whole.link.asked == []


async def test_a_reason_that_nobody_knows_is_refused(whole: Desk) -> None:
    page = await seated(whole)
    told = await page.ask("POST", "/api/agent/pause", {"key": "request-1", "reason": "nap"})
    assert told.status == 409
    assert whole.link.asked == []


async def test_a_break_is_heard_of_also_after_the_lock_that_it_began_with(whole: Desk) -> None:
    page = await seated(whole)
    await page.ask("POST", "/api/session/lock")
    told = await page.ask("POST", "/api/agent/pause", {"key": "request-1", "reason": "break"})
    assert told.status == 204
    assert [(seat, do) for seat, do, _ in whole.link.asked] == [("a01", "pause")]


async def test_pieces_are_counted_once_each_and_taken_back_one_by_one(whole: Desk) -> None:
    page = await seated(whole)

    async def add(key: str, count: int) -> dict[str, int]:
        body = {"key": key, "work": "card_pre", "count": count}
        found: dict[str, int] = (await page.ask("POST", "/api/pieces", body)).body["pieces"]
        return found

    assert await add("piece-001", 1) == {"card_pre": 1}
    whole.clock.goes_on(1)
    assert await add("piece-010", 10) == {"card_pre": 11}
    assert await add("piece-010", 10) == {"card_pre": 11}  # sent twice

    async def undo(key: str) -> dict[str, int]:
        whole.clock.goes_on(1)
        told = await page.ask("POST", "/api/pieces/undo", {"key": key})
        found: dict[str, int] = told.body["pieces"]
        return found

    assert await undo("undo-0001") == {"card_pre": 1}
    assert await undo("undo-0001") == {"card_pre": 1}  # sent twice
    assert await undo("undo-0002") == {"card_pre": 0}
    assert await undo("undo-0003") == {"card_pre": 0}


async def test_a_notice_is_unread_until_somebody_has_read_it(whole: Desk) -> None:
    page = await seated(whole)
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    notice = {"key": "notice-01", "text": "本日17時に訓練", "urgent": True}
    assert (await leader.ask("POST", "/api/notices", notice)).status == 200
    assert (await page.ask("POST", "/api/notices", notice)).status == 403
    (one,) = (await page.ask("GET", "/api/notices")).body["notices"]
    assert (one["text"], one["urgent"], one["read"]) == ("本日17時に訓練", True, False)
    assert (await page.ask("POST", "/api/notices/notice-01/read")).status == 204
    assert (await page.ask("GET", "/api/notices")).body["notices"][0]["read"] is True
    assert (await leader.ask("GET", "/api/notices")).body["notices"][0]["read"] is False
    assert (await page.ask("POST", "/api/notices/nothing-1/read")).status == 404


async def test_a_notice_is_shown_until_its_time(whole: Desk) -> None:
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    notice = {"key": "notice-01", "text": "午前だけ", "until": whole.clock.now + 60.0}
    await leader.ask("POST", "/api/notices", notice)
    whole.clock.goes_on(61)
    assert (await leader.ask("GET", "/api/notices")).body["notices"] == []


async def test_a_hand_is_up_once_until_somebody_comes(whole: Desk) -> None:
    page = await seated(whole)
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    for key in ("hand-0001", "hand-0002"):
        assert (await page.ask("POST", "/api/help", {"key": key})).status == 204
    (hand,) = (await leader.ask("GET", "/api/help")).body["hands"]
    assert (hand["id"], hand["seat"]) == ("hand-0001", "a01")
    assert (await page.ask("DELETE", "/api/help/hand-0001")).status == 403
    standing = await leader.ask("POST", "/api/help", {"key": "hand-0003"})
    assert (standing.status, standing.body["problem"]) == (409, "先に席を選んでください。")
    assert (await leader.ask("DELETE", "/api/help/hand-0001")).status == 204
    assert (await leader.ask("GET", "/api/help")).body["hands"] == []
    assert (await page.ask("POST", "/api/help", {"key": "hand-0001"})).status == 204
    assert (await leader.ask("GET", "/api/help")).body["hands"] == [], "the same, sent twice"


async def test_a_message_reaches_its_seat_and_no_other(whole: Desk) -> None:
    page, other = await seated(whole), await seated(whole, "bo", "a02")
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    await leader.ask("POST", "/api/messages", {"key": "message-1", "to": "a01", "text": "昼交代"})
    await leader.ask("POST", "/api/messages", {"key": "message-2", "text": "全員へ"})

    async def read(of: Browser) -> list[str]:
        told = (await of.ask("GET", "/api/messages")).body["messages"]
        return [one["text"] for one in told]

    assert await read(page) == ["昼交代", "全員へ"]
    assert await read(other) == ["全員へ"]


@pytest.mark.parametrize(
    ("path", "shown", "changed"),
    [
        ("messages", "messages", {"text": "十五時に訓練"}),
        ("messages", "messages", {"to": "a02"}),
        ("notices", "notices", {"text": "十五時に訓練"}),
        ("notices", "notices", {"urgent": True}),
        ("notices", "notices", {"until": MONDAY + 3600.0}),
        ("handover", "notices", {"text": "十五時に訓練"}),
    ],
)
async def test_f3_a_letter_put_right_under_the_key_of_the_first_is_refused(
    whole: Desk, path: str, shown: str, changed: dict[str, Any]
) -> None:
    """Who lost our answer and has put it right must not read that this was sent."""
    leader = await whole.signed_in("sue", Role.SUPERVISOR, seat="s01")
    await seated(whole, "bo", "a02")
    letter = {"key": "letter-01", "text": "十七時に訓練"}
    for _ in range(2):
        assert (await leader.ask("POST", f"/api/{path}", letter)).status == 200
    told = await leader.ask("POST", f"/api/{path}", letter | changed)
    assert (told.status, told.body["fields"].keys()) == (409, {"key"})
    assert "もう一度送ってください" in told.body["problem"]
    again = letter | changed | {"key": "letter-02"}
    assert (await leader.ask("POST", f"/api/{path}", again)).status == 200
    assert len((await leader.ask("GET", f"/api/{path}")).body[shown]) == 2


async def test_f3_a_notice_is_no_hand_over_under_the_same_key(whole: Desk) -> None:
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    letter = {"key": "letter-01", "text": "十七時に訓練"}
    assert (await leader.ask("POST", "/api/notices", letter)).status == 200
    assert (await leader.ask("POST", "/api/handover", letter)).status == 409


async def test_missed_offers_say_when_which_telephone_and_why(whole: Desk) -> None:
    page = await seated(whole)
    rang = ("offered", -15.0, {"agent": "a01", "phone": "browser"})
    call = await a_call(whole, "n1-1770598800.1", notes=[rang])
    missed = MissedSeen(call=call, at=MONDAY, why="no_answer", device="free")
    gone = MissedSeen(call="n1-1770598800.9", at=MONDAY, why="unreachable", device="gone")
    await at_the_phone(whole, "a01", "ready", None, missed=[missed, gone])
    told = (await page.ask("GET", "/api/me/missed")).body["missed"]
    assert told == [missed.model_dump() | {"phone": "browser"}, gone.model_dump() | {"phone": None}]


async def test_ones_own_day_begins_empty(whole: Desk) -> None:
    page = await seated(whole)
    day = (await page.ask("GET", "/api/me/day")).body
    assert (day["answered"], day["talked"], day["pieces"]) == (0, 0.0, {})


async def test_the_catalogue_is_for_everybody(whole: Desk) -> None:
    page = await whole.signed_in("eye", Role.DISPLAY)
    told = (await page.ask("GET", "/api/catalogue")).body
    assert [group["code"] for group in told["groups"]][:2] == ["R", "P"]
    assert "Z3" not in next(g for g in told["groups"] if g["code"] == "Z")["topics"]
    assert {seat["seat"] for seat in told["seats"]} >= {"a01", "s01"}
