"""What rings at a page and was not answered yet.

A page that goes takes its telephone along, and Asterisk would ring the closed socket until the time
for it is over. Whoever relays a request and cannot reach its end any more answers it (RFC 3261
section 16.9), here with 480: the caller goes on to somebody else, or waits for the page to be back.
"""

import re
from typing import Final

MOST: Final = 16  # calls that ring at one page; Asterisk rings one
_HEADER: Final = re.compile(r"(?im)^(Via|v|From|f|To|t|Call-ID|i|CSeq)[ \t]*:[ \t]*([^\r\n]*)")
_NAMES: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id"}


class Unanswered:
    """The first INVITE of each dialog, by its Call-ID."""

    def __init__(self) -> None:
        self._rings: dict[str, str] = {}

    def came(self, message: str) -> None:
        """From Asterisk to the page."""
        method = message.partition(" ")[0]
        if method not in ("INVITE", "CANCEL"):
            return
        head = _headers(message)
        if method == "CANCEL":
            self._rings.pop(_one(head, "call-id"), None)
        elif ";tag=" not in _one(head, "to").lower() and len(self._rings) < MOST:
            self._rings[_one(head, "call-id")] = _refusal(head)

    def went(self, message: str) -> None:
        """From the page to Asterisk: a final answer."""
        version, _, rest = message.partition(" ")
        if version != "SIP/2.0" or rest.startswith("1"):
            return
        head = _headers(message)
        if _one(head, "cseq").endswith("INVITE"):
            self._rings.pop(_one(head, "call-id"), None)

    def refusals(self) -> tuple[str, ...]:
        """One for each, in the page's stead; nothing is unanswered then."""
        told = tuple(self._rings.values())
        self._rings.clear()
        return told


def _headers(message: str) -> list[tuple[str, str]]:
    found = _HEADER.findall(message.partition("\r\n\r\n")[0])
    return [(_NAMES.get(name.lower(), name.lower()), told.strip()) for name, told in found]


def _one(head: list[tuple[str, str]], name: str) -> str:
    return next((told for known, told in head if known == name), "")


def _refusal(head: list[tuple[str, str]]) -> str:
    """RFC 3261 section 8.2.6.2: what the request said, and a tag of whoever answers."""
    lines = [
        "SIP/2.0 480 Temporarily Unavailable",
        *(f"Via: {told}" for name, told in head if name == "via"),
        f"From: {_one(head, 'from')}",
        f"To: {_one(head, 'to')};tag=gone",
        f"Call-ID: {_one(head, 'call-id')}",
        f"CSeq: {_one(head, 'cseq')}",
        "Content-Length: 0",
    ]
    return "\r\n".join((*lines, "", ""))
