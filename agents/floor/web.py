"""The room over HTTP, as it is now; what follows is in `agents.calls.news_web`."""

from typing import Final

from agents.floor.hub import Hub, Told
from agents.people import EVERYBODY, LEADERS, Role
from agents.web.fields import Answer
from agents.web.routes import Asked, Table
from telephony.link.client import Link

TABLE: Final = Table("floor")


class AlarmSeen(Answer):
    """Something that somebody has to look after: what it is, and what to do."""

    id: str
    since: float
    critical: bool
    text: str
    text_ja: str


class Alarms(Answer):
    """Those that are raised, the oldest first."""

    alarms: list[AlarmSeen]


@TABLE.get("/api/alarms", roles=LEADERS | {Role.ADMINISTRATOR}, audit=None)
async def alarms(asked: Asked) -> Alarms:
    """What the controller watches, and finds wrong."""
    status = await asked.tool(Link).status()
    return Alarms(alarms=[AlarmSeen.model_validate(one) for one in status.get("alarms", ())])


@TABLE.get("/api/floor", roles=EVERYBODY, audit=None, while_locked=True)
async def floor(asked: Asked) -> Told:
    """The whole room as it is now."""
    hub = asked.tool(Hub)
    return Told(seq=hub.seq, floor=hub.floor.seen())
