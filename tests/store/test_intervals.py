"""Whatever agents do, and however it is cut into transactions, their intervals fit together."""

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from config.database import open_database
from telephony.store.changes import AgentMoved
from telephony.store.intervals import AgentInterval, Place, Span, chained, span
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.examples import examples
from tests.store.examples import Entries, assert_seamless

agents = st.sampled_from(["a01", "a02", "a03"])
states = st.sampled_from(["signed_out", "ready", "offered", "talking", "wrap_up", "paused"])
moves = st.lists(
    # Time may stand still, and a clock that was wrong may even go back.
    st.tuples(agents, states, st.sampled_from([0.0, 0.0, 0.25, 7.0, -1.0]), st.sampled_from("xy")),
    max_size=40,
)


def as_moves(steps: list[tuple[str, str, float, str]]) -> list[AgentMoved]:
    at = 1000.0
    told = []
    for agent, state, later, call in steps:
        at += later
        told.append(AgentMoved(agent, "s1", at, state, None, call))
    return told


@given(moves)
def test_intervals_never_overlap_and_leave_no_gap(
    steps: list[tuple[str, str, float, str]],
) -> None:
    told = as_moves(steps)
    current: dict[str | int, Span] = {}
    begun = chained(current, [span(move, Place(1, n, 0)) for n, move in enumerate(told)])

    for agent in {move.agent for move in told}:
        spans = [each for each in begun if each.subject == agent]
        assert_seamless([interval(each) for each in spans])
        assert [each.facts["state"] for each in spans][-1] == last_state(told, agent)


@settings(max_examples=examples(15))
@given(moves, st.lists(st.integers(1, 6), min_size=1, max_size=40), st.booleans())
def test_cut_into_any_transactions_and_replayed_they_are_the_same(
    steps: list[tuple[str, str, float, str]], sizes: list[int], replay: bool
) -> None:
    entries: Entries = [(seq, [move]) for seq, move in enumerate(as_moves(steps))]
    found = asyncio.run(written(cut(entries, sizes), replay))

    of_agent = defaultdict(list)
    for each in found:
        of_agent[each.agent].append(each)
    for intervals in of_agent.values():
        assert_seamless(intervals)
    assert found == asyncio.run(written([entries], replay=False))


def cut(entries: Entries, sizes: list[int]) -> list[Entries]:
    batches = []
    for size in sizes:
        batches.append(entries[:size])
        entries = entries[size:]
    return [*batches, entries]


async def written(batches: list[Entries], replay: bool) -> list[AgentInterval]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/madoguchi.db"
        await migrate(url)
        database = open_database(url)
        records = Records(database)
        for batch in batches:
            for _ in range(1 + replay):
                await records.apply(1, batch)
        found = await records.agent_intervals(0.0, 1e9)
        await database.close()
    return found


def interval(each: Span) -> AgentInterval:
    return AgentInterval(str(each.subject), "s1", "", None, None, each.started_at, each.ended_at)


def last_state(told: list[AgentMoved], agent: str) -> str:
    return [move.state for move in told if move.agent == agent][-1]
