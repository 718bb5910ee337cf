"""Values with sensible defaults: a small centre whose callers wait at once."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from ivr_flows.schema import Flow
from telephony.acd.model import AcdRules, AgentId, AgentRules, CallId, Instant, QueueId, QueueRules
from telephony.centre.model import CentreRules
from telephony.centre.tolls import TollRules

JAPAN = timezone(timedelta(hours=9))
GENERAL, BOOKING = QueueId("general"), QueueId("booking")
ANA, BO, CY = AgentId("ana"), AgentId("bo"), AgentId("cy")
C1, C2, C3 = CallId("c1"), CallId("c2"), CallId("c3")
MONDAY = Instant(1_700_000_000.0)  # 2023-11-15 07:13:20 in Japan; any fixed instant would do


def flow(start: str = "general", **nodes: dict[str, Any]) -> Flow:
    """A flow whose `general` and `booking` are queues; more nodes as keywords."""
    return Flow.model_validate(
        {
            "start": start,
            "person": "general",
            "prompts": {"wrong_key": "wrong_key", "silence": "no_input"},
            "nodes": {
                "general": {"kind": "enqueue", "queue": "general"},
                "booking": {"kind": "enqueue", "queue": "booking"},
            }
            | nodes,
        }
    )


def queue(name: QueueId, **rules: Any) -> QueueRules:
    """A queue that rings 15 s, wraps up 30 s and says nothing for a long time."""
    given = {"ring_for": 15.0, "wrap_up_for": 30.0, "announce_after": 3000.0} | rules
    return QueueRules(name, **given)


def agent(
    name: AgentId, *skills: str, queues: tuple[QueueId, ...] = (GENERAL, BOOKING)
) -> AgentRules:
    """An agent of both queues."""
    return AgentRules(name, queues, frozenset(skills))


def rules(
    *,
    agents: tuple[AgentRules, ...] = (agent(ANA), agent(BO)),
    queues: tuple[QueueRules, ...] = (queue(GENERAL), queue(BOOKING)),
    of: Flow | None = None,
    **changes: Any,
) -> CentreRules:
    """Six lines, two queues, Ana and Bo."""
    acd = AcdRules({q.name: q for q in queues}, {a.agent: a for a in agents})
    base = CentreRules(
        digest="test",
        lines=(1, 2, 3, 4, 5, 6),
        numbers_dialled=("0942000100",),
        acd=acd,
        flow=of or flow(),
        hours={},
        exits={},
        numbers={},
        tolls=TollRules(),
        timezone=JAPAN,
    )
    return replace(base, **changes)
