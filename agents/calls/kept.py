"""Drafts, outcomes, memos and escalations, kept and found. Each method is one transaction."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from agents.calls import found
from agents.calls.found import Draft, Escalation, Kept, Memo
from agents.calls.rules import Entered
from agents.calls.tables import DRAFTS, ESCALATIONS, MEMOS, OUTCOMES
from agents.people import Caller
from agents.web.problems import KeyTaken
from config.database import Database


class Stale(Exception):
    """Somebody else, or another window, has written since; the present version is in it."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


class CallBook:
    """What people have written about calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- drafts --------------------------------------------------------------------------

    async def draft(self, call: str, user: str) -> Draft | None:
        """What this person has entered so far."""

        return await self._database.read(lambda c: found.draft(c, call, user))

    async def keep_draft(
        self, call: str, user: str, version: int, form: dict[str, Any], now: float
    ) -> int:
        """Keep it over this version, 0 for the first; its new version. Raises Stale."""
        text = json.dumps(form, ensure_ascii=False)
        mine = (DRAFTS.c.call == call, DRAFTS.c.user == user)

        def keep(connection: Connection) -> int:
            held = connection.scalar(select(DRAFTS.c.version).where(*mine).with_for_update())
            if (held or 0) != version:
                raise Stale(held or 0)
            values = {"version": version + 1, "form": text, "saved_at": now}
            if held is None:
                connection.execute(insert(DRAFTS).values(call=call, user=user, **values))
            else:
                connection.execute(update(DRAFTS).where(*mine).values(**values))
            return version + 1

        return await self._database.write(keep)

    # -- outcomes ------------------------------------------------------------------------

    async def keep_outcome(
        self, key: str, call: str, by: Caller, entered: Entered, now: float, *, late: bool
    ) -> int:
        """Add a version, and end the draft; the same again under its key is the same version.

        Raises KeyTaken where the key is that of another call, or of something else said of this.
        """

        def keep(connection: Connection) -> int:
            row = connection.execute(select(OUTCOMES).where(OUTCOMES.c.key == key)).one_or_none()
            if row is not None:
                known = found.kept(row)
                if (known.call, known.user, known.entered) != (call, by.user, entered):
                    raise KeyTaken
                return known.version
            newest = select(OUTCOMES.c.version).where(OUTCOMES.c.call == call).with_for_update()
            version = max(connection.scalars(newest), default=0) + 1
            connection.execute(
                insert(OUTCOMES).values(
                    call=call, version=version, key=key, user=by.user, seat=by.seat,
                    announced_name=by.announced_name, reasons=" ".join(entered.reasons),
                    disposition=entered.disposition, flags=" ".join(entered.flags),
                    citizen=entered.citizen, note=entered.note, overrun=entered.overrun,
                    late=late, entered_at=now,
                )
            )  # fmt: skip
            mine = (DRAFTS.c.call == call, DRAFTS.c.user == by.user)
            connection.execute(delete(DRAFTS).where(*mine))
            return version

        return await self._database.write(keep)

    async def outcomes(self, calls: Sequence[str]) -> dict[str, Kept]:
        """What came of these calls, as far as anybody has said."""

        return await self._database.read(lambda c: found.outcomes(c, calls))

    async def entered_by(self, user: str, since: float) -> list[Kept]:
        """This person's, newest first; each call once."""

        def find(connection: Connection) -> list[Kept]:
            mine = (OUTCOMES.c.user == user, OUTCOMES.c.entered_at >= since)
            query = select(OUTCOMES).where(*mine).order_by(OUTCOMES.c.entered_at)
            newest = {row.call: found.kept(row) for row in connection.execute(query)}
            return list(newest.values())[::-1]

        return await self._database.read(find)

    # -- memos ---------------------------------------------------------------------------

    async def add_memo(
        self, key: str, call: str, by: Caller, note: str, now: float, reason: str | None = None
    ) -> bool:
        """Add one; the same key again adds nothing, but puts right what the same person wrote.

        Whether it was added. Raises KeyTaken where the key is another call's, or another person's.
        """

        def add(connection: Connection) -> bool:
            mine = (MEMOS.c.key == key, MEMOS.c.call == call, MEMOS.c.user == by.user)
            right = update(MEMOS).where(*mine).values(note=note, reason=reason)
            if connection.execute(right).rowcount:
                return False
            if connection.scalar(select(MEMOS.c.key).where(MEMOS.c.key == key)) is not None:
                raise KeyTaken
            connection.execute(
                insert(MEMOS).values(
                    key=key, call=call, user=by.user, announced_name=by.announced_name,
                    note=note, entered_at=now, reason=reason,
                )
            )  # fmt: skip
            return True

        return await self._database.write(add)

    async def memos(self, call: str) -> list[Memo]:
        """Of this call, in order."""

        return await self._database.read(lambda c: found.memos(c, call))

    async def memo_counts(self, calls: Sequence[str]) -> dict[str, int]:
        """How many each of these calls has, where it has any."""
        query = select(MEMOS.c.call, func.count()).where(MEMOS.c.call.in_(calls))

        def find(connection: Connection) -> dict[str, int]:
            return {
                call: int(count) for call, count in connection.execute(query.group_by(MEMOS.c.call))
            }

        return await self._database.read(find)

    # -- escalations ---------------------------------------------------------------------

    async def escalate(  # noqa: PLR0913 -- what it consists of
        self, key: str, call: str, by: Caller, to: str, note: str, menu_path: str, now: float
    ) -> None:
        """Hand it on; the same again under its key hands on nothing.

        Raises KeyTaken where something else was handed on under it.
        """

        def add(connection: Connection) -> None:
            known = next(iter(found.escalations(connection, ESCALATIONS.c.key == key)), None)
            if known is None:
                connection.execute(
                    insert(ESCALATIONS).values(
                        key=key, call=call, user=by.user, announced_name=by.announced_name,
                        to=to, note=note, menu_path=menu_path, opened_at=now,
                    )
                )  # fmt: skip
            elif (known.call, known.user, known.to, known.note) != (call, by.user, to, note):
                raise KeyTaken

        await self._database.write(add)

    async def escalations(self) -> list[Escalation]:
        """Every one that has no answer yet; oldest first."""
        return await self._escalations(ESCALATIONS.c.answered_at.is_(None))

    async def escalated_by(self, user: str, since: float) -> list[Escalation]:
        """This person's, the latest first."""
        mine = (ESCALATIONS.c.user == user) & (ESCALATIONS.c.opened_at >= since)
        return (await self._escalations(mine))[::-1]

    async def escalation(self, key: str) -> Escalation | None:
        """The one of this key."""
        return next(iter(await self._escalations(ESCALATIONS.c.key == key)), None)

    async def _escalations(self, where: ColumnElement[bool]) -> list[Escalation]:
        return await self._database.read(lambda c: found.escalations(c, where))

    async def take_escalation(self, key: str, by: str, now: float) -> bool:
        """Whoever is first has it; False when somebody else was."""

        def take(connection: Connection) -> bool:
            free = (ESCALATIONS.c.key == key, ESCALATIONS.c.taken_by.is_(None))
            done = connection.execute(
                update(ESCALATIONS).where(*free).values(taken_by=by, taken_at=now)
            )
            mine = (ESCALATIONS.c.key == key, ESCALATIONS.c.taken_by == by)
            return bool(done.rowcount) or bool(
                connection.scalar(select(ESCALATIONS.c.key).where(*mine))
            )

        return await self._database.write(take)

    async def answer_escalation(self, key: str, by: str, answer: str, now: float) -> bool:
        """Once; False when it has an answer, or does not exist."""

        def reply(connection: Connection) -> bool:
            open_ = (ESCALATIONS.c.key == key, ESCALATIONS.c.answered_at.is_(None))
            values = {"answer": answer, "answered_by": by, "answered_at": now}
            done = connection.execute(update(ESCALATIONS).where(*open_).values(**values))
            return bool(done.rowcount)

        return await self._database.write(reply)
