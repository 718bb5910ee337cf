"""Prompt references as sound URIs; a file that cannot be played is left out, counted and told."""

import os
from collections.abc import Sequence
from pathlib import Path

import structlog

from ivr_flows.prompts.recorded import unfit
from ivr_flows.prompts.speak import UnknownPrompt, speak
from telephony.ari.media import sound

log = structlog.get_logger(__name__)

_Stamp = tuple[int, int, int]  # a file that was changed or replaced has another


class Sounds:
    """The sound files of one language, looked at each time one is wanted.

    Of several folders the first that has a good file gives it: a site's own go before those that
    are shipped, file by file.
    """

    def __init__(self, *folders: Path) -> None:
        # Not resolved: a link is there to make paths short.
        self._folders = [folder.absolute() for folder in folders]
        self.missing = 0
        self._good: dict[Path, _Stamp] = {}  # files whose beginning was read
        self._told: set[tuple[str, str]] = set()  # one line each, however often it is wanted

    def media(self, prompts: Sequence[str]) -> list[str]:
        """The URIs to play, in order; empty when there is none that could be."""
        stems = [stem for prompt in prompts for stem in self._stems(prompt)]
        return [uri for uri in map(self._uri, stems) if uri]

    def failed(self, uri: str) -> None:
        """Asterisk could not play it, although it looked well from here."""
        for file in [each for each in self._good if uri and sound(each) == uri]:
            del self._good[file]
        self._tell(uri.rpartition("/")[2].removeprefix("sound:"), "refused")

    def _stems(self, prompt: str) -> tuple[str, ...]:
        try:
            return speak(prompt)
        except UnknownPrompt:  # more callers wait than there are numbers recorded
            return ()

    def _uri(self, stem: str) -> str:
        fault, uri = "missing", ""
        for file in (folder / f"{stem}.ulaw" for folder in self._folders):
            found = self._fault(file)
            if found is None:
                uri = sound(file)
                break
            if found != "missing":  # told of although another is heard instead
                fault = found
        if fault != "missing" or not uri:
            self._tell(stem, fault)
        return uri

    def _fault(self, file: Path) -> str | None:
        """Read a file only when it is another than the last time."""
        try:
            found = file.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._good.get(file) == stamp:
                return None
            sound(file)
        except FileNotFoundError:
            return "missing"
        except (OSError, ValueError):  # not readable; a path that Asterisk would cut
            return "unreadable"
        fault = unfit(file)
        if fault is None:
            self._good[file] = stamp
        return fault

    def _tell(self, stem: str, fault: str) -> None:
        self.missing += 1
        if (stem, fault) not in self._told:
            self._told.add((stem, fault))
            log.error("sound_missing", prompt=stem, reason=fault)


def linked(folder: Path, link: Path) -> Path:
    """The folder by a short path: a sentence of many sounds must fit into one request line."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.absolute())
    fresh.replace(link)
    return link
