"""Card, draft, outcome, memo and escalation, over real HTTP and a real database."""

import json
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Table, select

from agents.calls.card import Card, Cards
from agents.calls.tables import DRAFTS, ESCALATIONS, MEMOS, OUTCOMES
from agents.people import Role
from agents.texts.tables import MASKED
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone

CALL = "n1-1770598800.1"
EARLIER = "n1-1770595200.1"
NUMBER = "000000000019"  # a valid check digit, and nobody's


async def everything(desk: Desk, *tables: Table) -> str:
    """Every row, as text."""
    found = []
    for table in tables:
        rows = await desk.database.read(
            lambda connection, of=table: connection.execute(select(of)).all()  # type: ignore[misc]
        )
        found += [str(tuple(row)) for row in rows]
    return "\n".join(found)


async def talking(desk: Desk, menu_path: str = "2/1") -> Browser:
    """An agent at a01 who has this call."""
    page = await desk.signed_in("ana", seat="a01")
    await a_call(desk, CALL, menu_path=menu_path, open_=True)
    await at_the_phone(desk, "a01", "talking", CALL)
    return page


def outcome(**changes: Any) -> dict[str, Any]:
    return {"key": "outcome-1", "reasons": ["P2"], "disposition": "D01", "note": ""} | changes


async def test_the_card_says_who_calls_and_about_what_and_not_the_number(whole: Desk) -> None:
    page = await talking(whole)
    told = await page.ask("GET", f"/api/calls/{CALL}/card")
    assert told.status == 200
    card = told.body
    assert (card["menu_ja"], card["menu_en"]) == ("持ち物・本人", "What to bring, in person")
    assert card["caller"] == {"kind": "fixed", "label": "固定電話", "masked": "0942-**-0101"}
    assert card["prefill"] == {"reasons": ["P2"], "disposition": "D01", "because": ["menu"]}
    assert "0101" not in json.dumps(card["caller"]["label"])
    assert ("card_seen", whole.ids["ana"], CALL) in await whole.deeds("card_seen")


async def test_the_card_of_a_call_whose_record_is_a_moment_behind_is_waited_for(
    whole: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, looks = Cards.card, count(1)

    async def written_meanwhile(self: Cards, call: str, user: str, now: float) -> Card | None:
        if next(looks) == 3:
            await a_call(whole, CALL, menu_path="2/1", open_=True)
        return await find(self, call, user, now)

    monkeypatch.setattr(Cards, "card", written_meanwhile)
    page = await whole.signed_in("ana", seat="a01")
    await at_the_phone(whole, "a01", "offered", CALL)
    told = await page.ask("GET", f"/api/calls/{CALL}/card")
    assert (told.status, told.body["menu_ja"]) == (200, "持ち物・本人")
    assert next(looks) == 4


async def test_a_call_that_is_never_recorded_has_no_card(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await at_the_phone(whole, "a01", "offered", CALL)
    assert (await page.ask("GET", f"/api/calls/{CALL}/card")).status == 404


@pytest.mark.parametrize(
    ("notes", "waited"),
    [([], None), ([("queued", 5)], 25), ([("queued", 5), ("connected", 12)], 7)],
    ids=["in the menu", "rings", "talks"],
)
async def test_the_card_says_how_long_they_have_waited(
    whole: Desk, notes: list[tuple[str, float]], waited: float | None
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True, notes=notes)
    await at_the_phone(whole, "a01", "offered", CALL)
    whole.clock.goes_on(30)
    assert (await page.ask("GET", f"/api/calls/{CALL}/card")).body["waited"] == waited


async def test_the_number_is_shown_when_asked_for_and_that_is_written_down(whole: Desk) -> None:
    page = await talking(whole)
    told = await page.ask("POST", f"/api/calls/{CALL}/number")
    assert told.body == {"number": "+81942000101"}
    assert await whole.deeds("number_seen") == [("number_seen", whole.ids["ana"], CALL)]


async def test_a_withheld_number_is_none(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, number="", open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert (card["caller"]["label"], card["caller"]["masked"], card["earlier"]) == (
        "非通知",
        "",
        [],
    )
    assert (await page.ask("POST", f"/api/calls/{CALL}/number")).status == 409


async def test_earlier_calls_of_the_number_name_nobody_by_themselves(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    for seconds, (call, citizen) in enumerate(
        [(EARLIER, "窓口 花子"), ("n1-1770595201.2", "窓口 太郎")]
    ):
        await a_call(whole, call, at=whole.clock.now - 3600 + seconds)
        await at_the_phone(whole, "a01", "wrap_up", call)
        kept = outcome(key=f"outcome-{call}", citizen=citizen, note="折り返し不要")
        assert (await page.ask("POST", f"/api/calls/{call}/outcome", kept)).status == 200
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "offered", CALL)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert [one["citizen"] for one in card["earlier"]] == ["窓口 太郎", "窓口 花子"]
    assert card["people"] == ["窓口 太郎", "窓口 花子"]
    assert card["earlier"][0]["announced_name"] == "anaさん"
    assert card["outcome"] is None


# -- whose calls -------------------------------------------------------------------------------


async def test_f9_another_agents_call_does_not_exist_and_the_try_is_written_down(
    whole: Desk,
) -> None:
    await talking(whole)
    other = await whole.signed_in("bo", seat="a02")
    for method, path, body in (
        ("GET", "card", None),
        ("POST", "number", None),
        ("PUT", "draft", {"version": 0, "form": {}}),
        ("POST", "outcome", outcome()),
        ("POST", "memos", {"key": "memo-0001", "note": "x"}),
        ("POST", "escalation", {"key": "esc-00001", "to": "city", "note": "x"}),
    ):
        assert (await other.ask(method, f"/api/calls/{CALL}/{path}", body)).status == 404, path
    refused = [word for word, who, _ in await whole.deeds() if who == whole.ids["bo"]]
    assert refused.count("card_seen") == 1
    assert await everything(whole, DRAFTS, OUTCOMES, MEMOS, ESCALATIONS) == ""


async def test_a_supervisor_may_look_at_every_call(whole: Desk) -> None:
    await talking(whole)
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    assert (await leader.ask("GET", f"/api/calls/{CALL}/card")).status == 200


@pytest.mark.parametrize("role", [Role.CITY_VIEWER, Role.AUDITOR, Role.ADMINISTRATOR, Role.DISPLAY])
async def test_nobody_else_may(whole: Desk, role: Role) -> None:
    await talking(whole)
    page = await whole.signed_in("somebody", role)
    assert (await page.ask("GET", f"/api/calls/{CALL}/card")).status == 403


# -- drafts ------------------------------------------------------------------------------------


async def test_c2_a_draft_is_there_after_a_reload(whole: Desk) -> None:
    page = await talking(whole)
    form = {
        "reasons": ["P3"],
        "disposition": None,
        "flags": [],
        "note": "お子さま2人",
        "citizen": None,
    }
    kept = await page.ask("PUT", f"/api/calls/{CALL}/draft", {"version": 0, "form": form})
    assert (kept.status, kept.body["version"]) == (200, 1)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert card["draft"] == {"version": 1, "form": form}


async def test_f3_two_windows_do_not_write_over_each_other(whole: Desk) -> None:
    page = await talking(whole)
    path = f"/api/calls/{CALL}/draft"
    assert (await page.ask("PUT", path, {"version": 0, "form": {"note": "一"}})).status == 200
    late = await page.ask("PUT", path, {"version": 0, "form": {"note": "二"}})
    assert (late.status, late.body["fields"]) == (409, {"version": "1"})
    assert "別の画面" in late.body["problem"]


# -- outcomes ----------------------------------------------------------------------------------


async def test_f3_the_same_outcome_sent_twice_is_one_row(whole: Desk) -> None:
    page = await talking(whole)
    first = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())
    again = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())
    assert (first.body["version"], again.body["version"]) == (1, 1)
    assert (await everything(whole, OUTCOMES)).count(CALL) == 1


async def test_a_key_that_belongs_to_another_call_is_refused_with_a_sentence(whole: Desk) -> None:
    page = await talking(whole)
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())).status == 200
    await a_call(whole, EARLIER, open_=True)
    await at_the_phone(whole, "a01", "talking", EARLIER)
    told = await page.ask("POST", f"/api/calls/{EARLIER}/outcome", outcome())
    assert (told.status, told.body["fields"].keys()) == (409, {"key"})
    again = outcome(key="outcome-3")
    assert (await page.ask("POST", f"/api/calls/{EARLIER}/outcome", again)).status == 200


async def test_f3_a_corrected_outcome_under_the_key_of_the_first_is_refused(whole: Desk) -> None:
    """Who lost our answer and has put the form right must not read that this was kept."""
    page = await talking(whole)
    path = f"/api/calls/{CALL}/outcome"
    assert (await page.ask("POST", path, outcome(note="一"))).status == 200
    for changed in ({"note": "二"}, {"disposition": "D05"}, {"reasons": ["P3"]},
                    {"flags": ["complaint"]}, {"citizen": "窓口 花子"}):  # fmt: skip
        told = await page.ask("POST", path, outcome(note="一") | changed)
        assert (told.status, told.body["fields"].keys()) == (409, {"key"}), changed
    corrected = outcome(key="outcome-2", note="二", disposition="D05")
    assert (await page.ask("POST", path, corrected)).body["version"] == 2
    kept = (await page.ask("GET", f"/api/calls/{CALL}/card")).body["outcome"]
    assert (kept["disposition"], kept["note"]) == ("D05", "二")


async def test_a_change_adds_a_version_and_loses_none(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note="一"))
    await at_the_phone(whole, "a01", "ready", None)
    later = outcome(key="outcome-2", note="二")
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", later)).body["version"] == 2
    rows = await everything(whole, OUTCOMES)
    assert "'一'" in rows
    assert "'二'" in rows
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert (card["outcome"]["note"], card["outcome"]["late"]) == ("二", True)


async def test_k49_every_outcome_carries_the_announced_name(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())
    assert "'anaさん'" in await everything(whole, OUTCOMES)


async def test_k49_a_call_of_which_nothing_was_written_down_names_who_took_it(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, EARLIER, notes=[("connected", 3.0, {"agent": "a01"})])
    await a_call(whole, "n1-1770595200.2", agent=None)  # nobody took it
    whole.clock.goes_on(600)
    assert (await page.ask("DELETE", "/api/session")).status == 204
    page = await whole.signed_in("bo", seat="a01")  # who sits there now, and has the next one
    whole.clock.goes_on(600)
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "offered", CALL)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    names = {one["id"]: one["announced_name"] for one in card["earlier"]}
    assert names == {EARLIER: "anaさん", "n1-1770595200.2": None}


async def test_a_wrap_up_beyond_its_target_asks_one_reason_whatever_the_page_asks(
    whole: Desk,
) -> None:
    page = await talking(whole)
    await at_the_phone(whole, "a01", "wrap_up", CALL, wrap_up_target=60.0)
    in_time = outcome(key="outcome-in-time")
    whole.clock.goes_on(60)
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", in_time)).status == 200
    whole.clock.goes_on(60)
    told = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note="長い電話"))
    assert (told.status, told.body["fields"].keys()) == (422, {"overrun"})
    assert "理由を一つ選んでください" in told.body["fields"]["overrun"]
    assert "長い電話" not in await everything(whole, OUTCOMES)
    reasoned = outcome(note="長い電話", overrun="long_entry")
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", reasoned)).status == 200
    assert "'long_entry'" in await everything(whole, OUTCOMES)


async def test_what_is_entered_later_is_late_anyway_and_asks_for_no_reason(whole: Desk) -> None:
    page = await talking(whole)
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())).status == 200
    await at_the_phone(whole, "a01", "wrap_up", EARLIER, wrap_up_target=60.0)
    whole.clock.goes_on(600)
    later = outcome(key="outcome-2", note="後から")
    assert (await page.ask("POST", f"/api/calls/{CALL}/outcome", later)).status == 200


async def test_an_outcome_that_is_not_whole_is_not_kept_and_says_where(whole: Desk) -> None:
    page = await talking(whole)
    wrong = outcome(reasons=[], disposition="D09")
    told = await page.ask("POST", f"/api/calls/{CALL}/outcome", wrong)
    assert told.status == 422
    assert set(told.body["fields"]) == {"reasons", "note"}
    assert "印の付いた項目" in told.body["problem"]
    assert await everything(whole, OUTCOMES) == ""


async def test_an_outcome_ends_the_draft(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("PUT", f"/api/calls/{CALL}/draft", {"version": 0, "form": {"note": "途中"}})
    await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome())
    assert await everything(whole, DRAFTS) == ""


# -- the guard ---------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [NUMBER, "0000-0000-0019", "００００　００００　００１９"])
async def test_no_individual_number_is_kept_wherever_it_is_written(
    whole: Desk, written: str
) -> None:
    page = await talking(whole)
    note = f"番号は{written}とのこと"
    base = f"/api/calls/{CALL}"
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{base}/draft", {"version": 0, "form": {"note": note}}),
        ("POST", f"{base}/outcome", outcome(note=note)),
        ("POST", f"{base}/memos", {"key": "memo-0001", "note": note}),
        ("POST", f"{base}/escalation", {"key": "esc-00001", "to": "city", "note": note}),
        ("POST", "/api/messages", {"key": "message-1", "text": note}),
        ("POST", "/api/handover", {"key": "handover-1", "text": note}),
    ]
    for method, path, body in bodies:
        told = await page.ask(method, path, body)
        assert told.status == 200, (path, told.body)
        assert told.body["masked"] == ["individual_number"], path
    assert (await everything(whole, MASKED)).count("True") == len(bodies)
    kept = await everything(whole, *whole.every_table())
    assert written not in kept
    assert NUMBER not in kept


async def test_no_number_is_kept_as_a_code_either(whole: Desk) -> None:
    page = await talking(whole)
    for field in ("reasons", "flags"):
        form = {"version": 0, "form": {field: [f"R{NUMBER}"]}}
        told = await page.ask("PUT", f"/api/calls/{CALL}/draft", form)
        assert told.status == 422, (field, told.body)
    assert NUMBER not in await everything(whole, *whole.every_table())


async def test_k17_a_pin_in_a_note_is_not_kept(whole: Desk) -> None:
    page = await talking(whole)
    told = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note="暗証番号は1234"))
    assert told.body["masked"] == ["pin"]
    assert "1234" not in await everything(whole, OUTCOMES)


async def test_a_number_split_over_two_memos_is_found_in_the_second(whole: Desk) -> None:
    page = await talking(whole)
    for key, note in (("memo-0001", "上は000000"), ("memo-0002", "000019です")):
        await page.ask("POST", f"/api/calls/{CALL}/memos", {"key": key, "note": note})
    assert "000019" not in await everything(whole, MEMOS)


async def test_a_number_split_over_the_note_and_a_memo_is_found_in_the_memo(whole: Desk) -> None:
    page = await talking(whole)
    await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note="上は000000"))
    memo = {"key": "memo-0001", "note": "000019です"}
    told = await page.ask("POST", f"/api/calls/{CALL}/memos", memo)
    assert told.body["masked"] == ["individual_number"]
    assert "000019" not in await everything(whole, MEMOS)


async def test_a_number_split_over_two_letters_is_found_in_the_second(whole: Desk) -> None:
    page = await talking(whole)
    for key, text in (("message-1", "上は000000"), ("message-2", "000019です")):
        told = await page.ask("POST", "/api/messages", {"key": key, "text": text})
    assert told.body["masked"] == ["individual_number"]
    for _ in range(2):  # sent again, it does not follow itself
        again = {"key": "message-3", "text": "000000"}
        assert (await page.ask("POST", "/api/messages", again)).body["masked"] == []
    told = await page.ask("POST", "/api/handover", {"key": "handover-1", "text": "000019"})
    assert told.body["masked"] == ["individual_number"]
    other = await whole.signed_in("bo", seat="a02")
    told = await other.ask("POST", "/api/messages", {"key": "message-4", "text": "000019"})
    assert told.body["masked"] == []


async def test_a_memo_put_right_is_not_read_together_with_what_it_was(whole: Desk) -> None:
    page = await talking(whole)
    path = f"/api/calls/{CALL}/memos"
    for note in ("受付は000000", "000019番まで呼ばれた"):  # twelve digits, were they one text
        told = await page.ask("POST", path, {"key": "memo-0001", "note": note})
        assert told.body["masked"] == []
    [memo] = (await page.ask("GET", f"/api/calls/{CALL}/card")).body["memos"]
    assert memo["note"] == "000019番まで呼ばれた"
    # What an auditor finds: one was added, and then it was put right.
    assert await whole.details("memo_added") == [{"new": True}, {"new": False}]


async def test_f3_a_memo_under_the_key_of_somebody_elses_or_of_another_call_is_refused(
    whole: Desk,
) -> None:
    page = await talking(whole)
    memo = {"key": "memo-0001", "note": "一"}
    assert (await page.ask("POST", f"/api/calls/{CALL}/memos", memo)).status == 200
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    await a_call(whole, EARLIER)
    for who, call in ((leader, CALL), (leader, EARLIER)):
        told = await who.ask("POST", f"/api/calls/{call}/memos", memo | {"note": "二"})
        assert (told.status, told.body["fields"].keys()) == (409, {"key"})
    assert "'二'" not in await everything(whole, MEMOS)


# -- what people type --------------------------------------------------------------------------

NASTY = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "right_to_left": "\u202e逆さ",
    "emoji": "👩‍👧‍👦🙂",
    "formula": '=HYPERLINK("http://x")',
    "variant": "葛\U000e0100城",
    "compatibility": "神",  # U+FA19, which normalising would change
    "combining": "か\u3099",
    "separator": "一\u2028二",
    "lines": "一\r\n二\t三",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
async def test_a7_f6_f11_text_is_kept_to_the_letter(whole: Desk, text: str) -> None:
    page = await talking(whole)
    told = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note=text))
    assert told.status == 200
    raw = await page.ask("GET", f"/api/calls/{CALL}/card")
    assert raw.body["outcome"]["note"] == text
    assert raw.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("note", "sentence"),
    [("x" * 4001, "4000文字以内"), ("a\x00b", "制御文字"), ("\x1b[31m", "制御文字")],
    ids=["too_long", "nul", "escape"],
)
async def test_f6_text_that_cannot_be_kept_is_told_by_its_field(
    whole: Desk, note: str, sentence: str
) -> None:
    page = await talking(whole)
    told = await page.ask("POST", f"/api/calls/{CALL}/outcome", outcome(note=note))
    assert told.status == 422
    assert sentence in told.body["fields"]["note"]


# -- escalation --------------------------------------------------------------------------------


async def test_an_escalation_carries_the_context_and_is_answered_once(whole: Desk) -> None:
    page = await talking(whole)
    asked = {"key": "esc-00001", "to": "supervisor", "note": "至急"}
    assert (await page.ask("POST", f"/api/calls/{CALL}/escalation", asked)).status == 200
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert card["prefill"]["disposition"] == "D07"
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    (waiting,) = (await leader.ask("GET", "/api/escalations")).body["escalations"]
    assert (waiting["note"], waiting["menu_path"], waiting["taken_by"]) == ("至急", "2/1", None)
    assert (waiting["menu_ja"], waiting["menu_en"]) == (card["menu_ja"], card["menu_en"])
    assert waiting["menu_ja"]
    assert (await leader.ask("POST", "/api/escalations/esc-00001/take")).status == 204
    other = await whole.signed_in("max", Role.GENERAL_MANAGER)
    assert (await other.ask("POST", "/api/escalations/esc-00001/take")).status == 409
    reply = {"answer": "はがきなしで受け取れます"}
    assert (await leader.ask("POST", "/api/escalations/esc-00001/answer", reply)).status == 200
    assert (await leader.ask("POST", "/api/escalations/esc-00001/answer", reply)).status == 409
    assert (await leader.ask("GET", "/api/escalations")).body["escalations"] == []


async def test_a_question_to_the_city_is_filled_in_as_open_until_it_is_answered(
    whole: Desk,
) -> None:
    page = await talking(whole)
    path = f"/api/calls/{CALL}"
    asked = {"key": "esc-00001", "to": "city", "note": "代理人の範囲"}

    async def filled() -> tuple[str, list[str]]:
        found = (await page.ask("GET", f"{path}/card")).body["prefill"]
        return found["disposition"], found["because"]

    assert (await page.ask("POST", f"{path}/escalation", asked)).status == 200
    assert await filled() == ("D09", ["menu", "escalated"])
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    reply = {"answer": "代理人でもよい"}
    assert (await leader.ask("POST", "/api/escalations/esc-00001/answer", reply)).status == 200
    assert await filled() == ("D01", ["menu"])
    urgent = asked | {"key": "esc-00002", "to": "supervisor"}
    assert (await page.ask("POST", f"{path}/escalation", urgent)).status == 200
    assert await filled() == ("D07", ["menu", "escalated"])


async def test_a_caller_whom_nobody_took_outside_was_not_transferred(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    notes = [
        ("connected", 3.0, {"agent": "a02"}), ("transfer", 9.0, {"agent": "a02", "target": "city"}),
        ("dialled", 9.0, {"number": "city"}), ("returned", 40.0, {"reason": "not_reached"}),
    ]  # fmt: skip
    await a_call(whole, CALL, menu_path="2/1", open_=True, notes=notes)
    await at_the_phone(whole, "a01", "talking", CALL)
    card = (await page.ask("GET", f"/api/calls/{CALL}/card")).body
    assert (card["prefill"]["disposition"], card["prefill"]["because"]) == ("D01", ["menu"])


@pytest.mark.parametrize("changed", [{"to": "supervisor"}, {"note": "本人確認の件"}])
async def test_f3_an_escalation_put_right_under_the_key_of_the_first_is_refused(
    whole: Desk, changed: dict[str, str]
) -> None:
    page = await talking(whole)
    path, asked = (
        f"/api/calls/{CALL}/escalation",
        {"key": "esc-00001", "to": "city", "note": "至急"},
    )
    for _ in range(2):
        assert (await page.ask("POST", path, asked)).status == 200
    told = await page.ask("POST", path, asked | changed)
    assert (told.status, told.body["fields"].keys()) == (409, {"key"})
    assert (await page.ask("POST", path, asked | changed | {"key": "esc-00002"})).status == 200
    leader = await whole.signed_in("sue", Role.SUPERVISOR)
    waiting = (await leader.ask("GET", "/api/escalations")).body["escalations"]
    told_of = [{"to": one["to"], "note": one["note"]} for one in waiting]
    assert told_of == [{"to": "city", "note": "至急"}, {"to": "city", "note": "至急"} | changed]


async def test_what_a_consultation_is_about_stands_on_the_card_of_whoever_is_asked(
    whole: Desk,
) -> None:
    page = await talking(whole)
    path = f"/api/calls/{CALL}/memos"
    for body, status in (
        ({"key": "consult-01", "note": "書類が足りない", "reason": "P2"}, 200),
        ({"key": "consult-02", "reason": "P2"}, 200),
        ({"key": "consult-03"}, 422),
        ({"key": "consult-04", "note": "x", "reason": "NOSUCH"}, 422),
        # The first colleague was busy; by the second they had thought of more.
        ({"key": "consult-02", "note": "代理人です", "reason": "P2"}, 200),
    ):
        assert (await page.ask("POST", path, body)).status == status, body
    asked = await whole.signed_in("bo", seat="a02")
    await at_the_phone(whole, "a02", "offered", CALL)
    card = (await asked.ask("GET", f"/api/calls/{CALL}/card")).body
    assert [(memo["reason"], memo["note"]) for memo in card["memos"]] == [
        ("P2", "書類が足りない"),
        ("P2", "代理人です"),
    ]
