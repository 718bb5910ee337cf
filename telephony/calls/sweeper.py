"""Asks for a sweep each moment, and acts on what two of them have shown."""

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from math import inf

import structlog

from config.clockwork import every
from telephony.ari.client import Ari
from telephony.ari.inbox import Compared, Inbox
from telephony.calls import survey, sweep
from telephony.calls.ground import Belief, Ground
from telephony.centre import commands as cmd

log = structlog.get_logger(__name__)


class Sweeper:
    """One sweep at a time; its answer is compared in the order of events."""

    def __init__(
        self, ari: Ari, inbox: Inbox, ground: Ground, belief: Belief, seats: Collection[str]
    ) -> None:
        self._sweep = sweep.Sweep()
        self._ari = ari
        self._inbox = inbox
        self._ground = ground
        self._of = belief
        self._seats = seats
        self._listening = False
        self._asking: sweep.Believed | None = None  # what the last question was about
        self._answered_at = -inf  # by the event loop's clock

    @property
    def counts(self) -> sweep.Sweeps:
        """What was found so far."""
        return self._sweep.counts

    def listening(self, now: bool) -> None:
        """Whether nothing was missed since the last look at everything.

        Until that look nobody knows why what is gone is gone: with Asterisk, or by a hang-up. With
        a change an answer to an older question says nothing any more.
        """
        if now is not self._listening:
            self._listening = now
            self._asking = None
            self._sweep.forget()

    async def run(self) -> None:
        """Ask for ever, and sooner about what one answer has shown."""
        passed = 0
        async with aclosing(every(sweep.AGAIN)) as moments:
            async for _ in moments:
                passed += 1
                due = passed >= sweep.CALM or self._sweep.doubts
                if due and self._listening and self._asking is None and self._has_rested():
                    passed = 0
                    await self._ask()

    def _has_rested(self) -> bool:
        """An answer that came late is no reason to ask sooner what it has shown."""
        return asyncio.get_running_loop().time() - self._answered_at >= sweep.APART

    async def _ask(self) -> None:
        engine = self._of.engine
        asked = self._asking = sweep.believed(engine.centre, engine.now())
        found = await sweep.ask(self._ari, asked, self._of.legs, self._sweep.asking)
        if found.unanswered:  # whoever watches over Asterisk tells of it
            log.warning("sweep_unanswered", questions=found.unanswered)
        self._inbox.mark(Compared(found))

    async def compare(self, found: object) -> None:
        """Put right what is certain; everything heard before the answer has been acted on."""
        if not isinstance(found, sweep.Found) or found.believed is not self._asking:
            return
        self._asking = None
        self._answered_at = asyncio.get_running_loop().time()
        of = self._of
        now = sweep.Now(of.engine.centre, of.legs, of.in_flight(), of.busy, self._seats)
        for missed in self._sweep.confirmed(found, now):
            log.warning("event_missed", found=type(missed).__name__)
            await self._put_right(missed, found)
        if found.held is not None:
            of.legs.keep(found.held | of.in_flight(), of.engine.centre)

    async def _put_right(self, missed: sweep.Difference, found: sweep.Found) -> None:
        match missed:
            case sweep.Stranger(name) if survey.is_caller(found.strangers[name]):
                others = found.strangers.values()
                await self._ground.meet(found.strangers[name], others, found.bridges)
                self._of.legs.learn(self._of.engine.centre)
            case sweep.Stranger(name):
                await self._ground.reap_channel(found.strangers[name], found.bridges)
            case sweep.Leftover(name):
                await self._ground.reap_bridge(name)
            case cmd.PlaybackEnded(call, playback):
                # What Asterisk never said it would play may never have sounded.
                sounded = self._of.performer.ended(call, playback)
                heard = sounded.was_begun and sounded.is_whole
                self._of.submit(cmd.PlaybackEnded(call, playback, heard))
            case _:
                self._of.submit(missed)
