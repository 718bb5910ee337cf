"""What is told in sentences instead of a traceback."""

from collections.abc import Iterable

import click

from config.home import NoSystemError, UnusableHomeError
from config.ports import BadPortBaseError
from telephony.runtime.errors import SetUpFault

WRONG = 2  # the status of a mistake, as of a wrong option


class Problem(click.ClickException):
    """One sentence for the person at the keyboard."""

    exit_code = WRONG


TOLD = (NoSystemError, UnusableHomeError, BadPortBaseError, SetUpFault)


def say_problem(lines: Iterable[str]) -> int:
    """Tell it on stderr; the status to leave with."""
    for line in lines:
        click.echo(f"madoguchi: {line}", err=True)
    return WRONG
