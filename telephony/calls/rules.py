"""The centre's rules from the site directory."""

from typing import Final
from zoneinfo import ZoneInfo

from config.site_calendar import opening_of
from config.site_model import Queue, Site
from telephony.acd.model import AcdRules, AgentId, AgentRules, QueueId, QueueRules, Strategy
from telephony.centre.effects import OverflowReason
from telephony.centre.model import CallbackRules, CentreRules
from telephony.centre.tolls import TollRules

OWN_BOOKING: Final = "own_booking"


def rules_of(site: Site) -> CentreRules:
    """Everything the centre must be told."""
    queues = {
        QueueId(name): QueueRules(
            QueueId(name),
            queue.ring_for,
            queue.wrap_up_for,
            queue.max_wait,
            queue.max_length,
            queue.announce_after,
            queue.announce_every,
            queue.max_estimate,
            queue.no_agent_after,
            Strategy(queue.strategy),
            queue.relax_after,
            queue.sticky_for,
            queue.surge_from,
            queue.tell_wait,
            queue.ask_number,
            queue.on_1,
        )
        for name, queue in site.queues.items()
    }
    agents = {
        AgentId(name): AgentRules(
            AgentId(name),
            tuple(QueueId(queue) for queue in seat.queues),
            seat.skills,
            tuple(seat.penalties.get(queue, 0) for queue in seat.queues),
            order,
        )
        for order, (name, seat) in enumerate(site.seats.items())
    }
    limits = site.limits
    return CentreRules(
        digest=site.digest,
        lines=site.lines,
        numbers_dialled=site.dids,
        acd=AcdRules(
            queues,
            agents,
            limits.retry_after,
            limits.reach_for,
            limits.pause_after_misses,
            limits.reserve_after,
            limits.reserve_lines,
        ),
        flow=site.flows[site.flow],
        hours=site.hours,
        exits={QueueId(name): _exits(queue) for name, queue in site.queues.items()},
        numbers=site.numbers,
        tolls=TollRules(
            site.tolls.allow,
            site.tolls.per_hour,
            site.tolls.per_number,
            site.tolls.per_day,
            site.tolls.per_number_day,
            site.tolls.per_agent,
        ),
        timezone=ZoneInfo(site.timezone),
        max_menu_time=limits.max_menu_time,
        calendar=opening_of(site),
        always_open=site.always_open,
        extensions={name: each.number for name, each in site.extensions.items()},
        callbacks=CallbackRules(
            site.callbacks.keep_lines, site.callbacks.ring_for, site.callbacks.again_within
        ),
        offers=frozenset({OWN_BOOKING} if site.booking.phone_menu else ()),
        overflow_lines=site.overflow_lines,
        busy_exit=site.all_lines_busy.exit,
    )


def _exits(queue: Queue) -> dict[OverflowReason, str]:
    """Where callers go who wait too long, or find the queue full."""
    exits = {
        OverflowReason.MAX_WAIT: queue.exit,
        OverflowReason.QUEUE_FULL: queue.exit_full or queue.exit,
        OverflowReason.ESTIMATED_WAIT: queue.exit_estimate or queue.exit,
        OverflowReason.NO_AGENT: queue.exit_no_agent or queue.exit,
        OverflowReason.SURGE: queue.exit_surge,
    }
    return {reason: node for reason, node in exits.items() if node is not None}
