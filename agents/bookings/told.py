"""Bookings as the pages see them: masked in lists, whole only to who may read one out."""

from collections.abc import Sequence
from datetime import date

from agents.bookings.booking import Booking, Card, masked_birth, masked_notice
from agents.bookings.eras import japanese
from agents.bookings.places import Free, stored
from agents.bookings.read_back import Agreed, Person
from agents.bookings.rules import BookingRules
from agents.web.fields import Answer


class CardSeen(Answer):
    """One of the party."""

    name: str
    kana: str
    birth_date: str
    birth_date_ja: str
    notice_no: str
    visitor: str
    reason: str | None


class BookingSeen(Answer):
    """One of them; `whole` says whether anything is masked."""

    id: str
    version: int
    status: str
    owed: str | None
    due_day: date | None
    number: str | None
    kind: str
    site: str
    day: date
    start: str
    people: int
    hold_until: float | None
    announced_name: str
    party: list[CardSeen]
    form: dict[str, object]
    whole: bool
    masked: list[str]  # kinds of what the guard took out of what was just sent
    spoken: list[str]  # the sentences that read it back; of a whole one
    changed_at: float


class FreeSeen(Answer):
    """A time with room, and since when that is known."""

    site: str
    day: date
    start: str
    left: int
    known_at: float


def seen(
    of: Booking, *, whole: bool, masked: list[str] | None = None, spoken: Sequence[str] = ()
) -> BookingSeen:
    """As a page shows it."""
    stand = of.stand
    day, start = stored(stand.when)
    return BookingSeen(
        id=of.id, version=of.version, status=stand.status.value,
        owed=stand.owed.value if stand.owed else None, due_day=stand.due_day,
        number=stand.number, kind=stand.kind, site=stand.site, day=date.fromisoformat(day),
        start=start, people=stand.people, hold_until=stand.hold_until,
        announced_name=of.announced_name,
        party=[_card(card, whole=whole) for card in stand.party],
        form=dict(stand.form) if whole else {}, whole=whole, masked=masked or [],
        spoken=list(spoken), changed_at=of.changed_at,
    )  # fmt: skip


def _card(card: Card, *, whole: bool) -> CardSeen:
    return CardSeen(
        name=card.name,
        kana=card.kana,
        birth_date=card.birth_date.isoformat() if whole else masked_birth(card.birth_date),
        birth_date_ja=japanese(card.birth_date) if whole else "",
        notice_no=(card.notice_no or "") if whole else masked_notice(card.notice_no),
        visitor=card.visitor,
        reason=card.reason,
    )


def free_seen(of: Free) -> FreeSeen:
    """As a page shows it."""
    _, start = stored(of.place.when)
    return FreeSeen(
        site=of.place.site, day=of.place.when.day, start=start, left=of.left, known_at=of.known_at
    )


def agreed(of: Booking, rules: BookingRules, agent: str) -> Agreed:
    """What is read back; a change is taken by telephone until the visit itself."""
    stand = of.stand
    site = rules.slots.sites.get(stand.site)
    return Agreed(
        stand.when, site.ja if site else stand.site,
        tuple(Person(card.name, card.birth_date) for card in stand.party),
        stand.number, stand.when, agent,
    )  # fmt: skip
