"""This machine's own IPv4 addresses, as the kernel lists them."""

import re
from pathlib import Path
from typing import Final

TABLE: Final = Path("/proc/net/fib_trie")
_OURS: Final = re.compile(r"\|-- (\d+(?:\.\d+){3})\n\s+/32 host LOCAL")


def own_addresses(table: Path = TABLE) -> tuple[str, ...]:
    """Without the loopback; none where the kernel does not say."""
    try:
        told = table.read_text(encoding="ascii")
    except OSError:
        return ()
    return tuple(sorted({own for own in _OURS.findall(told) if not own.startswith("127.")}))
