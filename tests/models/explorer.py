"""Breadth first through every state a model can reach; the shortest way to a bad one."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Step = tuple[str, State]


@dataclass(frozen=True, slots=True)
class Found(Generic[State]):
    """What the search came to: how many states there are, and the way to the first bad one."""

    states: int
    trace: tuple[str, ...] | None


def explore(
    start: State,
    steps: Callable[[State], Iterable[tuple[str, State]]],
    wrong: Callable[[State], bool],
    most: int = 2_000_000,
) -> Found[State]:
    """Every state from `start`, at most so many; more is an error of the model."""
    came_from: dict[State, tuple[State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if wrong(state):
            return Found(len(came_from), _way(state, came_from))
        for name, after in steps(state):
            if after not in came_from:
                came_from[after] = state, name
                queue.append(after)
        if len(came_from) > most:
            raise OverflowError(f"more than {most} states")
    return Found(len(came_from), None)


def _way(state: State, came_from: dict[State, tuple[State, str] | None]) -> tuple[str, ...]:
    names = []
    back = came_from[state]
    while back is not None:
        state, name = back
        names.append(name)
        back = came_from[state]
    return tuple(reversed(names))
