"""Card work, notices, hand-over notes, hands up and messages over HTTP."""

from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Final, Literal

from pydantic import Field

from agents.floor.book import Notice, RoomBook
from agents.floor.hub import Hub
from agents.floor.requests import seated
from agents.people import AT_A_DESK, LEADERS, PEOPLE
from agents.texts.guarding import Texts, Written
from agents.web.fields import Answer, Form, Id, Key, Seen, Text
from agents.web.problems import Problem, not_found
from agents.web.routes import Asked, Table
from config.site_model import Site
from telephony.store.call_record import JAPAN, civil

TABLE: Final = Table("room")
SHOWN: Final = 50
LONGEST: Final = 2000  # characters
LARGE: Final = 32 * 1024  # bytes

Words = Annotated[Text, Field(min_length=1, max_length=LONGEST), Seen]


def day_began(now: float) -> float:
    """The instant at which the day began in Japan."""
    today = datetime.fromtimestamp(now, JAPAN).date()
    return datetime.combine(today, time(), JAPAN).timestamp()


# -- pieces ------------------------------------------------------------------------------------


class PiecesForm(Form):
    """How many more."""

    key: Key
    work: Literal["card_pre", "card_post"]
    count: Annotated[int, Field(ge=1, le=200)]


class UndoForm(Form):
    """Take back the last count."""

    key: Key


class Pieces(Answer):
    """Today's, by work."""

    pieces: dict[str, int]


@TABLE.get("/api/pieces", roles=AT_A_DESK, audit=None)
async def pieces(asked: Asked) -> Pieces:
    """How many of each work this person has done today."""
    return await _pieces(asked)


@TABLE.post("/api/pieces", roles=AT_A_DESK, audit="pieces_counted")
async def add_pieces(asked: Asked, body: PiecesForm) -> Pieces:
    """Count some more."""
    await asked.tool(RoomBook).add_pieces(body.key, asked.caller, body.work, body.count, asked.now)
    return await _pieces(asked)


@TABLE.post("/api/pieces/undo", roles=AT_A_DESK, audit="pieces_undone")
async def undo_pieces(asked: Asked, body: UndoForm) -> Pieces:
    """Take the last count back."""
    began = day_began(asked.now)
    await asked.tool(RoomBook).undo_pieces(body.key, asked.caller, asked.now, began)
    return await _pieces(asked)


async def _pieces(asked: Asked) -> Pieces:
    began = day_began(asked.now)
    return Pieces(pieces=await asked.tool(RoomBook).pieces(asked.caller.user, began))


# -- notices and hand-over ---------------------------------------------------------------------


class OfNotice(Form):
    """A notice's id."""

    notice: Id


class NoticeForm(Form):
    """What everybody should know; `until` in epoch seconds, null for ever."""

    key: Key
    text: Words
    urgent: bool = False
    until: Annotated[float, Field(allow_inf_nan=False)] | None = None


class NoticeSeen(Answer):
    """One notice, and whether this person has read it."""

    id: str
    announced_name: str
    text: str
    urgent: bool
    at: str
    read: bool


class Notices(Answer):
    """Newest first."""

    notices: list[NoticeSeen]


class Masked(Answer):
    """What was taken out of the text before it was kept."""

    masked: list[str]


@TABLE.get("/api/notices", roles=PEOPLE, audit=None)
async def notices(asked: Asked) -> Notices:
    """朝礼: what everybody should know today."""
    return await _notices(asked, "notice")


@TABLE.post("/api/notices", roles=LEADERS, audit="notice_added", body_at_most=LARGE)
async def add_notice(asked: Asked, body: NoticeForm) -> Masked:
    """Tell everybody."""
    return await _add(asked, "notice", body)


@TABLE.post("/api/notices/{notice}/read", roles=PEOPLE, audit="notice_read")
async def read_notice(asked: Asked, path: OfNotice) -> None:
    """This person has read it."""
    if not await asked.tool(RoomBook).read_notice(path.notice, asked.caller.user, asked.now):
        raise not_found()


@TABLE.get("/api/handover", roles=AT_A_DESK | LEADERS, audit=None)
async def handover(asked: Asked) -> Notices:
    """申し送り: what one shift leaves to the next."""
    return await _notices(asked, "handover")


@TABLE.post("/api/handover", roles=AT_A_DESK | LEADERS, audit="handover_added", body_at_most=LARGE)
async def add_handover(asked: Asked, body: NoticeForm) -> Masked:
    """Leave a note to the next shift."""
    return await _add(asked, "handover", body)


async def _notices(asked: Asked, kind: str) -> Notices:
    found = await asked.tool(RoomBook).notices(kind, asked.caller.user, asked.now, SHOWN)
    return Notices(notices=[_seen(one) for one in found])


async def _add(asked: Asked, kind: Literal["notice", "handover"], body: NoticeForm) -> Masked:
    text = await asked.tool(Texts).clean_letter(
        body.text, Written(asked.caller, kind, body.key, asked.now)
    )
    shown = (asked.now, body.until)
    await asked.tool(RoomBook).add_notice(
        body.key, kind, asked.caller, text.text, shown, urgent=body.urgent
    )
    await asked.tool(Hub).tell(kind, body.key)
    return Masked(masked=list(text.masked))


def _seen(one: Notice) -> NoticeSeen:
    return NoticeSeen(
        id=one.id,
        announced_name=one.announced_name,
        text=one.text,
        urgent=one.urgent,
        at=civil(one.at),
        read=one.read,
    )


# -- hands up ----------------------------------------------------------------------------------


class OfHelp(Form):
    """A request's id."""

    help: Id


class HelpForm(Form):
    """手上げ, about this call if there is one."""

    key: Key
    call: Id | None = None


class HelpSeen(Answer):
    """Somebody has raised a hand."""

    id: str
    seat: str
    mine: bool  # of whoever asks; another may sit there next
    call: str | None
    at: str


class Hands(Answer):
    """Oldest first."""

    hands: list[HelpSeen]


@TABLE.get("/api/help", roles=AT_A_DESK | LEADERS, audit=None)
async def hands(asked: Asked) -> Hands:
    """Who has raised a hand."""
    found = await asked.tool(RoomBook).hands()
    return Hands(
        hands=[
            HelpSeen(
                id=one.id,
                seat=one.seat,
                mine=one.user == asked.caller.user,
                call=one.call,
                at=civil(one.at),
            )
            for one in found
        ]
    )


@TABLE.post("/api/help", roles=AT_A_DESK, audit="hand_raised", guard=seated)
async def raise_hand(asked: Asked, body: HelpForm) -> None:
    """Ask the supervisor to come."""
    id_ = await asked.tool(RoomBook).raise_hand(body.key, asked.caller, body.call, asked.now)
    await asked.tool(Hub).tell("help", id_)


@TABLE.delete("/api/help", roles=AT_A_DESK, audit="hand_lowered")
async def lower_hand(asked: Asked) -> None:
    """It is not needed any more."""
    lowered = await asked.tool(RoomBook).lower_hand(asked.caller.user, asked.now)
    await asked.tool(Hub).tell_lowered(lowered)


@TABLE.delete("/api/help/{help}", roles=LEADERS, audit="help_given")
async def help_given(asked: Asked, path: OfHelp) -> None:
    """Somebody has come."""
    if not await asked.tool(RoomBook).help_given(path.help, asked.caller.user, asked.now):
        raise not_found()
    await asked.tool(Hub).tell("help", path.help)


# -- messages ----------------------------------------------------------------------------------


class MessageForm(Form):
    """To whoever sits at a seat; null: to everybody."""

    key: Key
    to: Id | None = None
    text: Words


class MessageSeen(Answer):
    """One message."""

    id: str
    announced_name: str
    to: str | None
    text: str
    at: str


class Messages(Answer):
    """Today's, oldest first."""

    messages: list[MessageSeen]


@TABLE.get("/api/messages", roles=AT_A_DESK | LEADERS, audit=None)
async def messages(asked: Asked) -> Messages:
    """Today's messages to whoever asks or to all, and one's own."""
    found = await asked.tool(RoomBook).messages(asked.caller.user, day_began(asked.now))
    return Messages(
        messages=[
            MessageSeen(
                id=one.id,
                announced_name=one.announced_name,
                to=one.to,
                text=one.text,
                at=civil(one.at),
            )
            for one in found
        ]
    )


@TABLE.post("/api/messages", roles=AT_A_DESK | LEADERS, audit="message_sent", body_at_most=LARGE)
async def send(asked: Asked, body: MessageForm) -> Masked:
    """Say something to whoever sits there now, or to all."""
    if body.to is not None and body.to not in asked.tool(Site).seats:
        raise _no_such_seat()
    text = await asked.tool(Texts).clean_letter(
        body.text, Written(asked.caller, "message", body.key, asked.now)
    )
    whom = await asked.tool(RoomBook).send(body.key, asked.caller, body.to, text.text, asked.now)
    await asked.tool(Hub).tell("message", body.key, whom)
    return Masked(masked=list(text.masked))


def _no_such_seat() -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND,
        "その席はありません。宛先を選び直してください。",
        "There is no such seat. Choose to whom it goes.",
    )
