"""`desk`: the desk server."""

import asyncio

import click

from config.home import Home
from telephony.cli.loading import uncollected
from telephony.cli.options import home_option
from telephony.cli.problems import Problem


@click.command()
@home_option
def desk(home: Home) -> int:
    """Be the desk 窓口サーバー alone, for containers and service supervisors.

    It serves the pages and the API on port N+80. Calls do not depend on it.
    """
    with uncollected():  # HTTP, accounts: only this command needs them
        from agents.app import CannotServe, run_desk

    home.instance()
    try:
        return asyncio.run(run_desk(home))
    except CannotServe as why:
        raise Problem(str(why)) from None
