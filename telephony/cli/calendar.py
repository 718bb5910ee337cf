"""`calendar`: when the centre is open and why, from the site directory; without a system."""

from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from config.clock import Clock
from config.files import write_atomically
from config.holiday_tables import Disagree, seeded, written
from config.home import Home
from config.site import Site, SiteFaults, load
from config.site_calendar import opening_of
from config.site_reading import HOLIDAYS
from ivr_flows.opening.book import Book
from ivr_flows.opening.telling import day_line, why_lines, why_told, year_told
from ivr_flows.opening.year import days_of, notices, unconfirmed, year_of
from telephony.cli.options import home_option, json_option, site_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json

NOT_AS_AGREED: Final = 1
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
