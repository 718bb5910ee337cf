"""`calendar`: when the centre is open and why, from the site directory; without a system."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from agents.calendar.shelf import Shelf
from config.calendar_register import NotProposed, Proposal, preview, proposed
from config.clock import Clock
from config.database import DatabaseFailed, configured_url, open_database
from config.files import write_atomically
from config.holiday_tables import Disagree, seeded, written
from config.home import Home
from config.site import Site, SiteFaults, load
from config.site_calendar import opening_of
from config.site_reading import HOLIDAYS
from ivr_flows.opening.book import Book
from ivr_flows.opening.telling import WEEKDAYS, day_line, why_lines, why_told, year_told
from ivr_flows.opening.year import Change, days_of, notices, unconfirmed, year_of
from telephony.cli import asking
from telephony.cli.options import home_option, json_option, site_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.link.client import NoController, Refused
from telephony.store.changes import OvertimeWorked
from telephony.store.history import History

NOT_AS_AGREED: Final = 1
DAY: Final = 86_400.0
OPERATOR: Final = "operator"
YEARS: Final = click.IntRange(2000, 2099)


@click.group()
def calendar() -> None:
    """The municipal calendar 開庁カレンダー: open or closed, and why."""


@calendar.command()
@click.argument("moment", required=False)
@home_option
@site_option
@json_option
def why(moment: str | None, home: Home, site: Path, as_json: bool) -> None:
    """Whether the centre is open at MOMENT (2027-02-11T17:30; now if left out), and why."""
    found = _loaded(site)
    zone = ZoneInfo(found.timezone)
    civil = _now(zone) if moment is None else _moment(moment, zone)
    book = Book(opening_of(found))
    told = why_told(book, civil, zone)
    if as_json:
        show_json(told)
    else:
        click.echo("\n".join(why_lines(told, book.at(civil))))


@calendar.command()
@click.argument("number", metavar="YEAR", type=YEARS)
@click.option("--fiscal", is_flag=True, help="From April of YEAR to the March after it.")
@home_option
@site_option
@json_option
def year(number: int, fiscal: bool, home: Home, site: Path, as_json: bool) -> None:
    """Every day of YEAR, and where its counts are not what the contract says."""
    book = Book(opening_of(_loaded(site)))
    first, last = year_of(number, fiscal=fiscal)
    if as_json:
        show_json({"year": number, "fiscal": fiscal, **year_told(book, first, last)})
        return
    for day in days_of(book, first, last):
        if day.on.day == 1:
            click.echo(f"\n{day.on.year}年{day.on.month}月")
        click.echo(day_line(book, day))
    for notice in notices(book.calendar, first, last):
        click.echo(f"! {notice.text}")


@calendar.command()
@click.option("--year", "number", type=YEARS, help="The fiscal year.  [default: this one]")
@home_option
@site_option
def check(number: int | None, home: Home, site: Path) -> int:
    """Count a fiscal year against the contract; status 1 where it is not what was agreed."""
    found = _loaded(site)
    book = Book(opening_of(found))
    today = _now(ZoneInfo(found.timezone)).date()
    first, last = year_of(_fiscal_year(today) if number is None else number, fiscal=True)
    told = [each.text for each in notices(book.calendar, first, last)]
    if (missing := unconfirmed(book, today)) is not None:
        told.append(f"{missing}: 祝日が確認されていません (nobody has confirmed its holidays)")
    for text in told:
        click.echo(text)
    if not told:
        click.echo(f"{first} - {last}: 契約どおりです (as agreed)")
    return NOT_AS_AGREED if told else 0


@calendar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@site_option
def diff(file: Path, home: Home, site: Path) -> None:
    """Every difference a caller would meet, day by day, were FILE the calendar; changes nothing."""
    found = _loaded(site)
    text = file.read_text(encoding="utf-8")
    try:
        new = proposed(site, Proposal(text, "", "", date.min, ""), len(found.lines))
    except NotProposed as wrong:
        raise Problem(f"{file}:{wrong}") from wrong
    today = _now(ZoneInfo(found.timezone)).date()
    _show_changes(preview(opening_of(found), new, today))


@calendar.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--what", required=True, help="What changes.")
@click.option("--why", "reason", required=True, help="Why it does.")
@click.option("--agreed-on", required=True, metavar="DAY", help="When it was agreed with the city.")
@click.option("--agreed-by", required=True, metavar="NAME", help="By whom.")
@home_option
def propose(file: Path, what: str, reason: str, agreed_on: str, agreed_by: str, home: Home) -> None:
    """Propose FILE as the calendar; a city approver approves it at the desk."""
    directory = home.instance().site
    found = _loaded(directory)
    try:
        day = date.fromisoformat(agreed_on)
    except ValueError as error:
        raise Problem(f"{agreed_on!r} は日付ではありません (no day such as 2027-02-11)") from error
    text = file.read_text(encoding="utf-8")
    proposal = Proposal(text, what, reason, day, agreed_by, OPERATOR)
    try:
        pending = Shelf(found, directory, home.path, Clock().wall).propose(proposal)
    except NotProposed as wrong:
        raise Problem(f"{file}:{wrong}") from wrong
    _show_changes(pending.changes)
    click.echo(f"{proposal.id}: 市の承認待ちです (waits for the city's approval at the desk)")


@calendar.command()
@home_option
def reload(home: Home) -> None:
    """Have the running centre go by the calendar and the holidays as they are written now.

    Approving at the desk does so by itself; this is for holidays that were confirmed in the file.
    """
    asyncio.run(_reload(home))
    click.echo("今のカレンダーで動いています (the calendar as it is written holds)")


async def _reload(home: Home) -> None:
    try:
        await asking.link_of(home).take_up_calendar()
    except Refused as refused:
        raise Problem(str(refused)) from None
    except NoController:
        raise Problem(await asking.why_nobody_answers(home)) from None


def _show_changes(found: list[Change]) -> None:
    for each in found:
        click.echo(f"{each.on} {WEEKDAYS[each.on.weekday()]}: {each.before} → {each.after}")
    if not found:
        click.echo("市民から見て変わる日はありません (no day differs for callers)")


@calendar.command()
@click.argument("day", metavar="DAY")
@home_option
@json_option
def overtime(day: str, home: Home, as_json: bool) -> None:
    """Who worked beyond closing on DAY (2027-02-11), and for how many minutes."""
    zone = ZoneInfo(_loaded(home.instance().site).timezone)
    begins = _moment(f"{day}T00:00", zone).replace(tzinfo=zone).timestamp()
    found = [_overtime_told(each, zone) for each in asyncio.run(_overtime(home, begins))]
    if as_json:
        show_json(found)
        return
    rows = [
        (each["agent"], each["person"], each["until"][11:16], each["minutes"]) for each in found
    ]
    show_table(("seat 席", "person", "until まで", "minutes 分"), rows, "no overtime 残業なし")


async def _overtime(home: Home, begins: float) -> list[OvertimeWorked]:
    database = open_database(configured_url(home))
    try:
        return await History(database).overtime(begins, begins + DAY)
    except DatabaseFailed as away:
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None
    finally:
        await database.close()


def _overtime_told(worked: OvertimeWorked, zone: ZoneInfo) -> dict[str, Any]:
    closed, until = (
        datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")
        for at in (worked.closed_at, worked.at)
    )
    minutes = round((worked.at - worked.closed_at) / 60)
    return {
        "agent": worked.agent,
        "person": worked.person,
        "closed_at": closed,
        "until": until,
        "minutes": minutes,
    }


@calendar.group()
def holidays() -> None:
    """The table of national holidays 祝日表 of a site."""


@holidays.command()
@click.argument("number", metavar="YEAR", type=YEARS)
@home_option
@site_option
def seed(number: int, home: Home, site: Path) -> None:
    """Add YEAR to the site's holidays.yaml from two tables that agree; nobody has confirmed it."""
    path = site / HOLIDAYS
    known = path.read_text(encoding="utf-8") if path.is_file() else ""
    if f'"{number}":' in known:
        raise Problem(f"{path}: {number}年はもうあります (this year is there already: edit it)")
    try:
        found = written(number, seeded(number))
    except Disagree as differing:
        raise Problem(str(differing)) from differing
    gap = "" if not known or known.endswith("\n") else "\n"
    write_atomically(path, f"{known}{gap}{found}", mode=0o644)
    click.echo(
        f"{path}: {number}年を加えました。市が確認したら confirmed_by と confirmed_on を"
        "書き加えてください "
        "(added; write confirmed_by and confirmed_on when the city has confirmed it)"
    )


def _loaded(directory: Path) -> Site:
    try:
        return load(directory)
    except SiteFaults as wrong:
        raise Problem("\n".join(map(str, wrong.faults))) from wrong


def _moment(written_: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(written_)
    except ValueError as error:
        told = f"{written_!r} は日時ではありません (no time such as 2027-02-11T17:30)"
        raise Problem(told) from error
    return found if found.tzinfo is None else found.astimezone(zone).replace(tzinfo=None)


def _now(zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(Clock().wall(), zone).replace(tzinfo=None, microsecond=0)


def _fiscal_year(today: date) -> int:
    april = 4
    return today.year if today.month >= april else today.year - 1
