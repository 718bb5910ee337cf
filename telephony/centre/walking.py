"""Callers in the flow: arriving, walking from node to node, leaving it."""

from collections.abc import Callable

from ivr_flows import engine
from ivr_flows.schema import Collect
from telephony.acd.model import Instant
from telephony.centre import effects as fx
from telephony.centre.commands import CallArrived
from telephony.centre.effects import LineState, Outcome, OverflowReason, Party, Refusal
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Stage

Leave = engine.Enqueue | engine.Transfer | engine.HangUp | engine.Request


class Walking:
    """What a flow says, done. How callers leave it is `leave`'s business."""

    def __init__(self, floor: Floor, leave: Callable[[Call, Leave, Instant], None]) -> None:
        self._floor = floor
        self._leave = leave

    # -- arriving ------------------------------------------------------------------------

    def arrive(self, new: CallArrived, now: Instant) -> Call | None:
        """Give the caller a line and start the flow, or turn them away.

        The call of somebody who was found talking, who walks through no flow.
        """
        if new.call in self._floor.calls:
            return None
        at = now if new.arrived_at is None else min(new.arrived_at, now)
        line = self._floor.lines.free() if new.admitted else None
        crowded = line is None and new.admitted
        if crowded and self._floor.rules.busy_exit is not None:
            line = self._floor.lines.overflow()
        self._floor.out.append(fx.CallOpened(new.call, line, new.dialled, at))
        if line is None:
            self._turn_away(new, now)
            return None
        in_time = self._floor.came_in_time(at)
        position, actions = self._first_node(new, now, in_time=in_time, crowded=crowded)
        call = Call(
            new.call,
            line,
            at,
            Stage.MENU,
            now,
            position,
            attempts=new.attempts,
            ours=new.ours,
            version=self._floor.present.digest,
            in_time=in_time,
            caller=new.caller or "",
            overflow=OverflowReason.ALL_LINES_BUSY if crowded else None,
        )
        self._floor.calls[call.id] = call
        self._floor.lines.move(line, LineState.MENU, now, call.id)
        if new.talking is not None:
            return call
        self._floor.out.append(fx.AnswerCall(call.id))
        if new.dialled not in self._floor.rules.numbers_dialled:
            self._floor.note(call, "unknown_number", now)
        self._floor.set(call, "menu", now + self._floor.rules.max_menu_time)
        self._follow(call, position, actions, now)
        return None

    def _first_node(
        self, new: CallArrived, now: Instant, *, in_time: bool, crowded: bool
    ) -> engine.Move:
        flow, known = self._floor.rules.flow, bool(new.caller)
        occasion = self._floor.occasion(now, in_time=in_time, caller_known=known)
        if crowded and self._floor.rules.busy_exit is not None:
            return engine.enter(flow, self._floor.rules.busy_exit, occasion)
        if new.plain:
            return engine.enter(flow, flow.person, occasion)
        return engine.start(flow, occasion)

    def _turn_away(self, new: CallArrived, now: Instant) -> None:
        if new.admitted:
            refusal_, outcome = Refusal.BUSY, Outcome.OVERFLOWED
            reason: OverflowReason | None = OverflowReason.ALL_LINES_BUSY
        else:
            refusal_, outcome, reason = Refusal.CONGESTION, Outcome.REFUSED, None
        self._floor.out.append(fx.RefuseCall(new.call, refusal_))
        self._floor.out.append(
            fx.CallClosed(new.call, outcome, reason, 0.0, 0.0, 0.0, Party.SYSTEM, now)
        )

    # -- in the flow ---------------------------------------------------------------------

    def give(self, call: Call, given: engine.Input, now: Instant) -> None:
        """One input of the caller to their place in the flow."""
        version = self._floor.version(call)
        occasion = self._floor.occasion(now, call)
        before = call.position
        position, actions = engine.step(version.flow, before, given, occasion)
        if isinstance(given, engine.Checked) and position.node != before.node:
            call.left_number |= given.valid and self._accepted_at(call) == "phone_number"
        self._follow(call, position, actions, now)

    def resume_flow(self, call: Call, now: Instant) -> None:
        """The same node again, its prompt from the start."""
        version = self._floor.version(call)
        if call.position.node not in version.flow.nodes:  # their own flow is not to be had
            self.give_up_flow(call, now)
            return
        occasion = self._floor.occasion(now, call)
        position, actions = engine.resume(version.flow, call.position, occasion)
        self._follow(call, position, actions, now)

    def give_up_flow(self, call: Call, now: Instant) -> None:
        """Plain handling: to a person, without asking any more."""
        self.enter_node(call, self._floor.version(call).flow.person, now)

    def enter_node(self, call: Call, node: str, now: Instant) -> None:
        """Into the flow, at this node."""
        self._floor.stop(call)
        version = self._floor.version(call)
        self._floor.set(call, "menu", now + version.max_menu_time)
        self._floor.enter(call, Stage.MENU, now)
        occasion = self._floor.occasion(now, call)
        position, actions = engine.enter(version.flow, node, occasion)
        self._follow(call, position, actions, now)

    def visit(self, call: Call, node: str, now: Instant) -> None:
        """The same for somebody who waits, and goes on waiting."""
        self._floor.stop(call)
        version = self._floor.version(call)
        position, actions = engine.enter(version.flow, node, self._floor.occasion(now, call))
        self._follow(call, position, actions, now)

    def _follow(  # noqa: C901 -- one arm each
        self, call: Call, position: engine.Position, actions: list[engine.Action], now: Instant
    ) -> None:
        call.position = position
        for action in actions:
            match action:
                case engine.Play(prompts):
                    self._floor.play(call, prompts)
                case engine.Stop():
                    self._floor.stop(call)
                case engine.Listen(seconds):
                    self._listen(call, seconds, now)
                case engine.Chose(node, key):
                    call.menu_path.append(key)
                    self._floor.note(call, "key", now, node=node, key=key)
                    self._floor.advance(call)
                case engine.Request(what):
                    self._floor.note(call, "requested", now, what=what)
                    if call.aside:
                        self._leave(call, action, now)
                case engine.CheckCollected(field, length, keep):
                    accept = self._accepted_at(call)
                    self._floor.out.append(fx.CheckKeys(call.id, field, length, accept, keep))
                case engine.KeepCollected(field):
                    self._floor.out.append(fx.KeepKeys(call.id, field))
                case engine.Enqueue() | engine.Transfer() | engine.HangUp():
                    self._leave(call, action, now)

    def _accepted_at(self, call: Call) -> str:
        collect = self._floor.version(call).flow.nodes.get(call.position.node)
        return collect.accept if isinstance(collect, Collect) else "digits"

    def _listen(self, call: Call, seconds: float | None, now: Instant) -> None:
        if seconds is None:
            self._floor.deadlines.cancel(("listen", call.id))
        else:
            self._floor.set(call, "listen", now + seconds)
