"""The race matrix: what happens at the very moment at which the centre asks Asterisk for something.

Every cell is a stage that is being entered, the request to Asterisk that enters it, something that
happens just before or just after Asterisk has that request, and Asterisk's answer. A cell is played
on the fakes to its end, and its outcome is a row of `race-matrix.csv`.

`python -m tests.simulation.shell.race` writes that file anew; the difference is then to be judged.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import astuple, dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Final

import structlog

from telephony.acd.errors import Rejected
from telephony.acd.model import CallId
from telephony.simulation.shell.loop import run
from telephony.store.changes import AttemptEnded, OwnCallClosed
from tests.builders import ANA, BO
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later
from tests.simulation.shell.race_stages import OUTSIDE, OWED, STAGES
from tests.simulation.shell.racing import ANSWERS, ORDERS, Answer, Order, Race, Stage

FILE: Final = Path(__file__).with_name("race-matrix.csv")
AFTER_THE_RACE: Final = 8.0
AT_LAST: Final = 60  # seconds at most; who has come right sooner is not waited for


@dataclass(frozen=True, slots=True)
class Row:
    """A cell's place in the matrix and its written outcome."""

    stage: str
    request: str
    event: str
    order: str
    answer: str
    event_was: str  # "" when it could happen
    then: str  # the caller's stage soon after
    ana: str
    bo: str
    outcome: str
    hung_up_by: str
    offers: str  # how each ended, in order
    wrong: str  # what must never be: something left over, somebody stuck, not one record


def cells(stage: Stage) -> Iterator[Row]:
    """Every cell of a stage."""
    for event, order, answer in product(stage.events, ORDERS, ANSWERS):
        yield play(stage, event, order, answer)


def play(stage: Stage, event: str, order: Order, answer: Answer) -> Row:
    """One cell, to its end."""
    return run(_play(stage, event, order, answer))


async def _play(stage: Stage, event: str, order: Order, answer: Answer) -> Row:
    site = Site(stage.centre)
    race = Race(site, order, answer, target=stage.about, event=stage.events[event])
    site.asterisk.link = race
    site.asterisk.world.durations["sound:main_menu"] = 30.0
    site.phones(RINGS)
    site.asterisk.phone(OUTSIDE, RINGS)
    site.owing.numbers[OWED] = f"+81{OUTSIDE[1:].partition('@')[0]}"
    async with AsyncExitStack() as leaders:
        race.lead = await leaders.enter_async_context(site.led())
        for step in stage.before:
            await step(race)
        race.armed = stage.request
        with suppress(Rejected):  # of who died before granting it
            await stage.last(race)
        await _pass_on(race, leaders)
        row = _soon(race, Row(stage.name, stage.request, event, order, answer, *[""] * 8))
        for channel in (race.call, f"o.{race.call}.1" if race.is_own else ""):
            if channel in site.asterisk.world.lines:
                site.hang_up(channel)
        for _ in range(AT_LAST):
            await later(1.0)
            if not any(_wrong(race)):
                break
        return _at_last(race, row)


async def _pass_on(race: Race, leaders: AsyncExitStack) -> None:
    """Let it come to its end; who died is followed by another at once."""
    for _ in range(int(AFTER_THE_RACE)):
        await later(1.0)
        if race.died is not None and race.died is race.lead:
            await race.site.lease.release("controller")
            race.lead = await leaders.enter_async_context(race.site.led())


def _soon(race: Race, row: Row) -> Row:
    roster = race.leader.controller.engine.centre.acd.roster
    return replace(
        row,
        event_was=race.said or ("" if race.raced else "no race"),
        then=_stage(race),
        ana=roster[ANA].state.value,
        bo=roster[BO].state.value,
    )


def _stage(race: Race) -> str:
    """How far the call is, and who hears whom of three."""
    centre, call = race.leader.controller.engine.centre, CallId(race.call)
    if call in centre.own.calls:
        return centre.own.calls[call].stage.value
    visit = centre.visits.calls.get(call)
    if visit is None:
        return "over"
    meets = "" if visit.consult is None else f", consulting: {visit.consult.meeting.value}"
    return visit.stage.value + meets


def _at_last(race: Race, row: Row) -> Row:
    site = race.site
    if race.is_own:
        return replace(
            row,
            outcome=" ".join(each.end for each in _own_records(race)),
            offers=" ".join(each.result for each in _attempts(race)),
            wrong="; ".join(_wrong(race)),
        )
    offers = [
        str(event.detail["end"])
        for record in site.records.calls()
        for event in record.timeline
        if record.id == race.call
        if event.event == "offer_ended"
    ]
    closed = [record for record in site.records.closed() if record.call == race.call]
    return replace(
        row,
        outcome=closed[0].outcome.value if closed else "",
        hung_up_by=closed[0].hung_up_by.value if closed and closed[0].hung_up_by else "",
        offers=" ".join(offers),
        wrong="; ".join(_wrong(race)),
    )


def _wrong(race: Race) -> Iterator[str]:
    site, controller = race.site, race.leader.controller
    if sorted(record.call for record in site.records.closed()) != sorted(race.calls):
        yield f"{len(site.records.closed())} records"
    if site.left_over():
        yield f"left over: {sorted(site.left_over())}"
    if _stage(race) != "over":
        yield "the call is not over"
    if race.is_own and len(_own_records(race)) != 1:
        yield f"{len(_own_records(race))} records of it"
    if race.leader.work.done() or controller.engine.poisoned:
        yield "the controller failed"
    for agent in controller.engine.centre.acd.roster.all():
        if agent.state.value not in {"ready", "paused", "signed_out"}:
            yield f"{agent.id} is stuck in {agent.state.value}"


def _own_records(race: Race) -> list[OwnCallClosed]:
    changes = race.site.records.changes
    return [each for each in changes if isinstance(each, OwnCallClosed) and each.call == race.call]


def _attempts(race: Race) -> list[AttemptEnded]:
    changes = race.site.records.changes
    return [
        each for each in changes if isinstance(each, AttemptEnded) and each.attempt == race.call
    ]


def written() -> list[Row]:
    """The matrix as it was written down."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def main() -> None:
    """Write the matrix anew."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(each.name for each in fields(Row))
        for stage in STAGES:
            sys.stderr.write(f"{stage.name}\n")
            table.writerows(astuple(row) for row in cells(stage))


if __name__ == "__main__":
    main()
