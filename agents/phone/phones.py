"""Which page is the telephone of which seat: one of them, and only while it sits there."""

import asyncio
import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from agents.accounts import seats
from agents.floor.fit import Unfit
from agents.people import SessionId
from agents.phone.fitness import NAMES, Fitness
from agents.web.problems import Sentence
from config.clockwork import every
from config.database import Database, DatabaseFailed

log = structlog.get_logger(__name__)

SECRET_BYTES: Final = 24
LOOKS_EVERY: Final = 0.5  # seconds; a phone whose seat was left is none within one
TAKEN: Final = 4409  # our close code: another page is the telephone now
LEFT: Final = 4401  # the same of every socket: the session is over


class OtherPage(Exception):
    """Another page of this seat is the telephone."""


@dataclass(eq=False, slots=True)
class Phone:
    """What one page may be, until it is told otherwise."""

    seat: str
    session: SessionId
    page: str  # its own name of itself; the same after a reload
    secret: str = field(repr=False)
    is_open: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    why: int = TAKEN

    def end(self, why: int) -> None:
        """It is no telephone any more; whoever relays for it stops."""
        if not self.over.is_set():
            self.why = why
            self.over.set()


class Phones:
    """One a seat. All of it is forgotten with this process: pages ask again."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = passwords
        self._phones: dict[str, Phone] = {}
        self.fitness = Fitness()

    def password(self, seat: str) -> str:
        """Of the seat's browser at Asterisk; no page ever learns it."""
        return self._passwords[seat]

    def grant(self, seat: str, session: SessionId, page: str, *, take_over: bool) -> Phone:
        """A new secret; the one of before opens nothing any more. Raises OtherPage.

        One session sits at a seat, so what another one was granted is over, and nobody is asked.
        """
        there = self._phones.get(seat)
        if there is not None:
            is_ours = there.session == session
            if is_ours and there.is_open and there.page != page and not take_over:
                raise OtherPage
            there.end(TAKEN if is_ours else LEFT)
        self.fitness.begins(seat, (session, page))
        granted = Phone(seat, session, page, secrets.token_urlsafe(SECRET_BYTES))
        self._phones[seat] = granted
        return granted

    def find(self, seat: str, session: SessionId, page: str) -> Phone | None:
        """The telephone that this page was granted and has not opened yet."""
        there = self._phones.get(seat)
        if there is None or there.is_open or there.over.is_set() or there.session != session:
            return None
        return there if hmac.compare_digest(there.page.encode(), page.encode()) else None

    @contextmanager
    def opened(self, phone: Phone) -> Iterator[None]:
        """While its socket is open; with that its secret is over, too."""
        phone.is_open = True
        try:
            yield
        finally:
            phone.end(LEFT)
            if self._phones.get(phone.seat) is phone:
                del self._phones[phone.seat]

    def is_of(self, seat: str, session: SessionId, page: str) -> bool:
        """Whether this page is the telephone of the seat just now."""
        there = self._phones.get(seat)
        return (
            there is not None and there.is_open and (there.session, there.page) == (session, page)
        )

    def rings(self, seat: str) -> bool:
        """Whether a page is what rings at this seat."""
        there = self._phones.get(seat)
        return there is not None and there.is_open

    def unfit(self, seat: str) -> Unfit | None:
        """What its pre-flight has not found; None where no page rings."""
        missing = self.fitness.missing(seat) if self.rings(seat) else ()
        if not missing:
            return None
        ja, en = zip(*(NAMES[check] for check in missing), strict=True)
        return Unfit(
            self.fitness.reason(seat),
            Sentence(
                f"電話の確認が済んでいません({'、'.join(ja)})。画面の「電話の確認」を終えてください。",
                f"The telephone is not checked yet ({', '.join(en)}): finish its check.",
            ),
        )

    def keep(self, seated: Collection[tuple[str, str]]) -> None:
        """Only of those who sit there in this session."""
        self.fitness.keep(seated)
        for phone in tuple(self._phones.values()):
            if (phone.seat, phone.session) not in seated:
                phone.end(LEFT)
                if not phone.is_open:
                    del self._phones[phone.seat]

    def __len__(self) -> int:
        return len(self._phones)

    async def watch(self, database: Database) -> None:
        """For ever: whoever has left their seat has no telephone."""
        async for _ in every(LOOKS_EVERY):
            if not self._phones and not self.fitness:
                continue
            try:
                seated = await database.read(seats.seated_now)
            except DatabaseFailed as away:
                log.error("database away", error=away)
            else:
                self.keep({(each.seat, each.session) for each in seated})
