"""The secrets of one home: made once, kept 0600, never printed."""

import json
import secrets as randomness
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from config.files import write_atomically

BYTES: Final = 24  # 192 bits each
KEY_BYTES: Final = 32  # of what encrypts for years


class UnreadableSecretsError(RuntimeError):
    """The file is there and is not ours to replace: the caller keys in it would be lost."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only this home knows; `repr` shows none of it."""

    ari_password: str = field(repr=False)
    caller_key_secret: str = field(repr=False)
    seat_passwords: Mapping[str, str] = field(repr=False)
    archive_key: str = field(default="", repr=False)  # "": the file is older than the archive
    audit_key: str = field(default="", repr=False)  # of the audit log's chain
    factor_key: str = field(default="", repr=False)  # encrypts what code generators share with us
    browser_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)  # by seat
    demo_password: str = field(default="", repr=False)  # of the demo site's people; else ""


_SHAPE: Final = TypeAdapter(Secrets)


def ensure_secrets(path: Path, seats: Iterable[str], *, demo: bool = False) -> Secrets:
    """Read the file or make it; a seat that is new gets a password, the others keep theirs."""
    known = read_secrets(path) if path.exists() else _fresh()
    wanted = sorted(set(seats))
    added = {seat: _password() for seat in wanted if seat not in known.seat_passwords}
    browsers = {seat: _password() for seat in wanted if seat not in known.browser_passwords}
    complete = replace(
        known,
        seat_passwords={**known.seat_passwords, **added},
        browser_passwords={**known.browser_passwords, **browsers},
        archive_key=known.archive_key or randomness.token_hex(KEY_BYTES),
        audit_key=known.audit_key or randomness.token_hex(KEY_BYTES),
        factor_key=known.factor_key or randomness.token_hex(KEY_BYTES),
        demo_password=(known.demo_password or _words()) if demo else "",
    )
    if complete != known or not path.exists():
        write_atomically(path, _text(complete), 0o600)
    return complete


def read_secrets(path: Path) -> Secrets:
    """The secrets as they stand; a file that others could read is closed to them first."""
    try:
        path.chmod(0o600)
        return _SHAPE.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        # The validation error would quote the file.
        problem = error.strerror if isinstance(error, OSError) else "not the JSON we wrote"
        raise UnreadableSecretsError(
            f"{path}: {problem}; restore it from a backup, or move it away to have new secrets"
        ) from None


def _fresh() -> Secrets:
    return Secrets(_password(), _password(), {})


def _password() -> str:
    """Hex only: it goes into files whose syntax gives meaning to other characters."""
    return randomness.token_hex(BYTES)


def _words() -> str:
    """To be typed by a person: three groups of lower-case letters, 60 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz"  # none that looks like a digit
    return "-".join("".join(randomness.choice(letters) for _ in range(5)) for _ in range(3))


def _text(secrets: Secrets) -> str:
    plain = {
        "ari_password": secrets.ari_password,
        "caller_key_secret": secrets.caller_key_secret,
        "seat_passwords": dict(secrets.seat_passwords),
        "browser_passwords": dict(secrets.browser_passwords),
        "archive_key": secrets.archive_key,
        "audit_key": secrets.audit_key,
        "factor_key": secrets.factor_key,
        "demo_password": secrets.demo_password,
    }
    return json.dumps(plain, indent=2, sort_keys=True) + "\n"
