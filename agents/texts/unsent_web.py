"""What is typed and not sent yet, over HTTP: a lock, a reload and another PC lose nothing of it."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticKnownError

from agents.people import PEOPLE
from agents.texts import unsent
from agents.texts.guarding import Texts, Written
from agents.texts.unsent import Unsent
from agents.web.fields import Answer, Form, Id, Key, Text
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.caller_id import e164

TABLE: Final = Table("unsent")
LONGEST: Final = 4000  # characters, the longest note
CALENDAR: Final = "calendar"  # the field that is for a whole one, at the place of its proposal
PROPOSAL: Final = "calendar-proposal"
LONGEST_CALENDAR: Final = 256 * 1024  # as long as one that is proposed
LARGE: Final = 2 * LONGEST_CALENDAR  # bytes
NUMBER: Final = "number"  # the field that is for a telephone number

Word = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


def _fits(fields: dict[str, str]) -> dict[str, str]:
    """Raises what the form's sentences are made of."""
    for name, text in fields.items():
        longest = LONGEST_CALENDAR if name == CALENDAR else LONGEST
        if len(text) > longest:
            raise PydanticKnownError("string_too_long", {"max_length": longest})
    return fields


Typed = Annotated[dict[Word, Text], Field(max_length=10), AfterValidator(_fits)]


class OfPlace(Form):
    """Where something is typed."""

    place: Id


class UnsentForm(Form):
    """What is in the form now; `key` names the sending that will come of it."""

    key: Key
    fields: Typed


class UnsentKept(Answer):
    """The texts as they may be kept, and what kinds of thing were taken out."""

    fields: dict[str, str]
    masked: list[str]


class UnsentSeen(Answer):
    """Something that was typed and not sent."""

    place: str
    key: str
    fields: dict[str, str]


class AllUnsent(Answer):
    """One's own, the latest first."""

    unsent: list[UnsentSeen]


@TABLE.get("/api/unsent", roles=PEOPLE, audit="unsent_seen")
async def all_unsent(asked: Asked) -> AllUnsent:
    """What whoever asks has typed and not sent."""
    user = asked.caller.user
    found = await _database(asked).read(lambda connection: unsent.find(connection, user))
    return AllUnsent(
        unsent=[UnsentSeen(place=one.place, key=one.key, fields=dict(one.fields)) for one in found]
    )


@TABLE.put("/api/unsent/{place}", roles=PEOPLE, audit="unsent_kept", body_at_most=LARGE)
async def keep_unsent(asked: Asked, path: OfPlace, body: UnsentForm) -> UnsentKept:
    """Keep what is in the form, nothing of which stays in the browser; an empty one ends it."""
    fields, masked = {}, set()
    for name, text in body.fields.items():
        if _is_exempt(path.place, name, text):
            fields[name] = text
            continue
        sent = f"{body.key} {name}"
        written = Written(asked.caller, "unsent", path.place, asked.now, sent)
        clean = await asked.tool(Texts).clean(text, written)
        fields[name] = clean.text
        masked |= set(clean.masked)
    user, typed = asked.caller.user, Unsent(path.place, body.key, fields)
    await _database(asked).write(lambda connection: unsent.keep(connection, user, typed, asked.now))
    return UnsentKept(fields=fields, masked=sorted(masked))


def _is_exempt(place: str, name: str, text: str) -> bool:
    """A telephone number; and a calendar, whose dates are kept however they are written."""
    if name == NUMBER:
        return e164(text) is not None
    return (place, name) == (PROPOSAL, CALENDAR)


def _database(asked: Asked) -> Database:
    return asked.tool(Database)  # type: ignore[type-abstract]
