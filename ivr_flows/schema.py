"""What a flow file may say: the shape of every node, each kind one class.

Shape is this module's business; whether the flow makes sense is `check.py`'s.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

DIGITS_OF_INDIVIDUAL_NUMBER: Final = 12


def _several(value: object) -> object:
    """Let an author write one prompt bare, or several as a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _named(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        raise ValueError("is no name: use small letters, digits and _, with a letter first")
    return value


def _pressable(value: str) -> str:
    if not re.fullmatch(r"[0-9#]", value):
        raise ValueError('is no key of a menu: use 0 to 9 or # (* is "again" everywhere)')
    return value


Name = Annotated[str, AfterValidator(_named)]
Prompts = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1, max_length=12)]
ChoiceKey = Annotated[str, AfterValidator(_pressable)]
Wait = Annotated[float, Field(gt=0, le=60)]
Retries = Annotated[int, Field(ge=0, le=5)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Patience(_Shape):
    """How often silence is asked again, and where it leads, when that differs from wrong keys."""

    retries: Retries = 2
    otherwise: Name


class Menu(_Shape):
    """Offers keys; a wrong key or silence is told so and asked again."""

    kind: Literal["menu"]
    prompt: Prompts
    choices: Mapping[ChoiceKey, Name] = Field(min_length=1)
    timeout: Wait = 5.0
    retries: Retries = 2
    otherwise: Name
    silence: Patience | None = None
    again: Name | None = None  # what `*` repeats, when that is more than this menu


class Say(_Shape):
    """Speaks, then goes on; a key pressed meanwhile already acts on what follows."""

    kind: Literal["say"]
    prompt: Prompts
    then: Name
    informed: bool = False  # an information end: whoever hangs up after it was served


class Collect(_Shape):
    """Takes digits that nobody but the one who needs them may see."""

    kind: Literal["collect"]
    field: Name
    accept: Literal["phone_number", "digits", "notice_number", "birth_date"]
    prompt: Prompts
    invalid: Prompts | None = None  # what is said of a bad entry; else the flow's `wrong_key`
    confirm: Prompts | None = None  # said after reading the entry back: 1 is right, 2 is not
    min_digits: int = Field(default=1, ge=1)
    max_digits: int = Field(ge=1)
    timeout: Wait = 8.0
    retries: Retries = 2
    then: Name
    otherwise: Name

    @field_validator("max_digits")
    @classmethod
    def _no_individual_number(cls, value: int) -> int:
        if value >= DIGITS_OF_INDIVIDUAL_NUMBER:
            raise ValueError(
                "must be below 12: by law a flow may not take an individual number (個人番号)"
            )
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_digits > self.max_digits:
            raise ValueError("min_digits is above max_digits, so no entry can ever be right")
        return self


class Hours(_Shape):
    """Branches on the calendar, or on a weekly table; takes no time and is never heard."""

    kind: Literal["hours"]
    table: Name | None = None  # of `hours.yaml`; without it the calendar
    service: Name | None = None  # open only while the calendar offers this
    open: Name
    closed: Name


class Known(_Shape):
    """Branches on whether the caller's number is known; takes no time and is never heard."""

    kind: Literal["caller"]
    known: Name
    unknown: Name
    left: Name | None = None  # who has left a number by keys; without it they are known


class Offered(_Shape):
    """Branches on whether the site offers something; takes no time and is never heard."""

    kind: Literal["offered"]
    what: Literal["own_booking"]
    then: Name
    otherwise: Name


class Handover(_Shape):
    """A call that overflowed: what whoever answers hears first, and when the caller has gone."""

    announce: Prompts  # `caller:number` reads the caller's number out
    ask: Prompts | None = None  # the keys: 1 solved, 2 to be called back, 3 the wrong place


class Request(_Shape):
    """Notes what the caller asks for; takes no time and is never heard."""

    kind: Literal["request"]
    what: Literal["callback"]
    then: Name


class Enqueue(_Shape):
    """Leaves the flow for a queue."""

    kind: Literal["enqueue"]
    queue: Name
    head_start: float = Field(default=0.0, ge=0, le=3600)  # seconds of waiting granted beforehand
    skill: Name | None = None


class Transfer(_Shape):
    """Leaves the flow for a published number; comes back when nobody answers there."""

    kind: Literal["transfer"]
    number: Name
    otherwise: Name
    overflow: Handover | None = None


class HangUp(_Shape):
    """Ends the call."""

    kind: Literal["hang_up"]


Node = Menu | Say | Collect | Hours | Known | Offered | Request | Enqueue | Transfer | HangUp


class Replies(_Shape):
    """What every menu of the flow says to a key it does not know, and to nothing at all."""

    wrong_key: Prompts
    silence: Prompts


class Flow(_Shape):
    """One flow: where a call starts, where a person is, and the nodes between."""

    start: Name
    person: Name  # where `0`, too long a stay and a spent budget lead
    recording_notice: str | None = None  # the prompt that tells callers they are recorded
    prompts: Replies
    nodes: Mapping[Name, Annotated[Node, Field(discriminator="kind")]] = Field(
        min_length=1, max_length=500
    )
