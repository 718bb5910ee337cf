"""The card that is on the screen before the telephone rings: who calls, from where, about what."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Protocol

from pydantic import Field
from sqlalchemy import Connection

from agents.calls import found
from agents.calls.found import Draft, Escalation, Kept, Memo
from agents.calls.named import names
from agents.calls.quality import QualitySeen, of_call
from agents.calls.rules import prefill
from agents.calls.tables import ESCALATIONS
from agents.catalogue.catalogue import Catalogue
from agents.web.fields import Answer
from config.clockwork import attempts
from config.database import Database
from telephony.caller_id import masked
from telephony.store.call_record import CallRecord, civil
from telephony.store.history import call_of, earlier_than

SHOWN: Final = 10  # earlier calls
BEHIND: Final = 0.05  # seconds until a record that is not there yet is looked for again
TRIES: Final = 20
SAYS_NOTHING: Final = frozenset({"excluded", "abuse"})  # of what was promised before

Codes = list[Annotated[str, Field(max_length=40)]]


class CallerSeen(Answer):
    """Who calls, as far as the network told; the number itself is asked for, and that is noted."""

    kind: str  # as in a call record: shown, withheld, payphone, …
    label: str
    masked: str


class EarlierSeen(Answer):
    """A call from the same number: perhaps by somebody else."""

    id: str
    at: str
    outcome: str | None
    reasons: Codes
    disposition: str | None
    announced_name: str | None
    citizen: str | None
    note: str


class ObligationSeen(Answer):
    """Something that an earlier call of this number left open."""

    call: str
    at: str
    kind: Literal["outcome", "escalation"]
    disposition: str | None  # of an outcome that says so
    to: str | None  # of an escalation without an answer
    note: str
    announced_name: str


class EscalationTold(Answer):
    """How this call was escalated, and what was answered."""

    key: str
    at: str
    to: str
    note: str
    announced_name: str
    taken: bool
    answer: str | None


class FilledSeen(Answer):
    """What the form begins with, and why."""

    reasons: Codes
    disposition: str | None
    because: list[str]


class MemoSeen(Answer):
    """Something said later, with its true time."""

    at: str
    announced_name: str
    note: str
    reason: str | None  # what the call is about, as whoever consulted somebody has said


class DraftSeen(Answer):
    """What this person has entered so far."""

    version: int
    form: dict[str, object]


class KeptSeen(Answer):
    """What came of it, as it stands."""

    version: int
    reasons: Codes
    disposition: str
    flags: Codes
    citizen: str | None
    note: str
    announced_name: str
    late: bool


class Card(Answer):
    """Everything about one call that helps whoever takes it."""

    call: str
    arrived_at: str
    line: int | None
    queue: str | None
    menu_path: str
    menu_ja: str
    menu_en: str
    waited: float | None
    caller: CallerSeen
    earlier: list[EarlierSeen]
    people: list[str]  # who gave their name on earlier calls: several may share the number
    obligations: list[ObligationSeen]
    escalations: list[EscalationTold]
    prefill: FilledSeen
    draft: DraftSeen | None
    outcome: KeptSeen | None
    memos: list[MemoSeen]
    quality: list[QualitySeen]  # of each leg whose telephone was a page


class Booked(Protocol):
    """Knows what was done to a booking on a call."""

    def __call__(self, connection: Connection, call: str, /) -> str | None:
        """agree, change or cancel, as far as it says what came of the call."""
        ...


class Cards:
    """Puts a card together from what the controller and the desk have written."""

    def __init__(self, database: Database, catalogue: Catalogue, booked: Booked) -> None:
        self._database = database
        self._booked = booked
        self._catalogue = catalogue

    async def card(self, call: str, user: str, now: float) -> Card | None:
        """For this person, whose draft it shows; None where there is no such call.

        All of it in one transaction: somebody's telephone is about to ring, and each further one
        is a way to another thread and back.
        """

        def find(connection: Connection) -> tuple[CallRecord, _Known] | None:
            record = call_of(connection, call)
            return None if record is None else (record, self._known(connection, record, user))

        read = await self._database.read(find)
        return None if read is None else self._card(*read, now)

    async def soon(self, call: str, user: str, now: float) -> Card | None:
        """The card of a call that is at somebody's telephone: its record may be a moment behind."""
        async with aclosing(attempts(BEHIND, TRIES)) as tries:
            async for _ in tries:
                if (found := await self.card(call, user, now)) is not None:
                    return found
        return None

    def _known(self, connection: Connection, record: CallRecord, user: str) -> "_Known":
        number, call = record.caller.number, record.id
        earlier = (
            [] if number is None else earlier_than(connection, number, record.arrived_at, SHOWN)
        )
        calls = [call, *(one.id for one in earlier)]
        kept = found.outcomes(connection, calls)
        return _Known(
            earlier,
            kept,
            names(connection, [one for one in earlier if one.id not in kept]),
            found.memos(connection, call),
            found.escalations(connection, ESCALATIONS.c.call.in_(calls)),
            found.draft(connection, call, user),
            self._booked(connection, call),
            of_call(connection, call),
        )

    def _card(self, record: CallRecord, known: "_Known", now: float) -> Card:
        draft, kept = known.draft, known.kept
        own_escalations = [one for one in known.escalations if one.call == record.id]
        escalated = [one.to for one in own_escalations if one.to != "city" or one.answer is None]
        filled = prefill(
            self._catalogue,
            record,
            escalated=escalated[-1] if escalated else None,  # D09 waits for the city's answer
            booked=known.booked,
        )
        menu = self._catalogue.menu(record.menu_path or "")
        own = kept.get(record.id)
        before = [_earlier(one, kept.get(one.id), known.names) for one in known.earlier]
        return Card(
            call=record.id,
            arrived_at=civil(record.arrived_at),
            line=record.line,
            queue=record.queue,
            menu_path=record.menu_path or "",
            menu_ja="" if menu is None else menu.ja,
            menu_en="" if menu is None else menu.en,
            waited=waited(record, now),
            caller=_caller(record),
            earlier=before,
            people=list(dict.fromkeys(one.citizen for one in before if one.citizen)),
            obligations=list(self._obligations(record, known)),
            escalations=[_escalation(one) for one in own_escalations],
            prefill=FilledSeen(
                reasons=list(filled.reasons),
                disposition=filled.disposition,
                because=list(filled.because),
            ),
            draft=None if draft is None else DraftSeen(version=draft.version, form=draft.form),
            outcome=None if own is None else _kept(own),
            memos=[
                MemoSeen(
                    at=civil(memo.entered_at),
                    announced_name=memo.announced_name,
                    note=memo.note,
                    reason=memo.reason,
                )
                for memo in known.memos
            ],
            quality=list(known.quality),
        )

    def _obligations(self, record: CallRecord, known: "_Known") -> Iterator[ObligationSeen]:
        """What is open, the latest first: until a later call of the number has settled it."""
        for one in sorted(known.escalations, key=lambda one: -one.opened_at):
            if one.call != record.id and one.answer is None:
                yield ObligationSeen(
                    call=one.call, at=civil(one.opened_at), kind="escalation", disposition=None,
                    to=one.to, note=one.note, announced_name=one.announced_name,
                )  # fmt: skip
        for earlier in known.earlier:
            kept = known.kept.get(earlier.id)
            if kept is None:
                continue
            disposition = self._catalogue.outcomes.dispositions.get(kept.entered.disposition)
            if disposition is None or disposition.counts in SAYS_NOTHING:
                continue
            if disposition.counts != "open":
                return
            yield ObligationSeen(
                call=earlier.id, at=civil(earlier.arrived_at), kind="outcome",
                disposition=kept.entered.disposition, to=None, note=kept.entered.note,
                announced_name=kept.announced_name,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Known:
    """What has been read for a card."""

    earlier: Sequence[CallRecord]
    kept: Mapping[str, Kept]
    names: Mapping[str, str]  # who took them, of calls of which nothing was written down
    memos: Sequence[Memo]
    escalations: Sequence[Escalation]
    draft: Draft | None
    booked: str | None
    quality: Sequence[QualitySeen]


def waited(record: CallRecord, now: float) -> float | None:
    """How long they have waited for somebody; the record itself says so only when it is over."""
    if record.waited is not None:
        return record.waited
    told = {event.event: event.at for event in reversed(record.timeline)}  # of each the first
    since = told.get("queued")
    return None if since is None else max(0.0, told.get("connected", now) - since)


def _escalation(one: Escalation) -> EscalationTold:
    return EscalationTold(
        key=one.key, at=civil(one.opened_at), to=one.to, note=one.note,
        announced_name=one.announced_name, taken=one.taken_by is not None, answer=one.answer,
    )  # fmt: skip


def _caller(record: CallRecord) -> CallerSeen:
    caller = record.caller
    return CallerSeen(kind=caller.kind.value, label=caller.kind.label, masked=masked(caller.number))


def _earlier(record: CallRecord, kept: Kept | None, names: Mapping[str, str]) -> EarlierSeen:
    entered = None if kept is None else kept.entered
    return EarlierSeen(
        id=record.id,
        at=civil(record.arrived_at),
        outcome=record.outcome and record.outcome.value,
        reasons=[] if entered is None else list(entered.reasons),
        disposition=None if entered is None else entered.disposition,
        announced_name=names.get(record.id) if kept is None else kept.announced_name,
        citizen=None if entered is None else entered.citizen,
        note="" if entered is None else entered.note,
    )


def _kept(kept: Kept) -> KeptSeen:
    entered = kept.entered
    return KeptSeen(
        version=kept.version,
        reasons=list(entered.reasons),
        disposition=entered.disposition,
        flags=list(entered.flags),
        citizen=entered.citizen,
        note=entered.note,
        announced_name=kept.announced_name,
        late=kept.late,
    )
