"""What the controller tells of the centre, as scripts rely on it (`madoguchi status --json`)."""

from typing import Any

from telephony.acd.model import Instant
from telephony.centre.core import Centre
from telephony.centre.effects import LineState


def lines(centre: Centre, *, carrier_gone: bool = False) -> list[dict[str, Any]]:
    """Every line and who holds it; `since` in seconds, None before its first call.

    Without a carrier no call can come over a line that is idle: it is a fault.
    """
    unheld = LineState.FAULT if carrier_gone else LineState.IDLE
    return [
        {
            "number": line.number,
            "state": (unheld if line.state is LineState.IDLE else line.state).value,
            "call": line.call,
            "agent": line.agent,
            "since": line.since or None,
        }
        for line in centre.lines.all()
    ]


def agents(centre: Centre, names: dict[str, str]) -> list[dict[str, Any]]:
    """Every agent and what they do; `since` in seconds, None before they first did anything."""
    return [
        {
            "name": names.get(agent.id, agent.id),
            "seat": agent.id,
            "state": agent.state.value,
            "reason": agent.reason,
            "since": agent.since or None,
            "phone": agent.device.value,
            "call": agent.call,
        }
        for agent in centre.acd.roster.all()
    ]


def queues(centre: Centre, now: Instant) -> list[dict[str, Any]]:
    """Every queue, how many wait in it and the longest wait in seconds."""
    found = []
    for name in centre.rules.acd.queues:
        entries = [e for e in centre.acd.entries.values() if e.queue == name]
        longest = max((now - e.entered_at for e in entries), default=0.0)
        found.append({"name": name, "waiting": len(entries), "longest_wait": round(longest, 1)})
    return found
