"""What a run came to, for a manager and for a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from telephony.simulation.figures import ENOUGH_DAYS, SHARES, Estimate
from telephony.simulation.model import Planned, Scenario

LABELS: Final = {
    "offered": "offered 着信",
    "answered": "answered 応答",
    "abandoned": "abandoned 放棄",
    "overflowed": "overflowed あふれ",
    "answer_rate": "answer rate 応答率",
    "service_level": "service level 20 s",
    "asa": "ASA 平均応答時間",
    "occupancy": "occupancy 占有率",
    "all_lines_busy": "all lines busy 全回線使用",
    "informed": "informed 案内で完了",
    "served_rate": "answered or informed",
    "callers": "callers 実人数",
    "called_back": "called back 折り返し",
    "unserved": "talked to nobody 未応答者",
}
SHORT: Final = (
    "offered", "answered", "abandoned", "overflowed", "answer_rate", "service_level", "asa",
    "occupancy", "all_lines_busy",
)  # fmt: skip
HEADS: Final = ("figure 指標", "here", "95 % of the mean", "95 % of days")
PLANNED: Final = ("table 計画値", "")
CHOICES: Final = (
    "agents 人数", "lines 回線", "offered", "answered", "abandoned", "overflowed", "answer rate",
    "level", "ASA", "occupancy", "all busy", "buys 増分",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """One staffing, simulated."""

    scenario: Scenario
    agents: int
    lines: int
    days: int
    figures: Mapping[str, Estimate]
    hours_per_minute: float

    @property
    def planned(self) -> Planned | None:
        """The row of the planning table for this very staffing, if it has one."""
        same = [
            p for p in self.scenario.planned if (p.agents, p.lines) == (self.agents, self.lines)
        ]
        return same[0] if same else None

    def verdict(self, key: str) -> str:
        """How the planned figure stands to ours."""
        planned = self.planned
        if planned is None or key not in planned.figures or self.days < ENOUGH_DAYS:
            return ""
        figure, value, step = self.figures[key], planned.figures[key], planned.steps[key]
        if not figure.holds(value, step):
            return "OUTSIDE"
        if figure.differs(value, planned.days, step, self.days):
            return "within; mean differs"
        return "within"


def rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """The heads, then one line a figure, with its spread and the table's where it has one."""
    planned = outcome.planned
    told: list[tuple[str, ...]] = [HEADS if planned is None else HEADS + PLANNED]
    for key, figure in outcome.figures.items():
        ours = (
            LABELS[key],
            show(key, figure.value),
            _span(key, figure.interval),
            _span(key, figure.most_days),
        )
        given = planned.figures.get(key) if planned else None
        theirs = ("" if given is None else show(key, given), outcome.verdict(key))
        told.append(ours if planned is None else ours + theirs)
    return told


def planned_otherwise(outcome: Outcome) -> str:
    """What the planning table has of such days, where it has not this staffing."""
    if outcome.planned is not None or not outcome.scenario.planned:
        return ""
    has = (f"{each.agents} agents with {each.lines} lines" for each in outcome.scenario.planned)
    return (
        "この人数と回線数は計画表にありません "
        f"(not in the planning table, which has of such days: {', '.join(has)})"
    )


def choices(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """One line a staffing; the last column is what it answers more than the one before."""
    told: list[tuple[str, ...]] = []
    before: Outcome | None = None
    for outcome in outcomes:
        shown = [show(key, outcome.figures[key].value) for key in SHORT]
        told.append((str(outcome.agents), str(outcome.lines), *shown, _more(before, outcome)))
        before = outcome
    return told


def _more(before: Outcome | None, now: Outcome) -> str:
    if before is None:
        return ""
    answered = [each.figures["answered"].value or 0.0 for each in (before, now)]
    return f"{answered[1] - answered[0]:+.1f} answered a day"


def to_json(outcome: Outcome, seed: int, conduct: str) -> dict[str, Any]:
    """The keys scripts rely on, and where each figure's spread is."""
    planned = outcome.planned
    return {
        "scenario": outcome.scenario.name,
        "assume": conduct,
        "agents": outcome.agents,
        "lines": outcome.lines,
        "days": outcome.days,
        "seed": seed,
        **{key: _rounded(figure.value) for key, figure in outcome.figures.items()},
        "hours_per_minute": round(outcome.hours_per_minute),
        "spread": {
            key: {"mean": _both(figure.interval), "days": _both(figure.most_days)}
            for key, figure in outcome.figures.items()
        },
        "table": dict(planned.figures) if planned else None,
        "verdicts": {key: verdict for key in outcome.figures if (verdict := outcome.verdict(key))},
    }


def show(key: str, value: float | None) -> str:
    """As a manager reads it."""
    if value is None:
        return "-"
    if key in SHARES:
        return f"{100 * value:.1f} %"
    return f"{value:.1f} s" if key == "asa" else f"{value:.1f}"


def _span(key: str, span: tuple[float, float] | None) -> str:
    if span is None:
        return "-"
    return f"{show(key, span[0])} – {show(key, span[1])}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _both(span: tuple[float, float] | None) -> list[float] | None:
    return None if span is None else [round(span[0], 4), round(span[1], 4)]
