"""The routes of signing in, of the page's lock, and of the seat."""

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from agents.accounts.administration import Administration, By
from agents.accounts.locking import Locking
from agents.accounts.own_keys import OwnKeys
from agents.accounts.passwords import LONGEST
from agents.accounts.seats import Seats
from agents.accounts.security_keys import KEY, page_of
from agents.accounts.sessions import Session, Sessions, Stage
from agents.accounts.sign_in import Passed, SignIn
from agents.accounts.users import User
from agents.people import AT_A_DESK, EVERYBODY, PEOPLE, Caller, Role, UserId
from agents.web.fields import Answer, Form, Line, Seen
from agents.web.problems import Problem, unfit
from agents.web.routes import Asked, Table
from agents.web.sockets import Sockets

TABLE: Final = Table("session")

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6,8}$")]


class SignInForm(Form):
    """Who somebody says they are."""

    name: Annotated[Line, Field(min_length=1, max_length=60), Seen]
    password: Password
    code: Code | None = None


class CodeForm(Form):
    """What the code generator shows; `second` is the code after it, to bring one into step."""

    code: Code
    second: Code | None = None


class KeyAnswer(Form):
    """What the browser's WebAuthn call returned, as it is."""

    credential: dict[str, Any]


class KeyQuestion(Answer):
    """For `navigator.credentials`; `create` where a key is to be registered."""

    create: bool
    options: dict[str, Any]


class NewPassword(Form):
    """In place of the one that was given out."""

    new: Annotated[str, Field(max_length=LONGEST)]


class OwnPassword(NewPassword):
    """A change of one's own."""

    old: Password


class DisplayToken(Form):
    """What a wall board was given."""

    token: Annotated[str, Field(min_length=20, max_length=100)]


class UnlockForm(Form):
    """One of the two."""

    pin: Annotated[str, Field(max_length=20)] | None = None
    password: Password | None = None


class PinForm(Form):
    """Six digits, for today."""

    pin: Annotated[str, Field(max_length=20)]


class SeatForm(Form):
    """Where to sit; `take_over` from another page of the same person."""

    seat: Annotated[Line, Field(min_length=1, max_length=40), Seen]
    take_over: bool = False


class Person(Answer):
    """Whoever is signed in."""

    id: UserId
    name: str
    announced_name: str
    role: Role


class SessionTold(Answer):
    """How far somebody is signed in, and what the page needs of it."""

    signed_in: bool
    next: Stage | None = None  # what is asked for before one is signed in
    means: list[Literal["code", "key"]] = Field(
        default=[]
    )  # of the second factor, where that is next
    user: Person | None = None
    csrf: str | None = None  # for the header of every unsafe request
    seat: str | None = None
    locked: bool = False
    leaving: bool = False  # the account has ended, the call has not
    pin_set: bool = False
    now: float  # the server's time, by which the page counts


@TABLE.get("/api/session", roles=None, audit=None)
async def session(asked: Asked) -> SessionTold:
    """Who is signed in here, and how far."""
    return await _told(asked, asked.known, asked.token)


@TABLE.post("/api/session", roles=None, audit=None)
async def sign_in(asked: Asked, body: SignInForm) -> SessionTold:
    """Sign in with name and password."""
    passed = await asked.tool(SignIn).with_password(
        body.name, body.password, asked.address, asked.now, asked.token
    )
    if passed.stage is Stage.FACTOR and body.code is not None:
        asked.reply.set_cookie = passed.token
        pending, user = await _pending(asked, passed.token)
        passed = await asked.tool(SignIn).with_code(pending, user, body.code, None, asked.now)
    return await _passed(asked, passed)


@TABLE.post("/api/session/code", roles=None, audit=None)
async def code(asked: Asked, body: CodeForm) -> SessionTold:
    """The second factor: a code."""
    pending, user = await _pending(asked, asked.token, Stage.FACTOR)
    passed = await asked.tool(SignIn).with_code(pending, user, body.code, body.second, asked.now)
    return await _passed(asked, passed)


@TABLE.post("/api/session/key/options", roles=None, audit=None)
async def key_options(asked: Asked) -> KeyQuestion:
    """The second factor: what to ask the security key."""
    pending, user = await _pending(asked, asked.token, Stage.FACTOR, Stage.ENROL)
    options = await asked.tool(SignIn).key_question(pending, user, page_of(asked.origin))
    return KeyQuestion(create=pending.stage is Stage.ENROL, options=options)


@TABLE.post("/api/session/key", roles=None, audit=None)
async def key(asked: Asked, body: KeyAnswer) -> SessionTold:
    """The second factor: what the security key answered."""
    pending, user = await _pending(asked, asked.token, Stage.FACTOR, Stage.ENROL)
    passed = await asked.tool(SignIn).with_key(
        pending, user, body.credential, page_of(asked.origin), asked.now
    )
    return await _passed(asked, passed)


@TABLE.put("/api/session/password", roles=None, audit=None)
async def first_password(asked: Asked, body: NewPassword) -> SessionTold:
    """Replace the password that was given out, to be signed in."""
    pending, user = await _pending(asked, asked.token, Stage.PASSWORD)
    hashed = await asked.tool(Administration).hashed_new(user, body.new)
    passed = await asked.tool(SignIn).with_new_password(pending, user, hashed, asked.now)
    return await _passed(asked, passed)


@TABLE.post("/api/session/display", roles=None, audit=None)
async def display(asked: Asked, body: DisplayToken) -> SessionTold:
    """Open a wall board with its token."""
    passed = await asked.tool(SignIn).with_display(body.token, asked.address, asked.now)
    return await _passed(asked, passed)


@TABLE.delete("/api/session", roles=EVERYBODY, audit="signed_out", while_locked=True)
async def sign_out(asked: Asked) -> None:
    """Sign out, and stand up from the seat; refused during a call."""
    await asked.tool(Seats).sign_out(asked.caller, asked.now)
    asked.audited()
    asked.reply.drop_cookie = True
    await asked.tool(Sockets).end(asked.caller.session)


@TABLE.post("/api/session/lock", roles=PEOPLE, audit="locked", while_locked=True)
async def lock(asked: Asked) -> None:
    """Lock the page."""
    await asked.tool(Locking).lock(asked.caller, asked.now)
    asked.audited()


@TABLE.post("/api/session/alive", roles=PEOPLE, audit=None)
async def alive(asked: Asked) -> None:
    """Somebody reads: the page says so at a key or a scroll of theirs, at most once a minute."""


@TABLE.post("/api/session/unlock", roles=PEOPLE, audit="unlocked", while_locked=True)
async def unlock(asked: Asked, body: UnlockForm) -> None:
    """Open the page again, with the day's PIN or the password."""
    locking = asked.tool(Locking)
    if body.pin is not None:
        await locking.with_pin(asked.caller, body.pin, asked.now)
    elif body.password is not None:
        await locking.with_password(asked.caller, body.password, asked.now)
    else:
        raise unfit("pin", "PINかパスワードを入力してください (a PIN or the password)")
    asked.audited()


@TABLE.put("/api/session/pin", roles=PEOPLE, audit="pin_set")
async def set_pin(asked: Asked, body: PinForm) -> None:
    """Set the PIN of the day."""
    await asked.tool(Locking).set_pin(asked.caller, body.pin, asked.now)
    asked.audited()


@TABLE.put("/api/me/password", roles=PEOPLE, audit="password_changed")
async def own_password(asked: Asked, body: OwnPassword) -> None:
    """Change one's own password; other sessions end."""
    by = By(asked.now, asked.caller)
    await asked.tool(Administration).change_own(asked.caller.user, body.old, body.new, by)
    asked.audited()


@TABLE.post("/api/seat", roles=AT_A_DESK, audit="seat_taken")
async def take_seat(asked: Asked, body: SeatForm) -> SessionTold:
    """Sit down at a seat."""
    await asked.tool(Seats).take(asked.caller, body.seat, asked.now, take_over=body.take_over)
    asked.audited()
    assert asked.token is not None
    known = await asked.tool(Sessions).caller(asked.token, asked.now, acts=True)
    return await _told(asked, known, asked.token)


@TABLE.delete("/api/seat", roles=AT_A_DESK, audit="seat_left", while_locked=True)
async def leave_seat(asked: Asked) -> None:
    """Stand up; refused during a call."""
    await asked.tool(Seats).leave(asked.caller, asked.now)
    asked.audited()


async def _pending(asked: Asked, token: str | None, *stages: Stage) -> tuple[Session, User]:
    found = await asked.tool(Sessions).pending(token, asked.now)
    if found is None or (stages and found[0].stage not in stages):
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "時間切れです。ユーザー名とパスワードから、もう一度始めてください。",
            "That took too long. Begin again with your name and password.",
        )
    return found


async def _passed(asked: Asked, passed: Passed) -> SessionTold:
    asked.reply.set_cookie = passed.token
    known = await asked.tool(Sessions).caller(passed.token, asked.now, acts=False)
    return await _told(asked, known, passed.token)


async def _told(asked: Asked, known: Caller | None, token: str | None) -> SessionTold:
    if known is None:
        found = await asked.tool(Sessions).pending(token, asked.now)
        stage = None if found is None else found[0].stage
        means = [] if found is None or stage is not Stage.FACTOR else await _means(asked, found[1])
        return SessionTold(signed_in=False, next=stage, means=means, now=asked.now)
    person = Person(
        id=known.user, name=known.name, announced_name=known.announced_name, role=known.role
    )
    pin_set = await asked.tool(Locking).has_pin(known.user, asked.now)
    return SessionTold(
        signed_in=True, user=person, csrf=known.csrf, seat=known.seat, locked=known.locked,
        leaving=known.leaving, pin_set=pin_set, now=asked.now,
    )  # fmt: skip


async def _means(asked: Asked, user: User) -> list[Literal["code", "key"]]:
    found = await asked.tool(OwnKeys).factors(user.id)
    return sorted({"key" if each.kind == KEY else "code" for each in found})
