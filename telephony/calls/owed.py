"""What SQL is owed: changes on their way there, and their form on disk."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from telephony.store import changes as row

_CHANGES: Final = {kind.__name__: kind for kind in get_args(row.Change)}


@dataclass(frozen=True, slots=True)
class Owed:
    """The changes of one journal entry, or some that come from none and may be written twice."""

    epoch: int
    seq: int | None  # None: of no entry
    changes: tuple[row.Change, ...]


def encode(owed: Owed) -> bytes:
    """As one line of JSON, with telephone numbers in it."""
    changes = [{"is": type(each).__name__, **asdict(each)} for each in owed.changes]
    plain = {"epoch": owed.epoch, "seq": owed.seq, "changes": changes}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def decode(line: bytes) -> Owed:
    """The same again; ValueError (pydantic's among them) when it is none of ours."""
    plain = json.loads(line)
    changes = tuple(_change(each) for each in plain["changes"])
    return Owed(plain["epoch"], plain["seq"], changes)


def _change(plain: dict[str, Any]) -> row.Change:
    kind = _CHANGES.get(str(plain.pop("is", None)))
    if kind is None:
        raise ValueError("no such change")
    change: row.Change = _adapter(kind).validate_python(plain)
    return change


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
