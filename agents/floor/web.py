"""The room over HTTP, as it is now; what follows is in `agents.calls.news_web`."""

from typing import Final

from agents.floor.hub import Hub, Told
from agents.people import EVERYBODY
from agents.web.routes import Asked, Table

TABLE: Final = Table("floor")


@TABLE.get("/api/floor", roles=EVERYBODY, audit=None, while_locked=True)
async def floor(asked: Asked) -> Told:
    """The whole room as it is now."""
    hub = asked.tool(Hub)
    return Told(seq=hub.seq, floor=hub.floor.seen())
