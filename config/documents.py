"""YAML as configuration deserves it: text stays text, nothing repeats, and every fault has a line.

Only `true`, `false`, `null`, plain whole numbers and plain decimals are converted. `no`, `on`,
`0942000100`, `8:30` and `2026-01-01` are text, as their authors meant them. Anchors, tags, tabs and
repeated keys are refused: they are how a file comes to mean something else than what is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

LARGEST: Final = 256 * 1024  # bytes
DEEPEST: Final = 20

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]
Where = tuple[str | int, ...]

_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\Z")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, and where its author finds it."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Document:
    """A file's plain data, and the line of everything in it."""

    file: str
    data: Plain
    lines: Mapping[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """The line of what `where` names, or of the nearest thing around it."""
        return self.lines.get(self.nearest(where), 1)

    def nearest(self, where: Where) -> Where:
        """`where` without the parts that are nowhere in the file."""
        known: Where = ()
        for part in where:
            if (*known, part) in self.lines:
                known = (*known, part)
        return known

    def fault(self, where: Where, text: str) -> Fault:
        return Fault(self.file, self.line(where), text)


class Unreadable(ValueError):
    """A file that does not say one clear thing."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def read(path: Path) -> Document:
    """The file's data with positions; `Unreadable` with every fault there is to find."""
    return parse(_text(path), str(path))


def parse(text: str, file: str) -> Document:
    """As `read`, for text at hand."""
    tabs = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
    if tabs:
        told = "has a tab; indent and separate with spaces"
        raise Unreadable([Fault(file, number, told) for number in tabs])
    reading = _Reading(file)
    try:
        data = reading.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        # Ten times slower, and better at saying what is wrong.
        reading = _Reading(file)
        try:
            data = reading.document(yaml.parse(text, Loader=yaml.SafeLoader))
        except yaml.YAMLError as error:
            reading.faults.append(_syntax(file, text, error))
    if reading.faults:
        raise Unreadable(sorted(reading.faults))
    return Document(file, data, reading.lines)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            told = f"is larger than {LARGEST // 1024} KiB; no configuration file needs to be"
            raise Unreadable([Fault(str(path), 1, told)])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].count(b"\n")
        raise Unreadable([Fault(str(path), before + 1, "is not UTF-8 text here")]) from error
    except OSError as error:
        told = f"cannot be read: {error.strerror}"
        raise Unreadable([Fault(str(path), 1, told)]) from error


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Fault:
    match error:
        case yaml.MarkedYAMLError(problem=problem, problem_mark=mark) if mark is not None:
            return Fault(file, mark.line + 1, f"is not YAML: {problem}")
        case yaml.reader.ReaderError(position=position):
            line = text.count("\n", 0, position) + 1
            return Fault(file, line, "has a character that no text may hold")
        case _:
            return Fault(file, 1, "is not YAML")


class _TooDeep(Exception):
    """Nested beyond all reason; what follows is not read."""


class _Reading:
    """One pass over one file's events, collecting data, lines and faults."""

    def __init__(self, file: str) -> None:
        self.faults: list[Fault] = []
        self.lines: dict[Where, int] = {}
        self._file = file

    def document(self, events: Iterator[Event]) -> Plain:
        data: Plain = None
        documents = 0
        for event in events:
            match event:
                case DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._note(event, "starts a second document; one file holds one")
                case NodeEvent() if documents == 1:
                    self.lines[()] = _line(event)
                    try:
                        data = self._node(event, events, ())
                    except _TooDeep:
                        return None
                case _:
                    pass
        return data

    def _node(self, event: Event, events: Iterator[Event], at: Where) -> Plain:
        self._refuse_tricks(event)
        if len(at) > DEEPEST:
            self._note(event, f"is nested more than {DEEPEST} levels deep")
            raise _TooDeep
        match event:
            case MappingStartEvent():
                return self._mapping(events, at)
            case SequenceStartEvent():
                return self._sequence(events, at)
            case ScalarEvent(value=str(value), implicit=implicit):
                return scalar(value) if implicit[0] else value
            case _:
                return None

    def _mapping(self, events: Iterator[Event], at: Where) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._key(event, events, at)
            if key in found:
                first = self.lines[(*at, key)]
                self._note(event, f"repeats {key!r}, which line {first} has already")
            here = (*at, key)
            self.lines.setdefault(here, _line(event))
            found[key] = self._node(next(events), events, here)
        return found

    def _sequence(self, events: Iterator[Event], at: Where) -> list[Plain]:
        found: list[Plain] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            here = (*at, len(found))
            self.lines[here] = _line(event)
            found.append(self._node(event, events, here))
        return found

    def _key(self, event: Event, events: Iterator[Event], at: Where) -> str:
        key = self._node(event, events, (*at, "key"))
        if isinstance(key, str):
            return key
        match event:
            case ScalarEvent(value=str(written)):
                self._note(event, f'has the key {written}, which is no text; write "{written}"')
                return written
            case AliasEvent():  # told already
                pass
            case _:
                self._note(event, "has a list or a mapping as a key; a key is text")
        return f"unusable key on line {_line(event)}"

    def _refuse_tricks(self, event: Event) -> None:
        match event:
            case AliasEvent(anchor=anchor):
                self._note(event, f"uses the alias *{anchor}; write it out")
            case NodeEvent(anchor=str(anchor)):
                self._note(event, f"defines the anchor &{anchor}; write it out where it is used")
            case _:
                pass
        match event:
            case ScalarEvent(tag=str(tag)) | CollectionStartEvent(tag=str(tag)):
                self._note(event, f"has the tag {tag}; tags are not used here")
            case _:
                pass

    def _note(self, event: Event, text: str) -> None:
        self.faults.append(Fault(self._file, _line(event), text))


def _line(event: Event) -> int:
    """The line the event starts on, counted from 1."""
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def scalar(written: str) -> Plain:
    """What an unquoted word means."""
    if written in _WORDS:
        return _WORDS[written]
    if _WHOLE.match(written):
        return int(written)
    return float(written) if _DECIMAL.match(written) else written
