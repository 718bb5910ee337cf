"""転記: a booking as rows to copy, one after the other, into the city's system. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.bookings.booking import Card, Stand
from agents.bookings.eras import japanese
from agents.bookings.names import written_kana
from agents.catalogue.shapes import Word

Field_ = Literal[
    "notice_no", "name", "kana", "birth_date", "phone", "site", "day", "start", "people", "needs",
    "note",
]  # fmt: skip
Writing = Literal["iso", "digits", "slashes", "era", "katakana", "hiragana", "half"]
OF_KANA: Final = frozenset({"katakana", "hiragana", "half"})
OF_A_CARD: Final = frozenset({"notice_no", "name", "kana", "birth_date"})


class Asked(Word):
    """One field of the city's form."""

    field: Field_
    writing: Annotated[Writing, Field(alias="as")] = "iso"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.writing in OF_KANA) != (self.field == "kana") and self.writing != "iso":
            raise ValueError(f"{self.field} is not written as {self.writing}")
        return self


class Transcript(BaseModel):
    """`transcript.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: Annotated[tuple[Asked, ...], Field(min_length=1)]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One field, with what is to be copied."""

    of: Asked
    card: int | None  # whose, of the party; None: of the booking
    text: str


def rows(transcript: Transcript, stand: Stand, site: str) -> list[Row]:
    """In the city's order; what is of a card once for each, where its first field stands."""
    found: list[Row] = []
    of_card = [asked for asked in transcript.fields if asked.field in OF_A_CARD]
    for asked in transcript.fields:
        if asked.field not in OF_A_CARD:
            found.append(Row(asked, None, _of_booking(transcript, asked, stand, site)))
        elif asked is of_card[0]:
            found += _cards(of_card, stand)
    return [row for row in found if row.text]


def _cards(of_card: list[Asked], stand: Stand) -> Iterator[Row]:
    for at, card in enumerate(stand.party):
        for asked in of_card:
            yield Row(asked, at, _of_card(asked, card))


def _of_card(asked: Asked, card: Card) -> str:
    match asked.field:
        case "notice_no":
            return card.notice_no or ""
        case "name":
            return card.name
        case "kana":
            return written_kana(card.kana, asked.writing)
        case _:
            return _day(card.birth_date, asked.writing)


def _of_booking(transcript: Transcript, asked: Asked, stand: Stand, site: str) -> str:
    match asked.field:
        case "phone":
            return str(stand.form.get("phone") or "")
        case "site":
            return site
        case "day":
            return _day(stand.when.day, asked.writing)
        case "start":
            return stand.when.at.strftime("%H:%M")
        case "people":
            return str(stand.people)
        case "needs":
            return "、".join(needs(transcript, stand))
        case _:
            return str(stand.form.get("note") or "")


def needs(transcript: Transcript, stand: Stand) -> Iterator[str]:
    """What should be ready for them, in words."""
    codes = [*stand.form.get("needs", ()), stand.form.get("transport")]
    codes += ["face_auth"] if stand.form.get("face_auth") else []
    yield from (transcript.words.get(code, code) for code in codes if code)


def _day(day: date, writing: Writing) -> str:
    match writing:
        case "digits":
            return day.strftime("%Y%m%d")
        case "slashes":
            return day.strftime("%Y/%m/%d")
        case "era":
            return japanese(day)
        case _:
            return day.isoformat()
