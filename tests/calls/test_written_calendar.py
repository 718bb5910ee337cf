"""A site directory whose calendar is written anew: what is taken up, and what is not."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from config.site import load, revive
from config.site_calendar import opening_of
from telephony.acd.errors import Rejected
from telephony.calls.terms import OpenHours, hours_of
from telephony.calls.written_calendar import WrittenCalendar, stamp_of
from tests.opening.test_book import DEMO

AFTER = 1.0  # seconds of opening


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    site = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (site / "register.yaml").unlink()  # what these tests write nobody has agreed to
    return site


class Source(WrittenCalendar):
    """As a controller opens it; `hours` are those that callbacks are due by."""

    def __init__(self, directory: Path) -> None:
        self.began_with = replace(load(directory), always_open=False)
        self.hours = hours_of(self.began_with)
        self.kept = directory.parent / "site.json"
        super().__init__(directory, self.kept, load(directory), self.hours, stamp_of(directory))


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(file, ns=(1, 1))  # another time, however coarse the clock


async def test_another_calendar_is_taken_up_with_the_digest_of_its_site(directory: Path) -> None:
    source = Source(directory)
    assert not source.is_news(load(directory).digest)
    rewrite(directory / "calendar.yaml", "weekdays: 8:30-17:15", "weekdays: 9:30-17:15")
    assert source.is_news(source.began_with.digest)
    taken = await source.read()
    site = load(directory)
    assert (taken.digest, taken.calendar) == (site.digest, opening_of(site))
    await source.taken_up()
    assert revive(source.kept.read_text(encoding="utf-8")).digest == site.digest
    assert not source.is_news(taken.digest)


async def test_callbacks_are_due_by_it(directory: Path) -> None:
    source = Source(directory)
    midnight = 1_796_137_200.0  # Wednesday 2026-12-02 in Japan
    assert isinstance(source.hours, OpenHours)
    assert source.hours.after(midnight, AFTER) == midnight + 8.5 * 3600 + AFTER
    rewrite(directory / "calendar.yaml", "weekdays: 8:30-17:15", "weekdays: 9:30-17:15")
    await source.read()
    await source.taken_up()
    assert source.hours.after(midnight, AFTER) == midnight + 9.5 * 3600 + AFTER


async def test_confirmed_holidays_are_part_of_it(directory: Path) -> None:
    source = Source(directory)
    rewrite(directory / "holidays.yaml", "元日", "元旦")
    assert source.is_news(source.began_with.digest)
    names = {
        n for year in (await source.read()).calendar.holidays.values() for n in year.days.values()
    }
    assert "元旦" in names


async def test_a_fault_is_told_and_nothing_taken_up(directory: Path) -> None:
    source = Source(directory)
    rewrite(directory / "calendar.yaml", "[thursday]", "[thorsday]")
    with pytest.raises(Rejected, match=r"calendar\.yaml:\d+: .*is no day"):
        await source.read()
    assert not source.kept.exists()


async def test_any_other_change_waits_for_a_restart(directory: Path) -> None:
    source = Source(directory)
    rewrite(directory / "calendar.yaml", "weekdays: 8:30-17:15", "weekdays: 9:30-17:15")
    rewrite(directory / "queues.yaml", "ring_for: 15", "ring_for: 16")
    with pytest.raises(Rejected, match="restart controller"):
        await source.read()


async def test_what_a_register_does_not_have_is_not_taken_up(directory: Path) -> None:
    shutil.copy(DEMO / "register.yaml", directory)
    source = Source(directory)
    rewrite(directory / "calendar.yaml", "weekdays: 8:30-17:15", "weekdays: 9:30-17:15")
    with pytest.raises(Rejected, match="changed without an entry"):
        await source.read()
