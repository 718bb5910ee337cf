"""`tls`: the certificate of the desk, and what browsers of the town must be told."""

import json
from datetime import datetime
from pathlib import Path

import click

from config.certificates import (
    Pair,
    Told,
    UnfitCertificate,
    is_constrained,
    issue,
    new_authority,
    outside,
    read,
    require_fit,
    require_own,
)
from config.clock import Clock
from config.home import Home
from config.site import Desk, SiteFaults, load_desk
from telephony.cli.browser_policy import for_registry, sheet
from telephony.cli.options import home_option, json_option, site_option
from telephony.cli.problems import Problem

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOON = 60  # days; then there is an alarm
HTTPS = 443  # a port that addresses do not name
BROKEN = (
    "ca.pem and ca.key in {folder} do not belong together: put back those that were made at one "
    "time, or make another authority with --new-authority and give it to the PCs "
    "(認証局の証明書と鍵が対になっていません。"
    "元の組に戻すか、--new-authority で作り直して各 PC に入れてください)"
)
BEYOND = (
    "the authority in {folder} may not sign for {names}: make another with --new-authority and "
    "give it to the PCs (この認証局は {names} の証明書を作れません。"
    "--new-authority で作り直し、各 PC に入れてください)"
)
UNCONSTRAINED = (
    "this authority may sign for any name, so its key opens more than the desk: make another with "
    "--new-authority, and give it to the PCs in place of this one "
    "(この認証局の鍵はどの名前の証明書でも作れます。"
    "--new-authority で作り直し、各 PC の証明書を入れ替えてください)"
)


@click.group()
def tls() -> None:
    """The desk's certificate: made here by an authority of the site's own, or the city's."""


@tls.command()
@home_option
@site_option
@click.option("--name", "names", multiple=True, metavar="HOST", help="Besides `desk.names`.")
@click.option("--new-authority", "anew", is_flag=True, help="Another one: PCs must be given it.")
def make(home: Home, site: Path, names: tuple[str, ...], anew: bool) -> int:
    """Make an authority, once, and a certificate by it for a year; again to renew it.

    The authority may sign for the names it was made for, and for no others.
    """
    (called, desk), now = _desk(site), Clock().wall()
    wanted = list(dict.fromkeys((*names, *desk.names)))
    if not wanted:
        raise Problem("name the host that browsers use: --name HOST, or desk.names in site.yaml")
    folder = _folder(home)
    kept = None if anew else _kept_authority(folder, wanted, now)
    authority = kept or new_authority(called, wanted, now)
    issued = issue(authority, wanted, now)
    if kept is None:
        authority.write(folder / "ca.pem", folder / "ca.key")
    _keep(folder, issued)
    _say(folder, read(issued.certificate), now)
    click.echo(f"  authority  {folder / 'ca.pem'} (for the PCs; `madoguchi tls policy`)")
    if not is_constrained(authority):
        click.echo(f"  {UNCONSTRAINED}")
    return 0


@tls.command()
@home_option
@site_option
@click.option("--certificate", type=FILE, required=True, help="With its chain, PEM.")
@click.option("--key", type=FILE, required=True, help="Its private key, PEM.")
def take(home: Home, site: Path, certificate: Path, key: Path) -> int:
    """Take the city's own certificate, if it is in order: key, chain, days and names."""
    pair, now = Pair(certificate.read_bytes(), key.read_bytes()), Clock().wall()
    try:
        _, desk = _desk(site)
        told = require_fit(pair, desk.names, now)
    except UnfitCertificate as unfit:
        raise Problem(f"{certificate}: {unfit}") from None
    folder = _folder(home)
    _keep(folder, pair)
    _say(folder, told, now)
    return 0


@tls.command()
@home_option
@site_option
@json_option
def show(home: Home, site: Path, as_json: bool) -> int:
    """Which certificate the desk has, and until when; status 1 once it ends within 60 days."""
    there, now = _present(home, site), Clock().wall()
    told = _told(there)
    left = told.days_left(now)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "certificate": str(there),
                    "names": told.names,
                    "issuer": told.issuer,
                    "until": told.until.isoformat(),
                    "days_left": int(left),
                }
            )
        )
    else:
        _say_told(there, told, now)
    return 1 if left <= SOON else 0


@tls.command()
@home_option
@site_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Default: HOME/tls.")
@click.option("--port", type=int, help="Where browsers reach the desk, if not on its own port.")
def policy(home: Home, site: Path, out: Path | None, port: int | None) -> int:
    """Write what Edge and Chrome must be told: a sheet for people and a file for Windows."""
    called, desk = _desk(site)
    if not desk.names:
        raise Problem("desk.names in site.yaml names no host that browsers use")
    at = port if port is not None else home.instance().ports.desk
    folder = out or _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    origins = [f"https://{name}" + ("" if at == HTTPS else f":{at}") for name in desk.names]
    text = sheet(called, origins, _signed_here(home.path / "tls"))
    (folder / "browser-policy.md").write_text(text, encoding="utf-8")
    # Windows reads registry files in UTF-16 with a mark, and lines that end its way.
    (folder / "browser-policy.reg").write_bytes(for_registry(origins).encode("utf-16"))
    click.echo(f"{folder / 'browser-policy.md'}\n{folder / 'browser-policy.reg'}")
    return 0


def _folder(home: Home) -> Path:
    folder = home.path / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _desk(directory: Path) -> tuple[str, Desk]:
    """Without a certificate the rest of a site on a network is not in order yet."""
    try:
        return load_desk(directory)
    except SiteFaults as wrong:
        raise Problem("; ".join(map(str, wrong.faults))) from None


def _kept_authority(folder: Path, wanted: list[str], now: float) -> Pair | None:
    """The one that the PCs know, while it lasts."""
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if not (certificate.is_file() or key.is_file()):
        return None
    try:
        found = Pair(certificate.read_bytes(), key.read_bytes())
        require_own(found)
    except (FileNotFoundError, UnfitCertificate):
        raise Problem(BROKEN.format(folder=folder)) from None
    if read(found.certificate).days_left(now) <= SOON:
        return None
    if beyond := outside(found, wanted):
        raise Problem(BEYOND.format(names=", ".join(beyond), folder=folder))
    return found


def _signed_here(folder: Path) -> Path | None:
    """Our own authority, where it is the one behind the desk's certificate."""
    authority, desk = folder / "ca.pem", folder / "desk.pem"
    if not authority.is_file() or not desk.is_file():
        return None
    return authority if authority.read_bytes() in desk.read_bytes() else None


def _keep(folder: Path, pair: Pair) -> None:
    pair.write(folder / "desk.pem", folder / "desk.key")


def _present(home: Home, site: Path) -> Path:
    named = _desk(site)[1].certificate
    there = Path(named) if named is not None else home.path / "tls" / "desk.pem"
    if not there.is_file():
        raise Problem(f"there is no certificate: {there}. `madoguchi tls make` makes one")
    return there


def _told(certificate: Path) -> Told:
    try:
        return read(certificate.read_bytes())
    except UnfitCertificate as unfit:
        raise Problem(f"{certificate}: {unfit}") from None


def _say(folder: Path, told: Told, now: float) -> None:
    _say_told(folder / "desk.pem", told, now)
    click.echo("  site.yaml, under desk:")
    click.echo(f"    certificate: {folder / 'desk.pem'}")
    click.echo(f"    key_file: {folder / 'desk.key'}")
    click.echo("  then `madoguchi restart desk`; calls go on meanwhile")


def _say_told(certificate: Path, told: Told, now: float) -> None:
    until: datetime = told.until
    click.echo(f"{certificate}")
    click.echo(f"  for        {', '.join(told.names)}")
    click.echo(f"  issued by  {told.issuer}")
    click.echo(f"  until      {until:%Y-%m-%d} ({int(told.days_left(now))} days)")
