"""The catalogue over HTTP: everything a page lets people choose from."""

from datetime import datetime
from typing import Final

from agents.catalogue.catalogue import Catalogue
from agents.catalogue.shapes import Dispositions, States, Word
from agents.people import EVERYBODY
from agents.web.fields import Answer
from agents.web.routes import Asked, Table
from config.site_model import Site
from telephony.store.call_record import JAPAN

TABLE: Final = Table("catalogue")


class GroupSeen(Answer):
    """The reasons of one subject that may be chosen today."""

    code: str
    ja: str
    en: str
    topics: dict[str, Word]


class SeatSeen(Answer):
    """A place with a telephone."""

    seat: str
    name: str
    role: str


class ExtensionSeen(Answer):
    """A place at the city that can be called; by its name, never by a number."""

    target: str
    name: str


class Choices(Answer):
    """Everything there is to choose."""

    groups: list[GroupSeen]
    outcomes: Dispositions
    states: States
    seats: list[SeatSeen]
    extensions: list[ExtensionSeen]


@TABLE.get("/api/catalogue", roles=EVERYBODY, audit=None, while_locked=True)
async def catalogue(asked: Asked) -> Choices:
    """Reasons, dispositions, states, seats."""
    known, site = asked.tool(Catalogue), asked.tool(Site)
    today = datetime.fromtimestamp(asked.now, JAPAN).date()
    groups = [
        GroupSeen(
            code=code,
            ja=group.ja,
            en=group.en,
            topics={
                topic: Word(ja=word.ja, en=word.en)
                for topic, word in group.topics.items()
                if word.may_be_chosen(today)
            },
        )
        for code, group in known.groups.items()
    ]
    seats = [
        SeatSeen(seat=seat.seat, name=seat.name, role=seat.role) for seat in site.seats.values()
    ]
    outside = [
        ExtensionSeen(target=target, name=extension.name)
        for target, extension in site.extensions.items()
    ]
    return Choices(
        groups=groups, outcomes=known.outcomes, states=known.states, seats=seats,
        extensions=outside,
    )  # fmt: skip
