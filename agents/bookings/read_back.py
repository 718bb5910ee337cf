"""復唱: what was agreed, as sentences to speak, and the script that leads there. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents.bookings.eras import japanese
from agents.bookings.moments import Moment
from agents.bookings.speech import Spelling, say_day, say_number, say_short_day, say_time
from agents.catalogue.shapes import Code, Word

STEPS: Final = 10
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Step(BaseModel):
    """One step: what it is for, what is said, and what the agent minds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    title: Word
    ja: Annotated[str, Field(min_length=1)]
    note: str = ""


class Script(BaseModel):
    """`script.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1, max_length=40)]
    labels: Mapping[Code, str]
    steps: Annotated[tuple[Step, ...], Field(min_length=STEPS, max_length=STEPS)]


@dataclass(frozen=True, slots=True)
class Person:
    """One of the party, as it is read back."""

    name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed; without a number it is 仮受付."""

    when: Moment
    site: str
    party: tuple[Person, ...]
    number: str | None
    change_until: Moment | None
    agent: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the script as it stands now."""

    step: Step
    text: str
    missing: tuple[Code, ...]


def lines(script: Script, known: Mapping[Code, str]) -> list[Line]:
    """The script with what is known in it; what is not stands there as 〔label〕."""
    return [_line(script, step, known) for step in script.steps]


def script_faults(script: Script) -> Iterator[str]:
    """Places without a label, for the author."""
    for step in script.steps:
        for code in _PLACE.findall(step.ja):
            if code not in script.labels:
                yield f"step {step.code}: {{{code}}} has no label"


def values(agreed: Agreed, spelling: Spelling) -> dict[Code, str]:
    """What the agreement fills into the script."""
    found = {
        "agent": agreed.agent,
        "site": agreed.site,
        "day": say_day(agreed.when.day),
        "time": say_time(agreed.when.at),
        "people": str(len(agreed.party)),
    }
    if agreed.number is not None:
        found["number"] = "、".join(say_number(agreed.number, spelling).groups)
    if agreed.change_until is not None:
        found["change_until"] = _moment(agreed.change_until)
    return found


def read_back(agreed: Agreed, spelling: Spelling) -> list[str]:
    """Everything that was agreed, a sentence a thing, in the order in which it is confirmed.

    A booking without a number is never read back as one: what the citizen writes down must be
    the number that the counter knows.
    """
    said = [
        f"{say_day(agreed.when.day)}、{say_time(agreed.when.at)}から、{agreed.site}、"
        f"{len(agreed.party)}名様です。"
    ]
    said += [f"{one.name}様、{japanese(one.birth_date)}生まれ。" for one in agreed.party]
    if agreed.number is None:
        said.append("ただいまは仮受付です。予約番号は、市の予約システムで取れしだい申し上げます。")
    else:
        number = say_number(agreed.number, spelling)
        said.append(f"予約番号は、{'、'.join(number.readings)}です。")
    if agreed.change_until is not None:
        said.append(f"変更は、{_moment(agreed.change_until)}までにお電話ください。")
    return [*said, f"{agreed.agent}が承りました。"]


def _moment(until: Moment) -> str:
    return f"{say_short_day(until.day)}の{say_time(until.at)}"


def _line(script: Script, step: Step, known: Mapping[Code, str]) -> Line:
    places = _PLACE.findall(step.ja)
    text = _PLACE.sub(lambda at: known.get(at[1]) or f"〔{script.labels[at[1]]}〕", step.ja)
    return Line(step, text, tuple(dict.fromkeys(code for code in places if not known.get(code))))
