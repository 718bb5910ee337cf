"""The calendar once more, slow and obvious: from the files as written, one question after another.

It shares nothing with the product but the reading of YAML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Answer:
    open: bool
    layer: str
    lines: int | None


class Slow:
    """Answers by reading every entry of every layer, the strongest first."""

    def __init__(self, directory: Path) -> None:
        self.calendar = _read(directory / "calendar.yaml")
        self.holidays = {
            day: name
            for year in _read(directory / "holidays.yaml").values()
            for day, name in year["days"].items()
        }

    def at(self, when: datetime) -> Answer:
        applying = self._applying(when.date())
        layer, hours = next((layer, entry["hours"]) for layer, entry in applying if entry["hours"])
        opened = hours != "closed" and _inside(hours, when)
        return Answer(opened, layer, self._lines(applying, when) if opened else None)

    def next_opening(self, when: datetime) -> datetime:
        """Minute after minute, from the next whole one on."""
        moment = when.replace(second=0) + timedelta(minutes=1)
        while not (self.at(moment).open and not self.at(moment - timedelta(minutes=1)).open):
            moment += timedelta(minutes=1)
        return moment

    def _applying(self, on: date) -> list[tuple[str, Mapping[str, Any]]]:
        found = self._dated(on)
        for entry in self.calendar["periods"]:
            if _holds(entry, on):
                found.append(("period", entry))
        if on.weekday() == 3:
            found.append(("weekly", self.calendar["weekly"][0]))
        base = "8:30-17:15" if on.weekday() < 5 else "closed"
        found.append(("base", {"hours": base, "lines": 6}))
        return found

    def _dated(self, on: date) -> list[tuple[str, Mapping[str, Any]]]:
        found: list[tuple[str, Mapping[str, Any]]] = []
        for entry in self.calendar["overrides"]:
            if _holds(entry, on):
                found.append(("override", {"hours": None, "lines": None, **entry}))
        for entry in self.calendar["special_openings"]:
            if entry["date"] == on.isoformat():
                found.append(("special", {"lines": None, **entry}))
        if on.isoformat() in self.holidays:
            found.append(("holiday", {"hours": "closed", "lines": None}))
        if (on.month, on.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}:
            found.append(("closing", {"hours": "closed", "lines": None}))
        return found

    def _lines(self, applying: list[tuple[str, Mapping[str, Any]]], when: datetime) -> int | None:
        for _, entry in applying:
            lines = entry.get("lines")
            if isinstance(lines, int):
                return lines
            for since, count in (lines or {}).items():
                if when.strftime("%H:%M") >= since:
                    return int(count)
        return None


def _holds(entry: Mapping[str, Any], on: date) -> bool:
    if "date" in entry:
        return bool(entry["date"] == on.isoformat())
    if not entry["first"] <= on.isoformat() <= entry["last"]:
        return False
    days = entry.get("days", ["every_day"])
    return (
        "every_day" in days
        or DAYS[on.weekday()] in days
        or ("weekdays" in days and on.weekday() < 5)
    )


def _inside(hours: str, when: datetime) -> bool:
    opens, closes = (f"{int(h):02}:{m}" for h, m in (t.split(":") for t in hours.split("-")))
    return opens <= when.strftime("%H:%M") < closes


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
