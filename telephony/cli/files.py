"""`check`: a site directory, without a system."""

from pathlib import Path

import click

from config.site import Site, SiteFaults, load
from config.site_sounds import sound_faults
from ivr_flows.draw import mermaid
from telephony.asterisk.version import problem
from telephony.cli.options import DEMO_SITE, DIRECTORY
from telephony.runtime.errors import SetUpFault
from telephony.runtime.programs import find


@click.command()
@click.argument("directory", type=DIRECTORY, default=DEMO_SITE)
@click.option("--draw", is_flag=True, help="Print every flow as a Mermaid drawing.")
def check(directory: Path, draw: bool) -> int:
    """Validate the site in DIRECTORY: every fault at once, with file and line."""
    site, faults = None, sound_faults(directory)
    try:
        site = load(directory)
    except SiteFaults as wrong:
        faults = [*wrong.faults, *faults]
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults or site is None:
        return 1
    if (unfit := _unfit()) is not None:
        click.echo(unfit, err=True)
        return 1
    click.echo(_drawing(site) if draw else _summary(site))
    return 0


def _unfit() -> str | None:
    """What is wrong with the Asterisk that set-up brought, where there is one already."""
    try:
        return problem(find().versions["asterisk"])
    except SetUpFault:
        return None


def _summary(site: Site) -> str:
    counts = (
        f"{len(site.lines)} lines, {len(site.queues)} queues, {len(site.seats)} seats, "
        f"{len(site.flows)} flows"
    )
    return f"{site.name}: in order, {counts}, digest {site.digest[:12]}"


def _drawing(site: Site) -> str:
    return "\n".join(f"%% {name}\n{mermaid(flow)}" for name, flow in site.flows.items())
