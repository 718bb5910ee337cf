"""Becoming the telephone of one's seat, over HTTP."""

from typing import Annotated, Final

from pydantic import Field

from agents.floor.requests import seated
from agents.people import AT_A_DESK
from agents.phone.phones import LEFT, OtherPage, Phones
from agents.phone.relay import PROTOCOL, Relay
from agents.web.fields import Answer, Form, Key, Query
from agents.web.problems import conflict
from agents.web.routes import Asked, Table
from agents.web.sockets import Socket
from config.telephones import browser_of

TABLE: Final = Table("phone")


class PhoneForm(Form):
    """`page` is the page's own name of itself, which a reload keeps."""

    page: Key
    take_over: bool = False


class PhoneGranted(Answer):
    """What the page registers with; good for the next socket it opens, and as long as that."""

    user: str
    secret: Annotated[str, Field(repr=False)]


class OfPage(Query):
    """Which page comes."""

    page: Key


@TABLE.post("/api/phone", roles=AT_A_DESK, audit="phone_granted", guard=seated, while_locked=True)
async def grant(asked: Asked, body: PhoneForm) -> PhoneGranted:
    """Be the telephone of one's seat."""
    caller = asked.caller
    assert caller.seat is not None  # `seated` saw to it
    try:
        phone = asked.tool(Phones).grant(
            caller.seat, caller.session, body.page, take_over=body.take_over
        )
    except OtherPage:
        raise conflict(
            "この席の電話は、別の画面で使用中です。こちらで使う場合は「この画面に移す」を選んでください。",
            "Another page is the telephone of this seat. Choose to move it here.",
        ) from None
    return PhoneGranted(user=browser_of(phone.seat), secret=phone.secret)


@TABLE.socket(
    "/phone", roles=AT_A_DESK, audit=None, guard=seated, while_locked=True, protocol=PROTOCOL
)
async def phone(asked: Asked, socket: Socket, query: OfPage) -> None:
    """SIP of a page that was granted the telephone."""
    caller = asked.caller
    assert caller.seat is not None  # `seated` saw to it
    granted = asked.tool(Phones).find(caller.seat, caller.session, query.page)
    if granted is None:
        await socket.close(LEFT)
        return
    await asked.tool(Relay).serve(granted, socket)
