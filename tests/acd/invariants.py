"""What must be true of a centre after every step (design invariants I1-I4, I9)."""

from collections import Counter
from collections.abc import Iterable

from telephony.acd.effects import AgentMoved, Ring
from telephony.acd.model import AgentId, AgentState, Device, Instant
from telephony.acd.roster import IN_CALL
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import LineState, OwnKind
from telephony.centre.floor import DEADLINES
from telephony.centre.model import Meeting, OwnStage, Stage
from telephony.centre.own import CALLABLE
from tests.acd.reference import Moment, by_rank, can_take, offers, serves

UP = OwnStage.TALKING
WITH_AGENT = {Stage.TALKING, Stage.HOLD, Stage.LOST}


def assert_sound(centre: Centre, now: Instant) -> None:
    """Everything that can be said of one moment."""
    agents_and_offers_agree(centre)
    calls_and_agents_agree(centre)
    calls_and_entries_agree(centre)
    lines_agree(centre)
    each_citizen_is_called_back_once(centre)
    deadlines_are_of_the_living(centre)
    nobody_waits_for_somebody_free(centre, now)
    the_reserve_is_woken_in_time(centre, now)


def agents_and_offers_agree(centre: Centre) -> None:
    """I2, I3: each live offer is at exactly one agent's desk, and each agent has at most one."""
    live = [entry.offer for entry in centre.acd.entries.values() if entry.offer is not None]
    live += [o.other for o in centre.own.calls.values() if o.other and o.stage is not UP]
    asked = [c.consult for c in centre.visits.calls.values() if c.consult is not None]
    live += [c.offer for c in asked if c.offer and c.meeting is Meeting.NOBODY]
    ringing = [a.offer for a in centre.acd.roster.all() if a.state is AgentState.OFFERED]
    assert sorted(map(repr, live)) == sorted(map(repr, ringing))
    for agent in centre.acd.roster.all():
        if agent.state is AgentState.OFFERED:
            assert agent.offer is not None
            assert (agent.offer.agent, agent.offer.call) == (agent.id, agent.call)


def calls_and_agents_agree(centre: Centre) -> None:
    """I2, I3: whoever talks does so with one caller, who talks to nobody else."""
    talked = {call.offer for call in centre.visits.calls.values() if call.stage in WITH_AGENT}
    for own in centre.own.calls.values():  # the one who calls is away from the first ring on
        if own.stage is not OwnStage.LEAVING:
            talked |= {own.offer, own.other} if own.stage is UP and own.other else {own.offer}
    asked = [c.consult for c in centre.visits.calls.values() if c.consult is not None]
    talked |= {c.offer for c in asked if c.offer and c.meeting is not Meeting.NOBODY}
    talking = {a.offer for a in centre.acd.roster.all() if a.state in IN_CALL}
    assert talked == talking
    assert None not in talked
    for agent in centre.acd.roster.all():
        assert (agent.offer is not None) == (agent.state in IN_CALL | {AgentState.OFFERED})


def calls_and_entries_agree(centre: Centre) -> None:
    """Who waits has a place, and nobody else has."""
    waiting = {c.id for c in centre.visits.calls.values() if c.stage is Stage.WAITING}
    assert waiting == set(centre.acd.entries)
    for queue in centre.rules.acd.queues:
        here = [e for e in centre.acd.entries.values() if e.queue == queue]
        assert centre.acd.board.length(queue) == len(here)
        places = [centre.acd.board.position(e) for e in sorted(here, key=lambda e: e.rank)]
        assert places == list(range(1, len(here) + 1))


def lines_agree(centre: Centre) -> None:
    """A line is busy exactly while a caller or a leg of ours holds it."""
    there = [c for c in centre.visits.calls.values() if c.stage is not Stage.ASKING]
    held = {call.line: call.id for call in there}
    held |= {
        call.external_line: call.id
        for call in centre.visits.calls.values()
        if call.external_line is not None
    }
    held |= {o.line: o.id for o in centre.own.calls.values() if o.line is not None}
    shown = {line.number: line.call for line in centre.lines.all() if line.call is not None}
    assert shown == held
    for line in centre.lines.all():
        assert (line.state in {LineState.IDLE, LineState.CLOSED}) == (line.call is None)


def each_citizen_is_called_back_once(centre: Centre) -> None:
    """Nobody is dialled twice at one time, nor while they talk to us."""
    dials = [own for own in centre.own.calls.values() if own.kind is OwnKind.CALLBACK]
    assert len({own.caller for own in dials}) == len(dials)
    owed = [own.obligation for own in dials if own.obligation]
    assert len(set(owed)) == len(owed)
    talking = {call.caller for call in centre.visits.calls.values() if call.stage in WITH_AGENT}
    dialled = {OwnStage.FETCHING, OwnStage.RINGING}
    assert not [own for own in dials if own.stage in dialled and own.caller in talking]


def lines_are_left_for_callers(centre: Centre, new: list[fx.Effect]) -> None:
    """To be asked after a step: nobody was called back on one of the last lines."""
    if any(isinstance(effect, fx.DialBack) for effect in new):
        assert centre.lines.idle >= centre.rules.callbacks.keep_lines


def deadlines_are_of_the_living(centre: Centre) -> None:  # noqa: C901 -- one arm each
    """Nothing is due for somebody who is gone."""
    agents = {agent.id: agent for agent in centre.acd.roster.all()}
    for (kind, name), _ in centre.deadlines:
        if kind in DEADLINES:
            assert name in centre.visits.calls, kind
            assert centre.visits.calls[name].stage is not Stage.ENDING, kind  # type: ignore[index]
        elif kind in {"ring", "reach"}:
            assert centre.acd.entries[name].offer is not None  # type: ignore[index]
        elif kind == "wrap_up":
            assert agents[name].state is AgentState.WRAP_UP  # type: ignore[index]
        elif kind in {"own", "own_again"}:
            assert centre.own.calls[name].stage is not UP  # type: ignore[index]
        elif kind == "answer":
            assert centre.acd.entries[name].ringing  # type: ignore[index]
        elif kind == "relax":
            assert name in centre.acd.entries
        elif kind == "nobody":
            assert not centre.acd.roster.staffed[name]  # type: ignore[index]
        elif kind == "rest":
            assert agents[name].resting  # type: ignore[index]
        else:
            assert kind == "ripe"
    for agent in agents.values():
        due = {kind for (kind, name), _ in centre.deadlines if name == agent.id}
        by_itself = agent.state is AgentState.WRAP_UP and agent.person is None
        assert by_itself == ("wrap_up" in due)
        assert agent.resting == ("rest" in due)


def moment_of(centre: Centre, now: Instant) -> Moment:
    """Who may be offered to the reserve now."""
    acd = centre.rules.acd
    scarce = centre.lines.idle <= acd.reserve_lines
    return Moment(now, acd.reserve_after, scarce, acd.queues)


def nobody_waits_for_somebody_free(centre: Centre, now: Instant) -> None:
    """Between two steps nothing is left to match."""
    acd, moment = centre.acd, moment_of(centre, now)
    assert offers(acd.entries.values(), acd.roster.all(), acd.rules.agents, moment) == []


def the_reserve_is_woken_in_time(centre: Centre, now: Instant) -> None:
    """A deadline for the first in each list whom only the reserve could take, and for nobody."""
    acd, moment = centre.acd, moment_of(centre, now)
    free = [a for a in acd.roster.all() if can_take(a) and a.reserve]
    due: dict[str, Instant] = {}
    for entry in sorted(acd.entries.values(), key=by_rank):
        able = [a for a in free if serves(acd.rules.agents[a.id], entry, moment)]
        if able and entry.offer is None and not moment.ripe(entry):
            at = Instant(entry.rank[0] + moment.reserve_after)
            due.setdefault(f"{entry.queue}/{moment.asks(entry)}", at)
    assert {name: at for (kind, name), at in centre.deadlines if kind == "ripe"} == due


def offered_to_the_free(
    centre: Centre, before: dict[AgentId, AgentState], new: list[fx.Effect]
) -> None:
    """Who is rung was ready until then, with a telephone that is free, and is not resting."""
    for effect in new:
        match effect:
            case AgentMoved(agent, state, reason):
                if state is AgentState.OFFERED and reason == OwnKind.INTERNAL:
                    assert before[agent] in CALLABLE  # a colleague calls them
                elif state is AgentState.OFFERED:
                    assert before[agent] is AgentState.READY
                before[agent] = state
            case Ring(offer):
                who = centre.acd.roster[offer.agent]
                assert who.device is Device.FREE
                assert not who.resting
            case _:
                pass


def each_call_ended_once(effects: Iterable[fx.Effect]) -> None:
    """I1: one terminal record for each call, after its opening."""
    opened: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for effect in effects:
        match effect:
            case fx.CallOpened(call):
                opened[call] += 1
            case fx.CallClosed(call):
                closed[call] += 1
                assert closed[call] <= opened[call]
            case _:
                pass
    assert opened == closed
