"""The centre as plain data, and back. Fields are only ever added.

What can be derived (the board, who is free) is not kept: it is built again.
"""

from dataclasses import dataclass, field, replace

from telephony.acd.model import Agent, Entry, Instant, QueueId
from telephony.acd.staffing import Pace
from telephony.centre.asked import Granted
from telephony.centre.closing import EDGE
from telephony.centre.core import Centre
from telephony.centre.effects import AttemptEnded
from telephony.centre.floor import Floor
from telephony.centre.lines import Line
from telephony.centre.model import (
    Call,
    CentreRules,
    FlowVersion,
    ModeInForce,
    OwnCall,
    Served,
    Talk,
)
from telephony.centre.overflow import NOBODY
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
    dialled_by: list[str] = field(default_factory=list)  # the same
    asked: list[Granted] = field(default_factory=list)
    own: list[OwnCall] = field(default_factory=list)  # calls that agents began
    own_made: int = 0
    in_service: int | None = None  # lines; None: every one
    modes: list[ModeInForce] = field(default_factory=list)
    versions: list[FlowVersion] = field(default_factory=list)  # former ones, still gone by
    attempts: list[AttemptEnded] = field(default_factory=list)  # to call somebody back, lately
    paces: list[Pace] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    deserted: list[QueueId] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)  # the last one of each agent
    former: list[str] = field(default_factory=list)  # digests with another calendar, but no more


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
        dialled_by=[each.by for each in centre.floor.dialled],
        offers_withheld=centre.acd.withheld,
        asked=centre.asked.all(),
        own=list(centre.own.calls.values()),
        own_made=centre.own.made,
        in_service=centre.lines.in_service,
        modes=list(centre.floor.modes.values()),
        versions=_former(centre),
        attempts=centre.callbacks.told,
        paces=centre.acd.roster.paces.all(),
        served=list(centre.floor.served.values()),
        deserted=sorted(centre.floor.deserted),
        talks=list(centre.floor.talks.values()),
        former=centre.former,
    )


def _dialled(kept: Snapshot) -> list[Dialled]:
    """Former versions kept neither whom, nor who had dialled."""
    nobody = [""] * len(kept.dialled_at)
    to, by = [*kept.dialled_to, *nobody], [*kept.dialled_by, *nobody]
    return [Dialled(*each) for each in zip(kept.dialled_at, to, by, strict=False)]


def _former(centre: Centre) -> list[FlowVersion]:
    """The versions that somebody goes by still, but for the present one."""
    used = {call.version for call in centre.floor.calls.values()}
    former = centre.floor.versions
    return [former[digest] for digest in sorted(used & former.keys())]


def restore(rules: CentreRules, kept: Snapshot, began: FlowVersion | None = None) -> Centre:
    """A centre that goes on where the snapshot was taken.

    Under other rules it goes on too: agents and lines that were taken away keep only what is
    live, callers of a queue that was taken away wait in another one, and callers in a flow stay
    in the one they began in, which is `began` for those who came under the snapshot's own rules.
    """
    rules = _with_later_calendar(rules, kept, began)
    centre = Centre(rules)
    centre.former = kept.former if kept.rules == rules.digest else []
    known = [*kept.versions, *([] if began is None else [began])]
    centre.floor.versions = {each.digest: each for each in known if each.digest != rules.digest}
    for call in kept.calls:
        call.version = call.version or kept.rules
    for kind, name, at in kept.deadlines:
        if kind != NOBODY or QueueId(name) in rules.acd.queues:
            centre.deadlines.set((kind, name), at)
    if kept.rules != rules.digest:
        centre.deadlines.cancel(EDGE)  # of another calendar
    centre.lines.restore(kept.lines, kept.in_service)
    _rehouse(kept, centre.floor)
    centre.acd.restore(kept.entries, kept.agents, withheld=kept.offers_withheld)
    centre.floor.calls = {call.id: call for call in kept.calls}
    centre.floor.modes = {each.mode: each for each in kept.modes}
    centre.floor.clock_offset = kept.clock_offset
    centre.floor.dialled = _dialled(kept)
    centre.asked.restore(kept.asked)
    centre.own.restore(kept.own, kept.own_made)
    centre.callbacks.restore(kept.attempts)
    centre.acd.roster.paces.restore(kept.paces)
    centre.floor.served = {each.caller: each for each in kept.served}
    centre.deserted.restore(kept.deserted)
    centre.floor.talks = {talk.agent: talk for talk in kept.talks}
    return centre


def _with_later_calendar(
    rules: CentreRules, kept: Snapshot, began: FlowVersion | None
) -> CentreRules:
    """The rules with the calendar that was taken up since whoever restores was given them."""
    if began is None or began.digest != kept.rules or rules.digest not in kept.former:
        return rules
    return replace(rules, calendar=began.calendar, digest=began.digest)


def _rehouse(kept: Snapshot, floor: Floor) -> None:
    """Whoever waits in a queue that is no longer there waits for a person of the flow's."""
    for entry in kept.entries:
        entry.queue = floor.housed(entry.queue) or entry.queue
    for call in kept.calls:
        if call.queue is not None:
            call.queue = floor.housed(call.queue) or call.queue
