"""The numbered lines of the trunk: which call holds which.

Beyond them there may be overflow lines: channels for callers who find every line taken, and for the
leg that takes them somewhere else. Nobody else gets one.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass

from telephony.acd.model import NEVER, AgentId, CallId, Instant
from telephony.centre.effects import Effect, LineMoved, LineState


@dataclass(slots=True)
class Line:
    """One line and who holds it."""

    number: int
    state: LineState = LineState.IDLE
    call: CallId | None = None
    agent: AgentId | None = None
    since: Instant = NEVER
    overflow: bool = False


class Lines:
    """A line is busy from the INVITE until the hang-up; a leg we dial holds one too."""

    def __init__(
        self, numbers: tuple[int, ...], out: list[Effect], overflow: tuple[int, ...] = ()
    ) -> None:
        self._lines = {number: Line(number) for number in sorted(numbers)}
        self._overflow = tuple(sorted(overflow))
        self._lines |= {number: Line(number, overflow=True) for number in self._overflow}
        self._configured = frozenset(numbers)
        self._idle = sorted(numbers)  # kept, because with thousands a search would be felt
        self.in_service: int | None = None  # None: every one
        self._out = out

    def __getitem__(self, number: int) -> Line:
        return self._lines[number]

    def all(self) -> list[Line]:
        """Every line in the order of its number."""
        return [self._lines[number] for number in sorted(self._lines)]

    def restore(self, lines: list[Line], in_service: int | None = None) -> None:
        """Take over the lines of a snapshot; a busy one stays even if it was taken away."""
        self.in_service = in_service
        for line in lines:
            if line.number in self._lines or line.call is not None:
                line.overflow = line.number in self._overflow
                self._lines[line.number] = line
        self._idle = sorted(
            number
            for number, line in self._lines.items()
            if line.state is LineState.IDLE and not line.overflow
        )

    def limit(self, most: int | None, now: Instant) -> None:
        """Take lines out of service, or put them back. A busy one goes when its call is over."""
        self.in_service = most
        self._keep_limit(now)

    def _keep_limit(self, now: Instant) -> None:
        closed = [line.number for line in self.all() if line.state is LineState.CLOSED]
        most = len(self._configured) if self.in_service is None else self.in_service
        missing = most - (len(self._configured) - len(closed))
        if missing < 0:
            for number in self._idle[missing:]:
                self.move(number, LineState.CLOSED, now)
        for number in closed[: max(missing, 0)]:
            self.move(number, LineState.IDLE, now)

    @property
    def idle(self) -> int:
        """How many are free."""
        return len(self._idle)

    def free(self) -> int | None:
        """The lowest free line."""
        return self._idle[0] if self._idle else None

    def overflow(self) -> int | None:
        """The lowest free one of those for callers who find every line taken."""
        idle = (n for n in self._overflow if self._lines[n].state is LineState.IDLE)
        return next(idle, None)

    def move(
        self,
        number: int,
        state: LineState,
        now: Instant,
        call: CallId | None = None,
        agent: AgentId | None = None,
    ) -> None:
        """Begin a state of the line; the one it is in already goes on."""
        line = self._lines[number]
        if (line.state, line.call, line.agent) == (state, call, agent):
            return
        freed = state is LineState.IDLE and line.state is not LineState.CLOSED
        self._index(number, line.state, state)
        line.state, line.call, line.agent, line.since = state, call, agent, now
        self._out.append(LineMoved(number, state, call, agent, now))
        if freed and self.in_service is not None:
            self._keep_limit(now)

    def _index(self, number: int, before: LineState, after: LineState) -> None:
        if number not in self._configured:
            return  # taken away while it was busy: nobody gets it again
        if before is not LineState.IDLE and after is LineState.IDLE:
            insort(self._idle, number)
        elif before is LineState.IDLE and after is not LineState.IDLE:
            del self._idle[bisect_left(self._idle, number)]
