"""Callers who are put through to somebody outside, by the flow or by an agent."""

from collections.abc import Callable
from typing import Final

from ivr_flows import engine
from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, OverflowReason, Party
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Handover, Stage
from telephony.centre.tolls import Dialled, dialable, refusal
from telephony.centre.waiting import Waiting

ANNOUNCED_WITHIN: Final = 60.0  # seconds
ASKED_FOR: Final = 10.0
RESULTS: Final = {"1": "solved", "2": "callback", "3": "wrong_place"}


class Outside:
    """A leg to the outside holds a line too.

    When it comes to nothing `give` tells the flow; whom an agent has handed out waits again, with
    the rank they had.
    """

    def __init__(
        self,
        floor: Floor,
        give: Callable[[Call, engine.Input, Instant], None],
        waiting: Waiting,
    ) -> None:
        self._floor = floor
        self._give = give
        self._waiting = waiting

    def dial(self, call: Call, name: str, now: Instant, handover: Handover | None = None) -> None:
        """Through the toll gate, on a free line; else the flow goes on."""
        call.handover = handover
        number = dialable(self._floor.version(call).numbers.get(name, ""))
        tolls = self._floor.rules.tolls
        refused = (
            "loop" if call.ours else refusal(number, Dialled(now, name), tolls, self._floor.dialled)
        )
        line = self._floor.lines.free()
        if line is None and call.overflow is OverflowReason.ALL_LINES_BUSY:
            line = self._floor.lines.overflow()
        if refused or line is None:
            self._floor.note(
                call, "transfer_refused", now, number=name, reason=refused or "no_line"
            )
            self._give(call, engine.Failed(), now)
            return
        self.begin(call, Dialled(now, name), number, line)

    def line_for(self, call: Call, name: str, number: str, now: Instant) -> int:
        """The line on which an agent hands this caller out; raises Rejected."""
        if call.ours:
            raise Rejected("この相手は転送できません (this caller shows a number of ours)")
        return self._floor.line_outside(number, Dialled(now, name, call.connected.agent))

    def begin(self, call: Call, to: Dialled, number: str, line: int) -> None:
        """Dial, on this line; the caller hears music."""
        now = to.at
        self._floor.note_dialled(to)
        call.attempts += 1
        call.external, call.external_line = call.attempts, line
        self._floor.deadlines.cancel(("menu", call.id))
        self._floor.to_music(call, Stage.DIALLING, now)
        self._floor.lines.move(line, LineState.DIALLING, now, call.id)
        self._floor.set(call, "external", now + self._floor.rules.external_ring_for)
        self._floor.note(call, "dialled", now, number=to.to)
        ring_for = self._floor.rules.external_ring_for
        self._floor.out.append(fx.DialOut(call.id, call.external, number, ring_for))

    def answered(self, call: Call, attempt: int, now: Instant) -> None:
        """The outside party is up."""
        if call.stage is not Stage.DIALLING or call.external != attempt:
            self._floor.out.append(fx.DropExternal(call.id, attempt))
            return
        if call.handover is None:
            self._connect(call, attempt, now)
        elif not call.put_through:  # else they hear it already
            call.put_through = True
            self._announce(call, call.handover.announce, ANNOUNCED_WITHIN, now)

    def _connect(self, call: Call, attempt: int, now: Instant) -> None:
        assert call.external_line is not None
        self._floor.deadlines.cancel(("external", call.id))
        self._floor.lines.move(call.external_line, LineState.OUTBOUND, now, call.id)
        self._floor.enter(call, Stage.OUTSIDE, now)
        call.put_through = True
        self._floor.note(call, "connected_outside", now)
        self._floor.out.append(fx.ConnectExternal(call.id, attempt))

    # -- a call that overflowed --------------------------------------------------------

    def _announce(self, call: Call, prompts: tuple[str, ...], within: float, now: Instant) -> None:
        """To whoever has answered; `within` is for a playback of whose end nobody hears."""
        call.playback += 1
        call.playing = True
        self._floor.set(call, "external", now + within)
        self._floor.out.append(fx.PlayOutside(call.id, call.external, call.playback, prompts))

    def announced(self, call: Call, now: Instant) -> None:
        """They know what kind of call it is: let them hear the caller."""
        if call.stage is Stage.DIALLING and call.put_through:
            self._connect(call, call.external, now)

    def key(self, call: Call, attempt: int, key: str, now: Instant) -> bool:
        """They say what came of it; whether that was all that was waited for."""
        if call.external != attempt or call.handover is None or key not in RESULTS:
            return False
        call.handover.result = RESULTS[key]
        self._floor.stop(call)
        self.announced(call, now)
        return call.stage is Stage.ASKING

    def asks(self, call: Call) -> bool:
        """The caller has gone, and whoever took their call has not said what came of it."""
        there = call.stage is Stage.OUTSIDE and call.external_line is not None
        return there and call.handover is not None and not call.handover.result

    def ask(self, call: Call, now: Instant) -> None:
        """The caller's line is free; the other one is held a few seconds more."""
        assert call.handover is not None
        self._floor.enter(call, Stage.ENDING, now)
        call.stage, call.left_at = Stage.ASKING, now
        self._floor.lines.move(call.line, LineState.IDLE, now)
        self._announce(call, call.handover.ask or call.handover.announce, ASKED_FOR, now)

    def tell_result(self, call: Call, now: Instant) -> None:
        """For the timeline, before the record is closed."""
        if call.handover is not None and call.put_through:
            said = call.handover.result or "none"
            self._floor.note(
                call, "overflow_answered", now, target=call.handover.target, result=said
            )

    # -- the end of it -----------------------------------------------------------------

    def ended(self, call: Call, attempt: int, now: Instant) -> None:
        """The outside party is gone, or was not reached."""
        if call.external != attempt:
            return
        stage = call.stage
        self.drop(call, now)
        if stage is Stage.DIALLING and call.handed_out:
            call.handed_out = False
            self._floor.note(call, "returned", now, reason="not_reached")
            self._waiting.wait(call, now)
            self._floor.acd.enqueue(self._waiting.entry(call, now), now)
        elif stage is Stage.DIALLING:
            self._floor.stop(call)
            call.put_through, call.handover = False, None
            self._floor.enter(call, Stage.MENU, now)
            self._floor.set(call, "menu", now + self._floor.version(call).max_menu_time)
            self._floor.out.append(fx.Unpark(call.id))
            self._give(call, engine.Failed(), now)
        elif stage is Stage.OUTSIDE:
            self._floor.hang_up(call, Party.SYSTEM, now)

    def drop(self, call: Call, now: Instant) -> None:
        """End the leg to the outside and free its line, if there is one."""
        if call.external_line is None:
            return
        self._floor.deadlines.cancel(("external", call.id))
        self._floor.out.append(fx.DropExternal(call.id, call.external))
        self._floor.lines.move(call.external_line, LineState.IDLE, now)
        call.external, call.external_line = 0, None
