"""Commands, effects and snapshots as JSON, and back: the door of the journal."""

import json
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from hashlib import blake2s
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.model import FlowVersion
from telephony.centre.snapshot import Snapshot

SCHEMA: Final = 1
_COMMANDS: Final = {kind.__name__: kind for kind in get_args(cmd.Command)}
_SNAPSHOT: Final = TypeAdapter(Snapshot)
_VERSION: Final = TypeAdapter(FlowVersion)


def encode(command: cmd.Command) -> dict[str, Any]:
    """The command as plain data."""
    return {"is": type(command).__name__} | _plain(command)


def decode(data: dict[str, Any]) -> cmd.Command:
    """The command again; ValueError (pydantic's) when it is none of ours."""
    kind = _COMMANDS.get(str(data.get("is")))
    if kind is None:
        raise ValueError(f"no such command: {data.get('is')}")
    given = {key: value for key, value in data.items() if key != "is"}
    command: cmd.Command = _adapter(kind).validate_python(given)
    return command


def describe(effect: fx.Effect) -> dict[str, Any]:
    """The effect as plain data, to be read by people and compared by digest."""
    return {"is": type(effect).__name__} | _plain(effect)


def digest(effects: list[fx.Effect]) -> str:
    """A short fingerprint: the same effects in the same order, the same digest."""
    return blake2s(repr(effects).encode(), digest_size=8).hexdigest()


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """The snapshot as JSON."""
    return _SNAPSHOT.dump_json(snapshot)


def decode_snapshot(data: bytes) -> Snapshot:
    """The snapshot again; ValueError when it is not one."""
    return _SNAPSHOT.validate_json(data)


def encode_version(version: FlowVersion) -> bytes:
    """What calls under a configuration go by, as JSON."""
    return _VERSION.dump_json(version)


@lru_cache(maxsize=2)
def decode_version(data: bytes) -> FlowVersion:
    """The version again; ValueError when it is not one. A standby meets the same every time."""
    return _VERSION.validate_json(data)


def dumps(data: dict[str, Any]) -> str:
    """JSON with Japanese as itself."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _plain(value: Any) -> dict[str, Any]:
    """Shallow where that suffices: most commands hold only strings and numbers."""
    shallow = {each.name: getattr(value, each.name) for each in fields(value)}
    if any(is_dataclass(each) or isinstance(each, tuple) for each in shallow.values()):
        kind: Any = type(value)
        deep: dict[str, Any] = _adapter(kind).dump_python(value, mode="json")
        return deep
    return shallow
