"""The centre as plain data, and back. Fields are only ever added.

What can be derived (the board, who is free) is not kept: it is built again.
"""

from dataclasses import dataclass, field

from ivr_flows import schema
from telephony.acd.model import Agent, Entry, Instant, QueueId
from telephony.centre.asked import Granted
from telephony.centre.core import Centre
from telephony.centre.lines import Line
from telephony.centre.model import Call, CentreRules
from telephony.centre.tolls import Dialled


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a centre knows besides its rules."""

    rules: str  # digest of the configuration it was taken under
    calls: list[Call]
    entries: list[Entry]
    agents: list[Agent]
    lines: list[Line]
    deadlines: list[tuple[str, str, Instant]]
    clock_offset: float
    dialled_at: list[Instant]
    offers_withheld: bool = False
    dialled_to: list[str] = field(default_factory=list)  # beside `dialled_at`
    asked: list[Granted] = field(default_factory=list)


def take(centre: Centre) -> Snapshot:
    """The centre as it is. The parts are shared, so encode it before the next command."""
    return Snapshot(
        rules=centre.rules.digest,
        calls=list(centre.floor.calls.values()),
        entries=list(centre.acd.entries.values()),
        agents=centre.acd.roster.all(),
        lines=centre.lines.all(),
        deadlines=[(kind, name, at) for (kind, name), at in centre.deadlines],
        clock_offset=centre.floor.clock_offset,
        dialled_at=[each.at for each in centre.floor.dialled],
        dialled_to=[each.to for each in centre.floor.dialled],
        offers_withheld=centre.acd.withheld,
        asked=centre.asked.all(),
    )


def restore(rules: CentreRules, kept: Snapshot) -> Centre:
    """A centre that goes on where the snapshot was taken.

    Under other rules it goes on too: agents and lines that were taken away keep only what is
    live, callers of a queue that was taken away wait in another one, and calls in a flow that
    changed are found by `reconcile`.
    """
    centre = Centre(rules)
    for kind, name, at in kept.deadlines:
        centre.deadlines.set((kind, name), at)
    centre.lines.restore(kept.lines)
    _rehouse(kept, rules)
    centre.acd.restore(kept.entries, kept.agents, withheld=kept.offers_withheld)
    centre.floor.calls = {call.id: call for call in kept.calls}
    centre.floor.clock_offset = kept.clock_offset
    names = [*kept.dialled_to, *[""] * len(kept.dialled_at)]  # a former version kept none
    centre.floor.dialled = [Dialled(at, to) for at, to in zip(kept.dialled_at, names, strict=False)]
    centre.asked.restore(kept.asked)
    return centre


def _rehouse(kept: Snapshot, rules: CentreRules) -> None:
    """Whoever waits in a queue that is no longer there waits for a person of the flow's."""
    queues = rules.acd.queues
    person = rules.flow.nodes.get(rules.flow.person)
    wanted = QueueId(person.queue) if isinstance(person, schema.Enqueue) else None
    refuge = next((queue for queue in (wanted, *queues) if queue in queues), None)
    if refuge is None:
        return
    for entry in kept.entries:
        if entry.queue not in queues:
            entry.queue = refuge
    for call in kept.calls:
        if call.queue is not None and call.queue not in queues:
            call.queue = refuge
