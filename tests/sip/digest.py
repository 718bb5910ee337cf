"""Digest authentication, both sides of it (RFC 2617, RFC 7616, RFC 8760)."""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a telephone claims to be."""

    user: str
    password: str


def parameters(value: str) -> dict[str, str]:
    """The parameters of a challenge or an answer, names in lower case."""
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(value)}


def answer(
    challenges: Iterable[str], credentials: Credentials, method: str, uri: str
) -> str | None:
    """The Authorization value for the first challenge we can compute, if there is one."""
    for challenge in challenges:
        asked = parameters(challenge)
        algorithm = asked.get("algorithm", "MD5").upper()
        if challenge.lower().startswith("digest") and algorithm in _HASHES:
            return _authorization(asked, algorithm, credentials, (method, uri))
    return None


def is_right(value: str, password: str, method: str) -> bool:
    """Whether an Authorization value proves knowledge of the password."""
    given = parameters(value)
    algorithm = given.get("algorithm", "MD5").upper()
    if algorithm not in _HASHES or not {"username", "uri", "response"} <= given.keys():
        return False
    credentials = Credentials(given["username"], password)
    return _response(given, algorithm, credentials, (method, given["uri"])) == given["response"]


def _authorization(
    asked: dict[str, str], algorithm: str, credentials: Credentials, target: tuple[str, str]
) -> str:
    given = {
        "username": credentials.user,
        "realm": asked.get("realm", ""),
        "nonce": asked.get("nonce", ""),
        "uri": target[1],
    }
    if "auth" in [option.strip() for option in asked.get("qop", "").split(",")]:
        given |= {"cnonce": secrets.token_hex(8), "qop": "auth", "nc": "00000001"}
    given["response"] = _response(given, algorithm, credentials, target)
    if "opaque" in asked:
        given["opaque"] = asked["opaque"]
    bare = {"qop", "nc"}
    parts = [
        f"{name}={text}" if name in bare else f'{name}="{text}"' for name, text in given.items()
    ]
    return "Digest " + ", ".join([*parts, f"algorithm={algorithm}"])


def _response(
    given: dict[str, str], algorithm: str, credentials: Credentials, target: tuple[str, str]
) -> str:
    hashed = _hash(algorithm)
    secret = hashed(f"{credentials.user}:{given.get('realm', '')}:{credentials.password}")
    request = hashed(":".join(target))
    between = [given.get("nonce", "")]
    if "qop" in given:
        between += [given.get("nc", ""), given.get("cnonce", ""), given["qop"]]
    return hashed(":".join([secret, *between, request]))


def _hash(algorithm: str) -> Callable[[str], str]:
    return lambda text: _HASHES[algorithm](text.encode()).hexdigest()
