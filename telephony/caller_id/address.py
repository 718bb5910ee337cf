"""Reading a SIP header with addresses, such as From, that anybody may have written."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

MAX_TEXT: Final = 64  # characters of any outside text that may go further than this package
_MAX_HEADER: Final = 8192  # nothing honest is longer
_NAME_ADDR: Final = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^<"]*))\s*<(?P<uri>[^>]*)'
)
_VALUES: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+')


@dataclass(frozen=True, slots=True)
class Address:
    """One name and address, taken apart; every part may be empty."""

    name: str = ""
    user: str = ""
    host: str = ""
    context: str = ""  # phone-context, RFC 3966

    @property
    def is_anonymous(self) -> bool:
        """True for the address of a caller whose network hides the number (RFC 3323)."""
        return self.user.casefold() == "anonymous" or self.host == "anonymous.invalid"


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """One line of at most `limit` printable characters: no controls, no direction overrides."""
    if len(text) <= limit and text.isprintable():
        return " ".join(text.split())
    kept = (
        " " if char.isspace() else char
        for char in text[:_MAX_HEADER]
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    return " ".join("".join(kept).split())[:limit].rstrip()


def parse(header: str) -> list[Address]:
    """The addresses of one URI-encoded header; an unreadable one gives what could be read."""
    return [address(value) for value in values(header)]


def values(header: str) -> list[str]:
    """The entries of one URI-encoded header, decoded."""
    text = unquote(header[: 9 * _MAX_HEADER], errors="replace")[:_MAX_HEADER]
    return [value for value in _VALUES.findall(text) if value.strip()]


def address(value: str) -> Address:
    """One entry, taken apart."""
    match = _NAME_ADDR.match(value)
    if match is None:
        # Without angle brackets everything after the semicolon belongs to the header.
        return _uri("", value)
    quoted, token = match["quoted"], match["token"]
    name = re.sub(r"\\(.)", r"\1", quoted, flags=re.S) if quoted is not None else token
    return _uri(clean(name), match["uri"])


def _uri(name: str, uri: str) -> Address:
    scheme, rest = _scheme(uri.strip())
    user, at, host = rest.partition("@")
    if not at and scheme.startswith("sip"):
        user, host = "", rest
    user, *parameters = unquote(user, errors="replace").split(";")
    return Address(
        name=name,
        user=clean(user.partition(":")[0]),
        host=clean(re.split(r"[;:?]", host, maxsplit=1)[0]).casefold(),
        context=_context(parameters),
    )


def _scheme(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition(":")
    known = scheme.casefold()
    return (known, rest) if known in {"sip", "sips", "tel"} else ("", uri)


def _context(parameters: list[str]) -> str:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().casefold() == "phone-context":
            return value.strip()
    return ""
