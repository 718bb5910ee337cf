"""`madoguchi`: every command of the product.

A command's module is imported when it is asked for, so that `madoguchi agent a01 ready` need not
load what `madoguchi up` needs. A mistake or an absence is one sentence on stderr and status 2.
"""

import sys
from importlib import import_module
from typing import Final

import click

from telephony.cli.loading import uncollected
from telephony.cli.problems import TOLD, say_problem

MODULES: Final = {
    "up": "operating",
    "restart": "operating",
    "controller": "operating",
    "desk": "desk",
    "users": "accounts",
    "audit": "accounts",
    "prepare": "preparing",
    "status": "looking",
    "lines": "looking",
    "agents": "looking",
    "agent": "people",
    "seats": "people",
    "calls": "records",
    "callbacks": "callbacks",
    "bookings": "bookings",
    "backup": "keeping",
    "restore": "keeping",
    "check": "files",
    "tls": "tls",
    "calendar": "calendar",
    "mode": "modes",
    "journal": "journal",
    "replay": "journal",
    "simulate": "simulating",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        with uncollected():
            module = import_module(f"telephony.cli.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="madoguchi", message="madoguchi %(version)s")
def madoguchi() -> None:
    """Contact-centre engine 窓口: the telephone lines of a city's call centre."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its status."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without Japanese
    try:
        status = madoguchi.main(arguments, "madoguchi", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as unsaid:
        unsaid.show()
        status = unsaid.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = 130  # as shells say it of Ctrl-C
    except click.ClickException as wrong:
        status = say_problem([wrong.format_message()])
    except TOLD as problem:
        status = say_problem([str(problem)])
    sys.exit(status)
