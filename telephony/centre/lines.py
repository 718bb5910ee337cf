"""The numbered lines of the trunk: which call holds which."""

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


class Lines:
    """A line is busy from the INVITE until the hang-up; a leg we dial holds one too."""

    def __init__(self, numbers: tuple[int, ...], out: list[Effect]) -> None:
        self._lines = {number: Line(number) for number in sorted(numbers)}
        self._configured = frozenset(numbers)
        self._idle = sorted(self._lines)  # kept, because with thousands a search would be felt
        self._out = out

    def __getitem__(self, number: int) -> Line:
        return self._lines[number]

    def all(self) -> list[Line]:
        """Every line in the order of its number."""
        return list(self._lines.values())

    def restore(self, lines: list[Line]) -> None:
        """Take over the lines of a snapshot; a busy one stays even if it was taken away."""
        for line in lines:
            if line.number in self._lines or line.call is not None:
                self._lines[line.number] = line
        self._idle = sorted(n for n, line in self._lines.items() if line.state is LineState.IDLE)

    @property
    def idle(self) -> int:
        """How many are free."""
        return len(self._idle)

    def free(self) -> int | None:
        """The lowest free line."""
        return self._idle[0] if self._idle else None

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
        self._index(number, line.state, state)
        line.state, line.call, line.agent, line.since = state, call, agent, now
        self._out.append(LineMoved(number, state, call, agent, now))

    def _index(self, number: int, before: LineState, after: LineState) -> None:
        if number not in self._configured:
            return  # taken away while it was busy: nobody gets it again
        if before is not LineState.IDLE and after is LineState.IDLE:
            insort(self._idle, number)
        elif before is LineState.IDLE and after is not LineState.IDLE:
            del self._idle[bisect_left(self._idle, number)]
