"""Lets a recogniser hear whole announcements as callers do: joined from their parts, in G.711.

    python -m ivr_flows.prompts.listen MODEL                 # all of them
    python -m ivr_flows.prompts.listen MODEL places dates    # these

A tool for whoever changes a voice or a text, of an environment of its own (docs/prompts.md);
nothing on the call path may import it. MODEL is a directory with a Whisper model in CTranslate2's
form. What it wrote is read back into kana and compared with the readings of the recordings, so that
two ways to write one sound are no error. A machine that understands is no proof that people do, and
one that does not is a reason to listen.
"""

import argparse
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from ivr_flows.opening.announce import Spoken, announced
from ivr_flows.opening.book import Book
from ivr_flows.opening.model import Calendar, Dated, Hours, Rule
from ivr_flows.prompts import g711, parts
from ivr_flows.prompts.audio import RATE, load, resampled
from ivr_flows.prompts.install import narrow, pause
from ivr_flows.prompts.level import Samples
from ivr_flows.prompts.pronunciation import Node, lengthened, said
from ivr_flows.prompts.readings import WORD_EDGE, expand
from ivr_flows.prompts.recordings import Recorded, path_of, read_book
from ivr_flows.prompts.speak import speak

FULL_SCALE: Final = 32_768
NEW_YEAR: Final = date(2026, 1, 1)
CLOSED: Final = Rule("閉庁", ())
_KANA: Final = re.compile(r"([ァ-ヺー]+)")  # what we wrote out ourselves
_NO_SOUND: Final = re.compile(r"[^ァ-ヺー]")
_SAME_SOUND: Final = {"目曜日": "木曜日"}  # both モク; the recogniser knows no days of the week

FrontEnd = Callable[[str], Iterable[Node]]
Recogniser = Callable[[Samples], str]


def places() -> Iterator[Spoken]:
    """Which place somebody has in the queue."""
    for place in range(1, 21):
        yield ("position_intro", f"position:{place}", "position_outro")


def waits() -> Iterator[Spoken]:
    """About how long it will be, from half of it to all of it."""
    for most in range(1, 31):
        least = (f"minutes:{most // 2}", "word:hours_from") if most > 1 else ()
        about = ("wait_intro", *least, f"minutes_about:{most}")
        yield ("position_intro", "position:5", *about, "position_outro")


def dates() -> Iterator[Spoken]:
    """When it opens next, for every sixth day of a year: each day of a month is among them."""
    for on in (NEW_YEAR + timedelta(days) for days in range(0, 367, 6)):
        opening = Dated(on, on, Rule("臨時", (Hours(510, 1035),)))
        book = Book(Calendar((CLOSED,) * 7, overrides=(opening,)))
        yield announced("next", book, datetime.combine(on, time()) - timedelta(days=1))


def hours() -> Iterator[Spoken]:
    """From when to when it is open: each hour between 7:00 and 21:15."""
    for opens in range(7 * 60, 16 * 60, 30):
        week = (Rule("平日", (Hours(opens, opens + 345),)),) * 5 + (CLOSED,) * 2
        yield announced("hours", Book(Calendar(week)), datetime.combine(NEW_YEAR, time()))


KINDS: Final[Mapping[str, Callable[[], Iterator[Spoken]]]] = {
    "places": places,
    "waits": waits,
    "dates": dates,
    "hours": hours,
}


@dataclass(frozen=True, slots=True)
class Understood:
    """What the recogniser made of an announcement, and what it should have."""

    wanted: str  # in kana
    heard: str
    wrote: str

    @property
    def errors(self) -> int:
        """Kana that are wrong, missing or too many."""
        return distance(self.wanted, self.heard)


def stems_of(announcement: Spoken) -> tuple[str, ...]:
    """The sounds it is joined from, in order."""
    return tuple(stem for reference in announcement for stem in speak(reference))


def as_heard(stems: Sequence[str]) -> Samples:
    """What comes out of a telephone, at the rate that the recogniser wants."""
    octets = b"".join(narrow(_sound(stem)) for stem in stems)
    samples = g711.decode(np.frombuffer(octets, np.uint8)).astype(np.float64) / FULL_SCALE
    return resampled(samples, g711.RATE, RATE)


def _sound(stem: str) -> Samples:
    return pause() if stem == parts.PAUSE else load(path_of(stem))


def reading_of(stems: Iterable[str], book: Mapping[str, Recorded]) -> str:
    """How the voice says them, in kana."""
    return _sounds("".join(book[stem].reading or "" for stem in stems if stem != parts.PAUSE))


def read_back(text: str, front_end: FrontEnd) -> str:
    """What the recogniser wrote, in kana."""
    for written, meant in _SAME_SOUND.items():
        text = text.replace(written, meant)
    spoken = [
        lengthened(piece) if _KANA.match(piece) else "".join(map(said, front_end(piece)))
        for piece in _KANA.split(expand(text).replace(WORD_EDGE, " "))
    ]
    return _sounds("".join(spoken))


def _sounds(kana: str) -> str:
    return _NO_SOUND.sub("", kana)


def distance(wanted: str, heard: str) -> int:
    """How many signs are to be changed, taken out or put in (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for taken, sign in enumerate(wanted, start=1):
        diagonal, row[0] = row[0], taken
        for place, other in enumerate(heard, start=1):
            least = min(row[place] + 1, row[place - 1] + 1, diagonal + (sign != other))
            diagonal, row[place] = row[place], least
    return row[-1]


def listened(
    announcements: Iterable[Spoken], recogniser: Recogniser, front_end: FrontEnd
) -> Iterator[Understood]:
    """Each announcement, as it was understood."""
    book = read_book()
    for announcement in announcements:
        stems = stems_of(announcement)
        wrote = recogniser(as_heard(stems))
        yield Understood(reading_of(stems, book), read_back(wrote, front_end), wrote)


def summary(kind: str, understood: Sequence[Understood]) -> str:
    """One line of figures."""
    errors = sum(each.errors for each in understood)
    kana = sum(len(each.wanted) for each in understood)
    whole = sum(not each.errors for each in understood)
    return f"{kind}: {whole} of {len(understood)} right, {errors} of {kana} kana wrong"


def main() -> None:
    """Print what was not understood to the letter, and a line of figures of each kind."""
    wanted = argparse.ArgumentParser(prog="python -m ivr_flows.prompts.listen")
    wanted.add_argument("model", type=Path)
    wanted.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    asked = wanted.parse_args()
    if unknown := [kind for kind in asked.kinds if kind not in KINDS]:
        wanted.error(f"no such announcements: {', '.join(unknown)}")
    recogniser, front_end = _whisper(asked.model), _open_jtalk()
    for kind in asked.kinds or KINDS:
        understood = []
        for each in listened(KINDS[kind](), recogniser, front_end):
            understood.append(each)
            if each.errors:
                _tell(f"  {each.errors} {each.wrote}\n    {each.wanted}\n    {each.heard}")
        _tell(summary(kind, understood))


def _whisper(model: Path) -> Recogniser:
    package = importlib.import_module("faster_whisper")
    loaded = package.WhisperModel(str(model), compute_type="int8", local_files_only=True)

    def recognise(samples: Samples) -> str:
        heard, _ = loaded.transcribe(samples.astype(np.float32), language="ja", beam_size=5)
        return "".join(part.text for part in heard)

    return recognise


def _open_jtalk() -> FrontEnd:
    front_end: Any = importlib.import_module("pyopenjtalk")

    def words(text: str) -> Iterable[Node]:
        nodes: Iterable[Node] = front_end.run_frontend(text, use_sudachi_kanji_yomi=False)
        return nodes

    return words


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
