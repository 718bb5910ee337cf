"""Who may have an existing booking read out, changed or cancelled: who is known by two of three.

The caller's number is no part of it: whoever calls from the right telephone may be anybody.
"""

from datetime import date

from agents.bookings import birth_date
from agents.bookings.asked import Told, notice_no, today
from agents.bookings.booking import Booking, Card
from agents.bookings.kept import BookingBook
from agents.bookings.names import kana_key, name_key
from agents.bookings.states import Status
from agents.web.fields import Form
from agents.web.problems import conflict, unfit
from agents.web.routes import Asked

ENOUGH = 2  # of name, birth date and notice number


class IdentityForm(Form):
    """Two of the three must be right before anything is read out or done."""

    name: Told = ""
    birth_date: Told = ""
    notice_no: Told | None = None


async def only_known(
    asked: Asked, held: Booking, said: IdentityForm | None, key: str, call: str | None
) -> None:
    """Refuse whoever has not said two of three of an existing booking.

    What somebody makes on a call they need not be asked about again on it, a place that is held
    has nobody in it yet, and a request that was done is answered as before, whatever it changed.
    """
    if held.stand.status is Status.HELD:
        return
    book, user = asked.tool(BookingBook), asked.caller.user
    if call is not None and any(one.id == held.id for one in await book.on_call(call, user)):
        return
    if await book.was_done(key, held.id):
        return
    check(asked, held, said or IdentityForm())


def check(asked: Asked, held: Booking, said: IdentityForm) -> None:
    """Refuse unless two of three are right for one of the party."""
    birth: date | None = None
    if said.birth_date.strip():
        try:
            birth = birth_date.read(said.birth_date, today(asked))
        except birth_date.Unclear as unclear:
            raise unfit("birth_date", str(unclear)) from None
    notice = notice_no(asked, said.notice_no, "notice_no")
    if not is_known(held, said.name, birth, notice):
        raise conflict(
            "氏名、生年月日、はがきの番号のうち二つが合いません。もう一度うかがってください。",
            "Two of name, birth date and notice number must be right. Ask once more.",
        )


def is_known(of: Booking, name: str, birth: date | None, notice_no: str | None) -> bool:
    """Whether two of name, birth date and notice number are right for one of the party."""
    return any(_agreeing(card, name, birth, notice_no) >= ENOUGH for card in of.stand.party)


def _agreeing(card: Card, name: str, birth: date | None, notice_no: str | None) -> int:
    by_name = bool(name_key(name)) and (
        name_key(name) == name_key(card.name) or kana_key(name) == kana_key(card.kana)
    )
    by_notice = notice_no is not None and notice_no == card.notice_no
    return by_name + (birth == card.birth_date) + by_notice
