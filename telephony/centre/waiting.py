"""Callers who wait: joining a queue, hearing their place, leaving it by rule.

Whoever waits may visit a part of the flow *aside*, and keeps their place: callers without a number
are asked for one, once, and 1 leads where the queue says, say to a callback instead of the wait.
An agent goes before: as soon as a telephone rings for them they hear music again. `enqueue` leads
back to where they wait, whatever queue it names.
"""

from collections.abc import Callable
from math import ceil, floor
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId, Entry, Instant, Offer, QueueId
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import OverflowReason, Party
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Stage

AT_ONCE: Final = 0.5  # seconds until somebody who joins after closing hears that they are served
SURGE: Final = "surge"  # the mode in which callers are offered to be called back
LAST_PLACE: Final = 99  # the highest number that is recorded
MOST_MINUTES: Final = 30  # the same
MINUTE: Final = 60.0

Enter = Callable[[Call, str, Instant], None]


class Waiting:
    """The queue as callers know it."""

    def __init__(self, floor: Floor, enter_node: Enter, visit: Enter) -> None:
        self._floor = floor
        self._enter_node = enter_node
        self._visit = visit

    def join(self, call: Call, queue: QueueId, head_start: float, skill: str, now: Instant) -> None:
        """The caller asks for a queue; a full one sends them on."""
        call.wanted_person = True
        housed = self._floor.housed(queue)
        if housed is None:
            self._floor.note(call, "queue_gone", now, queue=queue)
            self._floor.hang_up(call, Party.SYSTEM, now)
            return
        if housed != queue:  # the flow they began in names a queue that was taken away since
            self._floor.note(call, "queue_gone", now, queue=queue)
        call.queue, call.head_start, call.skill = housed, head_start, skill
        if (reason := self._turned_away(call, housed)) is not None:
            self.leave_queue(call, reason, now)
            return
        if call.entered_at is None:
            call.entered_at = now
        if call.overflow in {OverflowReason.SURGE, OverflowReason.CHOICE}:  # they would rather wait
            call.overflow = None
        self._floor.note(call, "queued", now, queue=housed)
        self._floor.advance(call)
        self.wait(call, now)
        self._floor.acd.enqueue(self.entry(call, now), now)

    def _turned_away(self, call: Call, queue: QueueId) -> OverflowReason | None:
        """Why nobody more joins this queue."""
        if self._floor.acd.full(queue):
            return OverflowReason.QUEUE_FULL
        if queue in self._floor.deserted:
            return OverflowReason.NO_AGENT
        if self._floor.acd.board.somebody_free(queue, call.skill):
            return None
        ahead = self._floor.acd.board.length(queue)
        if self._is_offered(call, queue, ahead):
            return OverflowReason.SURGE
        return OverflowReason.ESTIMATED_WAIT if self._too_long(queue, ahead) else None

    def _is_offered(self, call: Call, queue: QueueId, ahead: int) -> bool:
        """Whether they are offered to be called back instead: in a surge, once, not the first."""
        exits = self._floor.version(call).exits.get(queue, {})
        asked = SURGE in self._floor.modes and OverflowReason.SURGE in exits and not call.offered
        return asked and ahead + 1 >= self._floor.rules.acd.queues[queue].surge_from

    def _too_long(self, queue: QueueId, ahead: int) -> bool:
        """Whether somebody with so many before them would wait too long even if all goes well."""
        most = self._floor.rules.acd.queues[queue].max_estimate
        if most is None:
            return False
        estimate = self._floor.acd.estimate(queue, ahead)
        return estimate is not None and estimate.least > most

    def wait(self, call: Call, now: Instant) -> None:
        """To the music, with the deadlines of somebody who waits."""
        assert call.queue is not None
        self.end_aside(call)
        self._floor.deadlines.cancel(("menu", call.id))
        self._floor.stop(call)
        self._floor.to_music(call, Stage.WAITING, now)
        rules = self._floor.rules.acd.queues[call.queue]
        soon = not call.told_served and self._floor.has_closed(now)
        self._floor.set(call, "announce", now + (AT_ONCE if soon else rules.announce_after))
        if rules.max_wait is not None:
            self._floor.set(call, "max_wait", now + rules.max_wait)

    def entry(self, call: Call, now: Instant) -> Entry:
        """The call's place in its queue, by when it first joined one."""
        assert call.queue is not None
        entered_at = now if call.entered_at is None else call.entered_at
        entry = Entry(call.id, call.queue, entered_at, call.head_start, call.skill, call.attempts)
        if self._floor.rules.acd.queues[call.queue].sticky_for > 0.0 and not call.answered:
            entry.sticky = self._floor.served_by(call.caller, now)
        return entry

    def announce(self, call: Call, now: Instant) -> None:
        """Tell a waiting caller their place; not while a telephone rings for them."""
        entry = self._floor.acd.entries.get(call.id)
        if entry is None:
            return
        free = entry.offer is None and not call.aside
        if free and entry.queue in self._floor.deserted:  # while they were typing, or choosing
            self.leave_queue(call, OverflowReason.NO_AGENT, now)
            return
        if free and not call.answered:
            ahead = self._floor.acd.board.position(entry) - 1
            if self._too_long(entry.queue, ahead):  # somebody has left the desk since
                self.leave_queue(call, OverflowReason.ESTIMATED_WAIT, now)
                return
        if free and not call.playing:
            ask = self._floor.rules.acd.queues[entry.queue].ask_number
            if not (self._may_ask(call) and self._go_aside(call, ask, now)):
                self._floor.play(call, self._told(call, entry, now))
        every = self._floor.rules.acd.queues[entry.queue].announce_every
        self._floor.set(call, "announce", now + every)

    def _told(self, call: Call, entry: Entry, now: Instant) -> tuple[str, ...]:
        """Their place; but first, once it has closed, that they will still be served."""
        if not call.told_served and self._floor.has_closed(now):
            call.told_served = True
            return ("still_served",)
        place = self._floor.acd.board.position(entry)
        last = ("wait_callback",) if self.may_choose(call) else ("position_outro",)
        if place > LAST_PLACE:
            return ("please_wait",)
        return ("position_intro", f"position:{place}", *self._how_long(call, entry, now), *last)

    def _how_long(self, call: Call, entry: Entry, now: Instant) -> tuple[str, ...]:
        """About when their turn comes. That it is later than they were told is said first."""
        if not self._floor.rules.acd.queues[entry.queue].tell_wait:
            return ()
        ahead = self._floor.acd.board.position(entry) - 1
        estimate = self._floor.acd.estimate(entry.queue, ahead)
        if estimate is None:
            return ()
        least, most = floor(estimate.least / MINUTE), ceil(estimate.most / MINUTE)
        before, by = call.promised_by, Instant(now + most * MINUTE)  # as they hear it
        # Minutes are rounded up: what is not later by a whole one may be on time.
        longer = before is not None and by >= before + MINUTE
        words = ("wait_longer",) if longer else ()
        if most > MOST_MINUTES:
            call.promised_by = None  # no time is said
            return (*words, "wait_long")
        call.promised_by = by if before is None or longer else min(before, by)
        start = (f"minutes:{least}", "word:hours_from") if 1 <= least < most else ()
        return (*words, "wait_intro", *start, f"minutes_about:{most}")

    def announce_again(self, call: Call, now: Instant) -> None:
        """The caller asks for their place; one that is being told begins anew."""
        if call.aside:
            return
        self._floor.stop(call)
        self.announce(call, now)

    def waited_too_long(self, call: Call, now: Instant) -> None:
        """The longest wait has passed. A telephone that rings for them is given its chance."""
        entry = self._floor.acd.entries.get(call.id)
        if entry is None:
            return
        if entry.offer is None and not call.aside:
            self.leave_queue(call, OverflowReason.MAX_WAIT, now)
        else:
            call.overdue = True

    def leave_queue(self, call: Call, reason: OverflowReason, now: Instant) -> None:
        """Out by rule, to the node of the flow that the queue names for this reason."""
        assert call.queue is not None
        call.overflow, call.overdue = reason, False
        call.offered = call.offered or reason is OverflowReason.SURGE
        self.end_aside(call)
        self._floor.acd.leave(call.id, now)
        self._floor.cancel(call)
        self._floor.note(call, "left_queue", now, reason=reason)
        if call.stage is Stage.WAITING:
            self._floor.out.append(fx.Unpark(call.id))
        if call.queue not in self._floor.version(call).exits:  # it came after their flow
            call.version = self._floor.present.digest
        node = self._floor.version(call).exits.get(call.queue, {}).get(reason)
        if node is None:
            self._floor.hang_up(call, Party.SYSTEM, now)
        else:
            self._enter_node(call, node, now)

    def offered(self, offer: Offer) -> None:
        """A telephone begins to ring for the caller: no announcement may delay them."""
        call = self._floor.calls[offer.call]
        call.attempts = offer.attempt
        self.end_aside(call)
        self._floor.stop(call)

    def check_overdue(self, call_id: CallId, now: Instant) -> None:
        """An offer failed; somebody who has waited longest leaves the queue now."""
        call = self._floor.calls.get(call_id)
        if call is not None and call.overdue:
            self.waited_too_long(call, now)

    # -- aside ---------------------------------------------------------------------------

    def may_choose(self, call: Call) -> bool:
        """Whether 1 leads anywhere: not while a telephone rings for them."""
        entry = self._floor.acd.entries.get(call.id)
        if entry is None or entry.offer is not None or call.answered:
            return False
        node = self._floor.rules.acd.queues[entry.queue].on_1
        return node in self._floor.version(call).flow.nodes

    def _may_ask(self, call: Call) -> bool:
        """Whether they are asked for a number: not who is known, nor who was served already."""
        known = call.caller != "" or call.left_number
        return not (known or call.asked_number or call.answered)

    def choose(self, call: Call, now: Instant) -> None:
        """They have pressed 1."""
        if self.may_choose(call):
            entry = self._floor.acd.entries[call.id]
            self._go_aside(call, self._floor.rules.acd.queues[entry.queue].on_1, now)

    def _go_aside(self, call: Call, node: str | None, now: Instant) -> bool:
        """Into the flow; whether there is such a node in theirs."""
        if node is None or node not in self._floor.version(call).flow.nodes:
            return False
        self._floor.stop(call)
        call.aside = True
        self._visit(call, node, now)
        return True

    def end_aside(self, call: Call) -> None:
        """Whatever they were asked does not matter any more."""
        call.aside = False
        self._floor.deadlines.cancel(("listen", call.id))

    def back_in_line(self, call: Call, now: Instant) -> None:
        """They go on waiting, or leave now if their longest wait passed meanwhile."""
        self.end_aside(call)
        self._floor.stop(call)
        call.asked_number = True
        if call.overdue:
            self.waited_too_long(call, now)
        else:
            self._floor.set(call, "announce", now + AT_ONCE)

    def step_out(self, call: Call, now: Instant) -> None:
        """They have chosen something else than to wait, and go on in the flow."""
        self.end_aside(call)
        call.overflow, call.overdue = OverflowReason.CHOICE, False
        self._floor.acd.leave(call.id, now)
        self._floor.cancel(call)
        self._floor.note(call, "left_queue", now, reason=OverflowReason.CHOICE)
        self._floor.enter(call, Stage.MENU, now)
        self._floor.set(call, "menu", now + self._floor.version(call).max_menu_time)
        self._floor.out.append(fx.Unpark(call.id))

    def take_back(self, call: Call, end: LegEnd, now: Instant) -> None:
        """Back to the queue with the rank they had: never silence, never a drop."""
        self._floor.note(call, "returned", now, reason=end, agent=call.connected.agent)
        self._floor.out.append(acd_fx.DropLeg(call.connected))
        call.offer = call.page_left = None
        self.wait(call, now)
        self._floor.acd.enqueue(self.entry(call, now), now)
