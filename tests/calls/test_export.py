"""A journal that is exported replays far from where it was written, or says where it does not."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from config.home import Instance
from config.ports import Ports
from config.site import Site, describe, load
from telephony.acd.model import Device
from telephony.calls.export import NotAnExport, bare, export, read_export
from telephony.calls.journal import KeptSnapshot, Place, Record
from telephony.calls.replay import Step, Verdict, walk
from telephony.calls.rules import rules_of
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.cli.options import DEMO_SITE
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import run
from tests.acd.runs import Move, moves
from tests.calls.leading import arrives, image, later, leading
from tests.calls.test_rebuild import happen
from tests.cli.run import Shell
from tests.examples import examples
from tests.homes import prepared

SITE: Site = load(DEMO_SITE)
AGENTS = tuple(rules_of(SITE).acd.agents)


@pytest.fixture
def madoguchi(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


async def led(events: list[Move], journal: FakeJournal) -> bytes:
    """Lead through these events; what the centre knows at the end."""
    async with leading(Centre(rules_of(SITE)), journal) as lead:
        for agent in AGENTS:
            lead.engine.submit(cmd.DeviceChanged(agent, Device.FREE))
            lead.engine.submit(cmd.Ready(agent))
        lead.engine.submit(arrives("c1"))
        for event in events:
            await later(event.after + 0.0001)
            happen(lead, event)
        await later(2.5)
        lead.engine.submit(cmd.ClockStepped(2.0))  # the snapshot is taken behind this one
        await later()
        lead.engine.submit(arrives("c9"))
        await later()
        return image(lead.engine.centre)


async def written(events: list[Move] | None = None, *, trim: int = 0) -> list[str]:
    """The lines of an export, of a journal whose first entries may be gone."""
    journal = FakeJournal()
    await led(events or [], journal)
    if trim:
        await journal.trim(Place(1, trim))
    return await export(journal, SITE)


def verdicts(lines: Iterable[str]) -> list[Verdict]:
    return [step.verdict for step in steps(lines)]


def steps(lines: Iterable[str]) -> list[Step]:
    return list(walk(read_export(lines)))


@given(moves(most=30))
@settings(max_examples=examples(40))
def test_every_run_replays_equal(events: list[Move]) -> None:
    lines = run(written(events))
    assert set(verdicts(lines)) == {Verdict.EQUAL}


def test_a_trimmed_journal_replays_from_its_snapshot_on() -> None:
    lines = run(written(trim=3))
    assert json.loads(lines[1])["line"] == "snapshot"
    found = steps(lines)
    assert found[0].verdict is Verdict.UNKNOWN
    assert found[-1].verdict is Verdict.EQUAL
    assert found[-1].effects


def test_the_first_difference_ends_the_walk_and_is_named() -> None:
    lines = run(written())
    at = next(n for n, line in enumerate(lines) if '"CallArrived"' in line)
    lines[at] = lines[at].replace('"effects":"', '"effects":"0')
    found = steps(lines)
    assert found[-1].verdict is Verdict.DIFFERS
    assert found[-1].record.command is not None
    assert found[-1].record.command["is"] == "CallArrived"
    assert len(found) < len(lines) - 1


def test_of_another_core_nothing_is_demanded() -> None:
    lines = [_bent(line, core="0", effects="0") for line in run(written())]
    assert set(verdicts(lines)) == {Verdict.OTHER_CORE}


def test_a_command_that_this_core_does_not_know_is_only_reported() -> None:
    lines = run(written())
    strange = _bent(lines[-1], core="0", command={"is": "Sing"})
    last = steps([*lines, strange.replace('"place":"1-', '"place":"1-9')])[-1]
    assert (last.verdict, last.why) == (Verdict.UNKNOWN, "")  # the core changed: unknown state
    every = [_bent(line, core="0") for line in lines]
    last = steps([*every, strange])[-1]
    assert (last.verdict, last.why) == (Verdict.OTHER_CORE, "this core has no such command")


def test_behind_a_gap_nothing_is_demanded_until_the_next_snapshot() -> None:
    async def lines() -> list[str]:
        journal = FakeJournal()
        await led([], journal)
        assert journal.kept is not None
        kept, last = journal.kept.place, journal.records[-1]
        before = [r for r in journal.records if r.place < kept]
        after = [r for r in journal.records if r.place > kept]
        gap = replace(last, place=Place(1, 2), mark="gap", command=None, effects="")
        journal.records = [before[0], gap, *before[2:], *after]
        return await export(journal, SITE)

    found = verdicts(run(lines()))
    assert found[:3] == [Verdict.EQUAL, Verdict.MARK, Verdict.UNKNOWN]
    assert found[-1] is Verdict.EQUAL


def test_a_journal_that_was_away_replays_as_if_it_had_not_been() -> None:
    async def lines() -> list[str]:
        journal = FakeJournal()
        async with leading(Centre(rules_of(SITE)), journal) as lead:
            lead.engine.submit(arrives("c1"))
            await later()
            journal.away = True
            lead.engine.submit(arrives("c2"))
            await later(1.0)
            journal.away = False
            await lead.engine.come_back()
            await later()
            lead.engine.submit(arrives("c3"))
            await later()
        return await export(journal, SITE)

    found = steps(run(lines()))
    assert [step.verdict for step in found] == [Verdict.EQUAL] * 3
    assert "line=3" in str(found[-1].effects)  # it knows of the caller who is not in the journal


def test_poison_is_passed_over() -> None:
    async def lines() -> list[str]:
        journal = FakeJournal()
        await led([], journal)
        last = journal.records[-1]
        poison = replace(last, place=Place(1, last.place.seq + 1), mark="poison", effects="")
        journal.records.append(poison)
        return await export(journal, SITE)

    assert verdicts(run(lines()))[-1] is Verdict.MARK


def test_a_file_names_nobody_and_no_carrier() -> None:
    named = replace(
        SITE,
        seats={k: replace(s, name="久留米 花子") for k, s in SITE.seats.items()},
        trunk=replace(SITE.trunk, host="carrier.example", username="customer-17"),
    )
    text = describe(bare(named))
    assert not any(word in text for word in ("花子", "carrier.example", "customer-17"))
    assert rules_of(bare(named)).acd == rules_of(named).acd


@pytest.mark.parametrize(
    ("lines", "because"),
    [
        ([], "line 1: no header"),
        (["{}"], "line 1"),
        (["not json"], "line 1"),
        (['{"line": "entry"}'], "line 1"),
        (['{"line": "header", "config": "", "site": "{}"}'], "line 1: the site"),
    ],
)
def test_what_is_no_export_is_refused_with_its_line(lines: list[str], because: str) -> None:
    with pytest.raises(NotAnExport, match=because):
        read_export(lines)


def test_a_place_that_is_none_is_refused() -> None:
    lines = run(written())
    with pytest.raises(NotAnExport, match="no place"):
        read_export([*lines, _bent(lines[-1], place="soon")])


def test_the_command_shows_each_step_and_leaves_with_0(madoguchi: Shell, tmp_path: Path) -> None:
    ended = madoguchi("replay", str(_file(tmp_path, run(written()))))
    assert ended.status == 0
    assert "JST  1-1  DeviceChanged agent=a01 device=free" in ended.out
    assert "    → CallOpened call=c1 line=1 dialled=0942000100" in ended.out
    assert ended.err.startswith("equal (")


def test_scripts_get_a_line_of_json_for_each_step(madoguchi: Shell, tmp_path: Path) -> None:
    ended = madoguchi("replay", "--json", str(_file(tmp_path, run(written()))))
    told = [json.loads(line) for line in ended.out.splitlines()]
    arrival = next(each for each in told if each["command"]["is"] == "CallArrived")
    assert arrival["verdict"] == "equal"
    assert arrival["at"].endswith("+09:00")
    assert arrival["effects"][0]["is"] == "CallOpened"


def test_a_difference_is_status_1(madoguchi: Shell, tmp_path: Path) -> None:
    lines = run(written())
    lines[-1] = _bent(lines[-1], effects="0")
    ended = madoguchi("replay", str(_file(tmp_path, lines)))
    assert ended.status == 1
    assert "DIFFERS" in ended.out
    assert "differs at 1-" in ended.err


def test_another_core_is_said(madoguchi: Shell, tmp_path: Path) -> None:
    lines = [_bent(line, core="0") for line in run(written())]
    ended = madoguchi("replay", str(_file(tmp_path, lines)))
    assert ended.status == 0
    assert "written by core 0" in ended.err


def test_a_file_that_is_not_there_is_one_sentence(madoguchi: Shell, tmp_path: Path) -> None:
    ended = madoguchi("replay", str(tmp_path / "nothing.jsonl"))
    assert ended.status == 2
    assert "cannot be read" in ended.sentence


def test_a_record_comes_back_as_it_was() -> None:
    async def journal() -> tuple[list[Record], KeptSnapshot | None, list[str]]:
        kept = FakeJournal()
        await led([], kept)
        return kept.records, kept.kept, await export(kept, SITE)

    records, snapshot, lines = run(journal())
    again = read_export(lines)
    assert again.records == records
    assert snapshot is not None
    assert again.snapshot == replace(snapshot, version=b"")  # the header has the whole site
    assert again.rules == rules_of(SITE)


def _bent(line: str, **changes: object) -> str:
    return json.dumps(json.loads(line) | changes, ensure_ascii=False)


def _file(folder: Path, lines: list[str]) -> Path:
    path = folder / "journal.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_where_no_system_was_ever_started_there_is_nothing_to_export(
    madoguchi: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "journal.jsonl"
    ended = madoguchi("journal", "export", str(file), "--home", str(tmp_path / "none"))
    assert ended.status == 2
    assert "none" in ended.sentence
    assert not file.exists()


def test_a_journal_that_does_not_answer_is_one_sentence(madoguchi: Shell, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    with prepared(tmp_path / "home") as home:
        home.describe(Instance(Ports(8000), DEMO_SITE))
        ended = madoguchi("journal", "export", str(file), "--home", str(home.path))
    assert ended.status == 2
    assert "the journal does not answer" in ended.sentence
    assert not file.exists()
