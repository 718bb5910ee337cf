"""The centre as plain data, and back. Fields are only ever added.

What can be derived (the board, who is free) is not kept: it is built again.
"""

from dataclasses import dataclass

from telephony.acd.model import Agent, Entry, Instant
from telephony.centre.core import Centre
from telephony.centre.lines import Line
from telephony.centre.model import Call, CentreRules


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


def take(centre: Centre) -> Snapshot:
    """The centre as it is. The parts are shared, so encode it before the next command."""
    return Snapshot(
        rules=centre.rules.digest,
        calls=list(centre.visits.calls.values()),
        entries=list(centre.acd.entries.values()),
        agents=centre.acd.roster.all(),
        lines=centre.lines.all(),
        deadlines=[(kind, name, at) for (kind, name), at in centre.deadlines],
        clock_offset=centre.visits.clock_offset,
        dialled_at=list(centre.visits.dialled_at),
    )


def restore(rules: CentreRules, kept: Snapshot) -> Centre:
    """A centre that goes on where the snapshot was taken.

    Under other rules it goes on too: agents and lines that were taken away keep only what is
    live, and calls in a flow that changed are found by `reconcile`.
    """
    centre = Centre(rules)
    for kind, name, at in kept.deadlines:
        centre.deadlines.set((kind, name), at)
    centre.lines.restore(kept.lines)
    centre.acd.restore(kept.entries, kept.agents)
    centre.visits.calls = {call.id: call for call in kept.calls}
    centre.visits.clock_offset = kept.clock_offset
    centre.visits.dialled_at = list(kept.dialled_at)
    return centre
