"""Modes: what somebody sets while the centre works, in force at once and over by itself.

`emergency`, `outage` and `surge` are entries of the calendar's strongest layer. What each sets is
configured; whoever sets one says for how long, and of an emergency whether the lines stay open.
"""

from dataclasses import replace

from ivr_flows.opening.announce import NOTICE
from ivr_flows.opening.model import CLOSED_PROMPT, Rule
from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.centre import effects as fx
from telephony.centre.closing import EDGE
from telephony.centre.commands import EndMode, SetMode
from telephony.centre.floor import Floor
from telephony.centre.model import ModeInForce

DEADLINE = "mode"


class Modes:
    """What is in force besides the calendar."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def begin(self, asked: SetMode, now: Instant) -> None:
        """In force from now on; set again, the later word counts."""
        rule = self._floor.rules.calendar.modes.get(asked.mode)
        if rule is None:
            known = ", ".join(self._floor.rules.calendar.modes)
            raise Rejected(f"モードは {known} のどれかです (the modes are {known})")
        until = Instant(now + asked.lasts)
        present = ModeInForce(asked.mode, now, until, asked.by, _changed(rule, asked))
        self._put(present, now)
        self._floor.deadlines.set((DEADLINE, asked.mode), until)
        self._floor.out.append(
            fx.ModeBegan(asked.mode, now, until, asked.by, closes=present.rule.hours == ())
        )

    def end(self, asked: EndMode, now: Instant) -> None:
        """Over before its time."""
        if asked.mode not in self._floor.modes:
            raise Rejected(f"{asked.mode} は入っていません (this mode is not on)")
        self.over(asked.mode, asked.by, now)

    def over(self, mode: str, by: str, now: Instant) -> None:
        """It has expired, or was ended by somebody."""
        self._floor.deadlines.cancel((DEADLINE, mode))
        began = self._floor.modes.pop(mode)
        self._floor.deadlines.cancel(EDGE)  # lines may come back
        self._floor.out.append(fx.ModeEnded(mode, began.since, by, now))

    def _put(self, present: ModeInForce, now: Instant) -> None:
        before = self._floor.modes.pop(present.mode, None)
        if before is not None:
            self._floor.out.append(fx.ModeEnded(present.mode, before.since, present.by, now))
        order = list(self._floor.rules.calendar.modes)
        self._floor.modes[present.mode] = present
        self._floor.modes = dict(
            sorted(self._floor.modes.items(), key=lambda each: order.index(each[0]))
        )
        self._floor.deadlines.cancel(EDGE)


def _changed(rule: Rule, asked: SetMode) -> Rule:
    """What the mode sets, with what was asked for this once."""
    if asked.closes is not None:
        rule = replace(rule, hours=() if asked.closes else None)
    if asked.prompt:
        what = CLOSED_PROMPT if rule.hours == () else NOTICE
        rule = replace(rule, prompts={**rule.prompts, what: asked.prompt})
    return rule
