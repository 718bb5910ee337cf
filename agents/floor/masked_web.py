"""What the guard took out in a page: the number never leaves it, the fact does."""

from typing import Annotated, Final

from pydantic import Field

from agents.floor.hub import Hub
from agents.people import PEOPLE
from agents.texts.guarding import Texts, Written
from agents.web.fields import Form, Key
from agents.web.routes import Asked, Table
from telephony.privacy.individual_number import Kind

TABLE: Final = Table("masked")
MOST: Final = 50  # in one text


class MaskedFind(Form):
    """One of them; `valid` when its check digit is right, which makes it an incident."""

    kind: Kind
    valid: bool = False


class MaskedForm(Form):
    """What was found in a text at once; the same key again is the same find."""

    key: Key
    finds: Annotated[list[MaskedFind], Field(min_length=1, max_length=MOST)]


@TABLE.post("/api/masked", roles=PEOPLE, audit="number_masked", while_locked=True)
async def masked(asked: Asked, body: MaskedForm) -> None:
    """Note that a page took out what may not be kept."""
    seat = asked.caller.seat
    agent = None if seat is None else asked.tool(Hub).floor.agent(seat)
    call = None if agent is None else agent.call
    finds = [(find.kind, find.kind is Kind.INDIVIDUAL_NUMBER and find.valid) for find in body.finds]
    await asked.tool(Texts).took_out(
        finds, Written(asked.caller, "page", call, asked.now), body.key
    )
    asked.audited()
