"""Days on which whoever got nobody is called back, by the real rules."""

from collections import Counter
from pathlib import Path

import config
from config.site import load as load_site
from telephony.calls.rules import rules_of
from telephony.centre import effects as fx
from telephony.centre.effects import AttemptEnd
from telephony.simulation.figures import of_day
from telephony.simulation.ledger import DayBook
from telephony.simulation.lengths import recorded
from telephony.simulation.run import Plan, Run, staffed
from telephony.simulation.scenario import load, load_town

DEMO = rules_of(load_site(Path(config.__file__).parent / "site"))
TOWN = load_town()


def busy_day(*, calls_back: bool) -> Plan:
    of, conduct = load("peak-day", TOWN), TOWN.conducts["table"]
    return Plan(staffed(DEMO, of.agents, of.lines), of, TOWN, conduct, 3, calls_back)


def played(*, calls_back: bool) -> tuple[DayBook, list[fx.AttemptEnded], Run]:
    run = Run(busy_day(calls_back=calls_back), recorded)
    told: list[fx.AttemptEnded] = []
    run.world.let_hear(lambda effect, _: told.append(effect), fx.AttemptEnded)  # type: ignore[arg-type]
    (book,) = run.days(1)
    return book, told, run


def test_whoever_is_called_back_is_so_once_and_fewer_talk_to_nobody() -> None:
    without, told, _ = played(calls_back=False)
    assert told == []
    book, told, run = played(calls_back=True)
    ended = Counter(each.result for each in told)
    assert ended[AttemptEnd.ANSWERED] == len(book.reached) > 10
    assert ended[AttemptEnd.NO_ANSWER] > 0
    reached = Counter(each.obligation for each in told if each.answered_at is not None)
    assert set(reached.values()) == {1}
    assert max(Counter(each.obligation for each in told).values()) <= 3
    assert run.world.centre.own.calls == {}
    lines = len(run.world.centre.rules.lines)
    (before, _), (after, _) = (of_day(each, lines)["unserved"] for each in (without, book))
    assert after < before


def test_the_same_seed_is_the_same_day() -> None:
    assert played(calls_back=True)[1] == played(calls_back=True)[1]
