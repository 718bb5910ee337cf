"""How long prompts last: read from their recordings, once each."""

from collections.abc import Sequence
from functools import cache

import soundfile  # type: ignore[import-untyped]

from ivr_flows.prompts.recordings import path_of
from ivr_flows.prompts.speak import UnknownPrompt, speak


def recorded(prompts: Sequence[str]) -> float:
    """Seconds until all of them have been heard; nothing is heard of one that is not there."""
    return sum(map(_reference, prompts))


@cache
def _reference(prompt: str) -> float:
    try:
        return sum(map(_recording, speak(prompt)))
    except UnknownPrompt:
        return 0.0


@cache
def _recording(stem: str) -> float:
    path = path_of(stem)
    return float(soundfile.info(path).duration) if path.is_file() else 0.0
