"""Scenarios by name or by file, read and checked at the door."""

from itertools import accumulate
from pathlib import Path
from typing import Final

from config.documents import Unreadable, read
from config.shapes import fitted
from telephony.simulation import shapes
from telephony.simulation.model import (
    DAYS,
    Conduct,
    Handling,
    Lunch,
    Planned,
    Reason,
    Retries,
    Scenario,
    Surge,
    Town,
)
from telephony.simulation.shapes import seconds

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE / "scenarios"
RATES: Final = ("answer_rate", "service_level", "occupancy", "all_lines_busy")
PLANNED: Final = ("offered", "answered", "abandoned", "overflowed", *RATES, "asa")


class NoScenario(ValueError):
    """A scenario that cannot be played; its text is one sentence for whoever asked."""


def names() -> list[str]:
    """The scenarios that are shipped."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def load_town(path: Path = HERE / "town.yaml") -> Town:
    """The assumptions that all scenarios share."""
    file = fitted(read(path), shapes.TownFile)
    return Town(
        shape=tuple(sorted((seconds(at), weight) for at, weight in file.shape.items())),
        reasons={name: Reason(name, r.talk, r.wrap_up, r.keys) for name, r in file.reasons.items()},
        mixes=file.mixes,
        handling=Handling(file.handling.shape, file.handling.variation),
        patience=file.patience,
        retries=Retries(
            file.retries.refused,
            file.retries.abandoned,
            (file.retries.after[0], file.retries.after[1]),
            file.retries.most,
        ),
        lunch=Lunch(tuple(map(seconds, file.lunch.sittings)), file.lunch.lasts),
        conducts={name: _conduct(each) for name, each in file.conducts.items()},
    )


def load(wanted: str, town: Town) -> Scenario:
    """A shipped scenario by its name, or one's own by its path, which ends in `.yaml`."""
    own = wanted.endswith(".yaml")
    if not own and wanted not in names():
        raise NoScenario(f"no scenario {wanted!r}: choose one of {', '.join(names())}, or a file")
    path = Path(wanted) if own else SHIPPED / f"{wanted}.yaml"
    try:
        return _scenario(path.stem, fitted(read(path), shapes.ScenarioFile), town)
    except Unreadable as wrong:
        raise NoScenario(str(wrong.faults[0])) from None


def _scenario(name: str, file: shapes.ScenarioFile, town: Town) -> Scenario:
    if file.mix not in town.mixes:
        raise NoScenario(f"{name}: no mix {file.mix!r}: choose one of {', '.join(town.mixes)}")
    opens, _, closes = file.open.partition("-")
    return Scenario(
        name=name,
        title=file.title,
        title_ja=file.title_ja,
        opens=seconds(opens),
        closes=seconds(closes),
        calls=file.calls,
        mix=tuple(town.reasons[name] for name in town.mixes[file.mix]),
        up_to=tuple(accumulate(town.mixes[file.mix].values())),
        agents=file.agents,
        lines=file.lines,
        week={DAYS.index(day): factor for day, factor in file.week.items()},
        surges=tuple(Surge(seconds(s.begins), seconds(s.ends), s.factor) for s in file.surges),
        talk_factor=file.talk_factor,
        planned=tuple(map(_planned, file.planned)),
    )


def _planned(row: shapes.PlannedFile) -> Planned:
    given = {key: float(getattr(row, key)) for key in PLANNED}
    unit = {key: 0.01 if key in RATES else 1.0 for key in PLANNED}
    return Planned(
        agents=row.agents,
        lines=row.lines,
        days=row.days,
        figures={key: value * unit[key] for key, value in given.items()},
        steps={key: _half_a_step(value) * unit[key] for key, value in given.items()},
    )


def _half_a_step(value: float) -> float:
    return 0.5 if value == round(value) else 0.05


def _conduct(file: shapes.ConductFile) -> Conduct:
    return Conduct(
        menus=file.menus,
        silent=file.silent,
        person_at_once=file.person_at_once,
        leaves_menu=file.leaves_menu,
        satisfied=file.satisfied,
        pick_up=file.pick_up,
        rings=file.rings,
        misses=file.misses,
        agent_hangs_up=file.agent_hangs_up,
        hold_share=file.holds.share,
        hold_lasts=file.holds.lasts,
        break_every=file.breaks.every,
        break_lasts=file.breaks.lasts,
    )
