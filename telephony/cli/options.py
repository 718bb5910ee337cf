"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from config.home import Home

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_HOME: Final = Path("var")
DIRECTORY: Final = click.Path(exists=True, file_okay=False, path_type=Path)


def _home(_ctx: click.Context, _option: click.Parameter, given: Path) -> Home:
    return Home.at(given)


def home_option(command: Command) -> Command:
    """`--home`, handed over as a Home."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=DEFAULT_HOME,
        show_default=True,
        callback=_home,
        metavar="DIR",
        help="Where all state of the system lies.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="For scripts.")(command)
