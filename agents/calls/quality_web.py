"""The page's own count of a call's sound, over HTTP."""

from typing import Annotated, Final

from pydantic import Field

from agents.calls import quality
from agents.calls.access import OfCall, is_at, own_call, record_of
from agents.people import AT_A_DESK
from agents.web.fields import Form
from agents.web.problems import conflict
from agents.web.routes import Asked, Table
from config.database import Database

TABLE: Final = Table("quality")
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class Side(Form):
    """One direction: the share that was lost, and how unevenly the rest came."""

    loss: Share
    jitter: Seconds


class QualityForm(Form):
    """Of the leg of this attempt, from its beginning until now."""

    attempt: Annotated[int, Field(ge=1, le=10_000)]
    seconds: Seconds
    heard: Side
    heard_delay: Seconds
    sent: Side | None = None
    round_trip: Seconds | None = None


@TABLE.put(
    "/api/calls/{call}/quality",
    roles=AT_A_DESK,
    audit="quality_kept",
    guard=own_call,
    while_locked=True,
    while_leaving=True,
)
async def keep_quality(asked: Asked, path: OfCall, body: QualityForm) -> None:
    """Keep it beside the call's record; said again, the later word counts."""
    if not is_at(asked, path.call):  # a call back has a record once it is over
        await record_of(asked, path.call)
    sent = body.sent
    row: dict[str, object] = {
        "seat": asked.caller.seat or "",
        "seconds": body.seconds,
        "heard_loss": body.heard.loss,
        "heard_jitter": body.heard.jitter,
        "heard_delay": body.heard_delay,
        "sent_loss": None if sent is None else sent.loss,
        "sent_jitter": None if sent is None else sent.jitter,
        "round_trip": body.round_trip,
        "told_at": asked.now,
    }
    database = asked.tool(Database)  # type: ignore[type-abstract]
    if not await database.write(lambda one: quality.keep(one, path.call, body.attempt, row)):
        raise conflict("この通話は別の席のものです。", "That part of the call was another seat's.")
