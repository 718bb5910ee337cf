"""`status`, `lines`, `agents`: what is going on."""

import asyncio
from importlib.metadata import version
from typing import Any, Final

import click

from config.clock import Clock
from config.home import Home
from telephony.cli import asking
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem, say_problem
from telephony.cli.showing import duration, show_alarms, show_json, show_table
from telephony.supervisor.parts import ASTERISK, CONTROLLER, DESK, REDIS, STANDBY

NOT_READY: Final = 1
NOTHING: Final[dict[str, Any]] = {
    "ready": False,
    "alarms": [],
    "lines": [],
    "queues": [],
    "agents": [],
}


@click.command()
@home_option
@json_option
def status(home: Home, as_json: bool) -> int:
    """Whether calls can be taken, and how every part is; status 0 only when they can."""
    return asyncio.run(_status(home, as_json=as_json))


@click.command()
@home_option
@json_option
def lines(home: Home, as_json: bool) -> None:
    """The lines 回線 and who is on them."""
    found = asyncio.run(asking.centre(home))["lines"]
    show_json(found) if as_json else _lines(found)


@click.command()
@home_option
@json_option
def agents(home: Home, as_json: bool) -> None:
    """The agents 担当者 and what they do."""
    found = asyncio.run(asking.centre(home))["agents"]
    show_json(found) if as_json else _agents(found)


async def _status(home: Home, *, as_json: bool) -> int:
    parts = await asking.parts(home)
    try:
        told, problem = await asking.centre(home), None
    except Problem as absent:
        told, problem = NOTHING, absent.message
    answer = {**told, "parts": _with_versions(home, parts or [])}
    if parts is not None or problem is None:
        show_json(answer) if as_json else _whole(answer)
    if problem:
        wrong = say_problem([problem])
        return NOT_READY if parts else wrong
    return 0 if told["ready"] else NOT_READY


def _with_versions(home: Home, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = home.instance().versions
    versions = {
        ASTERISK: found.get("asterisk"),
        REDIS: found.get("redis-server"),
        CONTROLLER: version("madoguchi"),
        STANDBY: version("madoguchi"),
        DESK: version("madoguchi"),
    }
    return [{**part, "version": versions[part["name"]]} for part in parts]


def _whole(told: dict[str, Any]) -> None:
    click.echo("ready 受付中" if told["ready"] else "not ready 受付できません")
    click.echo()
    if told["alarms"]:
        show_alarms(told["alarms"])
    _parts(told["parts"])
    for show, name in ((_lines, "lines"), (_queues, "queues"), (_agents, "agents")):
        if told[name]:
            click.echo()
            show(told[name])
    if note := told.get("trunk", {}).get("note"):
        click.echo(f"\n{note}")


def _parts(parts: list[dict[str, Any]]) -> None:
    rows = [
        (
            part["name"],
            part["state"],
            part["pid"],
            duration(part["lived"]),
            part["restarts"],
            part["version"],
        )
        for part in parts
    ]
    heads = ("part", "state 状態", "pid", "for", "restarts", "version")
    show_table(heads, rows, "no `madoguchi up` runs here")


def _lines(lines: list[dict[str, Any]]) -> None:
    rows = [
        (line["number"], line["state"], line["call"], line["agent"], _for(line)) for line in lines
    ]
    show_table(("line 回線", "state 状態", "call", "agent 担当", "for"), rows, "no lines")


def _queues(queues: list[dict[str, Any]]) -> None:
    rows = [(q["name"], q["waiting"], duration(q["longest_wait"])) for q in queues]
    show_table(("queue 待ち列", "waiting 人数", "longest 最長"), rows, "no queues")


def _agents(agents: list[dict[str, Any]]) -> None:
    rows = [(a["seat"], a["name"], a["state"], a["reason"], _for(a)) for a in agents]
    heads = ("seat 席", "name 名前", "state 状態", "reason 理由", "for")
    show_table(heads, rows, "no agents")


def _for(thing: dict[str, Any]) -> str:
    since = thing["since"]
    return duration(Clock().wall() - since if since else None)
