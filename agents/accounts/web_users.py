"""The administrator's routes: accounts, factors, displays."""

from typing import Annotated, Final, Literal

from pydantic import Field

from agents.accounts.administration import Administration, By, Wanted
from agents.accounts.factors import Factor
from agents.accounts.guarded import clean, cleaned
from agents.accounts.second_factor import Generator
from agents.accounts.users import User
from agents.people import Role, UserId
from agents.web.fields import Answer, Form, Id, Line, Name
from agents.web.routes import Asked, Table

TABLE: Final = Table("users")
ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
TYPED: Final = ("announced_name", "designation")  # free texts

Instant = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Form60 = Annotated[Line, Field(max_length=60)]


class OfUser(Form):
    """Whose account."""

    user: Id


class OfFactor(OfUser):
    """One of theirs."""

    factor: Id


class OfDisplay(Form):
    """Which wall board."""

    display: Id


class NewUser(Form):
    """An account to be made."""

    name: Name
    announced_name: Name
    role: Annotated[Role, Field(strict=False)]
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    designation: Form60 | None = None


class UserChange(Form):
    """What is to be other; what is left out stays."""

    version: Annotated[int, Field(ge=1)]
    announced_name: Name | None = None
    role: Annotated[Role, Field(strict=False)] | None = None
    enabled: bool | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    designation: Form60 | None = None


class NewGenerator(Form):
    """A code generator, by the seed its maker sent."""

    label: Name
    seed: Annotated[str, Field(min_length=16, max_length=256)]
    kind: Literal["totp", "hotp"]
    digits: Literal[6, 8] = 6
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha1"


class NewDisplay(Form):
    """Where it hangs."""

    label: Name


class FactorTold(Answer):
    """Something a person has."""

    id: str
    kind: str
    label: str
    used_at: float | None


class UserTold(Answer):
    """An account."""

    id: UserId
    name: str
    announced_name: str
    role: Role
    enabled: bool
    valid_from: float | None
    valid_until: float | None
    designation: str | None
    demo: bool
    must_change_password: bool
    may_add_key_until: float | None
    factors: list[FactorTold]
    version: int


class UsersTold(Answer):
    """All of them, by name."""

    users: list[UserTold]


class UserMade(Answer):
    """The account, and the password to give out; it is shown once."""

    user: UserTold
    password: str


class PasswordMade(Answer):
    """To give out; it is shown once."""

    password: str


class FactorMade(Answer):
    """The new one."""

    id: str


class DisplayMade(Answer):
    """The wall board, and the token it is opened with; it is shown once."""

    id: str
    token: str


class DisplayTold(Answer):
    """A wall board."""

    id: str
    user: str
    label: str
    created_at: float
    revoked_at: float | None


class DisplaysTold(Answer):
    """All of them."""

    displays: list[DisplayTold]


@TABLE.get("/api/users", roles=ADMINISTRATORS, audit="users_read")
async def everybody(asked: Asked) -> UsersTold:
    """All accounts."""
    found = await asked.tool(Administration).everybody()
    return UsersTold(users=[told(user, factors) for user, factors in found])


@TABLE.post("/api/users", roles=ADMINISTRATORS, audit="user_added", status=201)
async def add(asked: Asked, body: NewUser) -> UserMade:
    """Make an account."""
    typed = await cleaned(asked, dict(body), body.name, *TYPED)
    user, password = await asked.tool(Administration).add(Wanted(**typed), _by(asked))
    asked.audited()
    return UserMade(user=told(user, []), password=password)


@TABLE.patch("/api/users/{user}", roles=ADMINISTRATORS, audit="user_changed")
async def change(asked: Asked, path: OfUser, body: UserChange) -> UserTold:
    """Change an account; it holds from the next request on."""
    values = {name: getattr(body, name) for name in body.model_fields_set - {"version"}}
    values = await cleaned(asked, values, path.user, *TYPED)
    administration = asked.tool(Administration)
    user = await administration.change(path.user, values, _by(asked), body.version)
    asked.audited()
    return told(user, await administration.factors(user.id))


@TABLE.post("/api/users/{user}/password", roles=ADMINISTRATORS, audit="password_reset")
async def reset_password(asked: Asked, path: OfUser) -> PasswordMade:
    """Make a password to give out; sessions of the account end."""
    password = await asked.tool(Administration).reset_password(path.user, _by(asked))
    asked.audited()
    return PasswordMade(password=password)


@TABLE.post("/api/users/{user}/factors", roles=ADMINISTRATORS, audit="factor_added", status=201)
async def add_generator(asked: Asked, path: OfUser, body: NewGenerator) -> FactorMade:
    """Give somebody a code generator."""
    how = Generator(body.kind, b"", 0, body.digits, body.algorithm)
    factor = await asked.tool(Administration).add_generator(
        path.user, body.label, body.seed, how, _by(asked)
    )
    asked.audited()
    return FactorMade(id=factor)


@TABLE.post("/api/users/{user}/key-permit", roles=ADMINISTRATORS, audit="key_allowed")
async def allow_key(asked: Asked, path: OfUser) -> None:
    """Let somebody register a security key at the next sign-in."""
    await asked.tool(Administration).allow_key(path.user, _by(asked))
    asked.audited()


@TABLE.delete("/api/users/{user}/factors/{factor}", roles=ADMINISTRATORS, audit="factor_removed")
async def remove_factor(asked: Asked, path: OfFactor) -> None:
    """Take a factor away; sessions of the account end."""
    await asked.tool(Administration).remove_factor(path.user, path.factor, _by(asked))
    asked.audited()


@TABLE.get("/api/displays", roles=ADMINISTRATORS, audit="displays_read")
async def displays(asked: Asked) -> DisplaysTold:
    """All wall boards."""
    found = await asked.tool(Administration).displays()
    return DisplaysTold(
        displays=[
            DisplayTold(
                id=each.id, user=each.user, label=each.label, created_at=each.created_at,
                revoked_at=each.revoked_at,
            )
            for each in found
        ]
    )  # fmt: skip


@TABLE.post("/api/users/{user}/displays", roles=ADMINISTRATORS, audit="display_added", status=201)
async def add_display(asked: Asked, path: OfUser, body: NewDisplay) -> DisplayMade:
    """Make a token for a wall board."""
    label = await clean(asked, body.label, path.user, "display")
    display, token = await asked.tool(Administration).add_display(path.user, label, _by(asked))
    asked.audited()
    return DisplayMade(id=display, token=token)


@TABLE.delete("/api/displays/{display}", roles=ADMINISTRATORS, audit="display_revoked")
async def revoke_display(asked: Asked, path: OfDisplay) -> None:
    """Take a wall board's token back."""
    await asked.tool(Administration).revoke_display(path.display, _by(asked))
    asked.audited()


def told(user: User, factors: list[Factor]) -> UserTold:
    """An account as it is shown, without what opens it."""
    return UserTold(
        id=user.id, name=user.name, announced_name=user.announced_name, role=user.role,
        enabled=user.enabled, valid_from=user.valid_from, valid_until=user.valid_until,
        designation=user.designation, demo=user.demo, must_change_password=user.must_change,
        may_add_key_until=user.may_add_key_until,
        factors=[
            FactorTold(id=each.id, kind=each.kind, label=each.label, used_at=each.used_at)
            for each in factors
        ],
        version=user.version,
    )  # fmt: skip


def _by(asked: Asked) -> By:
    return By(asked.now, asked.caller)
