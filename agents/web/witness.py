"""What the plumbing needs of others: who somebody is, and that it is written down what they did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.people import Caller


@dataclass(frozen=True, slots=True)
class Deed:
    """Who saw or did what: one line of the audit log, before it has its place there."""

    at: float
    word: str
    who: str | None = None  # a user's id; None where nobody was known
    role: str | None = None
    seat: str | None = None
    session: str | None = None
    object: str | None = None  # what it was done to, such as a call's id
    outcome: str = "done"
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)


def deed_of(caller: Caller | None, at: float, word: str, **told: str | None) -> Deed:
    """A line about this person; `told` may name `object` and `outcome`."""
    who = (
        {}
        if caller is None
        else {
            "who": caller.user,
            "role": caller.role.value,
            "seat": caller.seat,
            "session": caller.session,
        }
    )
    return Deed(at, word, **{**who, **told})  # type: ignore[arg-type]  # all of them texts


class Witness(Protocol):
    """Writes it down; an answer leaves only afterwards."""

    async def note(self, deed: Deed) -> None:
        """Append one line, or raise `DatabaseFailed`."""


class Doorkeeper(Protocol):
    """Knows whose session a cookie is."""

    async def caller(self, token: str, now: float, *, acts: bool) -> Caller | None:
        """Whoever may use it at this instant; to act is a sign of life, to look is none."""
