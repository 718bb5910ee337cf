"""The journal: every command with its instant, appended before its effects are released.

It lives in a Redis stream whose ids are ours, `<epoch>-<seq>`: Redis itself refuses an entry of a
former leader, and the same entry twice. It holds no personal data (see `centre.commands`).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from telephony.calls.codec import SCHEMA, dumps

STREAM: Final = "madoguchi:journal"
SNAPSHOT: Final = "madoguchi:snapshot"
AT_ONCE: Final = 500
GRACE: Final = 1.0  # seconds until a Redis that should have answered counts as away
UNREADABLE: Final = "unreadable"  # the mark of an entry that is damaged or of another schema

log = structlog.get_logger(__name__)

# Only ever a later one: a leader of old, waking up, must not replace what a new one has kept.
_KEEP: Final = """
local kept = redis.call('HGET', KEYS[1], 'place')
if kept then
  local epoch, seq = string.match(kept, '(%d+)-(%d+)')
  local was, is = tonumber(epoch), tonumber(ARGV[1])
  if is < was or (is == was and tonumber(ARGV[2]) < tonumber(seq)) then return 0 end
end
redis.call('HSET', KEYS[1], 'place', ARGV[1] .. '-' .. ARGV[2], 'core', ARGV[3],
  'config', ARGV[4], 'data', ARGV[5], 'at', ARGV[6])
if redis.call('HGET', KEYS[1], 'version_of') ~= ARGV[4] then
  redis.call('HSET', KEYS[1], 'version_of', ARGV[4], 'version', ARGV[7])
end
return 1
"""


class StaleEpoch(Exception):
    """Somebody else leads: what we append is refused."""


class JournalAway(Exception):
    """The journal did not answer."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the journal: the epoch of a leader and the number of its entry."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Record:
    """One journal entry. `command` is None for the leader's own marks (`took_over`, `gap`)."""

    place: Place
    at: float
    mark: str  # "" for a command
    core: str  # version of the core that applied it
    config: str  # digest of the configuration in force
    command: dict[str, Any] | None
    effects: str  # their digest

    def fields(self) -> dict[str, str]:
        """As stored."""
        return {
            "v": str(SCHEMA),
            "at": repr(self.at),
            "mark": self.mark,
            "core": self.core,
            "config": self.config,
            "command": "" if self.command is None else dumps(self.command),
            "effects": self.effects,
        }


def parse(place: Place, stored: dict[str, str]) -> Record:
    """A record from its stored fields; one that cannot be read says so by its mark."""
    try:
        return _parse(place, stored)
    except (KeyError, ValueError) as damage:
        log.error("journal_entry_unreadable", epoch=place.epoch, seq=place.seq, error=damage)
        return Record(place, 0.0, UNREADABLE, "", "", None, "")


def _parse(place: Place, stored: dict[str, str]) -> Record:
    if stored["v"] != str(SCHEMA):
        raise ValueError("of a schema that is not ours")
    command = stored.get("command")
    return Record(
        place,
        float(stored["at"]),
        stored.get("mark", ""),
        stored.get("core", ""),
        stored.get("config", ""),
        json.loads(command) if command else None,
        stored.get("effects", ""),
    )


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot and the entry it was taken after."""

    place: Place
    core: str
    config: str
    data: bytes
    at: float = 0.0  # the instant it was taken at
    version: bytes = b""  # the flow of `config`, for a leader that has another configuration


class Journal(Protocol):
    """Where the engine appends, and a new leader reads."""

    async def append(self, records: Sequence[Record]) -> None:
        """Append in order. Raises StaleEpoch or JournalAway."""

    async def keep(self, snapshot: KeptSnapshot) -> None:
        """Replace the kept snapshot, unless a later one is there. Raises JournalAway."""

    async def snapshot(self) -> KeptSnapshot | None:
        """The kept snapshot. Raises JournalAway."""

    def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """Every entry after this place, in order. Raises JournalAway."""

    async def news(self, after: Place | None, within: float) -> None:
        """Wait for an entry after this place, but no longer than so many seconds.

        Raises JournalAway.
        """

    async def last(self) -> Place | None:
        """The place of the last entry. Raises JournalAway."""

    async def holds(self, places: Sequence[Place]) -> bool:
        """Whether every one of these entries is there. Raises JournalAway."""

    async def trim(self, before: Place) -> int:
        """Drop entries before this place; how many went. Raises JournalAway."""


class RedisJournal:
    """The journal in a Redis stream. Its connection must not decode responses."""

    def __init__(self, redis: Redis) -> None:
        """Nothing is sent twice: an entry whose answer was lost would come back as a duplicate."""
        redis.set_retry(Retry(NoBackoff(), 0))
        self._redis = redis

    async def append(self, records: Sequence[Record]) -> None:
        """Append in one round trip."""
        try:
            if len(records) == 1:
                await self._redis.xadd(STREAM, *_arguments(records[0]))
                return
            async with self._redis.pipeline(transaction=False) as pipe:
                for record in records:
                    pipe.xadd(STREAM, *_arguments(record))
                await pipe.execute()
        except ResponseError as refused:
            if "equal or smaller" in str(refused):
                raise StaleEpoch(str(records[0].place)) from refused
            raise JournalAway(str(refused)) from refused
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away

    async def keep(self, snapshot: KeptSnapshot) -> None:
        """Replace the kept snapshot, unless a later one is there."""
        place = snapshot.place
        values: list[Any] = [place.epoch, place.seq, snapshot.core, snapshot.config, snapshot.data]
        values.append(repr(snapshot.at))
        try:
            await self._redis.eval(_KEEP, 1, SNAPSHOT, *values, snapshot.version)
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away

    async def snapshot(self) -> KeptSnapshot | None:
        """The kept snapshot."""
        try:
            kept: Any = await self._redis.hgetall(SNAPSHOT)
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away
        if not kept:
            return None
        return KeptSnapshot(
            _place(kept[b"place"]),
            kept[b"core"].decode(),
            kept[b"config"].decode(),
            kept[b"data"],
            float(kept.get(b"at", 0.0)),
            kept.get(b"version", b"") if kept.get(b"version_of") == kept[b"config"] else b"",
        )

    async def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """Page through the stream."""
        start = "-" if after is None else f"({after}"
        while True:
            try:
                page: Any = await self._redis.xrange(STREAM, min=start, count=AT_ONCE)
            except (RedisError, OSError) as away:
                raise JournalAway(str(away)) from away
            for key, stored in page:
                yield parse(_place(key), {_text(k): _text(v) for k, v in stored.items()})
            if len(page) < AT_ONCE:
                return
            start = f"({page[-1][0].decode()}"

    async def news(self, after: Place | None, within: float) -> None:
        """Wait in Redis, on a connection that the pool lends us."""
        since = "0-0" if after is None else str(after)
        milliseconds = max(1, round(within * 1000))
        try:
            async with asyncio.timeout(within + GRACE):
                await self._redis.xread({STREAM: since}, count=1, block=milliseconds)
        except (RedisError, OSError, TimeoutError) as away:
            raise JournalAway(str(away)) from away

    async def last(self) -> Place | None:
        """The place of the last entry."""
        try:
            page: Any = await self._redis.xrevrange(STREAM, count=1)
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away
        return _place(page[0][0]) if page else None

    async def holds(self, places: Sequence[Place]) -> bool:
        """Ask for each, in one round trip."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for place in places:
                    pipe.xrange(STREAM, str(place), str(place))
                return all(await pipe.execute())
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away

    async def trim(self, before: Place) -> int:
        """Drop what is older than this place."""
        try:
            return int(await self._redis.xtrim(STREAM, minid=str(before), approximate=False))
        except (RedisError, OSError) as away:
            raise JournalAway(str(away)) from away


def _arguments(record: Record) -> tuple[dict[Any, Any], str]:
    return dict(record.fields()), str(record.place)


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _place(key: bytes) -> Place:
    epoch, seq = key.decode().split("-")
    return Place(int(epoch), int(seq))
