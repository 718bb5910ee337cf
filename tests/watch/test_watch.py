"""The watch in virtual time: before answers of our choosing, alone and in a whole controller."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from telephony.calls.inside import Inside
from telephony.calls.lease import Demoted
from telephony.health import Duty, Figures
from telephony.simulation.shell.loop import virtually
from telephony.store.city_letters import LettersOwed
from telephony.watch.measures import Disk
from telephony.watch.served import Served
from telephony.watch.watch import A_DAY, GIVEN_UP_AFTER, Watch
from tests.builders import ANA
from tests.calls.centre_site import Site, virtual_clock
from tests.calls.leading import later, name_of
from tests.calls.test_watching import figures
from tests.watch.answers import HOME, Answers, watch_of


@dataclass
class Listener:
    """A controller that only listens."""

    state: Inside = field(default_factory=Inside)
    judgements: list[bool] = field(default_factory=list)
    slept: bool = False

    def inside(self) -> Inside:
        return self.state

    def judge_asterisk(self, well: bool) -> None:
        self.judgements.append(well)

    def require_tenure(self) -> None:
        if self.slept:
            raise Demoted("slept")


@asynccontextmanager
async def watching(answers: Answers) -> AsyncIterator[tuple[Watch, Listener]]:
    """A watch that runs for the length of the block."""
    watch, listener = watch_of(answers, virtual_clock()), Listener()
    work = asyncio.get_running_loop().create_task(watch.run(listener))
    try:
        yield watch, listener
    finally:
        work.cancel()
        await asyncio.wait([work])
        assert work.cancelled() or work.exception() is None


def ids(watch: Watch) -> list[str]:
    return [alarm["id"] for alarm in watch.alarms]


@virtually
async def test_all_is_measured_within_a_second_and_all_is_well() -> None:
    async with watching(Answers()) as (watch, listener):
        await later(1.0)
        seen = watch.measures
        assert (seen.version, seen.ari, seen.sip) == ("22.10.1", 0.0, {8002: 0.0, 8003: 0.0})
        assert (seen.task_processor, seen.clock_synchronised) == (3, True)
        assert set(listener.judgements) == {True}
        assert watch.alarms == []


@virtually
async def test_d7_a_hung_asterisk_is_seen_though_nothing_comes_back_and_seen_to_be_well() -> None:
    answers = Answers()
    async with watching(answers) as (watch, listener):
        await later(1.2)
        with answers.hung():
            await later(1.9)
            assert watch.well
            await later(1.5)
            assert ids(watch) == ["ari_slow"]
            assert listener.judgements[-1] is False
            await later(4.0)
            assert sorted(ids(watch)) == ["ari_slow", "sip_silent"]
        await later(0.6)
        assert ids(watch) == []
        assert listener.judgements[-1] is True


@virtually
async def test_x2_a_leader_that_slept_past_its_lease_asks_asterisk_nothing_more() -> None:
    answers, listener = Counted(), Listener()
    work = asyncio.get_running_loop().create_task(watch_of(answers, virtual_clock()).run(listener))
    await later(3.5)
    asked = answers.asked
    assert asked > 0
    listener.slept = True
    await asyncio.wait([work], timeout=5.0)
    assert isinstance(work.exception(), ExceptionGroup)
    assert answers.asked == asked


class Counted(Answers):
    """Counts what Asterisk was asked."""

    asked = 0

    async def version(self) -> str:
        self.asked += 1
        return await super().version()

    async def options(self, port: int) -> None:
        self.asked += 1
        await super().options(port)

    async def task_processor(self) -> int | None:
        self.asked += 1
        return await super().task_processor()


@virtually
async def test_d7_one_silent_sip_port_is_named() -> None:
    answers = Answers(silent_ports={8003})
    async with watching(answers) as (watch, listener):
        await later(4.0)
        [alarm] = watch.alarms
        assert alarm["id"] == "sip_silent"
        assert "UDP port 8003:" in alarm["text"]
        assert listener.judgements[-1] is False
        answers.silent_ports.clear()  # the request under way is lost; the next is not
        await later(GIVEN_UP_AFTER)
        assert (ids(watch), listener.judgements[-1]) == ([], True)


@virtually
async def test_an_asterisk_that_is_gone_is_no_answer_at_all() -> None:
    answers = Answers(down=True)
    async with watching(answers) as (watch, _):
        await later(0.6)
        [alarm] = watch.alarms
        assert (alarm["id"], alarm["critical"]) == ("ari_slow", True)
        assert "no answer" in alarm["text"]
        answers.down = False
        await later(1.5)
        assert watch.alarms == []


@virtually
async def test_before_the_first_answer_nothing_is_judged() -> None:
    answers = Answers()
    async with watching(answers) as (watch, listener):
        with answers.hung():
            await later(1.9)
            assert (watch.alarms, listener.judgements) == ([], [])
        await later(0.6)
        assert listener.judgements == [True]


@virtually
async def test_d7_full_task_processors_withhold_until_half_empty_and_silence_is_no_news() -> None:
    answers = Answers(tasks=501)
    async with watching(answers) as (watch, _):
        await later(1.0)
        assert ids(watch) == ["task_processors"]
        answers.console_down, answers.tasks = True, 0
        await later(5.0)
        assert ids(watch) == ["task_processors"]
        answers.console_down, answers.tasks = False, 300
        await later(5.0)
        assert not watch.well
        answers.tasks = 100
        await later(3.0)
        assert watch.well


@virtually
async def test_a9_a_flood_of_strangers_is_told_of_and_withholds_nothing() -> None:
    answers = Answers(unknown=15_000)
    async with watching(answers) as (watch, _):
        await later(1.0)
        assert (ids(watch), watch.well) == (["strangers"], True)
        answers.console_down, answers.unknown = True, 0
        await later(6.0)
        assert ids(watch) == ["strangers"]  # no answer is no news
        answers.console_down = False
        await later(6.0)
        assert ids(watch) == []


@virtually
async def test_disk_and_clock_are_looked_at_again() -> None:
    answers = Answers(synchronised=None)
    async with watching(answers) as (watch, _):
        await later(1.0)
        answers.room, answers.synchronised = (Disk(HOME, 5 * 2**20, 2**40),), False
        await later(10.0)
        assert ids(watch) == ["disk_full", "disk_low"]
        await later(60.0)
        assert "clock_not_synchronised" in ids(watch)


@virtually
async def test_a_certificate_is_told_of_until_the_desk_that_runs_shows_another() -> None:
    clock = virtual_clock()
    soon, late = clock() + 30 * A_DAY, clock() + 397 * A_DAY
    answers = Answers(shown=Served(soon))
    async with watching(answers) as (watch, _):
        await later(20.0)
        assert ids(watch) == ["certificate_ends"]
        answers.shown = Served(soon, is_that_of_the_file=False)  # made anew, and not yet served
        await later(80.0)
        assert ids(watch) == ["certificate_ends", "certificate_waits"]
        answers.desk_hung, answers.shown = True, None
        await later(80.0)
        assert ids(watch) == ["certificate_ends", "certificate_waits"]
        answers.desk_hung, answers.shown = False, Served(late)
        await later(20.0)
        assert watch.alarms == []


@virtually
async def test_letters_that_the_city_does_not_take_are_told_until_it_has_them() -> None:
    began = virtual_clock()()
    answers = Answers(owed=LettersOwed(oldest_at=began, refused=0))
    async with watching(answers) as (watch, _):
        await later(880.0)
        assert watch.alarms == []
        await later(60.0)
        (alarm,) = watch.alarms
        assert alarm["id"] == "letters_late"
        assert "15 分" in alarm["text_ja"]
        answers.records_down = True
        await later(60.0)
        assert ids(watch) == ["letters_late"]
        answers.records_down, answers.owed = False, LettersOwed(oldest_at=None, refused=1)
        await later(20.0)
        assert ids(watch) == ["letters_refused"]
        answers.owed = LettersOwed(oldest_at=began, refused=0)  # sent again, as old as it is
        await later(20.0)
        assert watch.alarms == []
        answers.owed = LettersOwed(oldest_at=None, refused=0)
        await later(60.0)
        assert watch.alarms == []


@virtually
async def test_what_is_measured_while_something_else_takes_long_is_kept() -> None:
    async with watching(Answers(takes=0.3, room=())) as (watch, _):
        await later(2.0)
        assert watch.measures.clock_synchronised is True
        assert (watch.measures.version, watch.measures.task_processor) == ("22.10.1", 3)


@virtually
async def test_records_that_wait_are_told_only_when_none_is_written() -> None:
    async with watching(Answers()) as (watch, listener):
        for written in range(40):
            listener.state = Inside(records_behind=5, records_written=written)
            await later(1.0)
        assert watch.alarms == []
        await later(31.0)
        assert ids(watch) == ["records_behind"]
        listener.state = replace(listener.state, records_behind=0)
        await later(1.0)
        assert watch.alarms == []


@virtually
async def test_d7_a_controller_queues_but_offers_nobody_until_asterisk_is_well() -> None:
    answers = Answers()
    watch = watch_of(answers, virtual_clock())
    site = Site(watch=watch)
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        assert lead.controller.status()["alarms"] == []
        assert lead.controller.ready()
        with answers.hung():
            await later(4.0)
            told = lead.controller.status()
            assert [alarm["id"] for alarm in told["alarms"]] == ["ari_slow", "sip_silent"]
            assert not told["ready"]
            call = site.arrives()
            await later(4.0)
            assert lead.calls() == {call: "waiting"}
            assert lead.agent(ANA).state == "ready"
            shown = figures(Figures(Duty(lead.controller)).collect())
            assert (shown["madoguchi_alarm.ari_slow"], shown["madoguchi_alarm.disk_low"]) == (1, 0)
            assert shown["madoguchi_offers_withheld"] == 1
            assert shown["madoguchi_ari_seconds"] > 7
            assert shown["madoguchi_task_processor_depth"] == 3
            assert shown["madoguchi_strangers_requests"] == 0
        await later(1.0)
        assert lead.agent(ANA).state == "offered"
        assert lead.controller.ready()
        judged = [name for name in map(name_of, site.journal.records) if name == "AsteriskJudged"]
        # Before Asterisk was asked and after; then once each, however often it was looked at.
        assert len(judged) == 4


@virtually
async def test_d7_a_new_leader_learns_from_its_own_watch_that_asterisk_is_well() -> None:
    answers = Answers()
    site = Site(watch=watch_of(answers, virtual_clock()))
    site.phones()
    async with site.led(ready=[ANA]):
        with answers.hung():
            await later(4.0)
            site.arrives()
            await later(1.0)
    site.watch = watch_of(answers, virtual_clock())
    async with site.led() as lead:
        await later(1.0)
        assert lead.agent(ANA).state == "offered"


@virtually
async def test_what_the_controller_knows_of_itself_is_seen() -> None:
    site = Site(watch=watch_of(Answers(), virtual_clock()))
    async with site.led() as lead:
        lead.controller.world.sounds.missing = 1
        site.lease.away = True
        site.asterisk.down = True
        await later(10.0)
        told = {alarm["id"] for alarm in lead.controller.status()["alarms"]}
        assert {"sounds_missing", "lease_away", "events_away"} <= told
        site.lease.away = False
