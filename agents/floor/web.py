"""The room over HTTP: what is now, and what follows."""

from typing import Final

from agents.floor.hub import Hub, Told
from agents.people import EVERYBODY
from agents.web.fields import Query
from agents.web.routes import Asked, Table
from agents.web.sockets import Socket

TABLE: Final = Table("floor")


class After(Query):
    """From where the page goes on."""

    after: str | None = None


@TABLE.get("/api/floor", roles=EVERYBODY, audit=None, while_locked=True)
async def floor(asked: Asked) -> Told:
    """The whole room as it is now."""
    hub = asked.tool(Hub)
    return Told(seq=hub.seq, floor=hub.floor.seen())


@TABLE.socket("/api/news", roles=EVERYBODY, audit=None, while_locked=True, shows=Told)
async def news(asked: Asked, socket: Socket, query: After) -> None:
    """What changes from now on, or from the last news that the page has."""
    await asked.tool(Hub).serve(socket, query.after)
