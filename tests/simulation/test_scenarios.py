"""The shipped scenarios are sound, and a wrong one is told by file and line."""

from pathlib import Path

import pytest

from telephony.simulation.scenario import NoScenario, load, load_town, names

TOWN = load_town()
GOOD = """title: ours
open: 9:00-17:00
calls: 100
mix: fy2023
agents: 2
lines: 6
"""


def test_every_shipped_scenario_is_sound() -> None:
    found = [load(name, TOWN) for name in names()]
    assert len(found) == 12
    assert sum(len(each.planned) for each in found) == 13
    assert all(each.title_ja for each in found)


def test_ones_own_scenario(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(GOOD, encoding="utf-8")
    own = load(str(tmp_path / "ours.yaml"), TOWN)
    assert (own.name, own.title, own.calls, own.agents) == ("ours", "ours", 100.0, 2)
    assert list(own.week) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("calls: 100", "calls: -1", ":3: calls"),
        ("calls: 100", "calls: many", ":3: calls"),
        ("calls: 100", "calls: 1000000", ":3: calls"),
        ("open: 9:00-17:00", "open: 17:00-9:00", ":2: open"),
        ("open: 9:00-17:00", "open: always", ":2: open"),
        ("mix: fy2023", "mix: fy1999", "no mix 'fy1999': choose one of fy2023"),
        ("agents: 2", "agents: 0", ":5: agents"),
        ("lines: 6", "lines: 6\nweek: {caturday: 1}", "is no day"),
        ("lines: 6", "lines: 6\nsurges: [{from: 9:00, until: 10:00, factor: 0}]", "factor"),
        ("lines: 6", "lines: 6\nsurges: [{from: 9:00, factor: 2}]", "until"),
        ("lines: 6", "lines: 6\nphones: 3", "phones"),
        ("title: ours\n", "", "lacks 'title'"),
    ],
)
def test_d_bad_scenario_is_told(tmp_path: Path, line: str, instead: str, told: str) -> None:
    (tmp_path / "ours.yaml").write_text(GOOD.replace(line, instead), encoding="utf-8")
    with pytest.raises(NoScenario) as wrong:
        load(str(tmp_path / "ours.yaml"), TOWN)
    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_no_such_scenario() -> None:
    with pytest.raises(NoScenario, match="no scenario 'x': choose one of after-outage"):
        load("x", TOWN)
    with pytest.raises(NoScenario, match=r"nowhere\.yaml:1: cannot be read"):
        load("/nowhere.yaml", TOWN)
