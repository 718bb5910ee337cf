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
from telephony.centre.commands import EndMode, ModeOnRecord, ModesOnRecord, SetMode
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
        rule = _changed(rule, asked.closes, asked.prompt)
        self._put(ModeInForce(asked.mode, now, until, asked.by, rule), now)
        self._floor.out.append(
            fx.ModeBegan(
                asked.mode, now, until, asked.by, closes=rule.hours == (), prompt=asked.prompt
            )
        )

    def end(self, asked: EndMode, now: Instant) -> None:
        """Over before its time."""
        if asked.mode not in self._floor.modes:
            raise Rejected(f"{asked.mode} は入っていません (this mode is not on)")
        self.over(asked.mode, asked.by, now)

    def over(self, mode: str, by: str, now: Instant) -> None:
        """It has expired, or was ended by somebody."""
        began = self._forget(mode)
        self._floor.out.append(fx.ModeEnded(mode, began.since, by, now))

    def on_record(self, told: ModesOnRecord, now: Instant) -> None:
        """Have on what the records say is, unless somebody has said otherwise since."""
        names = {each.mode for each in told.modes}
        for present in list(self._floor.modes.values()):
            if present.mode not in names and present.since < told.known_at:
                self._forget(present.mode)  # its record is closed already
        for each in told.modes:
            self._put_back(each, now)

    def _put_back(self, kept: ModeOnRecord, now: Instant) -> None:
        rule = self._floor.rules.calendar.modes.get(kept.mode)
        before = self._floor.modes.get(kept.mode)
        if before is not None and before.since == kept.since:
            return
        if rule is None or now >= kept.until:
            self._floor.out.append(fx.ModeEnded(kept.mode, kept.since, "", min(now, kept.until)))
        elif before is not None and before.since > kept.since:
            self._floor.out.append(fx.ModeEnded(kept.mode, kept.since, before.by, before.since))
        else:
            rule = _changed(rule, kept.closes, kept.prompt)
            self._put(ModeInForce(kept.mode, kept.since, kept.until, kept.by, rule), now)

    def _forget(self, mode: str) -> ModeInForce:
        self._floor.deadlines.cancel((DEADLINE, mode))
        self._floor.deadlines.cancel(EDGE)  # lines may come back
        return self._floor.modes.pop(mode)

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
        self._floor.deadlines.set((DEADLINE, present.mode), present.until)


def _changed(rule: Rule, closes: bool | None, prompt: str) -> Rule:
    """What the mode sets, with what was asked for this once."""
    if closes is not None:
        rule = replace(rule, hours=() if closes else None)
    if prompt:
        what = CLOSED_PROMPT if rule.hours == () else NOTICE
        rule = replace(rule, prompts={**rule.prompts, what: prompt})
    return rule
