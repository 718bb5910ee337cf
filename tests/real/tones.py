"""A tone for each prompt, so that a test can tell which one a caller hears."""

import time
from pathlib import Path
from typing import Final

from ivr_flows.prompts import catalogue, parts
from tests.real.waiting import until
from tests.sip import Call, tone
from tests.sip.ear import THRESHOLD

MUSIC: Final = -45.0  # dBov; music is louder than this, silence is not
_APART: Final = 6.0  # dB below the whole, where a frequency is a part of it only
MISSING: Final = "transfer_wait"
EMPTY: Final = "all_busy"
NAMED_STEP: Final = 26  # hertz: all of them below half the rate, and apart in a window
_NAMED: Final = {name: 2000 + NAMED_STEP * n for n, name in enumerate(catalogue.prompts().prompts)}
_PART: Final = {"digit": 1200, "digit-last": 1200, "position": 1640}
_PART_STEP: Final = 40
_PART_SECONDS: Final = {"digit": 0.2, "position": 0.32}  # ten digits make a telephone number
_OTHER_SECONDS: Final = 0.16  # of one tone: a row of them is heard, and opening hours are twenty
_OTHER_PARTS: Final = 1160


def hertz(stem: str) -> int:
    """The tone of one sound file; 0 is silence. A digit sounds the same at the end."""
    if stem in _NAMED:
        return _NAMED[stem]
    family, _, number = stem.rpartition("-")
    if family not in _PART:
        return 0 if stem == parts.PAUSE else _OTHER_PARTS
    return _PART[family] + _PART_STEP * min(int(number), 9)


def seconds(stem: str) -> float:
    """How long the sound is."""
    if stem == parts.PAUSE:
        return 0.1
    return 0.8 if stem in _NAMED else _PART_SECONDS.get(stem.partition("-")[0], _OTHER_SECONDS)


def install(folder: Path) -> None:
    """Write every sound but the one that is to be missing; one is empty."""
    folder.mkdir(parents=True)
    stems = [*_NAMED, parts.PAUSE, *(stem for stem, _ in parts.texts())]
    for stem in stems:
        frames = tone.tone_frames(hertz(stem))
        count = round(seconds(stem) / 0.02)
        sound = b"".join(frames[n % len(frames)] for n in range(count))
        if stem != MISSING:
            (folder / f"{stem}.ulaw").write_bytes(b"" if stem == EMPTY else sound)


async def hears(call: Call, stem: str, since: float | None = None, within: float = 30.0) -> float:
    """Fails unless the caller hears the prompt, in audio since then or from now on; when.

    Without a time it is what they hear since they last did something: a prompt may be over
    before a test that waited for another fact comes to listen.
    """
    began = call.acted_at if since is None else since
    try:
        await until(lambda: heard(call, stem, began), f"the prompt {stem}", within)
    except AssertionError:
        told = f"{stem} was not heard, but {heard_since(call, began)}\n{call.stack.trace}"
        raise AssertionError(told) from None
    return time.monotonic()


def heard(call: Call, stem: str, since: float) -> bool:
    """Whether the prompt has been heard since then."""
    return call.media.ear.loudest(hertz(stem), since) >= THRESHOLD


async def hears_music(call: Call, *but: float) -> None:
    """Fails unless they hear something that is neither a prompt nor one of these frequencies."""
    spoken = {hertz(f"{family}-{number}") for family in _PART for number in range(10)}
    tones = {*_NAMED.values(), *spoken, _OTHER_PARTS, *but}

    def is_music() -> bool:
        loudness = call.rms()
        return loudness > MUSIC and all(call.level(each) < loudness - _APART for each in tones)

    await until(is_music, "music")


def heard_since(call: Call, since: float) -> list[str]:
    """Every named prompt heard since then, for messages."""
    return [stem for stem in _NAMED if heard(call, stem, since)]
