"""How many bookings were made, changed and cancelled: a fold over the history. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from agents.bookings.booking import Entry
from agents.bookings.states import UNDONE, Deed, Status

COUNTED: Final = {
    Deed.AGREE: "new", Deed.CHANGE: "change", Deed.CANCEL: "cancel", Deed.VISIT: "visited",
    Deed.MISS: "no_show", Deed.IMPORT: "new", Deed.DROP: "cancel",
}  # fmt: skip
_NEITHER: Final = {Deed.VISIT: Deed.MISS, Deed.MISS: Deed.VISIT}


class Of(NamedTuple):
    """What is counted together."""

    what: str
    kind: str
    site: str
    channel: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many bookings, and for how many people."""

    of: Of
    bookings: int
    people: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history, with the booking it is of."""

    booking: str
    entry: Entry


def fold(lines: Iterable[Line]) -> list[Count]:
    """By what was done, kind, site and channel.

    What was taken back was not done; of a visit that was told twice the last counts; a place that
    was held and let go was no booking.
    """
    done: dict[str, list[Entry]] = {}
    for line in lines:
        _take(done.setdefault(line.booking, []), line.entry)
    bookings, people = Counter[Of](), Counter[Of]()
    for entries in done.values():
        for entry in entries:
            of = _of(entry)
            bookings[of] += 1
            people[of] += entry.after.people
    return [Count(of, bookings[of], people[of]) for of in sorted(bookings)]


def _take(before: list[Entry], entry: Entry) -> None:
    if entry.deed is Deed.UNDO:
        if before and before[-1].deed in UNDONE:
            before.pop()
        return
    if entry.deed not in COUNTED or entry.after.status is Status.EXPIRED:
        return
    before[:] = [one for one in before if one.deed is not _NEITHER.get(entry.deed)]
    before.append(entry)


def _of(entry: Entry) -> Of:
    stand = entry.after
    channel = str(stand.form.get("channel") or "phone")
    what = COUNTED[entry.deed]
    if entry.deed is Deed.IMPORT and entry.before is not None:
        what, channel = "change", "web"
    elif entry.deed is Deed.DROP:
        channel = "web"
    return Of(what, stand.kind, stand.site, channel)
