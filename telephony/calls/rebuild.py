"""The centre of a former leader, from the journal: the kept snapshot and what came after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from pydantic import ValidationError

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.calls import codec
from telephony.calls.engine import CORE_VERSION, Applied
from telephony.calls.journal import UNREADABLE, Journal, KeptSnapshot, Place, Record
from telephony.calls.owed import Owed
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules, FlowVersion
from telephony.centre.snapshot import restore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a new leader begins with."""

    centre: Centre
    last_at: float  # the instant of the last entry: time may not run backward
    replayed: list[Applied]  # entries after the snapshot, with their effects again
    complete: bool  # nothing is known to be missing
    last: Place | None = None  # the entry it was rebuilt up to
    owed: Sequence[Owed] = ()  # what SQL has not been told yet
    base: Place | None = None  # the kept snapshot's


class Missing(Exception):
    """A part of the journal cannot be had: only the snapshot is to be trusted."""


async def rebuild(journal: Journal, rules: CentreRules) -> Rebuilt:
    """Raises JournalAway when the journal cannot be read."""
    return await rebuild_from(await journal.snapshot(), journal, rules)


async def rebuild_from(kept: KeptSnapshot | None, journal: Journal, rules: CentreRules) -> Rebuilt:
    """The same from a snapshot that was read already."""
    place, at = (kept.place, kept.at) if kept else (None, 0.0)
    tail = [record async for record in journal.read(place)]
    try:
        base = Rebuilt(_from_snapshot(kept, rules), at, [], True, place, base=place)
        return _extended(base, tail)
    except Missing:
        last_at = max([at, *(record.at for record in tail)])
        centre = _from_snapshot(kept, rules)
        return Rebuilt(centre, last_at, [], complete=False, last=place, base=place)


async def extend(journal: Journal, known: Rebuilt) -> Rebuilt:
    """What is known and whatever has been appended since, in the same centre and list.

    Raises JournalAway, and Missing when what follows does not follow: then `known` is spoilt.
    """
    tail = [record async for record in journal.read(known.last)]
    return _extended(known, tail) if tail else known


def _extended(known: Rebuilt, tail: list[Record]) -> Rebuilt:
    replayed, last = known.replayed, known.last
    last_at = max([known.last_at, *(record.at for record in tail)])
    for record in tail:
        if record.mark in {"gap", UNREADABLE} or not _follows(record.place, last):
            raise Missing(str(record.place))
        if not _same(record, known.centre.rules):
            return replace(known, last_at=last_at, complete=False, last=last)
        applied = _replayed(known.centre, record)
        if applied is not None:
            replayed.append(applied)
        last = record.place
    return replace(known, last_at=last_at, last=last)


def _follows(place: Place, last: Place | None) -> bool:
    """Whether no entry is missing between: one leader's numbers have no hole.

    They have one where entries were trimmed, or where Redis came back without its last second.
    Without a snapshot only the first leader's journal begins at the beginning: what an emptied one
    begins with is the mark of a later one.
    """
    if last is None:
        return place.epoch <= 1 and place.seq <= 1
    if place.epoch > last.epoch:
        return place.seq <= 1
    return place.seq == last.seq + 1


def _replayed(centre: Centre, record: Record) -> Applied | None:
    try:
        return replay_one(centre, record)
    except Exception as fault:  # or every leader to come would die of it
        epoch, seq = record.place.epoch, record.place.seq
        log.error("replay_failed", epoch=epoch, seq=seq, fault=fault, exc_info=fault)
        raise Missing(str(record.place)) from fault


class Differs(Exception):
    """The core did something else than when the entry was journaled."""


def replay_one(centre: Centre, record: Record) -> Applied | None:
    """Apply one record again; None for a leader's mark and for poison. Raises Differs."""
    if record.command is None or record.mark == "poison":
        return None
    command = codec.decode(record.command)
    try:
        effects = centre.handle(command, Instant(record.at))
    except Rejected as refused:
        raise Differs(f"{record.place}: refused, {refused}") from refused
    if codec.digest(effects) != record.effects:
        raise Differs(f"{record.place}: other effects")
    return Applied(record.place, Instant(record.at), command, effects)


def _from_snapshot(kept: KeptSnapshot | None, rules: CentreRules) -> Centre:
    if kept is None:
        return Centre(rules)
    try:
        return restore(rules, codec.decode_snapshot(kept.data), _version(kept))
    except ValidationError as wrong:
        log.error("snapshot_unreadable", errors=wrong.error_count())
        return Centre(rules)


def _version(kept: KeptSnapshot) -> FlowVersion | None:
    """The flow its calls began in; without it they go on in the present one."""
    if not kept.version:
        return None
    try:
        return codec.decode_version(kept.version)
    except ValidationError as wrong:  # of a version that had other nodes
        log.error("flow_version_unreadable", errors=wrong.error_count())
        return None


def _same(record: Record, rules: CentreRules) -> bool:
    """Whether this core under these rules would do what the former one did.

    A leader's own mark does nothing; it may have begun before it knew of the latest calendar.
    """
    same_rules = record.command is None or record.config == rules.digest
    return record.core == CORE_VERSION and same_rules
