"""The machine's own apt sources, in both of apt's file formats (pure but for `read`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from telephony.runtime.deb822 import stanzas
from telephony.runtime.errors import SetUpFault

ARCHIVE_KEYRINGS: Final = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)
_ONE_LINE: Final = re.compile(
    r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>.*)"
)
_ALIASES: Final = frozenset({"stable", "oldstable", "testing", "unstable", "sid"})


@dataclass(frozen=True, slots=True)
class Source:
    """One suite of one archive."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str | None = None
    trusted: bool = False

    def deb822(self) -> str:
        """Write the stanza apt reads back."""
        uri = self.uri.replace("file:", "copy:", 1)  # of a `file:` mirror apt keeps no copies
        lines = [
            "Types: deb",
            f"URIs: {uri}",
            f"Suites: {self.suite}",
            f"Components: {' '.join(self.components)}",
        ]
        if self.signed_by is not None:
            lines.append(f"Signed-By: {self.signed_by}")
        if self.trusted:
            lines.append("Trusted: yes")
        return "\n".join(lines) + "\n"


def parse_one_line(text: str) -> list[Source]:
    """Read a `.list` file."""
    return [source for line in text.splitlines() for source in _from_line(line)]


def parse_deb822(text: str) -> list[Source]:
    """Read a `.sources` file."""
    return [source for stanza in stanzas(text) for source in _from_stanza(stanza)]


def read(etc: Path) -> list[Source]:
    """Read every source under apt's configuration directory, usually `/etc/apt`."""
    lists = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]
    found = [
        source
        for path in lists
        if path.is_file()
        for source in parse_one_line(path.read_text(encoding="utf-8", errors="replace"))
    ]
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        found += parse_deb822(path.read_text(encoding="utf-8", errors="replace"))
    return found


def own_suites(sources: Iterable[Source], codename: str) -> list[Source]:
    """Pick the distribution's own archive with its updates, leaving third parties aside."""
    names = {codename, f"{codename}-updates", f"{codename}-security"} | _ALIASES
    return [
        with_key(source)
        for source in sources
        if source.suite.rstrip("/") in names
        and "main" in source.components
        and not source.uri.startswith("cdrom:")
    ]


def development_suite(sources: Iterable[Source], codename: str, suite: str) -> Source:
    """Name a development suite on the mirror that serves the machine's own suite."""
    for source in own_suites(sources, codename):
        if source.suite == codename or source.suite in _ALIASES:
            return replace(source, suite=suite, components=("main",))
    raise SetUpFault(
        f"No Debian mirror for {codename or 'this system'} is configured in /etc/apt: add one, "
        "or name a runtime made elsewhere in MADOGUCHI_RUNTIME.",
        "apt に Debian のミラーが設定されていません",
    )


def with_key(source: Source) -> Source:
    """Fall back on Debian's archive keyring where the machine trusts its keys globally."""
    if source.signed_by is not None or source.trusted:
        return source
    keyring = next((path for path in ARCHIVE_KEYRINGS if path.is_file()), None)
    return replace(source, signed_by=str(keyring) if keyring else None)


def _from_line(line: str) -> Iterator[Source]:
    match = _ONE_LINE.match(line.split("#", 1)[0].strip())
    if match is None:
        return
    options = dict(part.split("=", 1) for part in (match["options"] or "").split() if "=" in part)
    yield Source(
        match["uri"],
        match["suite"],
        tuple(match["components"].split()),
        options.get("signed-by"),
        options.get("trusted") == "yes",
    )


def _from_stanza(fields: Mapping[str, str]) -> Iterator[Source]:
    if fields.get("enabled", "yes").lower() == "no" or "deb" not in fields.get("types", "").split():
        return
    for uri in fields.get("uris", "").split():
        for suite in fields.get("suites", "").split():
            yield Source(
                uri,
                suite,
                tuple(fields.get("components", "").split()),
                fields.get("signed-by"),
                fields.get("trusted", "no").lower() == "yes",
            )
