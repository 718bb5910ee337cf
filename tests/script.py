"""The script language of the core's tests: at, tell, expect.

A script runs eagerly. `expect` compares everything the core has asked for since the last one,
exactly and in order; whatever a test leaves unsaid must not have happened. News about lines and
records is kept apart (`news`), so that a script about offers reads as one.
"""

from collections.abc import Iterable
from typing import Self

import pytest

from telephony.acd.errors import Rejected
from telephony.acd.model import Device, Instant
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from tests.builders import MONDAY

ASIDE = (
    fx.LineMoved,
    fx.CallNoted,
    fx.CallAdvanced,
    fx.CallOpened,
    fx.CallClosed,
    fx.OwnCallClosed,
    fx.AttemptEnded,
    fx.OvertimeWorked,
)


class Script:
    """One centre, driven by hand."""

    def __init__(self, rules: CentreRules, *, phones: bool = True) -> None:
        self.centre = Centre(rules)
        self.news: list[fx.Effect] = []
        self._seen: list[fx.Effect] = []
        self._now = MONDAY
        for agent in rules.acd.agents if phones else ():
            self.tell(cmd.DeviceChanged(agent, Device.FREE))

    def at(self, seconds: float) -> Self:
        """Let time pass; each deadline on the way fires at its own instant."""
        until = Instant(MONDAY + seconds)
        while (due := self.centre.next_deadline()) is not None and due <= until:
            self._take(self.centre.wake(due))
        self._now = until
        return self

    def tell(self, *commands: cmd.Command) -> Self:
        """Something happens now."""
        for command in commands:
            self._take(self.centre.handle(command, self._now))
        return self

    def refuse(self, request: cmd.Request, because: str) -> Self:
        """The request is refused with these words, and changes nothing."""
        with pytest.raises(Rejected, match=because):
            self.centre.handle(request, self._now)
        return self

    def expect(self, *effects: fx.Effect) -> Self:
        """Everything asked for since the last `expect`, in order."""
        seen, self._seen = self._seen, []
        assert seen == list(effects)
        return self

    def ignore(self) -> Self:
        """What happened up to here is another test's business."""
        self._seen = []
        self.news = []
        return self

    @property
    def now(self) -> Instant:
        """The instant the script has come to."""
        return self._now

    def closed(self) -> list[fx.CallClosed]:
        """The terminal records so far."""
        return [each for each in self.news if isinstance(each, fx.CallClosed)]

    def _take(self, effects: Iterable[fx.Effect]) -> None:
        for effect in effects:
            (self.news if isinstance(effect, ASIDE) else self._seen).append(effect)
