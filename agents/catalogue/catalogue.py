"""The catalogue, read whole and proved once: every code that one file uses is in another."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from agents.catalogue.files import CatalogueFault, shaped
from agents.catalogue.shapes import Code, Dispositions, Group, Menu, States, Topic

SHIPPED: Final = Path(__file__).parent
MOST_REASONS: Final = 3
TAKEN: Final = frozenset("rawnhlv")  # keys of the page

__all__ = ["MOST_REASONS", "Catalogue", "CatalogueFault", "load"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything people choose from."""

    groups: Mapping[Code, Group]
    outcomes: Dispositions
    states: States
    menus: Mapping[str, Menu]

    @property
    def topics(self) -> dict[Code, Topic]:
        """Every reason by its code."""
        groups = self.groups.values()
        return {code: topic for group in groups for code, topic in group.topics.items()}

    def menu(self, path: str) -> Menu | None:
        """What the caller chose: the longest path that is known, "1/2" before "1"."""
        keys = path.split("/")
        for length in range(len(keys), 0, -1):
            if (menu := self.menus.get("/".join(keys[:length]))) is not None:
                return menu
        return None


def load(site: Path | None = None) -> Catalogue:
    """The shipped catalogue, with a site's own files in the place of those of the same name."""
    found = Catalogue(
        shaped(SHIPPED, site, "reasons", TypeAdapter(Mapping[Code, Group])),
        shaped(SHIPPED, site, "dispositions", TypeAdapter(Dispositions)),
        shaped(SHIPPED, site, "states", TypeAdapter(States)),
        shaped(SHIPPED, site, "menus", TypeAdapter(Mapping[str, Menu])),
    )
    for fault in (*_unknown(found), *_doubled(found)):
        raise CatalogueFault(fault)
    return found


def _doubled(of: Catalogue) -> Iterator[str]:
    known: set[str] = set(TAKEN)
    for code, disposition in of.outcomes.dispositions.items():
        if disposition.key in known:
            yield f"dispositions.yaml: {code} has the key {disposition.key}, which is taken"
        if disposition.key is not None:
            known.add(disposition.key)


def _unknown(of: Catalogue) -> Iterator[str]:
    topics, dispositions = of.topics, of.outcomes.dispositions
    for code, disposition in dispositions.items():
        for reason in disposition.fills:
            if reason not in topics:
                yield f"dispositions.yaml: {code} fills {reason}, which is no reason"
    for path, menu in of.menus.items():
        if menu.reason is not None and menu.reason not in topics:
            yield f"menus.yaml: {path} fills {menu.reason}, which is no reason"
        if menu.disposition is not None and menu.disposition not in dispositions:
            yield f"menus.yaml: {path} fills {menu.disposition}, which is no disposition"
