"""Asking what runs, with its absence told in a sentence."""

from typing import Any

from config.home import Home
from telephony.cli.problems import Problem
from telephony.link.client import Link, NoController
from telephony.supervisor import control


def link_of(home: Home) -> Link:
    """The controller's socket; `NoSystemError` where no system was ever started."""
    home.instance()
    return Link(home.controller_socket, lambda: _is_kept(home))


async def _is_kept(home: Home) -> bool:
    """Whether a supervisor sees to a next controller."""
    return await parts(home) is not None


async def centre(home: Home) -> dict[str, Any]:
    """What the controller tells of itself."""
    try:
        return await link_of(home).status()
    except NoController:
        raise Problem(await why_nobody_answers(home)) from None


async def parts(home: Home) -> list[dict[str, Any]] | None:
    """The supervisor's parts; None where there is no supervisor."""
    home.instance()
    try:
        return await control.parts(home)
    except (control.NoSupervisor, control.NotBack):
        return None


async def why_nobody_answers(home: Home) -> str:
    """Whether to wait or to start something."""
    known = await parts(home)
    if known is None:
        return f"nothing is running on {home.path}: start it with `madoguchi up --home {home.path}`"
    states = ", ".join(f"{part['name']} {part['state']}" for part in known)
    return f"the controller of {home.path} does not answer yet ({states})"
