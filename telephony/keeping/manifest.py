"""What a backup says of itself, in its last member: every other one, and the figures to compare."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from pydantic import TypeAdapter, ValidationError

from telephony.keeping.sealed import Unreadable

FORMAT: Final = 1
NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the backup."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class LastCall:
    """The call that arrived last."""

    id: str
    arrived_at: float


@dataclass(frozen=True, slots=True)
class Pen:
    """One site's row in `controller`: who wrote, and how far the journal had been written."""

    epoch: int
    cursor_epoch: int
    cursor_seq: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The records at the backup's one instant; a restored database must give the same."""

    revision: str  # of the schema
    rows: Mapping[str, int]  # by table
    outcomes: Mapping[str, int] = field(default_factory=dict)  # calls; "" are those still open
    last_call: LastCall | None = None
    pens: Mapping[str, Pen] = field(default_factory=dict)  # by site

    @property
    def epoch(self) -> int:
        """The newest leader's."""
        return max((pen.epoch for pen in self.pens.values()), default=0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last, when everything else is known."""

    format: int
    version: str  # of the product
    taken_at: float
    engine: str  # sqlite or postgresql
    figures: Figures
    members: Mapping[str, Member]
    left_out: tuple[str, ...] = ()  # links and other things that are no files


_SHAPE: Final = TypeAdapter(Manifest)


def to_json(manifest: Manifest) -> bytes:
    """For the file."""
    return _SHAPE.dump_json(manifest, indent=2)


def from_json(text: bytes) -> Manifest:
    """Raises Unreadable."""
    try:
        return _SHAPE.validate_json(text)
    except ValidationError:
        raise Unreadable("it was written by a later version: its manifest is another") from None


def described(manifest: Manifest) -> dict[str, object]:
    """For scripts: all but the list of members."""
    told = asdict(manifest)
    return told | {"members": len(manifest.members), "epoch": manifest.figures.epoch}
