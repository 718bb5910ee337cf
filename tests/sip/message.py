"""SIP messages as values: parsed, built and read (the part of RFC 3261 a telephone needs)."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

from tests.sip.udp import Address

Headers = tuple[tuple[str, str], ...]

_LONG = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "k": "supported",
}
_REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    503: "Service Unavailable",
    603: "Decline",
}
_LIST_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<]*>)')
_QUOTED = re.compile(r'^\s*"((?:[^"\\]|\\.)*)"')
_URI = re.compile(r"^sips?:(?:(?P<user>[^@]*)@)?(?P<host>[^:;?>]+)(?::(?P<port>\d+))?")


class Malformed(ValueError):
    """Bytes that are no SIP message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(ABC):
    """What requests and responses share; bytes that are not UTF-8 survive both ways."""

    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of a header, empty when it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def values(self, name: str) -> list[str]:
        """Every value of a header that may be repeated or comma-separated."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return [item.strip() for value in found for item in _LIST_COMMA.split(value)]

    def having(self, *headers: tuple[str, str]) -> Self:
        """A copy in which these headers replace those of the same name."""
        names = {name.lower() for name, _ in headers}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return replace(self, headers=kept + headers)

    @property
    def call_id(self) -> str:
        """The Call-ID as sent."""
        return self.header("Call-ID")

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of CSeq."""
        number, _, method = self.header("CSeq").partition(" ")
        return int(number), method.strip()

    @property
    def branch(self) -> str:
        """Branch of the topmost Via."""
        return params_of(next(iter(self.values("Via")), "")).get("branch", "")

    def encode(self) -> bytes:
        """Bytes for the wire, with a true Content-Length."""
        lines = [self.start_line, *(f"{name}: {value}" for name, value in self.headers)]
        head = "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""])
        return head.encode("utf-8", "surrogateescape") + self.body

    @property
    @abstractmethod
    def start_line(self) -> str:
        """The first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """A SIP request."""

    method: str
    uri: str

    @property
    def start_line(self) -> str:
        """Method and Request-URI."""
        return f"{self.method} {self.uri} SIP/2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """A SIP response."""

    status: int
    reason: str

    @property
    def start_line(self) -> str:
        """Status and reason."""
        return f"SIP/2.0 {self.status} {self.reason}"


def parse(datagram: bytes) -> Request | Response:
    """One datagram as a message; raises `Malformed`."""
    head, _, body = datagram.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = tuple(_header(line) for line in _unfolded(lines))
    fields = first.split(" ", 2)
    if len(fields) != 3:
        raise Malformed(f"no start line: {first[:80]!r}")
    message = _with_start_line(fields, headers, body)
    if not re.match(r"\d+ +\w+", message.header("CSeq")) or not message.branch:
        raise Malformed(f"no CSeq or no branch: {first[:80]!r}")
    return message


def respond(request: Request, status: int, to_tag: str = "", reason: str = "") -> Response:
    """The response skeleton RFC 3261 §8.2.6 asks for."""
    copied = ("via", "from", "to", "call-id", "cseq", "record-route")
    headers = [pair for pair in request.headers if pair[0].lower() in copied]
    if to_tag and not tag_of(request.header("To")):
        headers = [
            (name, f"{value};tag={to_tag}" if name.lower() == "to" else value)
            for name, value in headers
        ]
    reason = reason or _REASONS.get(status, "Unnamed")
    return Response(status=status, reason=reason, headers=tuple(headers))


def uri_of(value: str) -> str:
    """The URI inside a name-addr or addr-spec."""
    rest = _QUOTED.sub("", value)
    if "<" in rest:
        return rest.partition("<")[2].partition(">")[0]
    return rest.partition(";")[0].strip()


def display_of(value: str) -> str:
    """The display name before a URI, without its quotes."""
    quoted = _QUOTED.match(value)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    return value.partition("<")[0].strip() if "<" in value else ""


def params_of(value: str) -> dict[str, str]:
    """The parameters behind a header's URI (not those inside the angle brackets)."""
    rest = _QUOTED.sub("", value)
    rest = rest.partition(">")[2] if "<" in rest else rest.partition(";")[2]
    pairs = (part.partition("=") for part in rest.split(";") if part.strip())
    return {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}


def tag_of(value: str) -> str:
    """The tag of a From or To value."""
    return params_of(value).get("tag", "")


def user_of(uri: str) -> str:
    """The user part of a SIP URI."""
    found = _URI.match(uri)
    return (found["user"] or "") if found else ""


def address_of(uri: str) -> Address:
    """Where a SIP URI is reached over UDP."""
    found = _URI.match(uri)
    if not found:
        raise Malformed(f"not a SIP URI: {uri!r}")
    return found["host"], int(found["port"] or 5060)


def _with_start_line(fields: list[str], headers: Headers, body: bytes) -> Request | Response:
    if fields[0] != "SIP/2.0":
        return Request(method=fields[0], uri=fields[1], headers=headers, body=body)
    if not fields[1].isdigit():
        raise Malformed(f"status is no number: {fields[1]!r}")
    return Response(status=int(fields[1]), reason=fields[2], headers=headers, body=body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    name = name.strip()
    return _LONG.get(name.lower(), name), value.strip()


def _unfolded(lines: list[str]) -> list[str]:
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1] += " " + line.strip()
        elif line:
            unfolded.append(line)
    # Content-Length is written anew on the way out.
    return [line for line in unfolded if not line.lower().startswith(("content-length", "l:"))]
