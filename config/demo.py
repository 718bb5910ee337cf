"""The people of the demo site: one a seat, and one of each other role."""

from typing import Final

from config.site_model import Site

OTHERS: Final = ("manager", "city", "approver", "auditor", "admin", "display")


def demo_names(site: Site) -> tuple[str, ...]:
    """The names they sign in with, which are also the names of their addresses."""
    return (*sorted(site.seats), *OTHERS)
