"""The centre of a former leader, from the journal: the kept snapshot and what came after it."""

from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.calls import codec
from telephony.calls.engine import CORE_VERSION, Applied
from telephony.calls.journal import UNREADABLE, Journal, KeptSnapshot, Record
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from telephony.centre.snapshot import restore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a new leader begins with."""

    centre: Centre
    last_at: float  # the instant of the last entry: time may not run backward
    replayed: list[Applied]  # entries after the snapshot, with their effects again
    complete: bool  # nothing is known to be missing


async def rebuild(journal: Journal, rules: CentreRules) -> Rebuilt:
    """Raises JournalAway when the journal cannot be read."""
    kept = await journal.snapshot()
    centre = _from_snapshot(kept, rules)
    tail = [record async for record in journal.read(kept.place if kept else None)]
    last_at = max([kept.at if kept else 0.0, *(record.at for record in tail)])
    without_tail = Rebuilt(_from_snapshot(kept, rules), last_at, [], complete=False)
    if kept is None and tail and tail[0].place.seq > 1:  # the beginning was trimmed away
        return without_tail
    replayed: list[Applied] = []
    for record in tail:
        if record.mark in {"gap", UNREADABLE}:
            return without_tail
        if not _same(record, rules):
            return Rebuilt(centre, last_at, replayed, complete=False)
        try:
            applied = replay_one(centre, record)
        except Exception as fault:  # or every leader to come would die of it
            epoch, seq = record.place.epoch, record.place.seq
            log.error("replay_failed", epoch=epoch, seq=seq, fault=fault, exc_info=fault)
            return without_tail
        if applied is not None:
            replayed.append(applied)
    return Rebuilt(centre, last_at, replayed, complete=True)


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
        return restore(rules, codec.decode_snapshot(kept.data))
    except ValidationError as wrong:
        log.error("snapshot_unreadable", errors=wrong.error_count())
        return Centre(rules)


def _same(record: Record, rules: CentreRules) -> bool:
    """Whether this core under these rules would do what the former one did."""
    return record.core == CORE_VERSION and record.config == rules.digest
