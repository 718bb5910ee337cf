"""`up`, `restart`, `controller`: what runs."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from config.clockwork import every
from config.home import Home
from config.ports import Ports
from config.secrets import UnreadableSecretsError
from config.site import SiteFaults
from telephony.cli.loading import uncollected
from telephony.cli.options import home_option, port_base_option, site_option
from telephony.cli.problems import Problem, say_problem
from telephony.link.client import Link, NoController
from telephony.supervisor import control
from telephony.supervisor.problem import CannotStart
from telephony.supervisor.up import up as start

READY_WITHIN: Final = 10.0  # seconds a restart waits for the first call to be possible
READY_ASKED_EVERY: Final = 0.05


@click.command()
@home_option
@port_base_option
@site_option
def up(home: Home, port_base: int, site: Path) -> int:
    """Start everything and keep it running; Ctrl-C stops it."""
    try:
        asyncio.run(start(home.path, Ports(port_base), site))
    except SiteFaults as wrong:
        return say_problem(str(fault) for fault in wrong.faults)
    except (CannotStart, UnreadableSecretsError) as problem:
        raise Problem(str(problem)) from None
    return 0


@click.command()
@click.argument("part")
@home_option
def restart(part: str, home: Home) -> None:
    """Restart PART (controller, standby, desk, asterisk, redis, or all) of a running system.

    A controller is replaced without any call noticing; Asterisk takes its calls with it.
    """
    home.instance()
    try:
        asyncio.run(_restart(home, part))
    except control.NoSupervisor as absent:
        raise Problem(f"{absent}, so nothing can be restarted") from None
    except control.NoSuchPart as unknown:
        raise Problem(str(unknown)) from None
    except control.NotBack as late:
        raise Problem(f"{part}: {late}; its log in {home.logs} may say why") from None


async def _restart(home: Home, part: str) -> None:
    """Come back when calls can be taken again, or after a while all the same."""
    await control.restart(home, part)
    link = Link(home.controller_socket)
    with suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN):
            async for _ in every(READY_ASKED_EVERY):
                with suppress(NoController):
                    if (await link.status())["ready"]:
                        return


@click.command()
@home_option
@click.option("--standby", is_flag=True, help="The second of a pair.")
def controller(home: Home, standby: bool) -> int:
    """Be one controller, for containers and service supervisors.

    Each waits until nobody leads, following what the leader does, and then takes over with every
    call as it is. The second of a pair tells how it is on a port of its own.
    """
    with uncollected():  # the rest of the product, which `up` does not need
        from telephony.app import run_controller

    home.instance()
    return asyncio.run(run_controller(home, standby=standby))
