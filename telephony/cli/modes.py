"""`mode`: an emergency, an outage or a surge, in force at once and over by itself."""

import asyncio
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from config.clock import Clock
from config.home import Home
from config.site import SiteFaults, load
from ivr_flows.opening.model import MODES
from telephony.cli import asking
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.link.client import NoController, Refused

OPERATOR: Final = "operator"  # whoever has the machine; people ask at the desk
MINUTES: Final = 60.0
DAY: Final = 24 * 60


@click.command()
@click.argument("name", required=False, metavar=f"[{'|'.join(MODES)}]")
@click.option("--for", "minutes", type=click.FloatRange(min=1, max=DAY), metavar="MINUTES")
@click.option("--until", metavar="HH:MM", help="The next time it is that late.")
@click.option("--end", is_flag=True, help="Switch it off before its time.")
@click.option("--close/--open", "closes", default=None, help="Whether the lines close.")
@click.option("--prompt", default="", metavar="PROMPT", help="Said instead of the mode's own.")
@home_option
@json_option
def mode(name: str | None, home: Home, as_json: bool, **how: Any) -> None:
    """Switch on a mode モード: emergency 緊急, outage システム障害, surge 急激な繁忙.

    It is in force at once for every caller who comes, and ends by itself: after an hour, unless
    `--for` or `--until` say otherwise. Without a mode it tells which are on.
    """
    if name is not None:
        asyncio.run(_set(home, name, **how))
    present = asyncio.run(asking.centre(home))["modes"]
    show_json(present) if as_json else _show(present, _zone(home))


async def _set(  # noqa: PLR0913 -- the options, by name
    home: Home,
    name: str,
    *,
    minutes: float | None,
    until: str | None,
    end: bool,
    closes: bool | None,
    prompt: str,
) -> None:
    if name not in MODES:
        raise Problem(f"{name!r} is no mode: choose one of {', '.join(MODES)}")
    if sum((minutes is not None, until is not None, end)) > 1:
        raise Problem("--for, --until and --end exclude each other")
    lasts = 0.0 if end else minutes or (MINUTES if until is None else _ahead(until, _zone(home)))
    try:
        link = asking.link_of(home)
        await link.set_mode(name, lasts, OPERATOR, closes=closes, prompt=prompt)
    except Refused as refused:
        raise Problem(f"{name}: {refused}") from None
    except NoController:
        raise Problem(await asking.why_nobody_answers(home)) from None


def _ahead(until: str, zone: ZoneInfo) -> float:
    """Minutes from now until it is that late, today or tomorrow."""
    try:
        wanted = datetime.strptime(until, "%H:%M")  # noqa: DTZ007 -- a time of day has no zone
    except ValueError:
        raise Problem(f"{until!r} is no time of day such as 17:00") from None
    now = datetime.fromtimestamp(Clock().wall(), zone)
    minutes = (wanted.hour - now.hour) * 60 + wanted.minute - now.minute - now.second / 60
    return minutes if minutes > 0 else minutes + DAY


def _zone(home: Home) -> ZoneInfo:
    try:
        return ZoneInfo(load(home.instance().site).timezone)
    except SiteFaults:
        raise Problem("the site has faults now: `madoguchi check` lists them") from None


def _show(present: list[dict[str, Any]], zone: ZoneInfo) -> None:
    rows = []
    for each in present:
        until = datetime.fromtimestamp(each["until"], zone)
        lines = "closed 休止" if each["closes"] else "open 受付中"
        rows.append((each["mode"], each["name"], f"{until:%m-%d %H:%M:%S}", each["by"], lines))
    heads = ("mode モード", "name", "until まで", "by", "lines 回線")
    show_table(heads, rows, "no mode is on (通常どおり)")
