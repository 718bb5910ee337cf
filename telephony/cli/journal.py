"""`journal export`, `read-archive`, `replay`: what happened, entry by entry, anywhere."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from config.files import write_atomically
from config.home import Home
from config.redis_client import redis_client
from config.secrets import UnreadableSecretsError, read_secrets
from config.site import Site, SiteFaults, load, revive
from telephony.calls import codec
from telephony.calls.archive import ArchiveFailed, read_archive
from telephony.calls.engine import CORE_VERSION
from telephony.calls.export import Exported, NotAnExport, export, read_export
from telephony.calls.journal import JournalAway, RedisJournal
from telephony.calls.replay import Step, Verdict, walk
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem

DIFFERENT: Final = 1
PLAIN: Final = {
    Verdict.EQUAL: "",
    Verdict.MARK: "",
    Verdict.UNKNOWN: "(not replayed: what was before is not in the file)",
    Verdict.OTHER_CORE: "(another core: effects as this one has them)",
    Verdict.DIFFERS: "DIFFERS",
}


@click.group()
def journal() -> None:
    """The journal 記録簿: every decision of the centre, in order."""


@journal.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@home_option
def export_(file: Path, home: Home) -> None:
    """Write the journal of a running system to FILE, to be replayed anywhere.

    It holds no personal data: no telephone number, no typed digit, nobody's name.
    """
    lines = asyncio.run(_exported(home))
    try:
        write_atomically(file, "\n".join(lines) + "\n")
    except OSError as wrong:
        raise Problem(f"{file} cannot be written: {wrong.strerror}") from None
    click.echo(f"{file}: {len(lines)} lines")


@journal.command("read-archive")
@click.argument("file", type=click.Path(path_type=Path))
@home_option
def read_archive_(file: Path, home: Home) -> None:
    """Print what the archive FILE of one day holds: the entries, each as in an export.

    The key is the `archive_key` in the home's secrets.json.
    """
    try:
        for line in read_archive(file, read_secrets(home.secrets).archive_key):
            click.echo(line)
    except (ArchiveFailed, UnreadableSecretsError) as wrong:
        raise Problem(f"{file} cannot be read: {wrong}") from None
    except OSError as wrong:
        raise Problem(f"{file} cannot be read: {wrong.strerror}") from None


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def replay(file: Path, as_json: bool) -> int:
    """Walk the exported journal FILE and show each step; status 1 at the first difference.

    Written by this version of the core, each entry must lead to the same effects again.
    """
    exported = _read(file)
    zone = ZoneInfo(exported.timezone)
    show = _line if as_json else _paragraph
    told: Counter[Verdict] = Counter()
    last: Step | None = None
    for last in _walk(exported):
        click.echo(show(last, zone))
        told[last.verdict] += 1
    click.echo(_summary(told, last, exported.header.core), err=True)
    return DIFFERENT if told[Verdict.DIFFERS] else 0


async def _exported(home: Home) -> list[str]:
    site = _site_of(home)
    redis = redis_client(home)
    try:
        return await export(RedisJournal(redis), site)
    except JournalAway:
        told = "the journal does not answer: it can be exported while the system runs"
        raise Problem(told) from None
    finally:
        await redis.aclose()


def _site_of(home: Home) -> Site:
    """The site as the controller took it, which later mistakes in its files do not change."""
    try:
        return revive(home.site.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    try:
        return load(home.instance().site)
    except SiteFaults:
        raise Problem("the site has faults: `madoguchi check` lists them") from None


def _read(file: Path) -> Exported:
    try:
        with file.open(encoding="utf-8") as lines:
            return read_export(lines)
    except (OSError, UnicodeDecodeError) as wrong:
        raise Problem(f"{file} cannot be read ({type(wrong).__name__})") from None
    except NotAnExport as wrong:
        raise Problem(f"{file} is no exported journal: {wrong}") from None


def _walk(exported: Exported) -> Iterable[Step]:
    try:
        yield from walk(exported)
    except NotAnExport as wrong:
        raise Problem(str(wrong)) from None


def _paragraph(step: Step, zone: ZoneInfo) -> str:
    """One entry for people: when, where in the journal, what happened, what followed."""
    record = step.record
    what = f"[{record.mark}] " if record.mark else ""
    what += _words(record.command) if record.command else ""
    head = f"{_when(record.at, zone)}  {record.place}  {what}".rstrip()
    remark = " ".join(filter(None, (PLAIN[step.verdict], step.why)))
    effects = [f"    → {_words(codec.describe(effect))}" for effect in step.effects]
    return "\n".join([head, *effects, *([f"    {remark}"] if remark else [])])


def _line(step: Step, zone: ZoneInfo) -> str:
    record = step.record
    told = {
        "place": str(record.place),
        "at": _at(record.at, zone).isoformat(timespec="milliseconds"),
        "mark": record.mark or None,
        "command": record.command,
        "effects": [codec.describe(effect) for effect in step.effects],
        "verdict": step.verdict.value,
        "why": step.why or None,
    }
    return codec.dumps(told)


def _words(said: dict[str, Any]) -> str:
    """A command or effect in one line: its name, then what it says and is not empty."""
    name, *rest = said.items()
    told = (f"{key}={_value(value)}" for key, value in rest if value not in (None, "", (), []))
    return " ".join([str(name[1]), *told])


def _value(value: Any) -> str:
    match value:
        case dict():
            return "{" + " ".join(f"{key}={_value(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return str(value)


def _at(instant: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant, zone)


def _when(instant: float, zone: ZoneInfo) -> str:
    at = _at(instant, zone)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {at:%Z}"


def _summary(told: Counter[Verdict], last: Step | None, core: str) -> str:
    counts = ", ".join(f"{number} {verdict.value}" for verdict, number in sorted(told.items()))
    if told[Verdict.DIFFERS] and last is not None:
        return f"differs at {last.record.place}: {last.why} ({counts})"
    if core != CORE_VERSION or told[Verdict.OTHER_CORE]:
        return f"written by core {core}, this is {CORE_VERSION}: nothing is demanded ({counts})"
    return f"equal ({counts})" if told else "empty"
