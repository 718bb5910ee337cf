"""Who people are to the desk: their roles, and who a request comes from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

UserId = NewType("UserId", str)  # "u" and seven characters: it cannot hold twelve digits
SessionId = NewType("SessionId", str)  # names a session in records; it opens nothing


class Role(StrEnum):
    """What a person is for; one each."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"  # 業務管理者
    GENERAL_MANAGER = "general_manager"  # 統括管理者
    CITY_VIEWER = "city_viewer"
    CITY_APPROVER = "city_approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    DISPLAY = "display"  # a wall board, which is no person


EVERYBODY: Final = frozenset(Role)
PEOPLE: Final = EVERYBODY - {Role.DISPLAY}
AT_A_DESK: Final = frozenset({Role.AGENT, Role.SUPERVISOR})  # who may take a seat
LEADERS: Final = frozenset({Role.SUPERVISOR, Role.GENERAL_MANAGER})


@dataclass(frozen=True, slots=True)
class Caller:
    """The person (or display) that a request comes from, as the session knows them."""

    user: UserId
    name: str  # to sign in with
    announced_name: str  # what citizens hear
    role: Role
    session: SessionId
    csrf: str
    seat: str | None = None
    locked: bool = False
    leaving: bool = False  # the account has ended; the call in progress has not


# Whoever a page is that anybody may open; no record names them.
NOBODY: Final = Caller(UserId(""), "", "", Role.DISPLAY, SessionId(""), "")
