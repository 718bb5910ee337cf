"""What an agent asks while somebody is on the telephone: dates, papers, words, free times."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Final

from pydantic import Field

from agents.bookings import birth_date, bringing, read_back
from agents.bookings.asked import Code, SiteCode, Start, Told, this_minute, today
from agents.bookings.kept import BookingBook
from agents.bookings.moments import Moment
from agents.bookings.opened import Opened
from agents.bookings.places import Search
from agents.bookings.rules import BookingRules
from agents.bookings.slots import NoRules, rules_on, window
from agents.bookings.speech import say_day, say_short_day, say_slots, say_time
from agents.bookings.told import FreeSeen, free_seen
from agents.people import AT_A_DESK, LEADERS
from agents.web.fields import Answer, Day, Form, Query
from agents.web.problems import unfit
from agents.web.routes import Asked, Table

TABLE: Final = Table("booking words")
WHO: Final = AT_A_DESK | LEADERS
SPOKEN: Final = 3  # 次の空き3つ
SHOWN: Final = 20


class BirthDateForm(Form):
    """As typed; the age is wanted on a day, that of the visit, or today."""

    text: Told
    day: Day | None = None


class BirthDateSeen(Answer):
    """In both calendars, with the age at the counter on that day."""

    birth_date: date
    western: str
    japanese: str
    age: int


@TABLE.post("/api/bookings/birth-date", roles=WHO, audit="birth_date_read")
async def read_birth_date(asked: Asked, body: BirthDateForm) -> BirthDateSeen:
    """What was typed, to be read back; nothing of it is kept."""
    on = today(asked)
    try:
        found = birth_date.echo(birth_date.read(body.text, on), body.day or on)
    except birth_date.Unclear as unclear:
        raise unfit("text", str(unclear)) from None
    return BirthDateSeen(
        birth_date=found.birth_date, western=found.western, japanese=found.japanese, age=found.age
    )


# -- what to bring -----------------------------------------------------------------------------


class BringingForm(Form):
    """What is known so far, for a visit on a day."""

    day: Day
    answers: dict[Code, Code] = Field(default_factory=dict, max_length=20)


class QuestionSeen(Answer):
    """A question, with what may be answered, and what has been."""

    code: str
    ja: str
    en: str
    choices: dict[str, str]
    answer: str | None


class BringingSeen(Answer):
    """The list, by this version of the table."""

    version: str
    lines: list[str]
    because: list[str]
    halts: dict[str, str]
    spoken: list[str]
    questions: list[QuestionSeen]  # those that are open
    asked: list[QuestionSeen]  # every one that arises, answered or not


@TABLE.post("/api/bookings/bringing", roles=WHO, audit="bringing_asked")
async def what_to_bring(asked: Asked, body: BringingForm) -> BringingSeen:
    """The documents to bring, as the slip and the phone menu have them."""
    table = bringing.in_force(asked.tool(BookingRules).bringing, body.day)
    if table is None:
        raise unfit("day", "この日の持ち物の表がありません (no table for that day)")
    try:
        found = bringing.decide(table, body.answers, body.day)
    except bringing.NoSuchAnswer as unknown:
        raise unfit("answers", str(unknown)) from None
    return BringingSeen(
        version=found.version,
        lines=bringing.lines(found),
        because=[item.because.ja for item in found.items],
        halts={halt.kind: halt.because.ja for halt in found.halts},
        spoken=bringing.spoken(found),
        questions=[_question(table, code, body.answers) for code in found.open_questions],
        asked=[
            _question(table, code, body.answers) for code in bringing.arising(table, body.answers)
        ],
    )


def _question(table: bringing.Table, code: str, known: Mapping[str, str]) -> QuestionSeen:
    put = bringing.question(table, code)
    choices = {each: word.ja for each, word in put.choices.items()}
    return QuestionSeen(code=code, ja=put.ja, en=put.en, choices=choices, answer=known.get(code))


# -- script ------------------------------------------------------------------------------------


class StepSeen(Answer):
    """One step, with what is known in it and labels for what is not."""

    code: str
    title: str
    text: str
    note: str
    missing: list[str]


class ScriptSeen(Answer):
    """The ten steps, and the words for letters."""

    version: str
    steps: list[StepSeen]
    letters: dict[str, str]
    digits: dict[str, str]
    kana: dict[str, str]


class ScriptQuery(Query):
    """What has been said so far; nothing of it is about a person."""

    site: SiteCode | None = None
    day: Day | None = None
    start: Start | None = None
    people: Annotated[int, Field(ge=1, le=20)] | None = None


@TABLE.get("/api/bookings/script", roles=WHO, audit=None)
async def script(asked: Asked, query: ScriptQuery) -> ScriptSeen:
    """What is said, step by step, with what is known in its place."""
    rules = asked.tool(BookingRules)
    lines = read_back.lines(rules.script, await _known(asked, rules, query))
    steps = [
        StepSeen(
            code=line.step.code, title=line.step.title.ja, text=line.text, note=line.step.note,
            missing=list(line.missing),
        )
        for line in lines
    ]  # fmt: skip
    return ScriptSeen(
        version=rules.script.version, steps=steps, letters=dict(rules.spelling.letters),
        digits=dict(rules.spelling.digits), kana=dict(rules.spelling.kana),
    )  # fmt: skip


async def _known(asked: Asked, rules: BookingRules, query: ScriptQuery) -> dict[Code, str]:
    known = {"agent": asked.caller.announced_name}
    site = None if query.site is None else rules.slots.sites.get(query.site)
    if query.site is not None and site is not None:
        known["site"] = site.ja
        next_ones = FreeQuery(site=query.site, people=query.people or 1)
        known["slots"] = (await _free(asked, next_ones)).spoken
    if query.day is not None and query.start is not None:
        when = Moment(query.day, time.fromisoformat(query.start))
        known |= {"day": say_day(when.day), "time": say_time(when.at)}
        known["change_until"] = f"{say_short_day(when.day)}の{say_time(when.at)}"
    if query.people is not None:
        known["people"] = str(query.people)
    return known


# -- sites and free times ----------------------------------------------------------------------


class SiteSeen(Answer):
    """A site, and the days that may be agreed on there today."""

    code: str
    ja: str
    en: str
    first: date
    last: date


class SitesSeen(Answer):
    """Where, under whose master, and for how many at once."""

    master: str
    party_max: int
    hold_minutes: int
    undo_minutes: int
    sites: list[SiteSeen]


@TABLE.get("/api/bookings/sites", roles=WHO, audit=None)
async def sites(asked: Asked) -> SitesSeen:
    """Where cards are given out."""
    book, on = asked.tool(BookingRules).slots, today(asked)
    try:
        rules = rules_on(book, on)
        found = [
            SiteSeen(code=code, ja=site.ja, en=site.en, first=first, last=last)
            for code, site in book.sites.items()
            for first, last in [window(book, code, on)]
        ]
    except NoRules as none:
        raise unfit("day", str(none)) from None
    return SitesSeen(
        master=asked.tool(BookingBook).master.value, party_max=rules.party_max,
        hold_minutes=rules.hold_minutes, undo_minutes=rules.undo_minutes, sites=found,
    )  # fmt: skip


class FreeQuery(Query):
    """For so many, at a site, from this time on."""

    site: SiteCode
    people: Annotated[int, Field(ge=1, le=20)] = 1
    day: Day | None = None
    start: Start = "00:00"


class FreeTimes(Answer):
    """Soonest first, and the first three as they are said."""

    spoken: str
    slots: list[FreeSeen]


@TABLE.get("/api/bookings/slots", roles=WHO, audit=None)
async def free_times(asked: Asked, query: FreeQuery) -> FreeTimes:
    """The next times with room."""
    return await _free(asked, query)


async def _free(asked: Asked, query: FreeQuery) -> FreeTimes:
    book, on = asked.tool(BookingRules).slots, today(asked)
    if query.site not in book.sites:
        raise unfit("site", "場所を選び直してください (there is no such site)")
    await asked.tool(Opened).see_to(asked.now)
    try:
        first, last = window(book, query.site, on)
    except NoRules as none:
        raise unfit("day", str(none)) from None
    begins = max(first, query.day or first)
    start = time.fromisoformat(query.start)
    if begins == on:
        start = max(start, this_minute(asked))  # what is over is offered to nobody
    search = Search((query.site,), Moment(begins, start), last, query.people, SHOWN)
    found = await asked.tool(BookingBook).free(search, asked.now)
    spoken = say_slots([one.place.when for one in found[:SPOKEN]], on)
    return FreeTimes(spoken=spoken, slots=[free_seen(one) for one in found])
