"""News to a page; and to whoever is called, the card before they could have asked for it."""

import asyncio
from contextlib import aclosing
from typing import Final

from agents.calls.card import Card, Cards
from agents.floor.hub import Hub, Told
from agents.people import EVERYBODY
from agents.web.fields import Query
from agents.web.routes import Asked, Table
from agents.web.sockets import Gone, Socket
from agents.web.witness import Doorkeeper, Witness, deed_of
from config.database import DatabaseFailed

TABLE: Final = Table("news")
SEEN: Final = "card_seen"  # as when the page asks for it


class After(Query):
    """From where the page goes on."""

    after: str | None = None


class Heard(Told):
    """One message to a page: as told, or the card of the call that has just come to its seat."""

    card: Card | None = None  # then `seq` is empty: it is no news, and is not heard again


@TABLE.socket("/api/news", roles=EVERYBODY, audit=None, while_locked=True, shows=Heard)
async def news(asked: Asked, socket: Socket, query: After) -> None:
    """What changes from now on, or from the last news that the page has."""
    async with asyncio.TaskGroup() as group:
        cards = group.create_task(_cards(asked, socket))
        await asked.tool(Hub).serve(socket, query.after)
        cards.cancel()


async def _cards(asked: Asked, socket: Socket) -> None:
    """The telephone is about to ring: the page need not hear of it first, and then ask."""
    hub, seat = asked.tool(Hub), asked.caller.seat
    if seat is None:
        return
    async with aclosing(hub.calls_at(seat)) as calls:
        async for call in calls:
            try:
                card = await _card(asked, seat, call, hub.now())
                if card is not None:
                    await socket.send(Heard(seq="", card=card))
            except DatabaseFailed:
                pass  # the page asks for it itself, and is told what is wrong
            except Gone:
                return


async def _card(asked: Asked, seat: str, call: str, now: float) -> Card | None:
    """None where the session is not at this seat any more, is locked, or has no such call."""
    door = asked.tool(Doorkeeper)  # type: ignore[type-abstract]
    witness = asked.tool(Witness)  # type: ignore[type-abstract]
    cards, whose = asked.tool(Cards), (call, asked.caller.user, now)
    caller, card = await asyncio.gather(
        door.caller(asked.token or "", now, acts=False), cards.card(*whose)
    )
    if card is None and caller is not None:
        card = await cards.soon(*whose)
        caller = await door.caller(asked.token or "", now, acts=False)  # they may have left since
    if caller is None or caller.locked or caller.seat != seat or card is None:
        return None
    await witness.note(deed_of(caller, now, SEEN, object=call))
    return card
