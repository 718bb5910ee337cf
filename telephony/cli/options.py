"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from config.home import Home
from config.ports import DEFAULT_BASE

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_HOME: Final = Path("var")
DIRECTORY: Final = click.Path(exists=True, file_okay=False, path_type=Path)
DEMO_SITE: Final = Path(__file__).parents[2] / "config" / "site"


def _home(_ctx: click.Context, _option: click.Parameter, given: Path) -> Home:
    return Home.at(given)


def _site(ctx: click.Context, _option: click.Parameter, given: Path | None) -> Path:
    own: Path = ctx.params["home"].own_site
    return given or (own if own.is_dir() else DEMO_SITE)


def home_option(command: Command) -> Command:
    """`--home`, handed over as a Home."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path),
        default=DEFAULT_HOME,
        show_default=True,
        callback=_home,
        is_eager=True,  # other options look into it
        metavar="DIR",
        help="Where all state of the system lies.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="For scripts.")(command)


def port_base_option(command: Command) -> Command:
    """`--port-base`, from which every port is computed."""
    return click.option(
        "--port-base", type=int, default=DEFAULT_BASE, show_default=True, metavar="N"
    )(command)


def site_option(command: Command) -> Command:
    """`--site`, of a command that has `--home`, too."""
    return click.option(
        "--site",
        type=DIRECTORY,
        callback=_site,
        metavar="DIR",
        help="The site's configuration.  [default: that of a restored home, else the demo site]",
    )(command)
