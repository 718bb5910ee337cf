"""The rules of bookings as files say them, proved once: what to bring, words, slots, 転記."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter

from agents.bookings import bringing, read_back
from agents.bookings import slots as places
from agents.bookings.speech import Spelling
from agents.bookings.transcript import Transcript
from agents.catalogue.files import CatalogueFault, shaped

SHIPPED: Final = Path(__file__).parent
_BRINGING: Final = TypeAdapter(Mapping[Literal["tables"], tuple[bringing.Table, ...]])


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What holds at this site."""

    bringing: tuple[bringing.Table, ...]
    script: read_back.Script
    spelling: Spelling
    slots: places.SlotBook
    transcript: Transcript


def load(site: Path | None = None) -> BookingRules:
    """The shipped rules, with a site's own files in the place of those of the same name."""
    tables = shaped(SHIPPED, site, "bringing", _BRINGING).get("tables", ())
    script = shaped(SHIPPED, site, "script", TypeAdapter(read_back.Script))
    spelling = shaped(SHIPPED, site, "spelling", TypeAdapter(Spelling))
    book = shaped(SHIPPED, site, "sites", TypeAdapter(places.SlotBook))
    fields = shaped(SHIPPED, site, "transcript", TypeAdapter(Transcript))
    found = BookingRules(tables, script, spelling, book, fields)
    for fault in _faults(found):
        raise CatalogueFault(fault)
    return found


def _faults(found: BookingRules) -> Iterator[str]:
    if not found.bringing:
        yield "bringing.yaml: has no tables"
    yield from (f"bringing.yaml: {fault}" for fault in bringing.faults(found.bringing))
    yield from (f"script.yaml: {fault}" for fault in read_back.script_faults(found.script))
    yield from (f"sites.yaml: {fault}" for fault in places.faults(found.slots))
