"""Queues at which nobody works any more: whoever waits there leaves by rule, and so do newcomers.

A queue is *staffed* while somebody who serves it is neither signed out nor at a break; who calls
somebody from their break is at their break. When the last one goes, `no_agent_after` runs; when it
has passed the queue is *deserted* until somebody comes.
"""

from collections.abc import Callable, Iterable
from typing import Final

from telephony.acd.model import Instant, QueueId
from telephony.centre.effects import OverflowReason
from telephony.centre.floor import Floor
from telephony.centre.model import Call

NOBODY: Final = "nobody"  # the kind of the deadline


class Deserted:
    """Which queues have had nobody for too long."""

    def __init__(
        self, floor: Floor, leave: Callable[[Call, OverflowReason, Instant], None]
    ) -> None:
        self._floor = floor
        self._leave = leave
        rules = floor.rules.acd.queues.values()
        # The queues that have such a rule.
        self.watched = [rule.name for rule in rules if rule.no_agent_after is not None]

    def restore(self, deserted: Iterable[QueueId]) -> None:
        """Take over what a snapshot has."""
        self._floor.deserted = {each for each in deserted if each in self.watched}

    def watch(self, now: Instant) -> None:
        """After each step: begin to count, or cease."""
        for queue in self.watched:
            key = (NOBODY, queue)
            if self._floor.acd.roster.staffed[queue]:
                self._floor.deserted.discard(queue)
                self._floor.deadlines.cancel(key)
            elif queue not in self._floor.deserted and self._floor.deadlines.at(key) is None:
                after = self._floor.rules.acd.queues[queue].no_agent_after or 0.0
                self._floor.deadlines.set(key, Instant(now + after))

    def expired(self, queue: QueueId, now: Instant) -> None:
        """Nobody has come back: whoever waits leaves, in the order in which they are served.

        Not who is typing or choosing: their keys would be another menu's. They leave after it.
        """
        self._floor.deserted.add(queue)
        waiting = [each for each in self._floor.acd.entries.values() if each.queue == queue]
        for entry in sorted(waiting, key=lambda entry: entry.rank):
            call = self._floor.calls[entry.call]
            if not call.aside:
                self._leave(call, OverflowReason.NO_AGENT, now)
