"""What the controller tells of the centre, as scripts rely on it (`madoguchi status --json`)."""

from collections.abc import Mapping
from typing import Any

from telephony.acd.model import Afterwards, Agent, AgentState, Entry, Instant, QueueId
from telephony.acd.roster import AWAY
from telephony.centre.core import Centre
from telephony.centre.effects import LineState
from telephony.centre.lines import Line
from telephony.centre.model import Call, Consult, OwnCall, Stage
from telephony.link.seen import (
    AfterwardsSeen,
    AgentSeen,
    Availability,
    CallSeen,
    ClosingSeen,
    ConsultSeen,
    LineSeen,
    MissedSeen,
    OfferSeen,
    QueueSeen,
)

ENDED = "ended"  # the stage of a call that is over


def lines(centre: Centre, *, carrier_gone: bool = False) -> list[dict[str, Any]]:
    """Every line and who holds it; `since` in seconds, None before its first call.

    Without a carrier no call can come over a line that is idle: it is a fault.
    """
    return [line_seen(line, carrier_gone).model_dump() for line in centre.lines.all()]


def modes(centre: Centre) -> list[dict[str, Any]]:
    """What was set by hand, the strongest first; instants in epoch seconds."""
    return [
        {
            "mode": each.mode,
            "name": each.rule.name,
            "since": each.since,
            "until": each.until,
            "by": each.by,
            "closes": each.rule.hours == (),
            "prompts": dict(each.rule.prompts),
        }
        for each in centre.floor.modes.values()
    ]


def closing(centre: Centre, now: Instant) -> dict[str, Any]:
    """What closing still asks for: calls that came in time, and who has to stay for them."""
    return closing_seen(centre, now).model_dump()


def closing_seen(centre: Centre, now: Instant) -> ClosingSeen:
    """The same, as others see it."""
    needed = centre.closing.needed(now)
    stay = tuple(centre.closing.asked_to_stay(now)) if needed else ()
    return ClosingSeen(calls_left=needed, asked_to_stay=stay)


def agents(centre: Centre, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every agent and what they do; `since` in seconds, None before they first did anything."""
    return [agent_seen(centre, agent, names).model_dump() for agent in centre.acd.roster.all()]


def queues(centre: Centre, now: Instant) -> list[dict[str, Any]]:
    """Every queue, how many wait in it and the longest wait in seconds."""
    return [queue.model_dump() for queue in queues_seen(centre, now).values()]


def calls(centre: Centre, now: Instant) -> list[dict[str, Any]]:
    """Every call that is not over."""
    seen = [call_seen(call, now) for call in centre.visits.calls.values()]
    seen += [own_call_seen(call) for call in centre.own.calls.values()]
    return [call.model_dump() for call in seen]


def line_seen(line: Line, carrier_gone: bool = False) -> LineSeen:
    """A line as others see it."""
    is_dead = carrier_gone and line.state is LineState.IDLE
    return LineSeen(
        number=line.number,
        state=(LineState.FAULT if is_dead else line.state).value,
        call=line.call,
        agent=line.agent,
        since=line.since or None,
        overflow=line.overflow,
    )


def agent_seen(centre: Centre, agent: Agent, names: Mapping[str, str]) -> AgentSeen:
    """An agent as others see them."""
    return AgentSeen(
        name=names.get(agent.id, agent.id),
        seat=agent.id,
        state=agent.state.value,
        reason=agent.reason,
        since=agent.since or None,
        phone=agent.device.value,
        call=agent.call,
        person=agent.person,
        availability=_availability(agent),
        work=agent.work,
        afterwards=_afterwards_seen(agent.afterwards),
        offer=_offer_seen(centre, agent),
        answers=agent.answers,
        missed=[
            MissedSeen(call=each.call, at=each.at, why=each.why, device=each.device)
            for each in agent.missed
        ],
        wrap_up_target=agent.wrap_up_for if agent.state is AgentState.WRAP_UP else None,
        wrap_up_ends=agent.state is AgentState.WRAP_UP and agent.person is None,
    )


def _availability(agent: Agent) -> Availability:
    if agent.state in AWAY:
        return "none"
    return "reserve" if agent.reserve else "first"


def _afterwards_seen(then: Afterwards | None) -> AfterwardsSeen | None:
    return AfterwardsSeen(state=then.state, reason=then.reason) if then is not None else None


def _offer_seen(centre: Centre, agent: Agent) -> OfferSeen | None:
    offer = agent.offer
    if offer is None:
        return None
    entry = centre.acd.entries.get(offer.call)
    offered = entry is not None and entry.offer == offer
    own = centre.own.calls.get(offer.call)
    answered = not offered if own is None else own.is_up(offer)
    return OfferSeen(
        call=offer.call,
        attempt=offer.attempt,
        since=agent.since,
        ringing=entry is not None and offered and entry.ringing,
        answered=answered,
    )


def queues_seen(centre: Centre, now: Instant) -> dict[QueueId, QueueSeen]:
    """Every queue as others see it, in one pass over those who wait."""
    waiting: dict[QueueId, list[Entry]] = {name: [] for name in centre.rules.acd.queues}
    for entry in centre.acd.entries.values():
        waiting.setdefault(entry.queue, []).append(entry)
    return {name: _queue_seen(centre, name, entries, now) for name, entries in waiting.items()}


def _queue_seen(centre: Centre, name: QueueId, entries: list[Entry], now: Instant) -> QueueSeen:
    since = min((entry.entered_at for entry in entries), default=None)
    longest = 0.0 if since is None else round(now - since, 1)
    return QueueSeen(
        name=name,
        waiting=len(entries),
        longest_wait=longest,
        waiting_since=since,
        staffed=centre.acd.roster.staffed[name],
        estimated_wait=_estimated_wait(centre, name, len(entries)),
    )


def _estimated_wait(centre: Centre, name: QueueId, ahead: int) -> tuple[float, float] | None:
    if centre.acd.board.somebody_free(name, ""):
        return (0.0, 0.0)
    estimate = centre.acd.estimate(name, ahead)
    return None if estimate is None else (round(estimate.least), round(estimate.most))


def own_call_seen(call: OwnCall) -> CallSeen:
    """A call that an agent began, as others see it."""
    return CallSeen(
        id=call.id,
        line=call.line,
        agent=call.agent,
        stage=call.stage.value,
        arrived_at=call.began_at,
        direction=call.kind.value,
        target=call.target,
    )


def _consult_seen(consult: Consult | None) -> ConsultSeen | None:
    if consult is None:
        return None
    return ConsultSeen(target=consult.target, meeting=consult.meeting.value)


def call_seen(call: Call, now: Instant) -> CallSeen:
    """A call as others see it."""
    waiting = call.stage is Stage.WAITING and not call.answered
    waited = call.waited + (now - call.stage_since if waiting else 0.0)
    return CallSeen(
        id=call.id,
        line=call.line,
        queue=call.queue,
        agent=call.offer.agent if call.offer is not None else None,
        menu_path="/".join(call.menu_path),
        stage=call.stage.value,
        arrived_at=call.arrived_at,
        waited=round(waited, 1),
        consult=_consult_seen(call.consult),
        resumed=call.resumed,
    )
