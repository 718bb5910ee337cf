"""What is typed and not sent yet is each person's own, guarded, and there until it is sent."""

from agents.people import Role
from agents.texts.unsent import KEPT_FOR, MOST, forget_old
from tests.agents.asking import Browser, Told
from tests.agents.desk import Desk

INDIVIDUAL = "000000000019"  # a valid check digit, and nobody's
MEMO = "/api/unsent/memo:n1-1770598800.1"


async def typed(page: Browser, path: str = MEMO, /, **fields: str) -> Told:
    told = await page.ask("PUT", path, {"key": "sending-1", "fields": fields})
    assert told.status == 200, told.body
    return told


async def unsent(page: Browser) -> dict[str, dict[str, str]]:
    """By place."""
    told = await page.ask("GET", "/api/unsent")
    assert told.status == 200, told.body
    return {one["place"]: one["fields"] for one in told.body["unsent"]}


async def test_what_was_typed_is_there_after_a_lock_and_at_another_pc(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await typed(page, note="書きかけ")
    await typed(page, note="書きかけの\nメモ")
    await typed(page, "/api/unsent/message", text="連絡", to="a02")
    assert (await page.ask("POST", "/api/session/lock")).status in (200, 204)
    assert (await page.ask("GET", "/api/unsent")).status == 423
    elsewhere = await whole.signed_in("ana")
    told = (await elsewhere.ask("GET", "/api/unsent")).body["unsent"]
    assert {one["key"] for one in told} == {"sending-1"}
    assert {one["place"]: one["fields"] for one in told} == {
        "memo:n1-1770598800.1": {"note": "書きかけの\nメモ"},
        "message": {"text": "連絡", "to": "a02"},
    }


async def test_it_is_gone_when_it_was_sent(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await typed(page, note="書きかけ")
    for fields in ({"note": " \n"}, {}):  # the second time there is nothing to end
        await typed(page, **fields)
        assert await unsent(page) == {}
    said = ("unsent_kept", whole.ids["ana"], "memo:n1-1770598800.1")
    assert await whole.deeds("unsent_kept") == [said] * 3


async def test_f9_nobody_finds_or_ends_what_somebody_else_has_typed(whole: Desk) -> None:
    ana = await whole.signed_in("ana")
    await typed(ana, note="書きかけ")
    for name, role in (("bo", Role.AGENT), ("sue", Role.SUPERVISOR)):
        other = await whole.signed_in(name, role)
        assert await unsent(other) == {}
        await typed(other)
        await typed(other, note=f"{name}の")
        assert await unsent(other) == {"memo:n1-1770598800.1": {"note": f"{name}の"}}
    assert await unsent(ana) == {"memo:n1-1770598800.1": {"note": "書きかけ"}}


async def test_an_individual_number_is_masked_before_it_is_kept(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = await typed(page, note=f"番号は{INDIVIDUAL}", name=f"花子{INDIVIDUAL}", to="")
    assert told.body == {
        "fields": {"note": "番号は" + "●" * 12, "name": "花子" + "●" * 12, "to": ""},
        "masked": ["individual_number"],
    }
    assert await unsent(page) == {"memo:n1-1770598800.1": told.body["fields"]}


async def test_a_telephone_number_is_exempt_in_its_own_field_only(whole: Desk) -> None:
    """In international writing it may have twelve digits; half of it is no telephone number."""
    page = await whole.signed_in("ana")
    mobile = "+81 90 1234 5678"
    for number in (mobile, "0942-00-0101", "0942-0"):
        told = await typed(page, "/api/unsent/callback-memo", number=number)
        assert told.body == {"fields": {"number": number}, "masked": []}
    for fields in ({"number": INDIVIDUAL}, {"note": "819000000101"}):
        told = await typed(page, "/api/unsent/callback-memo", **fields)
        assert told.body["masked"] == ["individual_number"], fields


async def test_a_calendar_that_is_being_proposed_is_kept_whole(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    calendar = "# 閉庁 2026-1229〜2027-0103\n" * 3000  # three groups are as long as a number
    form = {"what": "年末", "base": "1042857", "calendar": calendar}  # no mark is longer
    told = await typed(page, "/api/unsent/calendar-proposal", **form)
    assert told.body["masked"] == []
    assert (await unsent(page))["calendar-proposal"] == form
    told = await typed(page, calendar=calendar[:20])  # at another place it is a text as any
    assert told.body["masked"] == ["individual_number"]


async def test_a_form_too_large_is_refused_with_a_sentence(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    for fields in (
        {"note": "あ" * 4001}, {"calendar": "x" * (256 * 1024 + 1)}, {"note": "\x00"},
        {f"field_{n}": "" for n in "abcdefghijk"}, {"Note": ""}, {"note": 1},
    ):  # fmt: skip
        told = await page.ask("PUT", MEMO, {"key": "sending-1", "fields": fields})
        assert told.status == 422, fields
        assert told.body["problem"].endswith("。")
    assert await unsent(page) == {}


async def test_the_oldest_goes_where_somebody_begins_and_sends_nothing(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    for number in range(MOST + 1):
        whole.clock.goes_on(0.1)
        await typed(page, f"/api/unsent/memo:c{number}", note=str(number))
    found = await unsent(page)
    assert len(found) == MOST
    assert ("memo:c0" in found, "memo:c1" in found, f"memo:c{MOST}" in found) == (False, True, True)


async def test_what_nobody_comes_back_to_goes_after_a_week(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await typed(page, note="書きかけ")
    await forget_old(whole.database, whole.clock.now + KEPT_FOR)
    assert await unsent(page) != {}
    await forget_old(whole.database, whole.clock.now + KEPT_FOR + 1)
    assert await unsent(page) == {}
