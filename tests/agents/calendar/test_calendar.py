"""Today, a year and why; changes only with their entry and the city's word; modes by one click."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.calendar.shelf import Shelf
from agents.people import Role
from config.calendar_register import REGISTER
from config.site import SiteFaults, load
from config.site_kept import load_or_kept
from tests.agents.desk import MONDAY, Desk
from tests.opening.test_book import DEMO

ENTRY = {
    "what": "2月14日の休日交付を正午までにする",
    "why": "会場の都合",
    "agreed_on": "2026-11-20",
    "agreed_by": "市民課",
}
TEXT = (DEMO / "calendar.yaml").read_text(encoding="utf-8")
SHORTER = TEXT.replace("date: 2027-02-14, hours: 8:30-17:15", "date: 2027-02-14, hours: 8:30-12:00")


@pytest.fixture
def at_the_end_of_2026(whole: Desk) -> Desk:
    whole.clock.now = 1_796_000_000.0  # 2026-11-30 in Japan
    return whole


def folder(desk: Desk) -> Path:
    return desk.tools.get(Shelf)._directory


def kept(desk: Desk) -> None:
    """As a controller does that takes up what is written."""
    load_or_kept(folder(desk), desk.tools.get(Shelf)._kept)


async def test_a_site_may_have_no_calendar_but_its_weekly_table(whole: Desk) -> None:
    page = await whole.signed_in("sue", Role.SUPERVISOR)
    (folder(whole) / "calendar.yaml").unlink()
    (folder(whole) / "hours.yaml").write_text("phone: {monday: 9:00-17:00}\n", encoding="utf-8")
    told = (await page.ask("GET", "/api/calendar/changes")).body
    assert (told["calendar"], told["applied"]) == ("", False)  # the one that was there still holds
    kept(whole)
    assert (await page.ask("GET", "/api/calendar/changes")).body["applied"] is True


async def test_why(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = await page.ask("GET", "/api/calendar/why?at=2027-02-11T17:30")
    assert (told.status, told.body["open"], told.body["layer"]) == (200, False, "holiday")
    assert [each["layer_ja"] for each in told.body["reasons"]] == ["祝日", "曜日", "通常"]
    assert (await page.ask("GET", "/api/calendar/why")).body["at"].startswith("20")
    assert (await page.ask("GET", "/api/calendar/why?at=2027-02-30T00:00")).status == 409
    assert (await page.ask("GET", "/api/calendar/why?at=9999-12-31T23:59")).status == 422
    assert (await page.ask("GET", "/api/calendar/why?at=2099-12-31T23:59")).status == 200


async def test_the_days_of_a_year(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = await page.ask("GET", "/api/calendar/days?first=2027-01-01&last=2027-12-31")
    assert len(told.body["days"]) == 365
    assert told.body["holidays_confirmed"] == {"2027": True}
    thursday = next(day for day in told.body["days"] if day["date"] == "2027-02-18")
    assert (thursday["name"], thursday["hours"]) == ("木曜延長", [["8:30", "19:00"]])
    assert thursday["lines"][-1] == {"since": "17:15", "lines": 3}
    long = await page.ask("GET", "/api/calendar/days?first=2027-01-01&last=2029-01-01")
    assert long.status == 409


async def propose(desk: Desk, calendar: str = SHORTER, **given: Any) -> Any:
    page = await desk.signed_in("sue", Role.SUPERVISOR)
    return await page.ask(
        "POST", "/api/calendar/proposals", {"calendar": calendar, **ENTRY, **given}
    )


async def test_k03_k27_a_change_goes_from_a_preview_to_the_citys_word(
    at_the_end_of_2026: Desk,
) -> None:
    desk = at_the_end_of_2026
    desk.link.taken_up = lambda: kept(desk)
    told = await propose(desk)
    assert told.status == 200
    assert told.body["differences"] == [
        {"date": "2027-02-14", "before": "8:30-17:15 / 6回線", "after": "8:30-12:00 / 6回線"}
    ]
    address = f"/api/calendar/proposals/{told.body['id']}/approve"
    sue = await desk.signed_in("sue")
    assert (await sue.ask("POST", address)).status == 403
    city = await desk.signed_in("city", Role.CITY_APPROVER)
    approved = await city.ask("POST", address)
    assert (approved.status, approved.body["proposals"]) == (200, [])
    assert approved.body["entries"][0]["approved_by"] == "cityさん"
    assert approved.body["entries"][0]["what"] == ENTRY["what"]
    site = load(folder(desk))
    assert site.calendar is not None
    assert "8:30-12:00" in (folder(desk) / "calendar.yaml").read_text(encoding="utf-8")
    assert approved.body["applied"] is True  # nobody had to start anything again
    assert (await city.ask("POST", address)).status == 404
    words = [word for word, *_ in await desk.deeds("calendar_proposed", "calendar_approved")]
    assert words.count("calendar_approved") >= 1


@pytest.mark.parametrize("fault", ["away", "refused"])
async def test_what_is_approved_while_no_controller_takes_it_up_is_told_to_wait(
    at_the_end_of_2026: Desk, fault: str
) -> None:
    desk = at_the_end_of_2026
    desk.link.away = fault == "away"
    desk.link.refusal = "カレンダー以外の設定も変わっています" if fault == "refused" else ""
    told = await propose(desk)
    city = await desk.signed_in("city", Role.CITY_APPROVER)
    approved = await city.ask("POST", f"/api/calendar/proposals/{told.body['id']}/approve")
    assert (approved.status, approved.body["applied"]) == (200, False)
    assert load(folder(desk)).calendar is not None


async def test_the_demo_shows_what_was_agreed(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    told = (await page.ask("GET", "/api/calendar/changes")).body
    (entry,) = told["entries"]
    assert (told["applied"], entry["agreed_by"]) == (True, "市民課(見本)")


async def test_k03_a_change_without_an_entry_is_refused(at_the_end_of_2026: Desk) -> None:
    desk = at_the_end_of_2026
    told = await propose(desk)
    city = await desk.signed_in("city", Role.CITY_APPROVER)
    await city.ask("POST", f"/api/calendar/proposals/{told.body['id']}/approve")
    (folder(desk) / "calendar.yaml").write_text(TEXT, encoding="utf-8")  # behind everybody's back
    with pytest.raises(SiteFaults, match="was changed without an entry here"):
        load(folder(desk))
    entries = yaml.safe_load((folder(desk) / REGISTER).read_text(encoding="utf-8"))
    assert [entry["agreed_by"] for entry in entries][1:] == ["市民課"]


@pytest.mark.parametrize("lacking", ["what", "why", "agreed_on", "agreed_by"])
async def test_a_change_says_what_why_when_and_with_whom(whole: Desk, lacking: str) -> None:
    assert (await propose(whole, **{lacking: ""})).status == 422


async def test_a_calendar_with_faults_is_told_each_of_them(whole: Desk) -> None:
    told = await propose(whole, TEXT.replace("[thursday]", "[thorsday]", 1))
    assert told.status == 422
    assert "is no day" in told.body["fields"]["calendar"]
    assert (await propose(whole, "base: {")).status == 422


async def test_no_individual_number_gets_into_the_register(at_the_end_of_2026: Desk) -> None:
    told = await propose(
        at_the_end_of_2026, what="番号は 0000 0000 0019 です", why="００００００００００１９"
    )
    assert told.status == 200
    assert (told.body["what"], told.body["why"]) == ("番号は ●●●● ●●●● ●●●● です", "●" * 12)


@pytest.mark.parametrize("name", ["平日\\e[31m", "\\u202e平日", "平\\u200b日", "\\u3000"])
async def test_a7_f6_a_name_in_the_calendar_holds_nothing_that_no_screen_shows(
    whole: Desk, name: str
) -> None:
    """It is printed by commands too, where such a sign is obeyed."""
    told = await propose(whole, TEXT.replace("name: 平日", f'name: "{name}"'))
    assert told.status == 422
    assert "control or invisible" in str(told.body)


async def test_a_proposal_may_be_refused(whole: Desk) -> None:
    told = await propose(whole)
    sue = await whole.signed_in("sue")
    refused = await sue.ask("POST", f"/api/calendar/proposals/{told.body['id']}/refuse")
    assert (refused.status, refused.body["proposals"]) == (200, [])


async def test_a_mode_is_one_click_of_a_leader(whole: Desk) -> None:
    sue = await whole.signed_in("sue", Role.SUPERVISOR)
    told = await sue.ask("POST", "/api/modes/emergency", {"minutes": 60, "closes": True})
    (mode,) = told.body["modes"]
    assert (mode["mode"], mode["until"], mode["by"]) == (
        "emergency", MONDAY + 3600, whole.ids["sue"],
    )  # fmt: skip
    assert (await sue.ask("POST", "/api/modes/emergency", {"minutes": 0})).body["modes"] == []
    assert (await sue.ask("POST", "/api/modes/panic", {"minutes": 60})).status in (404, 422)
    assert (await sue.ask("POST", "/api/modes/surge", {"minutes": 1441})).status == 422
    ana = await whole.signed_in("ana")
    assert (await ana.ask("POST", "/api/modes/surge", {"minutes": 60})).status == 403
    assert len(await whole.deeds("mode_set")) >= 2


async def test_a_supervisor_lets_an_agent_go_on_record(whole: Desk) -> None:
    sue = await whole.signed_in("sue", Role.SUPERVISOR)
    assert (await sue.ask("POST", "/api/seats/a01/release")).status == 204
    assert whole.link.asked == [("a01", "sign_out", {"person": whole.ids["sue"]})]
    assert len(await whole.deeds("agent_released")) == 1
