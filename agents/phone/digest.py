"""The page's proof that it knows its secret, exchanged for Asterisk's own.

Asterisk asks each registration for a digest (RFC 8760, RFC 2617). The page answers with the secret
of its session, which Asterisk does not know; whoever relays checks that and answers anew with the
password that never leaves this machine. So a secret is worth nothing without its socket, and
nothing anywhere once it was replaced.
"""

import hmac
import re
from hashlib import md5
from typing import Final

_LINE: Final = re.compile(r"(?im)^(?P<name>Authorization|Proxy-Authorization):[ \t]*(?P<told>.*)$")
_FIELD: Final = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class NotProven(Exception):
    """Whoever sent this does not know the secret, or is somebody else."""


def exchanged(message: str, user: str, secret: str, password: str) -> str:
    """The message as Asterisk wants it; one that proves nothing yet stays as it is.

    Raises NotProven.
    """
    head, blank, body = message.partition("\r\n\r\n")
    if not blank:
        raise NotProven("no SIP message")
    method = head.partition(" ")[0]
    proven = _LINE.sub(lambda line: _line(line, method, user, (secret, password)), head)
    return f"{proven}{blank}{body}"


def _line(line: re.Match[str], method: str, user: str, keys: tuple[str, str]) -> str:
    told = line["told"].rstrip("\r")
    fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(told)}
    if not told.lower().startswith("digest ") or fields.get("username") != user:
        raise NotProven("another user")
    if fields.get("algorithm", "MD5").upper() != "MD5":
        raise NotProven("another algorithm")
    known, wanted = (_response(fields, method, user, key) for key in keys)
    given = fields.get("response", "")
    if not hmac.compare_digest(known.encode(), given.encode()):
        raise NotProven("a stale secret")
    return f"{line['name']}: {told.replace(given, wanted)}\r"


def _response(fields: dict[str, str], method: str, user: str, key: str) -> str:
    first = _hex(f"{user}:{fields.get('realm', '')}:{key}")
    second = _hex(f"{method}:{fields.get('uri', '')}")
    if "qop" in fields:
        between = [fields.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
    else:
        between = [fields.get("nonce", "")]
    return _hex(":".join((first, *between, second)))


def _hex(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
