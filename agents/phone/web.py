"""Becoming the telephone of one's seat, over HTTP."""

from typing import Annotated, Final

from pydantic import Field

from agents.accounts.telephones import Telephones
from agents.floor.hub import Hub
from agents.floor.requests import seated
from agents.people import AT_A_DESK
from agents.phone.fitness import CHECKS, Broken, Check
from agents.phone.phones import LEFT, OtherPage, Phones
from agents.phone.relay import PROTOCOL, Relay
from agents.web.fields import Answer, Form, Key, Query
from agents.web.problems import conflict
from agents.web.routes import Asked, Table
from agents.web.sockets import Socket
from config.telephones import browser_of

TABLE: Final = Table("phone")
# Whoever is away or in wrap-up is looked at when they take calls again; it may be mended by then.
TAKES_CALLS: Final = frozenset({"ready", "offered", "talking", "hold"})


class PhoneForm(Form):
    """`page` is the page's own name of itself, which a reload keeps."""

    page: Key
    take_over: bool = False


class PhoneGranted(Answer):
    """What the page registers with; good for the next socket it opens, and as long as that."""

    user: str
    secret: Annotated[str, Field(repr=False)]
    missing: list[Check]  # of its pre-flight


class CheckedForm(Form):
    """Pre-flight: what this page has found to be in order."""

    page: Key
    passed: Annotated[list[Check], Field(max_length=len(CHECKS))]


class Checked(Answer):
    """What is missing before its agent can take calls; nothing, if it is empty."""

    missing: list[Check]


class BrokenForm(Form):
    """What this page's telephone has lost."""

    page: Key
    what: Broken


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
    missing = list(asked.tool(Phones).fitness.missing(phone.seat))
    return PhoneGranted(user=browser_of(phone.seat), secret=phone.secret, missing=missing)


@TABLE.post(
    "/api/phone/checks", roles=AT_A_DESK, audit="phone_checked", guard=seated, while_locked=True
)
async def checks(asked: Asked, body: CheckedForm) -> Checked:
    """Tell what the pre-flight has found; whether the page is registered is known here."""
    phones, seat = _mine(asked, body.page)
    passed = set(body.passed)
    if not phones.rings(seat):
        passed.discard("registration")
    missing = phones.fitness.told(seat, passed)
    asked.detail(passed=not missing)
    return Checked(missing=list(missing))


@TABLE.post(
    "/api/phone/faults", roles=AT_A_DESK, audit="phone_broken", guard=seated, while_locked=True
)
async def faults(asked: Asked, body: BrokenForm) -> None:
    """Take no calls: this page cannot be talked through. A call goes on, and is the last."""
    phones, seat = _mine(asked, body.page)
    phones.fitness.breaks(seat, body.what)
    asked.detail(what=body.what)
    agent = asked.tool(Hub).floor.agent(seat)
    if agent is None or agent.state in TAKES_CALLS:
        await asked.tool(Telephones).take_no_more(seat, body.what)  # type: ignore[type-abstract]


def _mine(asked: Asked, page: str) -> tuple[Phones, str]:
    caller, phones = asked.caller, asked.tool(Phones)
    assert caller.seat is not None  # `seated` saw to it
    if not phones.is_of(caller.seat, caller.session, page):
        raise conflict(
            "この画面は、いま電話ではありません。「この画面で電話を受ける」を選んでください。",
            "This page is no telephone just now. Choose to take calls on it.",
        )
    return phones, caller.seat


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
