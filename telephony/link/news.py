"""News: what has changed, for whoever shows it. One entry of a stream each, in order.

Whoever joins reads `status` first and then follows: an object replaces the one of the same key.
`began` says that something before it may be missing, because a controller has just begun to lead
or because the stream was away: read `status` again. News are a courtesy. No call waits for them,
and what was promised to a person is a record, never news.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, Protocol

from pydantic import Field, TypeAdapter

from telephony.link.seen import AgentSeen, CallSeen, ClosingSeen, LineSeen, QueueSeen, Seen

BEGINNING: Final = "0-0"  # the id before every other
OfferEvent = Literal["offered", "ringing", "answered", "ended"]


class Told(Seen):
    """Common to all: who led then, and when it was."""

    epoch: int = 0  # 0: no controller's
    at: float


class BeganNews(Told):
    """What came before may be missing: read `status` again."""

    kind: Literal["began"] = "began"


class AgentNews(Told):
    """An agent as they are now."""

    kind: Literal["agent"] = "agent"
    agent: AgentSeen


class LineNews(Told):
    """A line as it is now."""

    kind: Literal["line"] = "line"
    line: LineSeen


class QueueNews(Told):
    """A queue as it is now."""

    kind: Literal["queue"] = "queue"
    queue: QueueSeen


class ClosingNews(Told):
    """What closing time asks for now."""

    kind: Literal["closing"] = "closing"
    closing: ClosingSeen


class CallNews(Told):
    """A call as it is now; over when its stage is `ended`."""

    kind: Literal["call"] = "call"
    call: CallSeen


class OfferNews(Told):
    """What became of one attempt to give a call to an agent."""

    kind: Literal["offer"] = "offer"
    call: str
    attempt: int
    seat: str
    event: OfferEvent
    end: str | None = None  # how it ended, as in the call's timeline


class DeskNews(Told):
    """Something of the desk's own; whoever shows it fetches the thing itself."""

    kind: Literal["desk"] = "desk"
    what: Literal[
        "message", "notice", "handover", "help", "draft", "outcome", "callback", "booking"
    ]
    id: str
    to: str | None = None  # a seat or a person; None: everybody


News = BeganNews | AgentNews | LineNews | QueueNews | ClosingNews | CallNews | OfferNews | DeskNews
NEWS: Final[TypeAdapter[News]] = TypeAdapter(Annotated[News, Field(discriminator="kind")])


def encode(news: News) -> str:
    """As it stands in the stream."""
    return news.model_dump_json()


def decode(text: str) -> News:
    """The news again; ValueError (pydantic's) when it is none that we know."""
    return NEWS.validate_json(text)


class NewsAway(Exception):
    """The stream did not answer."""


class NewsStream(Protocol):
    """Where news are told and heard. Everything raises NewsAway."""

    async def tell(self, news: Sequence[str]) -> None:
        """Append them in order; the oldest ones go."""

    async def read(self, after: str, wait: float) -> list[tuple[str, str]]:
        """Ids and texts after this id; waits so many seconds for the first. Empty: none came."""

    async def last(self) -> str:
        """The id of the latest one; `BEGINNING` when there is none."""

    async def holds(self, id_: str) -> bool:
        """It is still there, and so is everything after it."""
