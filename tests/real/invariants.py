"""What must hold after any calls whatever: I1 to I12 of the design, as far as they can be seen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from telephony.ari.errors import AriGoneError
from telephony.simulation.shell import offers
from telephony.store.call_record import CallRecord
from telephony.store.figures import totals
from telephony.store.intervals import AgentInterval, LineInterval
from telephony.store.owing_audit import OwingAudit
from telephony.store.tables import CALL_EVENTS
from telephony.store.words import Outcome
from tests.real.centre import Centre, caller
from tests.real.waiting import until_true
from tests.sip import OutgoingCall, Side

TRANSIENT: Final = frozenset({"offered", "talking", "hold"})
OF_US: Final = {"waiting"}  # the one bridge that outlives calls
ARRIVAL_WITHIN: Final = 1.0  # seconds from the INVITE to the record's arrival; twenty queue up
SAME: Final = 0.002
TAKING_OVER: Final = 0.5  # seconds: a leader's instants and the mark's clock may differ so much


async def invariants(c: Centre) -> None:
    """All of them."""
    calls = await one_terminal_record_each(c)
    await nothing_left_in_asterisk(c, calls)
    await nobody_stuck(c)
    arrival_times(c, calls)
    assert list(offers.wrong(calls)) == []  # I2, I3, I4
    people_ended_their_talks(c, calls)
    await no_former_leader_wrote(c)
    await intervals_without_overlap(c)
    await no_number_where_none_belongs(c)
    await nobody_is_forgotten(c)


async def one_terminal_record_each(c: Centre) -> list[CallRecord]:
    """I1 and I11: each INVITE that came through has one record, and figures are their fold."""
    expected = len(c.placed) + len(c.raw)
    closed = await until_true(
        c.closed, lambda found: len(found) >= expected, f"{expected} closed records"
    )
    every = [*closed, *await c.records_of.open_calls()]
    assert [record.id for record in await c.records_of.open_calls()] == []
    assert len({record.id for record in closed}) == len(closed) == expected
    figures = totals(every)
    assert figures.balanced
    assert len(figures.offered) == expected
    return closed


async def nothing_left_in_asterisk(c: Centre, calls: Iterable[CallRecord]) -> None:
    """I7: no channel, bridge or playback outlives its call by five seconds."""

    async def left() -> list[str]:
        channels = [channel.id for channel in await c.ari.channels()]
        return [*channels, *({bridge.id for bridge in await c.ari.bridges()} - OF_US)]

    await until_true(left, lambda found: not found, "nothing left in Asterisk", within=5)
    for record in calls:
        assert not await _playbacks(c, record)


async def _playbacks(c: Centre, record: CallRecord) -> list[int]:
    found = []
    for number in range(1, 9):
        try:
            await c.ari.ask("GET", f"/ari/playbacks/p.{record.id}.{number}")
        except AriGoneError:
            continue
        found.append(number)
    return found


async def nobody_stuck(c: Centre) -> None:
    """I9: every line is free, nobody is in a passing state, the core never raised."""
    status = await c.status()
    assert [line for line in status["lines"] if line["state"] != "idle"] == []
    assert [agent for agent in status["agents"] if agent["state"] in TRANSIENT] == []
    assert status["queues"] == [dict(each, waiting=0) for each in status["queues"]]
    assert status["controller"]["poisoned"] == 0


def arrival_times(c: Centre, calls: Sequence[CallRecord]) -> None:
    """I6: the record says when the INVITE came, whatever happened since.

    A machine may be late by more than usual: then it came before the caller was told anything.
    """
    placed = [(call.invited_at, _first_told(call)) for call in c.placed]
    invited = sorted([*((at, at) for at in c.raw), *placed])
    for (at, told), record in zip(invited, calls, strict=True):
        late = record.arrived_at - c.wall(at) + SAME
        assert 0 <= late < max(ARRIVAL_WITHIN, told - at), record.timeline


def _first_told(call: OutgoingCall) -> float:
    moments = (call.ringing.at, call.answered.at, call.ended.at)
    return min((at for at in moments if at is not None), default=call.invited_at)


def people_ended_their_talks(c: Centre, calls: Sequence[CallRecord]) -> None:
    """I5: whoever talked to an agent hung up, or the agent did, at the telephone or by request."""
    at = [record.arrived_at for record in calls]
    assert at == sorted(at)
    came = sorted([(raw, None) for raw in c.raw] + [(call.invited_at, call) for call in c.placed],
                  key=lambda each: each[0])  # fmt: skip
    for (_, call), record in zip(came, calls, strict=True):
        if call is None or record.outcome is not Outcome.ANSWERED or not call.ended.happened:
            continue
        caller_did = call.ended.value.by is Side.US
        assert caller_did or _agent_ended(c, caller(call)), (record.id, record.timeline)


def _agent_ended(c: Centre, number: str) -> bool:
    legs = [leg for phone in c.phones.values() for leg in phone.rung if leg.caller == number]
    hung_up = (leg.ended.happened and leg.ended.value.by is Side.US for leg in legs)
    return number in c.told_to_end or any(hung_up)


async def no_former_leader_wrote(c: Centre) -> None:
    """I10: once an epoch has taken over, nothing of an older one is newer than that."""
    entries: Any = await c.redis.xrange("madoguchi:journal")
    began = {
        int(key.split(b"-")[0]): float(stored[b"at"])
        for key, stored in entries
        if stored.get(b"mark") == b"took_over"
    }
    events = await c.database.read(
        lambda connection: connection.execute(
            select(CALL_EVENTS.c.epoch, CALL_EVENTS.c.at).where(CALL_EVENTS.c.epoch > 0)
        ).all()
    )
    for epoch, at in events:
        later = [taken for other, taken in began.items() if other > epoch]
        assert at <= min(later, default=at) + TAKING_OVER, (epoch, at, began)


async def intervals_without_overlap(c: Centre) -> None:
    """Each agent and each line is in one state at a time, without a hole in between."""
    agents = await c.records_of.agent_intervals(c.began, c.wall())
    lines = await c.records_of.line_intervals(c.began, c.wall())
    by_subject: dict[Any, list[AgentInterval | LineInterval]] = defaultdict(list)
    for agent in agents:
        by_subject[agent.agent].append(agent)
    for line in lines:
        by_subject[line.line].append(line)
    for spans in by_subject.values():
        ordered = sorted(spans, key=lambda span: (span.started_at, span.ended_at or c.wall()))
        for earlier, later in pairwise(ordered):
            assert earlier.ended_at is not None, (earlier, later)
            assert abs(earlier.ended_at - later.started_at) < SAME, (earlier, later)


async def no_number_where_none_belongs(c: Centre) -> None:
    """I12: no caller's number in Redis or in any log."""
    needles = {form for number in c.numbers for form in _forms(number)}
    kept = await _everything_in_redis(c)
    for source, text in [("redis", kept), *logs(c.instance.home.path)]:
        assert [needle for needle in needles if needle in text] == [], source


async def nobody_is_forgotten(c: Centre) -> None:
    """I8: each call that owes something has one event of one obligation, and each contact a leg."""
    ledger = OwingAudit(c.database)
    await until_true(ledger.whole, lambda found: found.sound, "the ledger agrees with the records")


def _forms(number: str) -> tuple[bytes, bytes]:
    return number.encode(), number.removeprefix("0").encode()


async def _everything_in_redis(c: Centre) -> bytes:
    dumped = [repr(await c.redis.xrange("madoguchi:journal"))]
    dumped += [repr(await c.redis.hgetall("madoguchi:snapshot"))]
    dumped += [repr(await c.redis.xrange("madoguchi:news"))]
    dumped += [repr(key) for key in await c.redis.keys("*")]
    return "\n".join(dumped).encode()


def logs(home: Path) -> Iterable[tuple[str, bytes]]:
    """Every log file and what is in it."""
    for folder in (home / "log", home / "asterisk" / "log"):
        for file in folder.rglob("*"):
            if file.is_file():
                yield str(file), file.read_bytes()
