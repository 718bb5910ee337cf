"""What a leader tells of its centre and of itself: `status`, the watch, the metrics."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ivr_flows.opening.year import unconfirmed
from telephony.calls.engine import CORE_VERSION
from telephony.calls.inside import Inside
from telephony.centre.model import Call, Stage
from telephony.centre.own import AFTER_LOSS
from telephony.link import status as tell

if TYPE_CHECKING:
    from telephony.calls.controller import Controller


def status(of: Controller) -> dict[str, Any]:
    """The whole centre as plain data."""
    centre, now = of.engine.centre, of.engine.now()
    return {
        "ready": of.ready(),
        "alarms": of.watch.alarms if of.watch else [],
        "lines": tell.lines(centre, carrier_gone=of.carrier.gone),
        "queues": tell.queues(centre, now),
        "agents": tell.agents(centre, of.setting.seat_names),
        "calls": tell.calls(centre, now),
        "modes": tell.modes(centre),
        "closing": tell.closing(centre, now),
        "trunk": of.carrier.told(),
        "controller": {
            "pid": os.getpid(),
            "epoch": of.held.epoch,
            "core_version": CORE_VERSION,
            "config": centre.rules.digest,
            "connected": of.connected,
            "journal_away": of.engine.away,
            "records_away": of.publisher.away,
            "records_behind": of.publisher.backlog,
            "records_spooled": of.publisher.spooled,
            "news_away": of.teller is not None and of.teller.away,
            "poisoned": of.engine.poisoned,
            "inbox": of.world.inbox.backlog,
            "outbox": of.outbox_backlog,
            "sounds_missing": of.world.sounds.missing,
            "stream": asdict(of.world.heard),
            "sweeps": asdict(of.sweeper.counts),
            "put_right": asdict(of.ground.counts),
        },
    }


def inside(of: Controller) -> Inside:
    """What a leader knows of itself."""
    centre = of.engine.centre
    return Inside(
        beat_age=min(of.silence, of.world.clock() - of.began),
        journal_away=of.engine.away,
        lease_away=of.lease_away,
        inbox=of.world.inbox.backlog,
        outbox=of.outbox_backlog,
        records_behind=of.publisher.backlog,
        records_written=of.engine.written,
        sounds_missing=of.world.sounds.missing,
        poisoned=of.engine.poisoned,
        missing_offers=sum(agent.missed_out for agent in centre.acd.roster.all()),
        phones_lost=sum(_lost_phone(each) for each in centre.visits.calls.values())
        + sum(own.stage in AFTER_LOSS for own in centre.own.calls.values()),
        clock_offset=of.world.clock.difference(),
        clock_stepped_at=of.stepped_at,
        carrier_answers=of.carrier.reachable,
        lines_full=centre.lines.free() is None,
        line_stuck_at=of.carrier.line_stuck_at,
        unknown_dialled_at=of.carrier.unknown_dialled_at,
        holidays_unconfirmed=_unconfirmed_year(of),
        callbacks_unsound=0 if of.night is None else of.night.faults,
    )


def _unconfirmed_year(of: Controller) -> int | None:
    """A year whose holidays nobody stands for, as the calendar sees today."""
    floor = of.engine.centre.floor
    return unconfirmed(floor.book, floor.civil(of.engine.now()).date())


def _lost_phone(call: Call) -> bool:
    """Its agent has lost their telephone, and nobody else has taken it yet."""
    return call.lost is not None or (call.resumed and call.stage is Stage.WAITING)
