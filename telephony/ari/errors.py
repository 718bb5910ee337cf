"""What Asterisk's "no" means: refused, gone, or nobody there.

Which refusals mean *gone* is decided here and nowhere else. The status alone does not say: a
channel that has ended is 404 to a channel operation but 400 to a bridge operation, one that is
not (or not yet, or no longer) under our control is 409 to the first and 422 to the second, and
409 also means "that id is taken". So the table pairs statuses with the words that follow them.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

_GONE_WORDS: Final[Mapping[int, tuple[str, ...]]] = {
    HTTPStatus.BAD_REQUEST: ("channel not found", "originator channel was not found"),
    HTTPStatus.CONFLICT: ("not in stasis", "not in a stasis"),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("not in stasis", "not in this bridge"),
}


class AriError(Exception):
    """Asterisk answered and refused; `status` is its HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text

    def __str__(self) -> str:
        return f"{self.status} {self.text}"


class AriGoneError(AriError):
    """The resource has ended, or is not under our application's control."""


class AriNoBridgeError(AriGoneError):
    """The bridge is not there; of the channel that was to enter it this says nothing."""


class AriDuplicateError(AriError):
    """The id we chose exists already, so an earlier attempt of ours succeeded."""


class AriUnreachable(AriError):
    """No answer: connection trouble or time-out; the request may have been carried out."""

    def __init__(self, text: str) -> None:
        super().__init__(0, text)


def refusal(status: int, text: str) -> AriError:
    """Sort one refusal into its kind."""
    said = text.lower()
    if status == HTTPStatus.NOT_FOUND and "bridge not found" in said:
        return AriNoBridgeError(status, text)
    if status == HTTPStatus.NOT_FOUND or any(w in said for w in _GONE_WORDS.get(status, ())):
        return AriGoneError(status, text)
    if status == HTTPStatus.CONFLICT and "exist" in said:
        return AriDuplicateError(status, text)
    return AriError(status, text)
