"""What the files of the catalogue say, checked when the desk starts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal
from unicodedata import category

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Counts = Literal[
    "done", "transferred", "escalated", "open", "excluded", "abuse", "outbound"
]  # fmt: skip
Needed = Literal["note"]

NEVER_SHOWN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _shown(text: str) -> str:
    """Nothing in it that turns the words beside it around, or that nobody sees."""
    if any(category(each) in NEVER_SHOWN for each in text) or not text.strip():
        raise ValueError("may hold no control or invisible characters, and must say something")
    return text


Said = Annotated[str, Field(min_length=1), AfterValidator(_shown)]


class Word(BaseModel):
    """What people read, in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ja: Said
    en: Said


class Topic(Word):
    """A reason that can be chosen, from its first to its last day."""

    since: date | None = None
    until: date | None = None

    def may_be_chosen(self, on: date) -> bool:
        """On this day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class Group(Word):
    """The reasons of one subject."""

    topics: Mapping[Code, Topic]


class Disposition(Word):
    """What came of a call."""

    counts: Counts
    needs: tuple[Needed, ...] = ()
    fills: tuple[Code, ...] = ()  # reasons that go with it
    key: Annotated[str, Field(pattern=r"^[a-z]$")] | None = None  # chooses it, outside of texts


class Pause(Word):
    """A reason to take no calls."""

    locks: bool = False  # the page is locked and blanked


class Work(Word):
    """What is done between calls, counted in pieces."""

    pieces: Said


class Menu(Word):
    """What a menu path says, and what it fills in."""

    reason: Code | None = None
    disposition: Code | None = None


class Flag(Word):
    """Something that is true of a call besides; `which`: one of these must be said with it."""

    which: Mapping[Code, Word] = {}


class Dispositions(BaseModel):
    """`dispositions.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dispositions: Mapping[Code, Disposition]
    flags: Mapping[Code, Flag]
    overrun: Mapping[Code, Word]


class States(BaseModel):
    """`states.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pauses: Mapping[Code, Pause]
    given: Mapping[Code, Word]
    works: Mapping[Code, Work]
    states: Mapping[Code, Word]
    lines: Mapping[Code, Word]
