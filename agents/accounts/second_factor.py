"""One-time codes of hardware generators: HOTP (RFC 4226) and TOTP (RFC 6238). Pure.

`counter` is what a code generator and we count: presses of its button, or steps of half a minute.
Each code is good once, so that one read over a shoulder is worth nothing.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["totp", "hotp"]
STEP: Final = 30  # seconds
DRIFT: Final = 2  # steps that a generator's clock may be off
AHEAD: Final = 10  # presses that never reached us
RESYNC_AHEAD: Final = 100  # the same, where two codes in a row prove it
SHORTEST_SECRET: Final = 16  # bytes; RFC 4226 asks for 128 bits


class BadSecret(ValueError):
    """The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Generator:
    """A code generator as we know it."""

    kind: Kind
    secret: bytes
    counter: int = 0  # the lowest that is still good
    digits: int = 6
    algorithm: str = "sha1"


def code(generator: Generator, counter: int) -> str:
    """What it shows at this count."""
    digest = hmac.new(generator.secret, counter.to_bytes(8), generator.algorithm).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return str(number % 10**generator.digits).zfill(generator.digits)


def accepted(generator: Generator, given: str, now: float) -> int | None:
    """The counter after this code, or None where it is none that is good now."""
    match generator.kind:
        case "totp":
            here = int(now // STEP)
            window = range(max(generator.counter, here - DRIFT), here + DRIFT + 1)
        case "hotp":
            window = range(generator.counter, generator.counter + AHEAD)
    return _found(generator, given, window)


def resynchronised(generator: Generator, first: str, second: str) -> int | None:
    """The counter after two codes in a row of a generator that was pressed far ahead."""
    for counter in range(generator.counter, generator.counter + RESYNC_AHEAD):
        pair = code(generator, counter) + code(generator, counter + 1)
        if hmac.compare_digest(pair.encode(), (first + second).encode()):
            return counter + 2
    return None


def _found(generator: Generator, given: str, window: range) -> int | None:
    found = None
    for counter in window:  # to the end, so that time tells nothing
        if hmac.compare_digest(code(generator, counter).encode(), given.encode()):
            found = counter + 1
    return found


def secret_of(text: str) -> bytes:
    """As makers print it: hexadecimal, or base32 with or without spaces."""
    plain = re.sub(r"[\s-]", "", text)
    try:
        if re.fullmatch(r"[0-9A-Fa-f]+", plain) and len(plain) % 2 == 0:
            secret = bytes.fromhex(plain)
        else:
            secret = base64.b32decode(plain.upper() + "=" * (-len(plain) % 8))
    except ValueError:
        raise BadSecret("the seed is neither hexadecimal nor base32") from None
    if len(secret) < SHORTEST_SECRET:
        raise BadSecret(f"the seed is shorter than {SHORTEST_SECRET} bytes")
    return secret
