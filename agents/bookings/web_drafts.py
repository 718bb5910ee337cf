"""What is being typed of a booking, over HTTP: each person's own, one a call, guarded."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from agents.bookings import drafts
from agents.bookings.asked import Code, Note, OfCall, SiteCode, Told, Why, clean, known_call
from agents.bookings.drafts import Draft, StaleDraft
from agents.people import AT_A_DESK
from agents.web.fields import Answer, FewDigits, Form, Id, Key, Line
from agents.web.problems import conflict
from agents.web.routes import Asked, Table
from config.database import Database

TABLE: Final = Table("booking drafts")
LARGE: Final = 64 * 1024
MOST_CARDS: Final = 20
Short = Annotated[Line, Field(max_length=60)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$"), FewDigits]


class CardTyped(Form):
    """One card, as far as it is typed."""

    name: Short = ""
    kana: Short = ""
    birth_date: Told = ""
    notice_no: Told = ""
    visitor: Word = ""
    reason: Word = ""


class IdentityTyped(Form):
    """By what somebody was known."""

    name: Told = ""
    birth_date: Told = ""
    notice_no: Told = ""


class BookingTyped(Form):
    """What is in the form now; nothing of it need be complete.

    `key` names the deed that will come of it: sent again after a crash, it is done once.
    """

    mode: Literal["new", "change", "cancel"]
    key: Key
    booking: Id | None = None  # that is changed or cancelled
    version: Annotated[int, Field(ge=0)] = 0
    held: Id | None = None
    held_version: Annotated[int, Field(ge=0)] = 0
    query: Told = ""
    identity: IdentityTyped | None = None  # of who has it changed or cancelled
    party: list[CardTyped] = Field(default=[], max_length=MOST_CARDS)
    kind: Word = "pickup"
    site: SiteCode | None = None
    when: Told = ""
    phone: Told = ""
    transport: Word = ""
    needs: list[Word] = Field(default=[], max_length=7)
    face_auth: bool = False
    answers: dict[Code, Code] = Field(default_factory=dict, max_length=20)
    explained: bool = False
    note: Note = ""
    why: Why = ""
    number: Told = ""


class BookingDraftForm(Form):
    """A draft over this version, 0 for the first."""

    version: Annotated[int, Field(ge=0)]
    form: BookingTyped


class BookingDraftKept(Answer):
    """The new version, the texts as they may be kept, and what kinds of thing were taken out."""

    version: int
    form: BookingTyped
    masked: list[str]


class BookingDraftSeen(Answer):
    """What whoever asks has typed so far, if anything."""

    version: int
    form: BookingTyped | None


@TABLE.get(
    "/api/calls/{call}/booking-draft", roles=AT_A_DESK, audit="booking_draft_seen", guard=known_call
)
async def draft(asked: Asked, path: OfCall) -> BookingDraftSeen:
    """One's own."""
    user = asked.caller.user
    found = await _database(asked).read(lambda c: drafts.find(c, path.call, user))
    if found is None:
        return BookingDraftSeen(version=0, form=None)
    return BookingDraftSeen(version=found.version, form=BookingTyped(**found.form))


@TABLE.put(
    "/api/calls/{call}/booking-draft",
    roles=AT_A_DESK,
    audit="booking_draft_kept",
    guard=known_call,
    while_leaving=True,
    body_at_most=LARGE,
)
async def keep_draft(asked: Asked, path: OfCall, body: BookingDraftForm) -> BookingDraftKept:
    """Keep what is in the form; nothing of it stays in the browser."""
    masked: set[str] = set()
    form = await _guarded(asked, body.form.model_dump(mode="json"), path.call, masked)
    user, kept = asked.caller.user, Draft(body.version, form)
    try:
        version = await _database(asked).write(
            lambda c: drafts.save(c, path.call, user, kept, asked.now)
        )
    except StaleDraft as stale:
        problem = conflict(
            "別の画面で入力が進んでいます。この画面を読み込み直してください。",
            "The draft has gone on in another window. Load this page again.",
        )
        problem.fields["version"] = str(stale.version)
        raise problem from None
    return BookingDraftKept(version=version, form=BookingTyped(**form), masked=sorted(masked))


@TABLE.delete(
    "/api/calls/{call}/booking-draft",
    roles=AT_A_DESK,
    audit="booking_draft_ended",
    guard=known_call,
)
async def end_draft(asked: Asked, path: OfCall) -> None:
    """Throw away what was typed."""
    user = asked.caller.user
    await _database(asked).write(lambda c: drafts.end(c, path.call, user))


FREE_TEXTS: Final = frozenset(
    {"query", "when", "phone", "note", "why", "number", "name", "kana", "birth_date", "notice_no"}
)


async def _guarded(
    asked: Asked, form: dict[str, Any], of: str, masked: set[str], within: str = ""
) -> dict[str, Any]:
    """`within` names the part of the form, with a dot behind it."""
    found = dict(form)
    for name in FREE_TEXTS & form.keys():
        if form[name]:
            text = await clean(asked, form[name], of, f"{within}{name}")
            found[name] = text.text
            masked |= set(text.masked)
    if form.get("identity") is not None:
        found["identity"] = await _guarded(asked, form["identity"], of, masked, "identity.")
    if "party" in form:
        found["party"] = [
            await _guarded(asked, card, of, masked, f"party.{at}.")
            for at, card in enumerate(form["party"])
        ]
    return found


def _database(asked: Asked) -> Database:
    return asked.tool(Database)  # type: ignore[type-abstract]
