"""Makes the recordings whose text has changed."""

from collections.abc import Callable, Collection, Iterable

from ivr_flows.prompts.audio import save
from ivr_flows.prompts.catalogue import Sound, sounds
from ivr_flows.prompts.readings import expand
from ivr_flows.prompts.recordings import (
    Recorded,
    fingerprint,
    fingerprint_of,
    path_of,
    read_book,
    write_book,
)
from ivr_flows.prompts.shaping import shape
from ivr_flows.prompts.synthesis import RATE, VOICE, Voice

_SAVE_EVERY = 25


def stale(only: Collection[str] = ()) -> list[Sound]:
    """What to render: the named sounds, or else all without a recording of their present text."""
    book = read_book()
    if only:
        return [sounds()[stem] for stem in only]
    return [sound for sound in sounds().values() if not _is_current(sound, book.get(sound.stem))]


def _is_current(sound: Sound, recorded: Recorded | None) -> bool:
    spoken = recorded is not None and recorded.text == fingerprint(sound)
    return spoken and path_of(sound.stem).is_file()


def render(wanted: Iterable[Sound], tell: Callable[[str], None]) -> None:
    """Speak, shape and record each, noting them on the way, so an interruption loses little."""
    voice = Voice()
    book = read_book()
    for done, sound in enumerate(wanted, start=1):
        book[sound.stem] = _render_one(voice, sound)
        tell(f"{sound.stem}: {book[sound.stem].reading}")
        if done % _SAVE_EVERY == 0:
            write_book(book)
    write_book({stem: row for stem, row in book.items() if stem in sounds()})


def _render_one(voice: Voice, sound: Sound) -> Recorded:
    spoken = voice.speak(expand(sound.text), sound.speed)
    path = path_of(sound.stem)
    save(path, shape(spoken.samples, RATE, sound))
    return Recorded(fingerprint(sound), fingerprint_of(path), f"Kokoro-82M {VOICE}", spoken.reading)
