"""`python -m ivr_flows.prompts`: render, check and install what callers hear."""

import sys
from pathlib import Path

import click


@click.group()
def main() -> None:
    """Keep the recordings of the prompts."""


@main.command()
@click.argument("only", nargs=-1)
def render(only: tuple[str, ...]) -> None:
    """Synthesise the named sounds, or all whose text changed (needs requirements-prompts.lock)."""
    from ivr_flows.prompts import render as work  # a normal machine has no synthesiser

    work.render(work.stale(only), click.echo)


@main.command()
@click.argument("stem")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--voice", required=True, help="Who speaks, for the record.")
def record(stem: str, file: Path, voice: str) -> None:
    """Take a studio recording in place of a synthetic one; cuts its edges and sets its level."""
    from ivr_flows.prompts.studio import NotTaken, take

    try:
        take(stem, file, voice)
    except NotTaken as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{stem}: {voice}")


@main.command()
def check() -> None:
    """Say every fault of the recordings; ends with 1 when there is one."""
    from ivr_flows.prompts.verify import faults

    found = list(faults())
    for fault in found:
        click.echo(fault)
    sys.exit(1 if found else 0)


@main.command()
@click.option("--to", required=True, type=click.Path(file_okay=False, path_type=Path))
def install(to: Path) -> None:
    """Convert the recordings and the hold music into what Asterisk plays."""
    from ivr_flows.prompts.install import install as bring_up_to_date

    changed = bring_up_to_date(to)
    click.echo("prompts installed" if changed else "prompts are up to date")


if __name__ == "__main__":
    main()
