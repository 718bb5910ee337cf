"""Following the news: everything after an id, or the word that something was missed."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

import structlog

from telephony.link.news import News, NewsStream, decode

log = structlog.get_logger(__name__)

WAIT: Final = 5.0  # seconds at the stream until we look whether it is still the one we knew


@dataclass(frozen=True, slots=True)
class Heard:
    """One piece of news; go on after this id."""

    id: str
    news: News


@dataclass(frozen=True, slots=True)
class Missed:
    """What came up to this id is gone, or was never told: read `status`, and go on after it."""

    id: str


async def follow(
    stream: NewsStream, after: str | None, wait: float = WAIT
) -> AsyncGenerator[Heard | Missed, None]:
    """For ever. Raises NewsAway: call again with the last id.

    Without an id it begins now, with `Missed`, because nothing of before is known.
    """
    newest = 0
    if after is None or not await stream.holds(after):
        after = await stream.last()
        yield Missed(after)
    while True:
        found = await stream.read(after, wait)
        if not await stream.holds(after):  # dropped before we came to it, or another stream
            after = await stream.last()
            yield Missed(after)
            continue
        for after, text in found:
            news = _parsed(text)
            if news is None:
                continue
            if 0 < news.epoch < newest:
                continue  # of a former leader, who does not know it yet
            newest = max(newest, news.epoch)
            yield Missed(after) if news.kind == "began" else Heard(after, news)


def _parsed(text: str) -> News | None:
    """None for what a newer controller tells in words that we do not know."""
    try:
        return decode(text)
    except ValueError:
        log.warning("news_unreadable")
        return None
