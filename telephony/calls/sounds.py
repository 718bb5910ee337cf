"""Prompt references as sound URIs; a file that is missing is left out, counted and told."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import structlog

from ivr_flows.prompts.speak import UnknownPrompt, speak
from telephony.ari.media import sound

log = structlog.get_logger(__name__)


class Sounds:
    """The sound files of one language."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self.missing = 0
        self._uri = lru_cache(maxsize=4096)(self._find)

    def media(self, prompts: Sequence[str]) -> list[str]:
        """The URIs to play, in order; empty when there is none that could be."""
        stems = [stem for prompt in prompts for stem in self._stems(prompt)]
        return [uri for uri in map(self._uri, stems) if uri]

    def _stems(self, prompt: str) -> tuple[str, ...]:
        try:
            return speak(prompt)
        except UnknownPrompt:  # more callers wait than there are numbers recorded
            return ()

    def _find(self, stem: str) -> str:
        file = self._folder / f"{stem}.ulaw"
        if file.is_file() and file.stat().st_size > 0:
            return sound(file)
        self.missing += 1
        log.error("sound_missing", prompt=stem)
        return ""
