"""`prepare`: what `up` writes before it starts a part, for those who start the parts otherwise."""

import asyncio
import os
from pathlib import Path

import click

from config.home import Home
from config.ports import Ports
from config.secrets import UnreadableSecretsError
from config.site import SiteFaults
from telephony.asterisk import process as asterisk
from telephony.asterisk.write import needs_restart, reload_commands
from telephony.cli.options import home_option, port_base_option, site_option
from telephony.cli.problems import Problem, say_problem
from telephony.supervisor import prepare as preparing
from telephony.supervisor.lock import only_one
from telephony.supervisor.prepare import Prepared
from telephony.supervisor.problem import CannotStart


@click.command()
@home_option
@port_base_option
@site_option
def prepare(home: Home, port_base: int, site: Path) -> int:
    """Write secrets and Asterisk's files into the home and start nothing.

    For containers and service supervisors, which start Asterisk and the controllers themselves. An
    Asterisk that runs on the home takes the changes up.
    """
    try:
        prepared = _prepared(home.path, Ports(port_base), site)
    except SiteFaults as wrong:
        return say_problem(str(fault) for fault in wrong.faults)
    except (CannotStart, UnreadableSecretsError) as problem:
        raise Problem(str(problem)) from None
    click.echo(f"{prepared.home.path}: prepared, {len(prepared.changed)} files of Asterisk changed")
    for told in asyncio.run(_taken_up(prepared)) if prepared.changed else ():
        click.echo(told)
    return 0


def _prepared(path: Path, ports: Ports, directory: Path) -> Prepared:
    """Refused, untouched, where an `up` holds the home."""
    os.umask(asterisk.UMASK)
    site, programs = preparing.checked(directory)
    home = preparing.claimed_home(path)
    with only_one(home):
        preparing.made_runtime(home)
        return preparing.prepare(home, ports, directory, site, programs)


async def _taken_up(prepared: Prepared) -> list[str]:
    """What a running Asterisk made of the changes; nothing where none runs."""
    try:
        await asterisk.command(prepared.programs, prepared.home, "core waitfullybooted")
    except asterisk.AsteriskCommandError:
        return []
    told = []
    if needs_restart(prepared.changed):
        told.append("asterisk: some changes wait for its next start, which ends every call")
    commands = reload_commands(prepared.changed)
    await asterisk.reload(prepared.programs, prepared.home, commands)
    return [*told, *(f"asterisk: {command}" for command in commands)]
