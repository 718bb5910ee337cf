"""`agent`, `seats`: people and their telephones, without a browser."""

import asyncio
from pathlib import Path
from typing import Any, Final

import click

from config.home import Home
from config.secrets import UnreadableSecretsError, read_secrets
from config.site import Site, SiteFaults, load
from telephony.acd.model import Work
from telephony.asterisk.sockets import phones_socket
from telephony.cli import asking
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.link.client import NoController, Refused
from telephony.link.reason import fault_in

VERBS: Final = {
    "sign-in": "sign_in",
    "ready": "ready",
    "pause": "pause",
    "sign-out": "sign_out",
    "release": "sign_out",
    "wrap-up-done": "wrap_up_done",
    "answer": "answer",
    "hold": "hold",
    "resume": "resume",
    "transfer": "transfer",
    "call": "call",
    "hang-up": "end",
}
NOT_SHOWN: Final = (
    "these are the passwords of a real site's phones: where nobody looks over your shoulder, add "
    "--show-passwords (実際の拠点の電話機のパスワードです。周りに人がいないことを確かめ、"
    "--show-passwords を付けてください)"
)
NEEDS: Final = {
    "sign-in": "the id of a PERSON, for example u1",
    "release": "the id of the PERSON who allows it, for example u1",
    "pause": "a REASON, for example 休憩",
    "transfer": "a TARGET: a seat, or the name of an extension",
    "call": "a TARGET: a seat, or the name of an extension",
}
TOWARDS: Final = ("transfer", "call")
RESERVE: Final = "reserve"
READY: Final = (RESERVE, *(work.value for work in Work))  # what may follow `ready`


@click.command()
@click.argument("seat")
@click.argument("verb", metavar=f"[{'|'.join(VERBS)}]")
@click.argument("detail", required=False, metavar="[PERSON|WORK|REASON|TARGET]")
@home_option
def agent(seat: str, verb: str, detail: str | None, home: Home) -> None:
    """Change the state of the agent at SEAT 担当者の状態を変える.

    `sign-in` needs the id of a PERSON, `release` (sign out although callers who came in time are
    left) that of the PERSON who allows it, `pause` a REASON, `transfer` and `call` a TARGET: a
    seat, or the name of an extension. `ready` may be followed by `reserve`, or by the WORK between
    two calls: `card_pre` 交付前準備 or `card_post` 交付後処理.
    """
    _require_sense(verb, detail)
    _require_places(home, seat, detail if verb in TOWARDS else None)
    asyncio.run(_ask(home, seat, VERBS[verb], _given(verb, detail)))


@click.command()
@home_option
@json_option
@click.option("--show-passwords", is_flag=True, help="Also of a site that is not the demo.")
def seats(home: Home, as_json: bool, show_passwords: bool) -> None:
    """Seats 席 with the user and password that a SIP phone registers with."""
    instance = home.instance()
    site = _site(instance.site)
    if not (site.is_demo or show_passwords):
        raise Problem(NOT_SHOWN)
    found = _accounts(home)
    if as_json:
        show_json(found)
        return
    server = phones_socket(site, instance.ports)
    click.echo(f"server {server}, transport UDP  (電話機の登録先)")
    rows = [(each["seat"], each["user"], each["password"]) for each in found]
    show_table(("seat 席", "user", "password"), rows, "no seats")


def _require_sense(verb: str, detail: str | None) -> None:
    if verb not in VERBS:
        raise Problem(f"{verb!r} is nothing an agent can do: choose one of {', '.join(VERBS)}")
    if verb in NEEDS and not (detail or "").strip():
        raise Problem(f"`{verb}` needs {NEEDS[verb]}")
    if verb == "ready" and detail and detail not in READY:
        raise Problem(f"{detail!r} is nothing to be ready from: choose one of {', '.join(READY)}")
    if verb not in NEEDS and verb != "ready" and detail:
        raise Problem(f"`{verb}` takes nothing more, but {detail!r} was given")
    if verb == "pause" and (problem := fault_in(detail or "")):
        raise Problem(problem)


def _given(verb: str, detail: str | None) -> dict[str, Any]:
    """The detail under the name that the request has for it."""
    match verb:
        case "sign-in" | "release":
            return {"person": detail}
        case "ready" if detail == RESERVE:
            return {"availability": RESERVE}
        case "ready":
            return {"work": detail}
        case "pause":
            return {"reason": detail}
        case _:
            return {"target": detail}


def _require_places(home: Home, seat: str, target: str | None) -> None:
    site = _site_of(home)
    seats = ", ".join(sorted(site.seats))
    if seat not in site.seats:
        raise Problem(f"there is no seat {seat!r}: the seats are {seats}")
    if target is not None and target not in {*site.seats, *site.extensions}:
        outside = ", ".join(sorted(site.extensions)) or "none"
        raise Problem(
            f"there is no seat {target!r}: the seats are {seats}, the extensions are {outside}"
        )


async def _ask(home: Home, seat: str, do: str, given: dict[str, Any]) -> None:
    try:
        await asking.link_of(home).request(seat, do, **given)
    except Refused as refused:
        raise Problem(f"{seat}: {refused}") from None
    except NoController:
        raise Problem(await asking.why_nobody_answers(home)) from None


def _site_of(home: Home) -> Site:
    return _site(home.instance().site)


def _site(directory: Path) -> Site:
    try:
        return load(directory)
    except SiteFaults:
        raise Problem("the site has faults now: `madoguchi check` lists them") from None


def _accounts(home: Home) -> list[dict[str, str]]:
    try:
        passwords = read_secrets(home.secrets).seat_passwords
    except UnreadableSecretsError as problem:
        raise Problem(str(problem)) from None
    return [
        {"seat": seat, "user": seat, "password": passwords[seat]}
        for seat in sorted(_site_of(home).seats)
        if seat in passwords
    ]
