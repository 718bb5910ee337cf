"""Bugs of the kinds that people make: each one exact replacement in one file.

Chosen from what could have been forgotten, swapped or mistaken when the code was written, before
any of them was run. None is taken out because it was missed.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bug:
    """What somebody might have written instead; `before` stands in the file exactly once."""

    story: str
    file: str
    before: str
    after: str


BUGS: Final = (
    # -- the queue core ------------------------------------------------------------------
    Bug(
        "a caller who left can still be offered",
        "telephony/acd/board.py",
        "        self.withhold(entry)\n        if self._entries",
        "        if self._entries",
    ),
    Bug(
        "whoever let the caller down is asked first again",
        "telephony/acd/board.py",
        "next(fresh, free[0][-1])",
        "free[0][-1]",
    ),
    Bug(
        "a dial whose reply was lost is not hung up",
        "telephony/acd/core.py",
        "            if end is OfferEnd.FAILED:  # it may ring all the same: its reply was lost\n"
        "                self._out.append(fx.DropLeg(offer))\n",
        "",
    ),
    Bug(
        "a pause while it rings: the caller keeps the place, but is never offered again",
        "telephony/acd/core.py",
        "            self._withdraw(ringing, now)\n            self._present(ringing, now)",
        "            self._withdraw(ringing, now)",
    ),
    Bug(
        "a telephone that rings is taken for unreachable all the same",
        "telephony/acd/core.py",
        "            entry.ringing = True\n"
        '            self._deadlines.cancel(("reach", offer.call))\n',
        "            entry.ringing = True\n",
    ),
    Bug(
        "while Asterisk does not do its work, agents are blamed for not answering",
        "telephony/acd/core.py",
        "        if self.withheld:  # perhaps",
        "        if False:  # perhaps",
    ),
    Bug(
        "a queue takes one caller too many",
        "telephony/acd/core.py",
        "self.board.length(queue) >= most",
        "self.board.length(queue) > most",
    ),
    Bug(
        "missed offers add up although calls were taken between them",
        "telephony/acd/roster.py",
        "        agent.misses = 0\n        agent.calls += 1\n        agent.served,",
        "        agent.calls += 1\n        agent.served,",
    ),
    Bug(
        "a pause asked for in one call comes again after the next",
        "telephony/acd/roster.py",
        "        agent.afterwards, agent.called_back = None, False\n",
        "        agent.called_back = False\n",
    ),
    Bug(
        "wrap-up has no deadline: whoever presses nothing stays in it",
        "telephony/acd/roster.py",
        "        if agent.person is None:\n            self._end_by_itself(agent, now)\n",
        "",
    ),
    Bug(
        "an agent who was taken away while resting is forgotten with a deadline open",
        "telephony/acd/roster.py",
        "if agent.call is None and not agent.resting:",
        "if agent.call is None:",
    ),
    Bug(
        "a deadline does not fire at its own instant, only after it",
        "telephony/acd/deadlines.py",
        "if at is None or at > now:",
        "if at is None or at >= now:",
    ),
    # -- the centre ----------------------------------------------------------------------
    Bug(
        "the late end of an old prompt counts for the present one",
        "telephony/centre/core.py",
        "if not call.playing or call.playback != ended.playback:",
        "if not call.playing:",
    ),
    Bug(
        "a caller whose longest wait ended while it rang waits on when the agent pauses",
        "telephony/centre/core.py",
        "        if rang_for is not None:\n"
        "            self.visits.waiting.check_overdue(rang_for.call, now)\n",
        "",
    ),
    Bug(
        "waiting after a talk counts as waiting for the answer",
        "telephony/centre/floor.py",
        "elif call.stage is Stage.WAITING and not call.answered:",
        "elif call.stage is Stage.WAITING:",
    ),
    Bug(
        "the longest wait is not forgotten when the caller is answered",
        "telephony/centre/floor.py",
        '"listen", "menu", "max_wait", "announce", "external",',
        '"listen", "menu", "announce", "external",',
    ),
    Bug(
        "after a takeover a busy line is given to the next caller too",
        "telephony/centre/lines.py",
        "        self._idle = sorted(\n"
        "            number\n"
        "            for number, line in self._lines.items()\n"
        "            if line.state is LineState.IDLE and not line.overflow\n"
        "        )\n",
        "",
    ),
    Bug(
        "a talk that an outage ended counts as lost, not as answered",
        "telephony/centre/outcome.py",
        "    if call.answered:\n        return Outcome.ANSWERED\n"
        "    if lost:\n        return Outcome.LOST\n",
        "    if lost:\n        return Outcome.LOST\n"
        "    if call.answered:\n        return Outcome.ANSWERED\n",
    ),
    Bug(
        "the line of a leg to the outside is never free again",
        "telephony/centre/outside.py",
        "        self._floor.lines.move(call.external_line, LineState.IDLE, now)\n",
        "",
    ),
    Bug(
        "one call an hour more than allowed goes out",
        "telephony/centre/tolls.py",
        "(len(hour), rules.per_hour)",
        "(len(hour) - 1, rules.per_hour)",
    ),
    Bug(
        "the broken telephone of an agent in a talk reads as their hanging up",
        "telephony/centre/reconcile.py",
        "visits.leg_ended(offer, LegEnd.LOST, now)\n    elif call.stage is Stage.HOLD",
        "visits.leg_ended(offer, LegEnd.HUNG_UP, now)\n    elif call.stage is Stage.HOLD",
    ),
    Bug(
        "a call that began after Asterisk was asked is taken for gone",
        "telephony/centre/reconcile.py",
        "[call for call in visits.calls.values() if call.stage_since < found.asked_at]",
        "list(visits.calls.values())",
    ),
    Bug(
        "a leg that is being made just now is taken for gone",
        "telephony/centre/reconcile.py",
        "channel not in self._channels and channel not in self._in_flight",
        "channel not in self._channels",
    ),
    Bug(
        "a caller in a talk is hung up on because the journal knows an end",
        "telephony/centre/truth.py",
        "return Verdict.ADOPT_AND_NOTE if talking and verdict is Verdict.HANG_UP else verdict",
        "return verdict",
    ),
    Bug(
        "a record that nobody else will close stays open",
        "telephony/centre/truth.py",
        "(_A.GONE, _J.UNKNOWN, _R.OPEN): _V.CLOSE_LOST",
        "(_A.GONE, _J.UNKNOWN, _R.OPEN): _V.NOTHING",
    ),
    Bug(
        "a caller who goes while a number outside is dialled leaves the leg ringing",
        "telephony/centre/visits.py",
        "        self.outside.drop(call, now)\n",
        "",
    ),
    Bug(
        "whoever comes back from a broken talk stands at the end of the queue",
        "telephony/centre/waiting.py",
        "entered_at = now if call.entered_at is None else call.entered_at",
        "entered_at = now",
    ),
    Bug(
        "the limit of the menu goes on for a caller who waits",
        "telephony/centre/waiting.py",
        '        self._floor.deadlines.cancel(("menu", call.id))\n',
        "",
    ),
    Bug(
        "a citizen who was called back waits for a lost telephone for ever",
        "telephony/centre/seat_phones.py",
        "        self._floor.deadlines.set((self._until, call.id), Instant(now + WAITED_FOR))\n",
        "",
    ),
    Bug(
        "the dead leg of whoever called a citizen back is not hung up",
        "telephony/centre/seat_phones.py",
        "        self._drop(call)\n        self._floor.acd.roster.without_phone(agent, now)\n",
        "        self._floor.acd.roster.without_phone(agent, now)\n",
    ),
    Bug(
        "a call back that broke off on our side counts as contact",
        "telephony/centre/own.py",
        "        return AttemptEnd.BROKEN_OFF\n",
        "        return AttemptEnd.REACHED\n",
    ),
    Bug(
        "a page is not watched in a call that its agent began",
        "telephony/calls/lost_sound.py",
        "                yield own.offer, watch\n",
        "                pass\n",
    ),
    Bug(
        "a leader who follows leaves a citizen in the room of a lost telephone",
        "telephony/centre/reconcile.py",
        "        if not live.hears_music(call.outside) and not live.joining(call.id):\n"
        "            out.append(fx.Gather(call.id, (), (call.outside,)))\n",
        "",
    ),
    Bug(
        "the longest wait is lost when it ends while a telephone rings",
        "telephony/centre/waiting.py",
        "            call.overdue = True\n",
        "            pass\n",
    ),
    Bug(
        "a refused transfer has ended the agent's talk already",
        "telephony/centre/talking.py",
        "        self._floor.acd.check_target(target)\n"
        "        offer = self.let_go(call, agent, target, now)\n",
        "        offer = self.let_go(call, agent, target, now)\n"
        "        self._floor.acd.check_target(target)\n",
    ),
    Bug(
        "what was dialled in the last hour is forgotten by a takeover",
        "telephony/centre/snapshot.py",
        "    centre.floor.dialled = _dialled(kept)\n",
        "",
    ),
    Bug(
        "a snapshot forgets that nobody may be offered a call at present",
        "telephony/centre/snapshot.py",
        ", withheld=kept.offers_withheld)",
        ")",
    ),
    # -- the engine and its journal ------------------------------------------------------
    Bug(
        "effects leave before the journal has them",
        "telephony/calls/engine.py",
        "            await self._appender.append([self._record(applied) for applied in batch])\n"
        "            for applied in batch:\n                self._release(applied)\n",
        "            for applied in batch:\n                self._release(applied)\n"
        "            await self._appender.append([self._record(applied) for applied in batch])\n",
    ),
    Bug(
        "what is applied while the journal comes back never reaches it",
        "telephony/calls/appender.py",
        "or not records:\n            self._keep(records)\n",
        "or not records:\n",
    ),
    Bug(
        "a snapshot is kept before the records up to it are written",
        "telephony/calls/engine.py",
        "if kept is None or self.away or self.written < self._owed:",
        "if kept is None or self.away:",
    ),
    Bug(
        "a timer that comes a hair too early is not set again",
        "telephony/calls/engine.py",
        "        else:  # the loop's clock and ours differ by a hair\n"
        "            self._arm(self.now())\n",
        "",
    ),
    Bug(
        "a hole in the journal is not noticed",
        "telephony/calls/rebuild.py",
        "return place.seq == last.seq + 1",
        "return place.seq > last.seq",
    ),
    Bug(
        "poison is taken again by every new leader",
        "telephony/calls/rebuild.py",
        'if record.command is None or record.mark == "poison":',
        "if record.command is None:",
    ),
    Bug(
        "a journal that came back without its end makes the standby forget what it knew",
        "telephony/calls/standby.py",
        "return found.last is not None and found.last >= known.last",
        "return found.last is not None",
    ),
    Bug(
        "the journal is read before its former writer is shut out",
        "telephony/calls/takeover.py",
        "    await patiently(lambda: _mark(of, held))\n"
        "    rebuilt = await patiently(follower.rebuilt)\n",
        "    rebuilt = await patiently(follower.rebuilt)\n"
        "    await patiently(lambda: _mark(of, held))\n",
    ),
    Bug(
        "who has lost the lease goes on leading",
        "telephony/calls/takeover.py",
        "            if not ours:\n"
        '                raise Demoted("the lease is somebody else\'s")\n',
        '            if not ours:\n                log.error("lease_lost")\n',
    ),
    Bug(
        "who slept longer than the lease lasts sends the requests it had half made",
        "telephony/calls/lease.py",
        "        if now - self._tried_at >= self._ttl:\n"
        '            raise Demoted("slept for longer than the lease lasts")\n',
        "",
    ),
    Bug(
        "a lease that somebody else has had meanwhile is renewed",
        "telephony/calls/lease.py",
        "if epoch and epoch ~= ARGV[3] then return 0 end\n",
        "",
    ),
    Bug(
        "after a request that failed, its channel counts as being made for ever",
        "telephony/calls/outbox.py",
        "        finally:\n            if isinstance",
        "        else:\n            if isinstance",
    ),
    Bug(
        "the hang-up of a leg overtakes the request that makes it ring",
        "telephony/calls/outbox.py",
        " | acd_fx.DropLeg(offer)\n            | fx.RingOwn(offer) | fx.RingAgain(offer)\n"
        '        ):  # fmt: skip\n            return f"PJSIP/',
        "\n            | fx.RingOwn(offer) | fx.RingAgain(offer)\n"
        '        ):  # fmt: skip\n            return f"PJSIP/',
    ),
    # -- reconcile and sweep -------------------------------------------------------------
    Bug(
        "a caller who was just hung up on is met as a stranger",
        "telephony/calls/ground.py",
        "        if self._just_ended(call):\n            return\n",
        "",
    ),
    Bug(
        "a leg that is in a talk is reaped, because nobody knows it",
        "telephony/calls/ground.py",
        "        if survey.in_talk(bridges, channel.id) and not self._knows_of(channel.id):\n"
        "            return\n",
        "",
    ),
    Bug(
        "an adopted caller's legs are numbered from one again",
        "telephony/calls/ground.py",
        "replace(self._late(channel.id, arrival), attempts=attempts)",
        "self._late(channel.id, arrival)",
    ),
    Bug(
        "one look is believed, though an event may only be late",
        "telephony/calls/sweep.py",
        "[each for each in different if each in self._seen]",
        "different",
    ),
    Bug(
        "a leg that rang and one that talked are mistaken for each other",
        "telephony/calls/sweep.py",
        "cmd.LegEnd.FAILED if was_pending else cmd.LegEnd.LOST",
        "cmd.LegEnd.LOST if was_pending else cmd.LegEnd.FAILED",
    ),
    Bug(
        "the room of a talk is torn down, because nobody knows the call",
        "telephony/calls/survey.py",
        'if bridge.startswith("b.") and bridge[2:] not in live and len(inside) < TALK',
        'if bridge.startswith("b.") and bridge[2:] not in live',
    ),
    Bug(
        "an adopted caller has arrived when their channel was made again, not at first",
        "telephony/calls/survey.py",
        "at = created if arrival.arrived is None else min(created, arrival.arrived)",
        "at = created",
    ),
    Bug(
        "a leg to the outside is not known when its first event comes",
        "telephony/calls/legs.py",
        "                    self._legs[external_leg(call, attempt)] = "
        "ExternalLeg(call, attempt)\n",
        "                    pass\n",
    ),
    # -- the flows -----------------------------------------------------------------------
    Bug(
        "one try more than the menu allows",
        "ivr_flows/engine.py",
        "if here.tries < rule.retries:",
        "if here.tries <= rule.retries:",
    ),
    Bug(
        "when the check of an entry never comes, the caller is stuck",
        "ivr_flows/engine.py",
        "return self._invalid(here, node) if here.checking else self._done(here, node)",
        "return self._done(here, node)",
    ),
    Bug(
        "a call outside the hours is not told apart from one that gave up",
        "ivr_flows/engine.py",
        "return node.closed if closed else node.open, closed",
        "return node.closed if closed else node.open, False",
    ),
    Bug(
        "fax tones press keys",
        "ivr_flows/engine.py",
        "        if key in NO_KEYS:\n            return here, []\n",
        "",
    ),
    Bug(
        "a restart in the middle of an entry counts what was typed before",
        "ivr_flows/engine.py",
        "        typed=0,\n        playing=False,",
        "        playing=False,",
    ),
    # -- callbacks, and whose turn it is --------------------------------------------------
    Bug(
        "whoever hangs up at once is owed a callback",
        "telephony/owing/rules.py",
        "call.ended_at - call.arrived_at < short_abandon",
        "False",
    ),
    Bug(
        "what somebody else has claimed may be taken from them",
        "telephony/owing/rules.py",
        "holder is None or holder == done.by",
        "True",
    ),
    Bug(
        "who asked to be called is owed no more than anybody who gave up",
        "telephony/owing/rules.py",
        "if call.requested:",
        "if False:",
    ),
    Bug(
        "a penalty of an agent counts for nothing",
        "telephony/acd/board.py",
        "return (self.penalty, counted",
        "return (0, counted",
    ),
    Bug(
        "fewest calls is served in a fixed order",
        "telephony/acd/board.py",
        "calls if self.by_calls else self.order",
        "self.order",
    ),
    Bug(
        "a callback takes the last line from whoever phones in",
        "telephony/centre/callbacks.py",
        "if self._floor.line_to_spare() is None:",
        "if False:",
    ),
    Bug(
        "a citizen who talks to us by now is dialled on",
        "telephony/centre/callbacks.py",
        "            if dial.caller in talking:",
        "            if False:",
    ),
    Bug(
        "a dial that may have gone out is made again at once",
        "telephony/centre/callbacks.py",
        "if unsure is not None and now < unsure + SETTLE:",
        "if False:",
    ),
    Bug(
        "one call more to a number than the toll gate allows",
        "telephony/centre/tolls.py",
        "(_to(to.to, hour), rules.per_number)",
        "(_to(to.to, hour) - 1, rules.per_number)",
    ),
)
