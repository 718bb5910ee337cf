"""`agent`, `seats`: people and their telephones, without a browser."""

import asyncio
from pathlib import Path
from typing import Final

import click

from config.home import Home
from config.secrets import UnreadableSecretsError, read_secrets
from config.site import Site, SiteFaults, load
from telephony.asterisk.sockets import phones_socket
from telephony.cli import asking
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.link.client import NoController, Refused
from telephony.link.reason import fault_in

VERBS: Final = {
    "ready": "ready",
    "pause": "pause",
    "sign-out": "sign_out",
    "wrap-up-done": "wrap_up_done",
    "hold": "hold",
    "resume": "resume",
    "transfer": "transfer",
    "hang-up": "end",
}
NOT_SHOWN: Final = (
    "these are the passwords of a real site's phones: where nobody looks over your shoulder, add "
    "--show-passwords (実際の拠点の電話機のパスワードです。周りに人がいないことを確かめ、"
    "--show-passwords を付けてください)"
)
NEEDS: Final = {"pause": "a REASON, for example 休憩", "transfer": "a TARGET seat"}


@click.command()
@click.argument("seat")
@click.argument("verb", metavar=f"[{'|'.join(VERBS)}]")
@click.argument("detail", required=False, metavar="[REASON|TARGET]")
@home_option
def agent(seat: str, verb: str, detail: str | None, home: Home) -> None:
    """Change the state of the agent at SEAT 担当者の状態を変える.

    `pause` needs a REASON, `transfer` the TARGET's seat.
    """
    _require_sense(verb, detail)
    _require_seats(home, seat, *([detail] if verb == "transfer" and detail else []))
    reason = detail if verb == "pause" else None
    target = detail if verb == "transfer" else None
    asyncio.run(_ask(home, seat, VERBS[verb], reason, target))


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
    if verb not in NEEDS and detail:
        raise Problem(f"`{verb}` takes nothing more, but {detail!r} was given")
    if verb == "pause" and (problem := fault_in(detail or "")):
        raise Problem(problem)


def _require_seats(home: Home, *named: str) -> None:
    known = _seats_of(home)
    for seat in named:
        if seat not in known:
            raise Problem(f"there is no seat {seat!r}: the seats are {', '.join(known)}")


async def _ask(home: Home, seat: str, do: str, reason: str | None, target: str | None) -> None:
    try:
        await asking.link_of(home).request(seat, do, reason=reason, target=target)
    except Refused as refused:
        raise Problem(f"{seat}: {refused}") from None
    except NoController:
        raise Problem(await asking.why_nobody_answers(home)) from None


def _seats_of(home: Home) -> list[str]:
    return sorted(_site(home.instance().site).seats)


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
        for seat in _seats_of(home)
        if seat in passwords
    ]
