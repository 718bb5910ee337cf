"""The centre: the one place where commands come in and effects go out."""

from collections.abc import Set
from dataclasses import replace
from enum import StrEnum
from typing import Final

from ivr_flows import engine
from ivr_flows.schema import Enqueue
from telephony.acd import effects as acd_fx
from telephony.acd.core import Acd
from telephony.acd.deadlines import Deadlines, Key
from telephony.acd.model import Afterwards, AgentId, AgentState, CallId, Instant, QueueId
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.asked import Asked
from telephony.centre.callbacks import Callbacks
from telephony.centre.closing import EDGE, RELEASED, Closing
from telephony.centre.floor import Floor
from telephony.centre.lines import Lines
from telephony.centre.model import Call, CentreRules, Stage
from telephony.centre.modes import DEADLINE, Modes
from telephony.centre.overflow import NOBODY, Deserted
from telephony.centre.own import OwnCalls
from telephony.centre.reconcile import reconcile
from telephony.centre.visits import Visits

FORMER_KEPT: Final = 50
AT_ONCE: Final = 10  # deadlines one `wake` takes, so that none blocks the loop for long


class KeyUse(StrEnum):
    """What becomes of a key that a caller presses."""

    PLAIN = "plain"  # it chooses in a menu
    COLLECTED = "collected"  # it is data: kept outside, masked here
    ONE = "one"  # only 1 chooses something; of the others twelve could be an individual number
    UNSEEN = "unseen"  # it chooses nothing
    NONE = "none"  # somebody is listening, or nobody is


class Centre:
    """Lines, callers, queues, agents. Deterministic: the same commands give the same effects."""

    def __init__(self, rules: CentreRules) -> None:
        self.rules = rules
        self.former: list[str] = []  # digests that differed from `rules` in their calendar alone
        self._out: list[fx.Effect] = []
        self.deadlines = Deadlines()
        self.expiring: Key | None = None  # what the last `wake` was about, should it raise
        # The queue core appends only its own effects to the common list.
        acd_out: list[acd_fx.Effect] = self._out  # type: ignore[assignment]
        self.acd = Acd(rules.acd, self.deadlines, acd_out)
        for node in rules.flow.nodes.values():
            if isinstance(node, Enqueue):
                self.acd.board.expect(QueueId(node.queue), node.skill or "")
        self.lines = Lines(rules.lines, self._out, rules.overflow_lines)
        self.floor = Floor(rules, self.acd, self.lines, self.deadlines, self._out)
        self.own = OwnCalls(self.floor)
        self.visits = Visits(self.floor, self.own)
        self.callbacks = Callbacks(self.floor, self.own)
        self.modes = Modes(self.floor)
        self.closing = Closing(self.floor, self.visits.waiting)
        self.deserted = Deserted(self.floor, self.visits.waiting.leave_queue)
        self.asked = Asked()

    def handle(self, command: cmd.Command, now: Instant) -> list[fx.Effect]:
        """Apply one command; what must now be done, in order.

        A request that does not fit raises Rejected and has changed nothing.
        """
        match command:
            case cmd.Woken():
                return self.wake(now)
            case (
                cmd.SignIn() | cmd.Ready() | cmd.Pause() | cmd.SignOut() | cmd.EndWrapUp()
                | cmd.Answer() | cmd.Hold() | cmd.Resume() | cmd.Transfer() | cmd.CallUp()
                | cmd.AskAside() | cmd.Swap() | cmd.Confer() | cmd.HandOver() | cmd.EndConsult()
                | cmd.CallBack() | cmd.CallAgain() | cmd.AttemptResult() | cmd.EndCall()
            ):  # fmt: skip
                if not self.asked.is_repeat(command):
                    self._grant(command, now)
                    self.asked.note(command)
            case cmd.SetMode() | cmd.EndMode() | cmd.TakeUpCalendar():
                self._grant_of_site(command, now)
            case (
                cmd.AgentRinging() | cmd.AgentAnswered() | cmd.AgentLegEnded() | cmd.PhoneLost()
                | cmd.DeviceChanged() | cmd.Reconciled() | cmd.ClockStepped()
                | cmd.DeadlineFailed() | cmd.AsteriskJudged() | cmd.ModesOnRecord()
            ):  # fmt: skip
                self._note(command, now)
            case cmd.CallArrived():
                self.visits.arrive(command, now)
            case _:
                self._note_of_call(command, now)
        return self._settle(now)

    def wake(self, now: Instant) -> list[fx.Effect]:
        """Let deadlines that have passed take effect, at most `AT_ONCE` of them."""
        for _ in range(AT_ONCE):
            key = self.deadlines.pop(now)
            if key is None:
                break
            self.expiring = key
            self._expire(key, now)
        return self._settle(now)

    def next_deadline(self) -> Instant | None:
        """When to call `wake`, or None while nothing is pending."""
        return self.deadlines.next()

    def live(self) -> Set[CallId]:
        """Every call that is not over, whoever began it."""
        return self.visits.calls.keys() | self.own.calls.keys()

    def key_use(self, call: CallId) -> KeyUse:
        """What a key of this caller is for: what the core may see of it."""
        known = self.visits.calls.get(call)
        if known is None or known.stage not in {Stage.MENU, Stage.WAITING}:
            return KeyUse.NONE
        if known.stage is Stage.WAITING and not known.aside:
            return KeyUse.ONE if self.visits.waiting.may_choose(known) else KeyUse.UNSEEN
        collecting = engine.collecting(self.floor.version(known).flow, known.position)
        return KeyUse.COLLECTED if collecting else KeyUse.PLAIN

    # -- requests ------------------------------------------------------------------------

    def _grant(self, request: cmd.OfAgent, now: Instant) -> None:  # noqa: C901 -- one arm each
        roster, visits = self.acd.roster, self.visits
        match request:
            case cmd.SignIn(agent, person):
                roster.sign_in(roster[agent], person, now)
            case cmd.Answer(agent):
                self.acd.pick_up(roster[agent], now)
            case cmd.Ready(agent):
                reserve = request.reserve or request.work is not None
                roster.ready(roster[agent], now, reserve=reserve, work=request.work)
            case cmd.Pause(agent, reason):
                then = Afterwards(AgentState.PAUSED, reason)
                if not (request.imposed and roster.put_off(roster[agent], then)):
                    self._step_back(agent, then, now)
            case cmd.SignOut(agent, _, released_by):
                self._sign_out(agent, released_by, now)
            case cmd.EndWrapUp(agent):
                roster.finish(roster[agent], now)
            case cmd.Hold(agent):
                visits.talking.hold(agent, now)
            case cmd.Resume(agent):
                visits.talking.resume(agent, now)
            case cmd.Transfer(agent, target):
                visits.hand_on(agent, target, now)
            case cmd.AskAside(agent, target):
                visits.consults.begin(agent, target, now)
            case cmd.Swap(agent):
                visits.consults.swap(agent, now)
            case cmd.Confer(agent):
                visits.consults.conference(agent, now)
            case cmd.HandOver(agent):
                visits.consults.complete(agent, now)
            case cmd.EndConsult(agent):
                visits.consults.end(agent, now)
            case cmd.CallUp(agent, target):
                self.own.begin(agent, target, now)
            case cmd.CallBack():
                self.callbacks.begin(request, now)
            case cmd.CallAgain(agent):
                self.callbacks.again(agent, now)
            case cmd.AttemptResult():
                self.callbacks.judge(request, now)
            case cmd.EndCall(agent):
                self._hang_up(agent, now)

    def _hang_up(self, agent: AgentId, now: Instant) -> None:
        own = self.own.of(agent)
        if own is not None:
            self.own.hang_up(own, now)
        elif not self.visits.leave_consult(agent, now):
            self.visits.talking.end(agent, now)

    def _sign_out(self, agent: AgentId, released_by: str, now: Instant) -> None:
        if not released_by:
            self.closing.check_leaving(self.acd.roster[agent], now)
        reason = f"{RELEASED} {released_by}" if released_by else None
        self._step_back(agent, Afterwards(AgentState.SIGNED_OUT, reason), now)

    def _step_back(self, agent_id: AgentId, then: Afterwards, now: Instant) -> None:
        agent = self.acd.roster[agent_id]
        own = self.own.of(agent_id)
        if own is not None and agent.state is AgentState.OFFERED:
            self.own.hang_up(own, now)  # a colleague's call is declined
        elif agent.state is AgentState.OFFERED:
            self.visits.leave_consult(agent_id, now)
        rang_for = agent.offer
        self.acd.step_back(agent, then, now)
        if rang_for is not None:
            self.visits.waiting.check_overdue(rang_for.call, now)

    def _grant_of_site(self, request: cmd.OfSite, now: Instant) -> None:
        match request:
            case cmd.SetMode():
                self.modes.begin(request, now)
            case cmd.EndMode():
                self.modes.end(request, now)
            case cmd.TakeUpCalendar():
                self._take_up(request, now)

    def _take_up(self, request: cmd.TakeUpCalendar, now: Instant) -> None:
        """Whoever began under a calendar of before and follows may know it by its digest."""
        former = [each for each in self.former if each != request.digest]
        self.former = [*former, self.rules.digest][-FORMER_KEPT:]
        self.rules = replace(self.rules, calendar=request.calendar, digest=request.digest)
        self.closing.take_up(self.rules, now)

    # -- facts ---------------------------------------------------------------------------

    def _note(  # noqa: C901 -- one arm each
        self,
        fact: cmd.AgentRinging
        | cmd.AgentAnswered
        | cmd.AgentLegEnded
        | cmd.PhoneLost
        | cmd.DeviceChanged
        | cmd.Reconciled
        | cmd.ClockStepped
        | cmd.DeadlineFailed
        | cmd.AsteriskJudged
        | cmd.ModesOnRecord,
        now: Instant,
    ) -> None:
        match fact:
            case cmd.AgentRinging(offer):
                self.acd.ringing(offer)
            case cmd.AgentAnswered(offer):
                own = self.own.calls.get(offer.call)
                if own is None:
                    self.visits.leg_up(offer, now)
                else:
                    self.own.answered(own, offer, now)
            case cmd.AgentLegEnded(offer, end):
                own = self.own.calls.get(offer.call)
                if own is None:
                    self.visits.leg_ended(offer, end, now)
                elif offer in (own.offer, own.other):
                    self.own.own_leg_ended(own, now, end)
            case cmd.PhoneLost(offer) if offer.call in self.own.calls:
                self.own.phone_lost(offer, now)
            case cmd.PhoneLost(offer):
                self.visits.phone_lost(offer, now)
            case cmd.DeviceChanged(agent, device, phone):
                self.acd.device_changed(agent, device, phone, now)
                self.visits.talking.lost.phone_changed(agent, phone, now)
                self.own.phone_changed(agent, phone, now)
            case cmd.Reconciled():
                reconcile(fact, self.visits, self.own, self.acd, self._out, now)
            case cmd.ClockStepped(offset):
                self.floor.clock_offset = offset
                self.deadlines.cancel(EDGE)  # the calendar is somewhere else now
            case cmd.DeadlineFailed(kind, name):
                self.deadlines.cancel((kind, name))
            case cmd.AsteriskJudged(well):
                self.acd.withheld = not well
            case cmd.ModesOnRecord():
                self.modes.on_record(fact, now)

    def _note_of_call(  # noqa: C901 -- one arm each
        self,
        fact: cmd.CallerHungUp
        | cmd.KeyPressed
        | cmd.PlaybackEnded
        | cmd.KeysChecked
        | cmd.FaxToneHeard
        | cmd.ExternalAnswered
        | cmd.ExternalEnded
        | cmd.ExternalKey
        | cmd.FlowFailed,
        now: Instant,
    ) -> None:
        """Facts about a caller; one we no longer know has nothing more to tell."""
        visits = self.visits
        call = visits.calls.get(fact.call)
        if call is None:
            self._note_of_own(fact, now)
            return
        in_flow = call.stage is Stage.MENU or _is_aside(call)
        match fact:
            case cmd.CallerHungUp():
                visits.ended(call, now)
            case cmd.KeyPressed(_, key):
                self._pressed(call, key, now)
            case cmd.PlaybackEnded():
                self._played(call, fact, now)
            case cmd.KeysChecked(_, valid) if in_flow:
                visits.walking.give(call, engine.Checked(valid), now)
            case cmd.FaxToneHeard():
                visits.fax_tone_heard(call, now)
            case cmd.ExternalAnswered(_, attempt):
                visits.outside_up(call, attempt, now)
            case cmd.ExternalEnded(_, attempt) if call.stage is Stage.ASKING:
                if call.external == attempt:
                    visits.asked(call, now)
            case cmd.ExternalEnded(_, attempt, end):
                visits.outside_ended(call, attempt, end, now)
            case cmd.ExternalKey(_, attempt, key):
                if visits.outside.key(call, attempt, key, now):
                    visits.asked(call, now)
            case cmd.FlowFailed() if _is_aside(call):
                visits.waiting.back_in_line(call, now)
            case cmd.FlowFailed() if in_flow:
                visits.walking.give_up_flow(call, now)
            case cmd.KeysChecked() | cmd.FlowFailed():
                pass  # the caller has moved on

    def _note_of_own(self, fact: cmd.Fact, now: Instant) -> None:
        """The other end of a call that an agent began."""
        match fact:
            case cmd.ExternalAnswered(name) if (own := self.own.calls.get(name)) is not None:
                self.own.external_answered(own, now)
            case cmd.ExternalEnded(name, _, end) if (own := self.own.calls.get(name)) is not None:
                self.own.leg_ended(own, now, end)
            case cmd.PlaybackEnded(name, number) if (own := self.own.calls.get(name)) is not None:
                self.own.lost.told(own, number, now)
            case _:
                pass

    def _pressed(self, call: Call, key: str, now: Instant) -> None:
        if call.stage is Stage.MENU or _is_aside(call):
            self.visits.walking.give(call, engine.Key(key), now)
        elif call.stage is Stage.WAITING and key == "*":
            self.visits.waiting.announce_again(call, now)
        elif call.stage is Stage.WAITING and key == "1":
            self.visits.waiting.choose(call, now)

    def _played(self, call: Call, ended: cmd.PlaybackEnded, now: Instant) -> None:
        if not call.playing or call.playback != ended.playback:
            return
        call.playing = False
        if call.stage is Stage.MENU or _is_aside(call):
            self.visits.walking.give(call, engine.PromptEnded(ended.heard), now)
        else:
            self.visits.outside.announced(call, now)

    # -- time ----------------------------------------------------------------------------

    def _expire(self, key: Key, now: Instant) -> None:
        kind, name = key
        if self.acd.expire(key, now):
            if kind in {"ring", "reach"}:
                self.visits.waiting.check_overdue(CallId(name), now)
        elif kind == DEADLINE:
            self.modes.over(name, "", now)
        elif key == EDGE:
            self.closing.passed(now)
        elif kind == NOBODY:
            self.deserted.expired(QueueId(name), now)
        elif kind == "own":
            self.own.due(CallId(name), now)
        elif kind == "own_again":
            self.own.lost.again(self.own.calls[CallId(name)], now)
        else:
            self._expire_for(self.visits.calls[CallId(name)], kind, now)

    def _expire_for(self, call: Call, kind: str, now: Instant) -> None:  # noqa: C901 -- one arm each
        match kind:
            case "listen":
                self.visits.walking.give(call, engine.Silence(), now)
            case "menu":
                self.visits.walking.give(call, engine.TooLong(), now)
            case "max_wait":
                self.visits.waiting.waited_too_long(call, now)
            case "announce":
                self.visits.waiting.announce(call, now)
            case "external":
                self._external_due(call, now)
            case "lost":
                self.visits.talking.lost.expired(call, now)
            case "again":
                self.visits.talking.lost.again(call, now)
            case "consult":
                self.visits.consults.target_gone(call, "no_answer", now)
            case _:
                raise AssertionError(kind)

    def _external_due(self, call: Call, now: Instant) -> None:
        if call.stage is Stage.ASKING:
            self.visits.asked(call, now)
        elif call.put_through:
            self.visits.outside.announced(call, now)
        else:
            self.visits.outside.ended(call, call.external, now)

    def _settle(self, now: Instant) -> list[fx.Effect]:
        if self.own.calls:
            self.callbacks.watch(now)
        if self.deserted.watched:
            self.deserted.watch(now)
        self.closing.watch(now)
        self.acd.board.note_scarce(self.lines.idle <= self.rules.acd.reserve_lines)
        self.acd.settle(now)
        if not self._out:
            return []
        for effect in self._out[:]:
            if isinstance(effect, acd_fx.Ring):
                self.visits.waiting.offered(effect.offer)
        self.closing.note_overtime(now)
        effects, self._out[:] = self._out[:], []
        return effects


def _is_aside(call: Call) -> bool:
    return call.aside and call.stage is Stage.WAITING
