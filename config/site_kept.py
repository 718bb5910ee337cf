"""The site that was last in order, kept in the home: a mistake in a file ends no service."""

from collections.abc import Sequence
from pathlib import Path

from config.documents import Fault
from config.files import write_if_changed
from config.site import Site, SiteFaults, describe, load, revive


def load_or_kept(directory: Path, kept: Path) -> tuple[Site, Sequence[Fault]]:
    """The directory's site, or the one kept, with the directory's faults.

    `SiteFaults` when the directory has faults and nothing was kept.
    """
    try:
        site = load(directory)
    except SiteFaults as wrong:
        try:
            return revive(kept.read_text(encoding="utf-8")), wrong.faults
        except FileNotFoundError:
            raise wrong from None
    write_if_changed(kept, describe(site))
    return site, ()
