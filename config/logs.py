"""Structured logs that personal data cannot enter: what is written is what is on the list.

Each line is one JSON object: time, level, part, event and, where there is one, the call. Fields
come from an allow-list, each with a form of its own; anything else is dropped and counted under
`withheld`. Texts of exceptions and of other people's libraries are never written, because they
quote their input: both leave only their place, and an exception its type.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

NUMBERS: Final = frozenset(
    ("attempt", "backlog", "calls", "complete", "count", "entries", "epoch", "errors", "lag_ms",
     "line", "ms", "pid", "port", "seconds", "seq", "size", "status", "version")
)  # fmt: skip
WORDS: Final = frozenset(
    ("file", "flow", "from_state", "kind", "library", "node", "operation",
     "outcome", "process", "prompt", "queue", "reason", "seat", "state", "to_state")
)  # fmt: skip
TYPES: Final = frozenset(("command", "effect", "error", "fault", "why"))
CHANNEL_IDS: Final = frozenset(("call", "channel", "bridge"))

LARGEST: Final = 9_999_999  # any telephone number is longer
# Lower-case ASCII with five digits at most: neither a name as people write it nor a number.
WORD: Final = re.compile(r"(?!(?:.*\d){6})[a-z*#][a-z0-9_.*#/-]{0,63}")
# Two capitals at least: a type's name, and no person's.
TYPE: Final = re.compile(r"(?:[A-Z][a-z]+){2,6}")
CHANNEL_ID: Final = re.compile(
    r"(?:[a-z]{1,3}\.)?(?:[a-z][a-z0-9]*-)?1\d{9}\.\d{1,9}(?:\.\d{1,4})?"
)
# Our events are constants: no digits, no capitals, so that a value put into one shows.
SENTENCE: Final = re.compile(r"[a-z][a-z _.,:;'()/%-]{0,119}")
FRAMES: Final = 8

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    **dict.fromkeys(WORDS, WORD),
    **dict.fromkeys(TYPES, TYPE),
    **dict.fromkeys(CHANNEL_IDS, CHANNEL_ID),
}

current_call: ContextVar[str | None] = ContextVar("current_call", default=None)


@contextmanager
def during(call: str) -> Iterator[None]:
    """Every line written inside, also by what is awaited there, carries this call."""
    before = current_call.set(call)
    try:
        yield
    finally:
        current_call.reset(before)


def logger() -> FilteringBoundLogger:
    """The one to write with: `logger().info("leader took over", epoch=7)`."""
    return cast(FilteringBoundLogger, structlog.get_logger())


def configure(part: str, path: Path | None = None, stream: TextIO | None = None) -> None:
    """Send everything, the standard library's records included, as JSON lines to one place."""
    handler = _handler(path, stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_without_its_text],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_chain(part),
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _handler(path: Path | None, stream: TextIO | None) -> logging.Handler:
    if path is None:
        return _Counting(stream or sys.stderr)
    path.touch(mode=0o600)
    return RotatingFileHandler(path, maxBytes=10_000_000, backupCount=5, encoding="utf-8")


class _Counting(logging.StreamHandler[TextIO]):
    """Lines that a full disk does not take are counted, and told of when it takes some again."""

    lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, and after it how many could not be written before it."""
        before = self.lost
        super().emit(record)
        if before and self.lost == before:
            self.lost = 0
            logger().error("log lines lost", count=before)
            self.lost += before if self.lost else 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """A disk that is full must not end anything, nor be told of on itself."""
        if isinstance(sys.exc_info()[1], OSError):
            self.lost += 1
        else:
            super().handleError(record)


def _chain(part: str) -> list[structlog.typing.Processor]:
    def name_the_part(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {**line, "part": part}

    return [_only_the_listed, name_the_part, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def _without_its_text(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """A library's record: who wrote it and where; the text may hold anything."""
    record: logging.LogRecord = line["_record"]
    return {
        **line,
        "event": "library message",
        "level": record.levelname.lower(),
        "library": record.name.lower(),
        "file": record.filename.lower(),
        "line": record.lineno,
        "exc_info": record.exc_info,
    }


def _only_the_listed(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    event = str(line.pop("event", ""))
    level = line.pop("level", "info")
    error = _exception(line.pop("exc_info", None))
    call = current_call.get()
    fields = {"call": call, **line} if call else dict(line)
    named = {name: _named(value) if name in TYPES else value for name, value in fields.items()}
    kept = {name: value for name, value in named.items() if _may_stand(name, value)}
    withheld = len(fields) - len(kept)
    return {
        "level": level,
        "event": event if SENTENCE.fullmatch(event) else "text withheld",
        **kept,
        **error,
        **({"withheld": withheld} if withheld else {}),
    }


def _may_stand(name: str, value: object) -> bool:
    if name in NUMBERS:
        return isinstance(value, bool | int | float) and abs(value) <= LARGEST
    form = _FORMS.get(name)
    return form is not None and isinstance(value, str) and form.fullmatch(value) is not None


def _named(value: object) -> object:
    """An exception or a command by its type: what it holds may be anything."""
    return value if isinstance(value, str) else type(value).__name__


def _exception(info: object) -> Mapping[str, object]:
    """Type and place; never the message, which may quote a caller."""
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if not isinstance(error, BaseException):
        return {}
    return {"error": type(error).__name__, "at": _places(error.__traceback__)}


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
