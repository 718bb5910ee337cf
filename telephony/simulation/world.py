"""The centre in a time that jumps: what is due next happens next, and nothing waits."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Final

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre

Happening = Callable[[], object]
Hearing = Callable[[fx.Effect, Instant], object]
NOBODY_LATER: Final = float("inf")


class World:
    """One agenda for everybody outside the centre; its deadlines are the centre's own."""

    def __init__(self, centre: Centre, now: Instant) -> None:
        self.centre = centre
        self.now = now
        self._hearing: dict[type[fx.Effect], list[Hearing]] = {}
        self.commands = 0
        self._agenda: list[tuple[float, int, Happening]] = []
        self._order = count()

    def at(self, when: float, happening: Happening) -> None:
        """Let it happen then; what is already past happens now."""
        heapq.heappush(self._agenda, (max(when, self.now), next(self._order), happening))

    def let_hear(self, hearing: Hearing, *effects: type[fx.Effect]) -> None:
        """Whoever acts on these effects hears of them in this order, and of no others."""
        for effect in effects:
            self._hearing.setdefault(effect, []).append(hearing)

    def tell(self, command: cmd.Command) -> bool:
        """Tell the centre; False when it refused, as it may refuse a request."""
        self.commands += 1
        try:
            effects = self.centre.handle(command, self.now)
        except Rejected:
            return False
        for effect in effects:
            for heard in self._hearing.get(type(effect), ()):
                heard(effect, self.now)
        return True

    def step(self, until: float = NOBODY_LATER) -> bool:
        """The next thing that happens, if it happens by `until`."""
        planned = self._agenda[0][0] if self._agenda else NOBODY_LATER
        due = self.centre.next_deadline()
        if due is not None and due <= planned:
            if due > until:
                return False
            self.now = max(self.now, due)
            self.tell(cmd.Woken())
            return True
        if planned > until or not self._agenda:
            return False
        at, _, happening = heapq.heappop(self._agenda)
        self.now = Instant(at)
        happening()
        return True

    def jump(self, to: Instant) -> None:
        """To the next day; what was still to happen on this one does not."""
        self._agenda.clear()
        self.now = to
