"""`madoguchi calendar`, as people and scripts ask it."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config import holiday_tables
from config.database import configured_url, open_database
from config.home import Home
from config.site import SiteFaults, load
from telephony.cli.calendar import _overtime, _overtime_told
from telephony.store.changes import OvertimeWorked
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.opening.test_book import DEMO


def ran(*words: str) -> tuple[int, str, str]:
    from click.testing import CliRunner

    from telephony.cli.calendar import calendar

    found = CliRunner().invoke(calendar, list(words), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.return_value or 0, found.stdout, found.stderr


def test_why_for_scripts() -> None:
    status, out, _ = ran("why", "2027-02-11T17:30", "--site", str(DEMO), "--json")
    told = json.loads(out)
    assert status == 0
    assert (told["open"], told["layer"], told["name"]) == (False, "holiday", "建国記念の日")
    assert (told["opens"], told["closes"], told["lines"]) == (None, None, 0)
    assert told["next_opening"] == "2027-02-12T08:30:00+09:00"
    assert [each["layer"] for each in told["reasons"]] == ["holiday", "weekly", "base"]


def test_why_of_an_evening() -> None:
    _, out, _ = ran("why", "2026-11-26T18:00", "--site", str(DEMO), "--json")
    told = json.loads(out)
    assert (told["open"], told["layer"], told["lines"]) == (True, "weekly", 3)
    assert told["opens"] == "2026-11-26T08:30:00+09:00"
    assert told["closes"] == "2026-11-26T19:00:00+09:00"
    assert told["next_opening"] == "2026-11-27T08:30:00+09:00"


def test_a_moment_elsewhere_is_the_same_moment_here() -> None:
    _, out, _ = ran("why", "2026-11-26T09:00+00:00", "--site", str(DEMO), "--json")
    assert json.loads(out)["at"] == "2026-11-26T18:00:00+09:00"


def test_why_for_people() -> None:
    _, out, _ = ran("why", "2028-01-05T10:00", "--site", str(DEMO))
    assert "2028-01-05(水) 10:00 受付中 open" in out
    assert "2028年の祝日はまだ確認されていません" in out


def test_what_is_no_moment_is_told() -> None:
    with pytest.raises(Exception, match="no time such as"):
        ran("why", "tomorrow", "--site", str(DEMO))


def test_a_year_for_scripts() -> None:
    _, out, _ = ran("year", "2027", "--site", str(DEMO), "--json")
    told = json.loads(out)
    assert len(told["days"]) == 365
    assert told["notices"] == []
    assert told["holidays_confirmed"] == {"2027": True}
    thursday = next(day for day in told["days"] if day["date"] == "2027-02-18")
    assert thursday["hours"] == [["8:30", "19:00"]]
    assert thursday["lines"] == [{"from": "0:00", "lines": 6}, {"from": "17:15", "lines": 3}]


def test_a_fiscal_year_for_people() -> None:
    _, out, _ = ran("year", "2026", "--fiscal", "--site", str(DEMO))
    assert out.index("2026年4月") < out.index("2027年3月")
    assert "12-29(火) 年末開庁" in out


def test_the_contract_is_counted() -> None:
    assert ran("check", "--year", "2026", "--site", str(DEMO))[0] == 0
    status, out, _ = ran("check", "--year", "2030", "--site", str(DEMO))
    assert status == 1
    assert "2030-04: 休日交付が0回" in out


@pytest.mark.parametrize("year", [*range(2024, 2031), 2035])
def test_the_two_tables_of_holidays_agree(year: int) -> None:
    assert 16 <= len(holiday_tables.seeded(year)) <= 25


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-02-12", "振替休日"), ("2024-05-06", "振替休日"), ("2024-08-12", "振替休日"),
        ("2024-09-23", "振替休日"), ("2024-11-04", "振替休日"), ("2025-02-24", "振替休日"),
        ("2025-05-06", "振替休日"), ("2025-11-24", "振替休日"), ("2026-05-06", "振替休日"),
        ("2026-09-22", "国民の休日"), ("2027-03-22", "振替休日"),
    ],
)  # fmt: skip
def test_the_traps_of_the_law_are_in_the_demos_table(day: str, name: str) -> None:
    calendar = load(DEMO).calendar
    assert calendar is not None
    found = {str(on): name for year in calendar.holidays.values() for on, name in year.days.items()}
    assert found[day] == name


def test_a_year_is_seeded_unconfirmed_and_only_once(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
    ran("holidays", "seed", "2031", "--site", str(copy))
    calendar = load(copy).calendar
    assert calendar is not None
    assert calendar.holidays[2031].confirmed_by is None
    assert len(calendar.holidays[2031].days) >= 16
    with pytest.raises(Exception, match="there already"):
        ran("holidays", "seed", "2031", "--site", str(copy))


FAULTS = [
    ("calendar.yaml", "8:30-19:00, lines", "8:30-25:00, lines", "runs past midnight"),
    ("calendar.yaml", "[thursday]", "[thorsday]", "is no day"),
    ("calendar.yaml", "first: 12-29", "first: 12-32", "is no day of a year"),
    ("calendar.yaml", "date: 2027-02-14", "date: 2027-02-30", "a day that no calendar has"),
    ("calendar.yaml", "date: 2027-02-14", "date: 2027-02-28", "one day has one entry"),
    ("calendar.yaml", "first: 2027-03-29", "first: 2027-04-29", "ends before it begins"),
    ("calendar.yaml", "last: 2026-04-03", "last: 2027-04-03", "two entries of this layer"),
    ("calendar.yaml", "last: 2028-04-05", "last: 2038-04-05", "is longer than 400 days"),
    ("calendar.yaml", '{"17:15": 3}', '{"17:15": 7}', "7 lines, but the site has 6"),
    ("calendar.yaml", '{"17:15": 3}', '{"17:75": 3}', "is no time of day"),
    ("calendar.yaml", "overrides: []", "overrides: [{name: x}]", "has to say when"),
    ("calendar.yaml", "overrides: []", "overrides: [{name: x, date: 2027-02-15, services: [x]}]",
     "there is no service 'x'"),
    ("calendar.yaml", "closed: closed_holiday", "closed: gone", "there is no prompt 'gone'"),
    ("calendar.yaml", "closed: closed_holiday", "shut: closed_holiday", "plays no such prompt"),
    ("calendar.yaml", "closed: closed_holiday", "greeting: closed", "nothing may replace it"),
    ("calendar.yaml", "hours: 10:00-16:00", "hours: closed", "an event has hours"),
    ("calendar.yaml", "weekly:", "weekly:\n- {name: y, days: [weekdays], hours: closed}",
     "two entries hold on thursday"),
    ("holidays.yaml", "2027-02-11:", "2028-02-11:", "2028-02-11 is in another year"),
    ("holidays.yaml", "  confirmed_on: 2026-03-02\n", "", "confirmed_by and confirmed_on go"),
    ("site.yaml", "dids: [0942000100]", "dids: [0942000199]", "always_open: is for the demo"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS, ids=[f[3] for f in FAULTS])
def test_a_fault_is_one_clear_sentence(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    (copy / "register.yaml").unlink()  # it would tell that nobody has agreed to this
    with pytest.raises(SiteFaults, match=sentence) as caught:
        load(copy)
    assert len(caught.value.faults) == 1


def test_a_calendar_needs_its_holidays_and_a_site_its_hours(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (copy / "holidays.yaml").unlink()
    with pytest.raises(SiteFaults, match=r"needs a holidays\.yaml"):
        load(copy)
    (copy / "calendar.yaml").unlink()
    (copy / "hours.yaml").unlink(missing_ok=True)
    with pytest.raises(SiteFaults, match="when is the centre open"):
        load(copy)


def test_a_diff_names_every_day_that_changes_and_changes_nothing(tmp_path: Path) -> None:
    text = (DEMO / "calendar.yaml").read_text(encoding="utf-8")
    file = tmp_path / "new.yaml"
    file.write_text(text.replace('{"17:15": 3}', '{"17:15": 2}', 1), encoding="utf-8")
    _, out, _ = ran("diff", str(file), "--site", str(DEMO))
    assert "17:15から3回線" in out
    assert "17:15から2回線" in out
    file.write_text(text, encoding="utf-8")
    assert "no day differs" in ran("diff", str(file), "--site", str(DEMO))[1]
    file.write_text("base: {hours: {weekdays: 8:30-7:15}}", encoding="utf-8")
    with pytest.raises(Exception, match="closes before it opens"):
        ran("diff", str(file), "--site", str(DEMO))


async def test_k28_overtime_is_told_in_minutes(tmp_path: Path) -> None:
    closed_at = datetime.fromisoformat("2026-11-27T17:15:00+09:00").timestamp()
    home = Home.at(tmp_path)
    await migrate(configured_url(home))
    database = open_database(configured_url(home))
    worked = OvertimeWorked("a01", "u1", closed_at, closed_at + 26 * 60)
    await Records(database).apply(1, [(1, [worked])])
    await database.close()
    begins = datetime.fromisoformat("2026-11-27T00:00:00+09:00").timestamp()
    (found,) = await _overtime(home, begins)
    assert _overtime_told(found, ZoneInfo("Asia/Tokyo")) == {
        "agent": "a01",
        "person": "u1",
        "closed_at": "2026-11-27T17:15:00+09:00",
        "until": "2026-11-27T17:41:00+09:00",
        "minutes": 26,
    }
    assert await _overtime(home, begins + 86_400) == []
