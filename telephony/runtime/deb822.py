"""Debian's paragraph format: apt's `.sources` files and its answers about packages (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


def stanzas(text: str) -> Iterator[Mapping[str, str]]:
    """Read each paragraph as lower-case field names and their values, folded lines included."""
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in {" ", "\t"} and name:
                fields[name] += "\n" + line
            elif ":" in line:
                name, value = line.split(":", 1)
                name = name.strip().lower()
                fields[name] = value.strip()
        if fields:
            yield fields
