"""Three witnesses of one call, and what follows when they disagree.

The rule: **Asterisk is right about what lives, SQL about what was promised, the journal about
order.** So nobody who is there is ever hung up on because of a row, nobody who is gone is kept
because of an entry, and a record that was closed stays as it was closed. What the journal says
decides who acts: it knows the call and goes on, it knows the end and sees it through, or it
knows nothing and the caller is taken in like a new one.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Asterisk(StrEnum):
    """Whether the caller's channel is there."""

    UP = "up"
    GONE = "gone"


class Journal(StrEnum):
    """What the journal, and the centre that is made from it, know of the call."""

    LIVE = "live"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Record(StrEnum):
    """What SQL has."""

    OPEN = "open"
    ENDED = "ended"
    ABSENT = "absent"
    UNASKED = "unasked"  # it did not answer, or need not be asked for this


class Verdict(StrEnum):
    """What must be done."""

    SERVE = "serve"  # go on: the centre gives them again what they should be hearing
    SERVE_AND_OPEN = "serve_and_open"  # the same, and their record is begun again
    SERVE_AND_NOTE = "serve_and_note"  # the same; the closed record stays, and says so
    ADOPT = "adopt"  # take them in, arrived when their channel was made
    ADOPT_AND_NOTE = "adopt_and_note"  # the same; the closed record stays, and says so
    HANG_UP = "hang_up"  # their call is over, and the hang-up did not get through
    END = "end"  # nobody is there: the centre ends the call, which closes its record
    CLOSE_LOST = "close_lost"  # nobody else will ever close this record
    NOTHING = "nothing"  # all is said, or the publisher is about to say it


_A, _J, _R, _V = Asterisk, Journal, Record, Verdict
TABLE: Final[Mapping[tuple[Asterisk, Journal, Record], Verdict]] = {
    (_A.UP, _J.LIVE, _R.OPEN): _V.SERVE,
    (_A.UP, _J.LIVE, _R.ENDED): _V.SERVE_AND_NOTE,
    (_A.UP, _J.LIVE, _R.ABSENT): _V.SERVE_AND_OPEN,
    (_A.UP, _J.LIVE, _R.UNASKED): _V.SERVE,
    (_A.UP, _J.ENDED, _R.OPEN): _V.HANG_UP,
    (_A.UP, _J.ENDED, _R.ENDED): _V.HANG_UP,
    (_A.UP, _J.ENDED, _R.ABSENT): _V.HANG_UP,
    (_A.UP, _J.ENDED, _R.UNASKED): _V.HANG_UP,
    (_A.UP, _J.UNKNOWN, _R.OPEN): _V.ADOPT,
    (_A.UP, _J.UNKNOWN, _R.ENDED): _V.ADOPT_AND_NOTE,
    (_A.UP, _J.UNKNOWN, _R.ABSENT): _V.ADOPT,
    (_A.UP, _J.UNKNOWN, _R.UNASKED): _V.ADOPT,
    (_A.GONE, _J.LIVE, _R.OPEN): _V.END,
    (_A.GONE, _J.LIVE, _R.ENDED): _V.END,
    (_A.GONE, _J.LIVE, _R.ABSENT): _V.END,
    (_A.GONE, _J.LIVE, _R.UNASKED): _V.END,
    (_A.GONE, _J.ENDED, _R.OPEN): _V.NOTHING,
    (_A.GONE, _J.ENDED, _R.ENDED): _V.NOTHING,
    (_A.GONE, _J.ENDED, _R.ABSENT): _V.NOTHING,
    (_A.GONE, _J.ENDED, _R.UNASKED): _V.NOTHING,
    (_A.GONE, _J.UNKNOWN, _R.OPEN): _V.CLOSE_LOST,
    (_A.GONE, _J.UNKNOWN, _R.ENDED): _V.NOTHING,
    (_A.GONE, _J.UNKNOWN, _R.ABSENT): _V.NOTHING,
    (_A.GONE, _J.UNKNOWN, _R.UNASKED): _V.NOTHING,
}


def judge(
    asterisk: Asterisk, journal: Journal, record: Record, *, talking: bool = False
) -> Verdict:
    """The verdict; somebody who is in a talk is never hung up on, whatever the others say."""
    verdict = TABLE[asterisk, journal, record]
    return Verdict.ADOPT_AND_NOTE if talking and verdict is Verdict.HANG_UP else verdict
