"""Instants go forward by the time that passed, whatever is done to the wall clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.clock import Clock, rehearsed


@dataclass
class Machine:
    """Its two clocks, moved by hand."""

    wall: float = 1_800_000_000.0
    up: float = 500.0
    readings: int = 0
    sleeps_before: Mapping[int, float] = field(default_factory=dict)  # seconds, by reading

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.up += seconds

    def clock(self, last: float = 0.0) -> Clock:
        return Clock(last, wall=lambda: self._reading().wall, boottime=lambda: self._reading().up)

    def _reading(self) -> "Machine":
        self.readings += 1
        self.pass_(self.sleeps_before.get(self.readings, 0.0))
        return self


def test_an_instant_is_the_start_plus_the_time_since() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.pass_(2.5)
    assert clock() == 1_800_000_002.5


def test_e6_setting_the_wall_clock_moves_no_instant() -> None:
    machine = Machine()
    clock = machine.clock()
    for step in (3600.0, -7200.0):
        machine.wall += step
        machine.pass_(1.0)
    assert clock() == 1_800_000_002.0
    assert clock.wall() == 1_800_000_002.0 - 3600.0


def test_e6_a_step_is_reported_once_with_the_new_difference() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += 0.9
    assert clock.stepped() is None
    machine.wall += 0.2
    assert round(clock.stepped() or 0, 3) == 1.1
    machine.pass_(60)
    assert clock.stepped() is None
    machine.wall -= 1.1
    assert round(clock.stepped() or 9, 3) == 0.0


@pytest.mark.parametrize("reading", range(1, 8))
def test_a_sleep_between_two_readings_is_no_step(reading: int) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleeps_before = {machine.readings + reading: 5.0}
    assert clock.stepped() is None
    assert clock.difference() == 0.0


def test_a_machine_that_sleeps_at_every_reading_still_has_a_difference() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += 3600.0
    machine.sleeps_before = dict.fromkeys(range(1000), 0.1)
    assert round(clock.stepped() or 0.0) == 3600


def test_slow_drift_is_reported_when_it_has_added_up() -> None:
    machine = Machine()
    clock = machine.clock()
    reported = []
    for _ in range(250):
        machine.pass_(1.0)
        machine.wall += 0.01
        reported += [step] if (step := clock.stepped()) else []
    assert [round(step, 1) for step in reported] == [1.0, 2.0]


def test_a_new_leader_goes_on_from_the_last_journaled_instant() -> None:
    machine = Machine()
    clock = machine.clock(last=machine.wall + 30)
    assert clock() == machine.wall + 30
    machine.pass_(1.0)
    assert clock() == 1_800_000_031.0
    assert clock.stepped() == -30.0


def test_e6_it_never_goes_back() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.pass_(5.0)
    before = clock()
    machine.up -= 3.0
    assert clock() == before


def test_the_real_one_is_close_to_the_machines() -> None:
    clock = Clock()
    assert abs(clock.difference()) < 1.0
    assert clock() <= clock()


def test_e6_who_goes_on_with_calls_goes_on_with_their_instants() -> None:
    machine = Machine()
    former = machine.clock()
    machine.pass_(10.0)
    machine.wall += 3600.0
    following = Clock(
        former(), wall=lambda: machine.wall, boottime=lambda: machine.up, ahead=former.ahead
    )
    assert following() == former()
    assert following.ahead == former.ahead
    assert round(following.stepped() or 0) == 3600  # the calendar is told all the same
    machine.pass_(5.0)
    assert following() == former()


def test_e6_a_calendar_that_was_told_of_a_step_is_told_when_it_is_none_any_more() -> None:
    machine = Machine()
    former = machine.clock()
    machine.wall += 9 * 3600.0
    known = former.stepped() or 0.0
    following = machine.clock(former())
    following.told(known)
    assert following.stepped() == 0.0  # it began at the wall's time
    assert following.stepped() is None


def test_a_rehearsal_moves_the_calendar_and_no_instant(tmp_path: Path) -> None:
    file = tmp_path / "seconds"
    machine = Machine()
    clock = Clock(0.0, lambda: machine.wall, lambda: machine.up, shift=rehearsed(str(file)))
    before = clock()
    assert clock.stepped() is None
    file.write_text("3600")
    assert clock.stepped() == 3600.0
    assert (clock(), clock.wall()) == (before, machine.wall)
    file.write_text("an hour")
    assert clock.stepped() == 0.0
    assert rehearsed(None)() == 0.0
