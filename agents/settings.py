"""How the desk of a home is set up: from its site, or as it was when the site was last in order."""

from typing import Final

import structlog
from pydantic import TypeAdapter, ValidationError

from config.files import write_if_changed
from config.home import Home
from config.site import SiteFaults
from config.site_kept import load_or_kept
from config.site_model import Desk, Site

log = structlog.get_logger(__name__)
_SHAPE: Final = TypeAdapter(Desk)


class CannotServe(Exception):
    """The desk does not start; the text says what to do."""


def read(home: Home) -> tuple[Site, Desk]:
    """The site and how its desk is reached; a mistake in a file signs nobody out."""
    try:
        site, faults = load_or_kept(home.instance().site, home.site)
    except SiteFaults as wrong:
        raise CannotServe(f"the site has faults: {wrong.faults[0]}") from None
    for fault in faults:
        log.error("site fault, the last good settings go on", file=fault.file, line=fault.line)
    if not faults:
        write_if_changed(home.desk_settings, _SHAPE.dump_json(site.desk, indent=1).decode())
        return site, site.desk
    try:
        return site, _SHAPE.validate_json(home.desk_settings.read_bytes())
    except (OSError, ValidationError):
        return site, site.desk  # on this machine alone
