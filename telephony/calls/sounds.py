"""Prompt references as sound URIs; a file that is missing is left out, counted and told."""

import os
from collections.abc import Sequence
from pathlib import Path

import structlog

from ivr_flows.prompts.speak import UnknownPrompt, speak
from telephony.ari.media import sound

log = structlog.get_logger(__name__)


class Sounds:
    """The sound files of one language."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()  # not resolved: a link is there to make paths short
        self.missing = 0
        self._found: dict[str, str] = {}
        self._told: set[str] = set()  # one line each, however often it is wanted

    def media(self, prompts: Sequence[str]) -> list[str]:
        """The URIs to play, in order; empty when there is none that could be."""
        stems = [stem for prompt in prompts for stem in self._stems(prompt)]
        return [uri for uri in map(self._uri, stems) if uri]

    def _stems(self, prompt: str) -> tuple[str, ...]:
        try:
            return speak(prompt)
        except UnknownPrompt:  # more callers wait than there are numbers recorded
            return ()

    def _uri(self, stem: str) -> str:
        if stem in self._found:
            return self._found[stem]
        uri = self._find(stem)
        if uri:
            self._found[stem] = uri
            return uri
        self.missing += 1
        if stem not in self._told:
            self._told.add(stem)
            log.error("sound_missing", prompt=stem)
        return ""

    def _find(self, stem: str) -> str:
        file = self._folder / f"{stem}.ulaw"
        try:
            return sound(file) if file.is_file() and file.stat().st_size > 0 else ""
        except (OSError, ValueError) as trouble:  # not readable; a path that Asterisk would cut
            log.error("sound_unusable", error=trouble)
            return ""


def linked(folder: Path, link: Path) -> Path:
    """The folder by a short path: a sentence of many sounds must fit into one request line."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.absolute())
    fresh.replace(link)
    return link
