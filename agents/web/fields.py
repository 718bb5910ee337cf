"""What forms and answers are made of: nothing unknown, nothing converted, bounded text."""

from datetime import date
from typing import Annotated, Final
from unicodedata import category

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

LONGEST_NAME: Final = 60
LONGEST_KEY: Final = 64
TOO_MANY_DIGITS: Final = 5
UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
FILLERS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)  # fillers and variation selectors, which are letters and marks by their category
FIRST_YEAR, LAST_YEAR = 2000, 2099


class Form(BaseModel):
    """What the browser sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """What stands after the question mark; there everything is text."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(BaseModel):
    """What the browser gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def told(kind: str, sentence: str) -> PydanticCustomError:
    """A check's own sentence for its field; raise it from a validator."""
    return PydanticCustomError(f"told_{kind}", "{sentence}", {"sentence": sentence})


def _of_this_century(day: date) -> date:
    """Days beside the calendar's ends cannot be counted on from."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise told("day", "2000年から2099年までの日にしてください (a day from 2000 to 2099)")
    return day


def _one_line(text: object) -> object:
    if isinstance(text, str) and any(category(each) in ("Cc", "Cs", "Zl", "Zp") for each in text):
        raise told("line", "改行や制御文字は使えません (no line breaks or control characters)")
    return text


def _lines(text: object) -> object:
    """Stored as typed; only what no screen shows and no database takes is refused."""
    if isinstance(text, str) and any(map(_is_invisible, text)):
        raise told("text", "制御文字は使えません (no control characters)")
    return text


def _seen(text: str) -> str:
    """What must be said is said by something that a screen shows; 外字 of one's own is shown."""
    if all(category(each) in UNSEEN or each in FILLERS for each in text):
        raise told("seen", "読める文字を入力してください (write something that can be read)")
    return text


def _is_invisible(each: str) -> bool:
    return category(each) in ("Cc", "Cs") and each not in "\n\r\t"


def _no_number(text: str) -> str:
    """No word of ours has five digits: what has is a number that somebody must not send."""
    if sum(each.isdecimal() for each in text) >= TOO_MANY_DIGITS:
        raise told("word", "選択肢から選んでください (choose one of those offered)")
    return text


Line = Annotated[str, BeforeValidator(_one_line)]
Text = Annotated[str, BeforeValidator(_lines)]
Seen: Final = AfterValidator(_seen)  # for a text that must be there
Name = Annotated[Line, Field(min_length=1, max_length=LONGEST_NAME), Seen]
FewDigits: Final = AfterValidator(_no_number)  # for codes, which the guard does not read
Day = Annotated[date, AfterValidator(_of_this_century)]
Key = Annotated[Line, Field(min_length=8, max_length=LONGEST_KEY)]  # of a request made twice
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
