"""Signed letters between machines, as the Standard Webhooks do it: id, instant, signature.

The signature is an HMAC-SHA256 over `id.instant.body` under a key that both sides know. The first
key signs and every key is believed, so a key is changed by putting the new one before the old.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, ConfigDict

from agents.web.problems import Problem

ID: Final = "webhook-id"
AT: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
VERSION: Final = "v1,"
KEY_PREFIX: Final = "whsec_"
KEY_AT_LEAST: Final = 24  # bytes
BELIEVED_FOR: Final = 300.0  # seconds before or after the instant it names
MOST_SIGNATURES: Final = 8
LONGEST_ID: Final = 80


class NoKey(ValueError):
    """What is configured as a key is none."""


class Letter(BaseModel):
    """What came: a route that takes one is asked by a machine, and checks who signed it."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: str
    signatures: str
    body: bytes

    @classmethod
    def of(cls, headers: Mapping[str, str], body: bytes) -> "Letter":
        """As it lies in a request."""
        told = (headers.get(name, "") for name in (ID, AT, SIGNATURE))
        id_, at, signatures = told
        return cls(id=id_, at=at, signatures=signatures, body=body)


@dataclass(frozen=True, slots=True)
class Seal:
    """The keys that both sides know, the one that signs first."""

    keys: Sequence[bytes] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> "Seal":
        """One key a line, `whsec_` and base64; raises NoKey."""
        keys = [_key(line.strip()) for line in text.splitlines() if line.strip()]
        if not keys:
            raise NoKey("it is empty")
        return cls(tuple(keys))

    def headers(self, id_: str, at: int, body: bytes) -> dict[str, str]:
        """What goes with a body that leaves."""
        signed = _signed(self.keys[0], id_, str(at), body)
        return {ID: id_, AT: str(at), SIGNATURE: f"{VERSION}{signed}"}

    def opened(self, letter: Letter, now: float) -> bytes:
        """The body, if one of the keys signed it and it is of these minutes; else a Problem."""
        if not (_is_id(letter.id) and _is_fresh(letter.at, now) and self._is_ours(letter)):
            raise not_signed()
        return letter.body

    def _is_ours(self, letter: Letter) -> bool:
        given = letter.signatures.split(" ")[:MOST_SIGNATURES]
        ours = [f"{VERSION}{_signed(key, letter.id, letter.at, letter.body)}" for key in self.keys]
        # Every pair is compared, so that how long it takes tells nothing.
        same = [
            hmac.compare_digest(a.encode(errors="replace"), b.encode()) for a in given for b in ours
        ]
        return any(same)


def not_signed() -> Problem:
    """The same for whatever is wrong with it."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "署名を確かめられません。鍵と時計を確かめてください。",
        "The signature cannot be verified: check the key and the clock.",
    )


def _key(line: str) -> bytes:
    if not line.startswith(KEY_PREFIX):
        raise NoKey(f"a key begins with {KEY_PREFIX}")
    try:
        key = base64.b64decode(line.removeprefix(KEY_PREFIX), validate=True)
    except ValueError:
        raise NoKey("a key is base64") from None
    if len(key) < KEY_AT_LEAST:
        raise NoKey(f"a key has {KEY_AT_LEAST} bytes at least")
    return key


def _signed(key: bytes, id_: str, at: str, body: bytes) -> str:
    told = b".".join((id_.encode(), at.encode(), body))
    return base64.b64encode(hmac.digest(key, told, "sha256")).decode("ascii")


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()


def _is_fresh(at: str, now: float) -> bool:
    digits = at.isascii() and at.isdecimal() and len(at) <= len("9999999999")
    return digits and abs(int(at) - now) <= BELIEVED_FOR
