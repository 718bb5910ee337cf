"""How a call ended, and whose doing it was."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Whose doing an end was."""

    US = "us"
    THEM = "them"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended."""

    status: int  # final status of the INVITE: 200 for a call that was answered
    reason: str
    by: Side
    cause: str = ""  # Reason header of their BYE or CANCEL, e.g. "Q.850;cause=16"
