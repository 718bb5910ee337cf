"""Random scenes for the queue core alone: who comes, goes, takes a call or does not."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle

from hypothesis import strategies as st

from telephony.acd import effects as fx
from telephony.acd.core import Acd
from telephony.acd.deadlines import Deadlines
from telephony.acd.errors import Rejected
from telephony.acd.model import (
    AcdRules,
    Afterwards,
    AgentId,
    AgentRules,
    AgentState,
    CallId,
    Device,
    Entry,
    Instant,
    OfferEnd,
    Phone,
    QueueId,
    QueueRules,
    Strategy,
    Work,
)
from tests.acd.reference import Moment, Pair

QUEUES = tuple(map(QueueId, ("bookings", "general", "returns")))
SKILLS = ("english", "sign")
RESERVE_AFTER = 4.0  # seconds; a scene is ten long
HAPPENS = (
    "join", "join", "ready", "ready", "leave", "pause", "device",
    "answer", "miss", "miss", "hang_up", "rested", "in_reserve", "in_reserve", "scarce",
)  # fmt: skip
ENDS = (OfferEnd.NO_ANSWER, OfferEnd.BUSY, OfferEnd.DECLINED, OfferEnd.FAILED)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens; `nth` and `how` pick whom and how, if there is anybody."""

    what: str
    nth: int
    how: int
    at: int


@dataclass(frozen=True, slots=True)
class Way:
    """How a queue chooses."""

    strategy: Strategy = Strategy.LONGEST_IDLE
    relax_after: float | None = None
    sticky_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Who works there, and what happens."""

    agents: tuple[AgentRules, ...]
    entries: tuple[Entry, ...]
    acts: tuple[Act, ...]
    ways: tuple[Way, ...]  # of the queues, in the order of their names, and round again

    @property
    def queues(self) -> set[QueueId]:
        """Every queue that somebody serves or waits in."""
        served = {queue for agent in self.agents for queue in agent.queues}
        return served | {entry.queue for entry in self.entries}


def scenes() -> st.SearchStrategy[Scene]:
    """Up to eight agents and twelve callers."""
    acts = st.builds(
        Act,
        st.sampled_from(HAPPENS),
        st.integers(0, 11),
        st.integers(0, 3),
        st.integers(0, 9),
    )
    return st.builds(
        Scene,
        st.lists(st.tuples(some(QUEUES, 1), some(SKILLS)), min_size=2, max_size=8).map(staff),
        st.lists(wishes(), min_size=1, max_size=12).map(callers),
        st.lists(acts, min_size=20, max_size=60).map(tuple),
        st.lists(ways(), min_size=1, max_size=3).map(tuple),
    )


def ways() -> st.SearchStrategy[Way]:
    """Any way to choose."""
    return st.builds(
        Way,
        st.sampled_from(Strategy),
        st.sampled_from((None, 0.0, 2.0, 5.0)),
        st.sampled_from((0.0, 3.0)),
    )


def some(of: tuple[str, ...], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Any of these, in one order."""
    return st.sets(st.sampled_from(of), min_size=least).map(lambda found: tuple(sorted(found)))


def staff(wanted: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[AgentRules, ...]:
    """Agents of these queues with these skills."""
    return tuple(
        AgentRules(
            AgentId(f"a{at}"),
            tuple(map(QueueId, queues)),
            frozenset(skills),
            tuple((at + nth) % 3 for nth in range(len(queues))),  # penalties, some the same
            order=-at,
        )
        for at, (queues, skills) in enumerate(wanted)
    )


def wishes() -> st.SearchStrategy[tuple[QueueId, str, float]]:
    """A queue, a skill or none, a head start or none."""
    return st.tuples(
        st.sampled_from(QUEUES), st.sampled_from(("", "", *SKILLS)), st.sampled_from((0.0, 3.0))
    )


def callers(wanted: list[tuple[QueueId, str, float]]) -> tuple[Entry, ...]:
    """Callers who want this."""
    return tuple(
        Entry(CallId(f"c{at}"), queue, Instant(0.0), head_start, skill)
        for at, (queue, skill, head_start) in enumerate(wanted)
    )


def act(scene: Scene) -> Iterator[tuple[Acd, Moment, Callable[[], list[Pair]]]]:
    """Let it happen, stopping before each settling; the last value takes the offers made."""
    queues = {
        queue: QueueRules(
            queue,
            strategy=way.strategy,
            relax_after=way.relax_after,
            sticky_for=way.sticky_for,
        )
        for queue, way in zip(sorted(scene.queues), cycle(scene.ways), strict=False)
    }
    rules = AcdRules(
        queues,
        {agent.agent: agent for agent in scene.agents},
        reserve_after=RESERVE_AFTER,
    )
    out: list[fx.Effect] = []
    deadlines = Deadlines()
    acd = Acd(rules, deadlines, out)

    def rings() -> list[Pair]:
        made = [(each.offer.call, each.offer.agent) for each in out if isinstance(each, fx.Ring)]
        out.clear()
        return made

    for agent in scene.agents:
        acd.device_changed(agent.agent, Device.FREE, Phone.DESK, Instant(0.0))
    for each in scene.acts:
        now = Instant(float(each.at))
        while (key := deadlines.pop(now)) is not None:
            if key[0] in {
                "ripe",
                "relax",
            }:  # of the others, the scene itself says when they are due
                acd.expire(key, now)
        with suppress(Rejected):
            happen(acd, scene, each)
        yield acd, Moment(now, RESERVE_AFTER, acd.board.scarce, queues), rings


def happen(acd: Acd, scene: Scene, each: Act) -> None:  # noqa: C901 -- one arm each
    """One act."""
    now = Instant(float(each.at))
    agent = acd.roster.all()[each.nth % len(scene.agents)]
    caller = scene.entries[each.nth % len(scene.entries)]
    entry = acd.entries.get(caller.call)
    match each.what:
        case "join" if entry is None:
            joined = Entry(caller.call, caller.queue, now, caller.head_start, caller.skill)
            joined.sticky = (None, agent.id)[each.how % 2]
            acd.enqueue(joined, now)
        case "leave":
            acd.leave(caller.call, now)
        case "ready":
            acd.roster.ready(agent, now)
        case "in_reserve":
            acd.roster.ready(agent, now, reserve=True, work=(None, *Work)[each.how % 3])
        case "scarce":
            acd.board.note_scarce(each.how % 2 == 0)
        case "pause":
            state = (AgentState.PAUSED, AgentState.SIGNED_OUT)[each.how % 2]
            acd.step_back(agent, Afterwards(state), now)
        case "device":
            acd.device_changed(agent.id, tuple(Device)[each.how % 3], Phone.DESK, now)
        case "answer" if entry is not None and entry.offer is not None:
            acd.answered(entry.offer, now)
        case "miss" if entry is not None and entry.offer is not None:
            acd.not_answered(entry.offer, ENDS[each.how], now)
        case "hang_up" if agent.offer is not None:
            acd.hung_up(agent.offer, now)
        case "rested" if agent.resting:
            acd.roster.rested(agent)
        case _:
            pass
