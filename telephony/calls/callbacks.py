"""What staff ask of the ledger, and which number may be rung; each answer comes after the commit.

A claim is decided by the database alone, in the order of its transactions: of two who reach for
one obligation the second is told who has it. Everything else may wait in the spool.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from telephony.acd.errors import Rejected
from telephony.calls.publisher import NotKept
from telephony.link.stamped import KeyTaken
from telephony.owing.ledger import request_id
from telephony.owing.model import (
    Attempt,
    CallbackAsked,
    CallbackDone,
    Deed,
    Event,
    Obligation,
    State,
    Terms,
)
from telephony.owing.rules import is_what_was_asked, is_what_was_done, misfit
from telephony.store import changes as row
from telephony.store.call_record import JAPAN

log = structlog.get_logger(__name__)

FURTHEST: Final = timedelta(days=92)  # of a wanted time
AWAY: Final = (
    "今は記録を確かめられないため受け付けられません。少し待ってからもう一度操作してください "
    "(the records cannot be read now: wait a moment and try again)"
)
UNKNOWN: Final = "この折り返しはありません。一覧を読み直してください (there is no such callback)"
OTHERWISE: Final = (
    "この折り返しはすでに登録されていますが、今の内容とは違います。一覧で確かめ、誤りであれば"
    "取り下げてから、もう一度登録してください (this callback is registered already, and not as it "
    "is written here: look at it in the list, withdraw it if it is wrong, then register this again)"
)
DONE_OTHERWISE: Final = (
    "この操作は、前に送った別の内容で受け付け済みです。一覧を読み直して確かめ、必要であれば"
    "もう一度操作してください (something else was done under this key, and stands: read the list "
    "again, and do this anew if it is still wanted)"
)
OVER: Final = "この折り返しはもう終わっています (this callback is over)"


class LedgerReader(Protocol):
    """What is asked of SQL; everything raises DatabaseFailed."""

    async def get(self, obligation_id: str) -> Obligation | None:
        """One obligation."""

    async def request(self, key: str) -> Event | None:
        """What a request of this key has done."""

    async def results(self, obligations: Sequence[str]) -> dict[str, Attempt]:
        """The latest attempt of each."""


class Keeper(Protocol):
    """Who keeps changes; everything raises NotKept."""

    async def add(self, changes: Sequence[row.Change]) -> None:
        """Return once they are in SQL or in the spool."""

    async def written(self, changes: Sequence[row.Change]) -> None:
        """Return once they are in SQL."""


class Callbacks:
    """The requests of the worklist."""

    def __init__(
        self,
        keeper: Keeper,
        ledger: LedgerReader,
        terms: Terms,
        now: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """`now` is the instant, by which attempts are recorded; `wall` is a citizen's clock."""
        self._keeper = keeper
        self._ledger = ledger
        self._terms = terms
        self._now = now
        self._wall = wall

    async def open(self, asked: CallbackAsked) -> str:
        """Open one, or join it to the caller's open one; its id. Raises Rejected.

        The same again under its key opens nothing; anything else under it is KeyTaken.
        """
        known = await self._opened_by(asked)
        if known is not None:
            return known
        self._check_wanted(asked.wanted_at)
        await self._keep([asked])
        try:
            event = await self._ledger.request(asked.key)
        except DatabaseFailed:
            event = None  # kept in the spool: it is opened or joined when SQL is back
        return request_id(asked.key) if event is None else event.obligation or ""

    async def open_many(self, asked: Sequence[CallbackAsked]) -> list[str]:
        """Open or join all of them in one transaction; their ids. Raises Rejected."""
        for each in asked:
            self._check_wanted(each.wanted_at)
        await self._keep(asked)
        return [request_id(each.key) for each in asked]

    async def do(self, done: CallbackDone) -> None:
        """A deed at the worklist. Raises Rejected, with who has it where somebody has.

        The same again under its key does nothing; anything else under it is KeyTaken.
        """
        if done.deed is Deed.POSTPONE:
            self._check_wanted(done.until)
        if await self._was_done(done):
            return
        if done.deed is not Deed.CLAIM:
            await self._keep([done])
            return
        try:
            await self._keeper.written([done])
            if not await self._stands(done):
                await self._refuse(done)
        except (NotKept, DatabaseFailed):
            raise Rejected(AWAY) from None

    async def number_of(self, obligation_id: str) -> str | None:
        """Whom to ring now. Raises Rejected where it may not be rung now, and DatabaseFailed."""
        known, now = await self._ledger.get(obligation_id), self._now()
        if known is None:
            return None
        if known.state is not State.OPEN:
            raise Rejected(OVER)
        wall = self._wall()
        opens = self._terms.hours.after(wall, 0.0)
        if opens > wall:
            raise Rejected(
                f"受付時間外です。{_clock(opens)} から発信できます (outside opening hours)"
            )
        if known.next_at > now and not await self._broke_off(known.id, now):
            raise Rejected(
                f"次の発信は {_clock(known.next_at)} からです (not to be rung before then)"
            )
        return known.number

    # -- within --------------------------------------------------------------------------

    async def _opened_by(self, asked: CallbackAsked) -> str | None:
        """What this very request has opened or joined before. Raises KeyTaken."""
        try:
            event = await self._ledger.request(asked.key)
            stands = None if event is None else await self._ledger.get(event.obligation or "")
        except DatabaseFailed:
            return None
        if event is None or stands is None:
            return None
        if not is_what_was_asked(stands, event, asked):
            raise KeyTaken(OTHERWISE)
        return stands.id

    async def _was_done(self, done: CallbackDone) -> bool:
        """Whether this very request was granted before. Raises Rejected where it does not fit."""
        try:
            if await self._stands(done):
                return True
            await self._refuse(done)
        except DatabaseFailed:
            if done.deed is Deed.CLAIM:
                raise Rejected(AWAY) from None
        return False

    async def _stands(self, done: CallbackDone) -> bool:
        """Whether it is in the ledger. Raises KeyTaken where something else is, under its key."""
        event = await self._ledger.request(done.key)
        if event is None:
            return False
        if not is_what_was_done(await self._ledger.get(event.obligation or ""), event, done):
            raise KeyTaken(DONE_OTHERWISE)
        return True

    async def _refuse(self, done: CallbackDone) -> None:
        known = await self._ledger.get(done.obligation)
        if known is None:
            raise Rejected(UNKNOWN)
        problem = misfit(known, done)
        if problem is not None:
            raise Rejected(problem)

    async def _keep(self, changes: Sequence[row.Change]) -> None:
        try:
            await self._keeper.add(changes)
        except NotKept:
            raise Rejected(AWAY) from None

    def _check_wanted(self, wanted: float | None) -> None:
        if wanted is None:
            return
        now = self._wall()
        if not now < wanted < now + FURTHEST.total_seconds():
            raise Rejected(
                "希望の時刻は今から3か月以内にしてください "
                "(a wanted time lies ahead, at most 3 months)"
            )
        opens = self._terms.hours.after(wanted, 0.0)
        if opens > wanted:
            raise Rejected(
                f"その時刻は受付時間外です。{_clock(opens)} 以降にしてください "
                "(it is closed at the wanted time)"
            )

    async def _broke_off(self, obligation_id: str, now: float) -> bool:
        last = (await self._ledger.results([obligation_id])).get(obligation_id)
        return last is not None and now - last.ended_at <= self._terms.again_within


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, JAPAN).strftime("%-m月%-d日 %H:%M")
