"""From the headers of an INVITE to the caller: number, kind and label.

The order matters. In Japan the network says *why* there is no number in the display name, beside
an anonymous address, so the name is read first: by the address alone a payphone would be filed as
a caller who withheld the number. A wish not to be known is honoured whatever another header says.
"""

import hmac
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from telephony.caller_id import remote_party
from telephony.caller_id.address import Address, clean, parse
from telephony.caller_id.numbers import E164, classify
from telephony.caller_id.remote_party import Hidden, RemoteParty

_MIN_SECRET: Final = 16  # bytes


class CallerKind(StrEnum):
    """The kind of number that called, or why there is none."""

    FIXED = "fixed"
    MOBILE = "mobile"
    IP = "ip"
    TOLL_FREE = "toll_free"
    SPECIAL = "special"
    FOREIGN = "foreign"
    EXTENSION = "extension"  # by its form only: it proves nothing about where the call is from
    WITHHELD = "withheld"
    PAYPHONE = "payphone"
    UNAVAILABLE = "unavailable"
    SERVICE_CONFLICT = "service_conflict"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """What a screen shows; free of personal data."""
        return _LABELS[self]


_LABELS: Final = {
    CallerKind.FIXED: "固定電話",
    CallerKind.MOBILE: "携帯電話",
    CallerKind.IP: "IP電話",
    CallerKind.TOLL_FREE: "フリーダイヤル",
    CallerKind.SPECIAL: "特殊番号",
    CallerKind.FOREIGN: "国際電話",
    CallerKind.EXTENSION: "内線形式",
    CallerKind.WITHHELD: "非通知",
    CallerKind.PAYPHONE: "公衆電話",
    CallerKind.UNAVAILABLE: "表示圏外",
    CallerKind.SERVICE_CONFLICT: "表示圏外(サービス競合)",
    CallerKind.UNKNOWN: "不明",
}

# Beginnings of display names. A PBX between the carrier and us may write them in its own words.
_REASONS: Final = (
    ("coin line", CallerKind.PAYPHONE),
    ("公衆電話", CallerKind.PAYPHONE),
    ("interaction with other service", CallerKind.SERVICE_CONFLICT),
    ("unavailable", CallerKind.UNAVAILABLE),
    ("表示圏外", CallerKind.UNAVAILABLE),
    ("anonymous", CallerKind.WITHHELD),
    ("非通知", CallerKind.WITHHELD),
)
_HIDES_NUMBER: Final = frozenset({"id", "user", "header", "full"})  # RFC 3323, 3325, and older


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as the network tells and the caller allows; prints without the number."""

    number: E164 | None = field(repr=False)
    kind: CallerKind
    shown: str  # the kind's label
    # Display name, printable, at most 64 characters; outside text all the same.
    name: str = field(default="", repr=False)
    # The number as it arrived; all there is when it has no E.164 form.
    told: str | None = field(default=None, repr=False)


def identify(
    from_header: str, pai: str, privacy: str, rpid: str = "", *, trust_pai: bool
) -> Caller:
    """The caller behind four URI-encoded headers; what asserts a number counts only from a trunk.

    P-Asserted-Identity outranks Remote-Party-ID, and both From. Of what they say about privacy the
    strictest holds.
    """
    sender = next(iter(parse(from_header)), Address())
    remote = remote_party.read(rpid) if trust_pai else RemoteParty()
    asserted = [*parse(pai), *remote.addresses] if trust_pai else []
    reason = _reason(sender, asserted, privacy)
    if reason is None and remote.hidden is Hidden.NUMBER:
        reason = CallerKind.WITHHELD
    if reason is not None:
        return _nameless(reason)
    found = _named(sender, asserted)
    return replace(found, name="") if remote.hidden is Hidden.NAME else found


def _named(sender: Address, asserted: list[Address]) -> Caller:
    """By the first address that has a number."""
    for address in (*asserted, sender):
        number, kind = classify(address.user, address.context)
        if number is not None:
            return _numbered(number, CallerKind(kind), address, sender.name)
    _, kind = classify(sender.user, sender.context)
    return _numbered(None, CallerKind(kind), sender, sender.name)


def caller_key(secret: bytes, caller: Caller) -> str | None:
    """A key that is the same for every form of one number and tells nobody the number."""
    if len(secret) < _MIN_SECRET:
        raise ValueError("the caller key's secret is too short")
    return None if caller.number is None else number_key(secret, caller.number)


def number_key(secret: bytes, number: str) -> str:
    """The key of whoever has this number, in E.164."""
    return hmac.digest(secret, number.encode(), "sha256").hex()


def _reason(sender: Address, asserted: list[Address], privacy: str) -> CallerKind | None:
    """Why the caller has no number for us, None where there may be one."""
    named = [kind for kind in map(_named_reason, (sender, *asserted)) if kind is not None]
    if named:
        return named[0]
    if sender.is_anonymous or any(address.is_anonymous for address in asserted):
        return CallerKind.WITHHELD
    wishes = {wish.strip().casefold() for wish in re.split("[;,]", unquote(privacy))}
    return CallerKind.WITHHELD if wishes & _HIDES_NUMBER else None


def _named_reason(address: Address) -> CallerKind | None:
    """The reason in the display name; only a wish or a payphone outranks a number beside it."""
    name = address.name.casefold()
    kind = next((kind for start, kind in _REASONS if name.startswith(start)), None)
    if kind in {CallerKind.UNAVAILABLE, CallerKind.SERVICE_CONFLICT}:
        return None if classify(address.user, address.context)[0] else kind
    return kind


def _nameless(kind: CallerKind) -> Caller:
    return Caller(None, kind, kind.label)


def _numbered(number: E164 | None, kind: CallerKind, address: Address, name: str) -> Caller:
    return Caller(number, kind, kind.label, address.name or name, clean(address.user) or None)
