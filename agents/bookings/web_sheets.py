"""Paper over HTTP: lists of a day with what changed since the last print, and a booking's slip."""

from datetime import date, datetime, time
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import Connection

from agents.audit.log import AuditLog, append
from agents.bookings import bringing, printed, sheets
from agents.bookings.asked import OfBooking, SiteCode, audit_line, today
from agents.bookings.booking import Booking, Card, masked_notice
from agents.bookings.eras import japanese, weekday
from agents.bookings.places import stored
from agents.bookings.printed import Printed
from agents.bookings.rows import Query as Of
from agents.bookings.rows import find, some
from agents.bookings.rules import BookingRules
from agents.bookings.sheets import Line, Sheet, Span, overlap
from agents.bookings.slots import rules_on
from agents.bookings.told import BookingSeen
from agents.bookings.transcript import needs
from agents.bookings.web import WHO
from agents.bookings.web_found import there, told_of
from agents.web.fields import Answer, Day, Form, Key, Query
from agents.web.problems import unfit
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.link.client import Link, NoController
from telephony.store.call_record import JAPAN

TABLE: Final = Table("booking sheets")
OF_A_DAY: Final = 5_000  # bookings
VISITORS: Final = {
    "self": "本人", "self_with_legal_rep": "本人と法定代理人", "legal_rep": "法定代理人",
    "proxy": "代理人", "child": "15歳未満",
}  # fmt: skip


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class OfSheet(Form):
    """Which sheet."""

    sheet: Annotated[str, Field(pattern=r"^(pick|move|dispatch)$")]


class SheetQuery(Query):
    """Of which day; at one site, or at all; within which hours, of those who have to move."""

    day: Day
    site: SiteCode | None = None
    since: Clock | None = None
    until: Clock | None = None


class PrintForm(Form):
    """The same, to be printed."""

    key: Key
    day: Day
    site: SiteCode | None = None
    since: Clock | None = None
    until: Clock | None = None


class RowSeen(Answer):
    """One card on a sheet. What opens a booking stays masked."""

    booking: str
    mark: str
    site: str
    day: str
    start: str
    number: str | None
    status: str
    name: str
    kana: str
    notice_no: str
    visitor: str
    needs: str
    phone: str  # of those who have to be told; else empty
    of_party: str  # 1/2: the first of two cards of one booking


class PrintSeen(Answer):
    """When it was printed, and by whom."""

    at: float
    announced_name: str


class SheetSeen(Answer):
    """A sheet as it is now; each row says how it differs from the last print."""

    sheet: str
    day: date
    day_ja: str
    site: str
    since: str  # the hours it is of; empty: the whole day
    until: str
    rows: list[RowSeen]
    changed: int
    last: PrintSeen | None
    printed: PrintSeen | None  # this very one


class SlipSeen(Answer):
    """What a citizen takes home, or gets by letter."""

    booking: BookingSeen
    site: str
    address: str
    day_ja: str
    start: str
    bring: list[str]
    version: str | None  # of the table of what to bring
    late_grace_minutes: int
    printed: PrintSeen


class SlipForm(Form):
    """To be printed."""

    key: Key


@TABLE.get("/api/booking-sheets/{sheet}", roles=WHO, audit="sheet_seen")
async def look(asked: Asked, path: OfSheet, query: SheetQuery) -> SheetSeen:
    """What is on the sheet now, beside what was printed last."""
    of = await _of(asked, path, query)
    found, last = await _database(asked).read(of.lines)
    asked.detail(rows=len(found))
    return of.seen(found, last, None)


@TABLE.post("/api/booking-sheets/{sheet}", roles=WHO, audit="sheet_printed")
async def to_print(asked: Asked, path: OfSheet, body: PrintForm) -> SheetSeen:
    """Print it: who, when and which versions are remembered, and witnessed."""
    of = await _of(asked, path, body)
    now = _now(asked)
    audit_key = asked.tool(AuditLog).key

    def keep(connection: Connection) -> tuple[list[Line], Printed | None]:
        found, last = of.lines(connection)
        live = [line.booking for line in found if line.mark is not sheets.Mark.GONE]
        mine = Printed(
            body.key, of.known_as, of.day, of.site, asked.now, asked.caller.user,
            now.announced_name, sheets.versions(live),
        )  # fmt: skip
        if printed.keep(connection, mine):
            asked.detail(rows=len(found), day=body.day.isoformat())
            append(connection, audit_key, audit_line(asked, "sheet_printed", path.sheet))
            asked.audited()
        return found, last

    found, last = await _database(asked).write(keep)
    return of.seen(found, last, now)


@TABLE.post("/api/bookings/{booking}/slip", roles=WHO, audit="slip_printed")
async def slip(asked: Asked, path: OfBooking, body: SlipForm) -> SlipSeen:
    """The slip of a booking, with what to bring as it was explained."""
    held = await there(asked, path)
    rules, stand = asked.tool(BookingRules), held.stand
    in_force = rules_on(rules.slots, today(asked))
    site = rules.slots.sites.get(stand.site)
    table = bringing.in_force(rules.bringing, stand.when.day)
    answers = stand.form.get("answers") or {}
    if table is None:
        raise unfit("day", "この日の持ち物の表がありません (no table for that day)")
    asked.detail(key=body.key)
    return SlipSeen(
        booking=told_of(asked, held), site=site.ja if site else stand.site,
        address=site.address if site else "", day_ja=_day(stand.when.day),
        start=stored(stand.when)[1],
        bring=bringing.lines(bringing.decide(table, answers, stand.when.day)) if answers else [],
        version=stand.form.get("docs_version"),
        late_grace_minutes=in_force.late_grace_minutes, printed=_now(asked),
    )  # fmt: skip


async def _of(asked: Asked, path: OfSheet, wanted: SheetQuery | PrintForm) -> "_Of":
    sheet = Sheet(path.sheet)
    since, until = (
        None if each is None else time.fromisoformat(each) for each in (wanted.since, wanted.until)
    )
    if since is not None and until is not None and until <= since:
        raise unfit("until", "終わりの時刻を始まりより後にしてください (until comes after since)")
    span = Span(since, until)
    if sheet is not Sheet.MOVE:
        span = Span()
    elif since is None and until is None:
        span = await _outage(asked, wanted.day)
    return _Of(asked, sheet, wanted.day, wanted.site or "", span)


async def _outage(asked: Asked, day: date) -> Span:
    """The part of the day in which an outage was declared; the whole day where none is on."""
    try:
        modes = (await asked.tool(Link).status()).get("modes", ())
    except NoController:
        return Span()
    for each in modes:
        if each["mode"] == "outage":
            first, last = (datetime.fromtimestamp(each[at], JAPAN) for at in ("since", "until"))
            found = overlap(day, first.replace(tzinfo=None), last.replace(tzinfo=None))
            return found or Span()
    return Span()


class _Of:
    """One sheet of one day."""

    def __init__(self, asked: Asked, sheet: Sheet, day: date, site: str, span: Span) -> None:
        self.sheet, self.day, self.site, self.span = sheet, day, site, span
        self.known_as = f"{sheet.value} {span}".strip()  # what a print is compared by
        self._rules = asked.tool(BookingRules)
        if site and site not in self._rules.slots.sites:
            raise unfit("site", "場所を選び直してください (there is no such site)")

    def lines(self, connection: Connection) -> tuple[list[Line], Printed | None]:
        """What is on it, and the last print."""
        live = [
            one for one in self._visits(connection) if sheets.is_on(one) and self.span.holds(one)
        ]
        last = printed.last(connection, self.known_as, self.day, self.site)
        here = {one.id for one in live}
        gone = [] if last is None else [id_ for id_ in last.rows if id_ not in here]
        others = some(connection, gone)
        return sheets.lines(live, None if last is None else last.rows, others), last

    def _visits(self, connection: Connection) -> list[Booking]:
        found: list[Booking] = []
        for code, site in self._rules.slots.sites.items():
            if self.site not in ("", code) or (
                self.sheet is Sheet.DISPATCH and not site.transfer_days
            ):
                continue
            days = (self.day, self.day)
            if self.sheet is Sheet.DISPATCH:
                days = sheets.visits_to_send(self.day, site.transfer_days)
            found += find(connection, Of(site=code, day=days[0], until=days[1], most=OF_A_DAY))
        return found

    def seen(self, found: list[Line], last: Printed | None, now: PrintSeen | None) -> SheetSeen:
        """As the page and the paper show it."""
        sites = self._rules.slots.sites
        before = None if last is None else PrintSeen(
            at=last.at, announced_name=last.announced_name
        )  # fmt: skip
        return SheetSeen(
            sheet=self.sheet.value, day=self.day, day_ja=_day(self.day),
            site=sites[self.site].ja if self.site else "すべての場所",
            since=_time(self.span.since), until=_time(self.span.until),
            rows=[
                self._row(line, at, card)
                for line in found
                for at, card in enumerate(line.booking.stand.party)
            ],
            changed=sum(line.mark is not sheets.Mark.SAME for line in found),
            last=before,
            printed=now,
        )  # fmt: skip

    def _row(self, line: Line, at: int, card: Card) -> RowSeen:
        stand = line.booking.stand
        site = self._rules.slots.sites.get(stand.site)
        day, start = stored(stand.when)
        return RowSeen(
            booking=line.booking.id, mark=line.mark.value, site=site.ja if site else stand.site,
            day=day, start=start, number=stand.number, status=stand.status.value,
            name=card.name, kana=card.kana, notice_no=masked_notice(card.notice_no),
            visitor=VISITORS.get(card.visitor, card.visitor),
            needs="、".join(needs(self._rules.transcript, stand)),
            phone=str(stand.form.get("phone") or "") if self.sheet is Sheet.MOVE else "",
            of_party=f"{at + 1}/{len(stand.party)}",
        )  # fmt: skip


def _time(at: time | None) -> str:
    return "" if at is None else f"{at:%H:%M}"


def _now(asked: Asked) -> PrintSeen:
    return PrintSeen(at=asked.now, announced_name=asked.caller.announced_name)


def _day(day: date) -> str:
    return f"{japanese(day)}({weekday(day)[0]})"


def _database(asked: Asked) -> Database:
    return asked.tool(Database)  # type: ignore[type-abstract]
