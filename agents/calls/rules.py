"""What an outcome must say, and what is filled in before anybody has touched a key. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from agents.catalogue.catalogue import MOST_REASONS, Catalogue
from telephony.store.call_record import CallRecord
from telephony.store.words import HungUpBy, Outcome

CUT_OFF: Final = 3.0  # seconds of talk at most, when it was the caller who hung up
LONGEST_NOTE: Final = 4000  # characters
CUT, TRANSFERRED = "D10", "D06"
ESCALATED: Final[Mapping[str, str]] = {"supervisor": "D07", "city": "D09"}
# What was done to a booking on the call: its reason and its disposition.
BOOKED: Final[Mapping[str, tuple[str, str]]] = {
    "agree": ("R1", "D02"), "change": ("R2", "D03"), "cancel": ("R3", "D04"),
}  # fmt: skip
OVERRAN: Final = (
    "後処理が目標の時間を超えました。理由を一つ選んでください"
    " (wrap-up has passed its target: choose one reason)"
)
OUTSIDE: Final = frozenset({"dialled", "connected_outside"})
BACK: Final = frozenset({"queued", "returned", "connected", "found_talking"})


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form begins with, and why."""

    reasons: tuple[str, ...] = ()
    disposition: str | None = None
    because: tuple[str, ...] = ()  # menu, booking, transferred, escalated, cut_off


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody says came of a call."""

    reasons: tuple[str, ...]
    disposition: str
    flags: tuple[str, ...] = ()
    note: str = ""
    overrun: str | None = None
    citizen: str | None = None


def prefill(
    catalogue: Catalogue, record: CallRecord, *, escalated: str | None, booked: str | None = None
) -> Filled:
    """What the menu path and what was done say by themselves; what was done says it last.

    `escalated` is to whom the call was handed on, as far as that says what came of it.
    `booked` is what was done to a booking on this call. Its reason takes the place of the menu's
    where that one is about bookings too; else it is the main one, and the menu's the second.
    """
    menu = catalogue.menu(record.menu_path or "")
    reasons: tuple[str, ...] = (menu.reason,) if menu is not None and menu.reason else ()
    disposition = menu.disposition if menu is not None else None
    because = ["menu"] if menu is not None and (reasons or disposition) else []
    if booked is not None and booked in BOOKED:
        reason, disposition = BOOKED[booked]
        others = tuple(code for code in reasons if code[:1] != reason[:1])
        reasons, because = (reason, *others), [*because, "booking"]
    for word, done in _done(record, escalated=escalated):
        disposition, because = done, [*because, word]
    if disposition is not None and not reasons:
        reasons = catalogue.outcomes.dispositions[disposition].fills
    return Filled(reasons, disposition, tuple(because))


def _done(record: CallRecord, *, escalated: str | None) -> Iterator[tuple[str, str]]:
    moves = [event.event for event in record.timeline if event.event in OUTSIDE | BACK]
    if moves and moves[-1] in OUTSIDE:
        yield "transferred", TRANSFERRED
    if escalated is not None:
        yield "escalated", ESCALATED[escalated]
    by_caller = record.hung_up_by is HungUpBy.CALLER
    if record.outcome is Outcome.ANSWERED and by_caller and (record.talked or 0.0) < CUT_OFF:
        yield "cut_off", CUT


def completed(catalogue: Catalogue, entered: Entered) -> Entered:
    """With the reasons that go with the disposition, where none was chosen."""
    known = catalogue.outcomes.dispositions.get(entered.disposition)
    if entered.reasons or known is None:
        return entered
    return Entered(
        known.fills,
        entered.disposition,
        entered.flags,
        entered.note,
        entered.overrun,
        entered.citizen,
    )


def faults(
    catalogue: Catalogue, entered: Entered, today: date, *, overran: bool = False
) -> dict[str, str]:
    """What must still be put right, by field, each as one sentence.

    `overran`: wrap-up has passed its target, which asks one reason.
    """
    found = dict(_faults(catalogue, entered, today))
    if overran and entered.overrun is None:
        found["overrun"] = OVERRAN
    return found


def _faults(catalogue: Catalogue, entered: Entered, today: date) -> Iterator[tuple[str, str]]:
    if problem := _of_reasons(catalogue, entered.reasons, today):
        yield "reasons", problem
    known = catalogue.outcomes.dispositions.get(entered.disposition)
    if known is None:
        yield "disposition", "応対結果を一つ選んでください (choose one disposition)"
    elif "note" in known.needs and not entered.note.strip():
        yield "note", f"「{known.ja}」のときは内容を書いてください (say what it was about)"
    if problem := _of_flags(catalogue, entered.flags):
        yield "flags", problem
    if entered.overrun is not None and entered.overrun not in catalogue.outcomes.overrun:
        yield "overrun", "選択肢から選んでください (choose one of those offered)"


def _of_flags(catalogue: Catalogue, flags: Sequence[str]) -> str:
    if len({flag.partition(":")[0] for flag in flags}) < len(flags):
        return "同じものは一度だけ選んでください (choose each of them once)"
    for flag in flags:
        code, _, which = flag.partition(":")
        known = catalogue.outcomes.flags.get(code)
        if known is not None and known.which and not which:
            return f"「{known.ja}」はどれかを選んでください (say which)"
        if known is None or (which and which not in known.which):
            return "選択肢から選んでください (choose one of those offered)"
    return ""


def _of_reasons(catalogue: Catalogue, reasons: Sequence[str], today: date) -> str:
    if not reasons:
        return "問い合わせ分類を選んでください (choose a reason)"
    if len(reasons) > MOST_REASONS or len(set(reasons)) < len(reasons):
        return f"問い合わせ分類は重ならないように{MOST_REASONS}つまでです (at most three, no twice)"
    topics = catalogue.topics
    gone = [code for code in reasons if code not in topics]
    if gone or not all(topics[code].may_be_chosen(today) for code in reasons):
        return "今は使えない分類が含まれています。選び直してください (a reason is not in use now)"
    return ""
