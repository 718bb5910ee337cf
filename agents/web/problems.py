"""What went wrong, as one sentence for the person at the screen, in Japanese and in English."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails


class Sentence(NamedTuple):
    """The same in both languages."""

    ja: str
    en: str


class ProblemTold(BaseModel):
    """Every answer that is not what was asked for."""

    problem: str = Field(description="One sentence in Japanese that says what to do")
    problem_en: str = Field(description="The same in English")
    fields: dict[str, str] = Field(default_factory=dict, description="A sentence a faulty field")


class Problem(Exception):
    """Ends a request; nothing was changed by it."""

    def __init__(
        self,
        status: HTTPStatus,
        ja: str,
        en: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(en)
        self.status = status
        self.said = Sentence(ja, en)
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    def answer(self) -> web.Response:
        """As the page reads it."""
        told = ProblemTold(problem=self.said.ja, problem_en=self.said.en, fields=self.fields)
        return web.Response(
            status=self.status,
            body=told.model_dump_json().encode(),
            content_type="application/json",
            headers=self.headers,
        )


class KeyTaken(Exception):
    """The key names something else that was sent before; this is not kept, and says so."""


def not_signed_in() -> Problem:
    """Nobody is known to ask."""
    return Problem(
        HTTPStatus.UNAUTHORIZED, "サインインしてください。", "Sign in first."
    )  # fmt: skip


def no_seat() -> Problem:
    """It is for whoever sits somewhere."""
    return conflict("先に席を選んでください。", "Choose a seat first.")


def forbidden() -> Problem:
    """Known, and not entitled."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "この操作をする権限がありません。必要なときは管理者に相談してください。",
        "You are not entitled to do this. Ask the administrator if you need to.",
    )


def not_found() -> Problem:
    """Not there, or not theirs: the answer does not tell which."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "見つかりません。画面を開き直してください。",
        "There is no such thing. Open the page again.",
    )


_BOTH: Final = re.compile(r"(?P<ja>.*[^\x00-\x7f].*?)\s*\((?P<en>[\x00-\x7f]+)\)", re.DOTALL)


def bilingual(told: str) -> Sentence:
    """The controller's sentence, which has the English in brackets after the Japanese."""
    both = _BOTH.fullmatch(told)
    if both is not None:
        return Sentence(both["ja"], both["en"])
    if told.isascii():
        return Sentence(f"いまはこの操作ができません（{told}）。", told)
    return Sentence(told, told)


def conflict(ja: str, en: str) -> Problem:
    """Refused as things stand."""
    return Problem(HTTPStatus.CONFLICT, ja, en)


SENT_BEFORE: Final = Sentence(
    "前に送った内容がすでに届いています。今の内容も送るときは、もう一度送ってください。",
    "What you sent before has arrived. To send this as well, send it again.",
)


def sent_before(said: Sentence = SENT_BEFORE) -> Problem:
    """Its key names something else; by this field a page knows that it must take another one."""
    taken = "前に送った内容のものです (it is that of what was sent before)"
    return Problem(HTTPStatus.CONFLICT, *said, fields={"key": taken})


def away(ja: str, en: str) -> Problem:
    """Something the desk needs does not answer."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, ja, en)


def malformed(wrong: ValidationError) -> Problem:
    """A body or a query that does not fit its model; each field with its own sentence."""
    faults = wrong.errors(include_url=False, include_input=False)
    if any(fault["type"] == "json_invalid" for fault in faults):
        return unreadable()
    fields = {".".join(map(str, fault["loc"])): _of_field(fault) for fault in faults}
    return _faulty(fields)


def unfit(field: str, sentence: str) -> Problem:
    """A field that fits its model, and still will not do."""
    return _faulty({field: sentence})


def _faulty(fields: Mapping[str, str]) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "入力に誤りがあります。印の付いた項目を直してください。",
        "Some of what was entered cannot be taken. Correct the fields that are marked.",
        fields=fields,
    )


def unreadable() -> Problem:
    """No JSON in UTF-8."""
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "送られた内容を読み取れません。使えない文字がないか確かめてください。",
        "What was sent cannot be read. Check it for characters that cannot be used.",
    )


def _unit(of: Mapping[str, Any]) -> str:
    return "文字" if of["field_type"] == "Value" else "個"  # a text that was checked before


_FIELD: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda _: "入力してください (required)",
    "extra_forbidden": lambda _: "この項目は使えません (not a field here)",
    "string_too_short": lambda of: f"{of['min_length']}文字以上にしてください (too short)",
    "string_too_long": lambda of: f"{of['max_length']}文字以内にしてください (too long)",
    "too_short": lambda of: f"{of['min_length']}{_unit(of)}以上にしてください (too short)",
    "too_long": lambda of: f"{of['max_length']}{_unit(of)}以内にしてください (too long)",
    "greater_than_equal": lambda of: f"{of['ge']}以上にしてください (too small)",
    "less_than_equal": lambda of: f"{of['le']}以下にしてください (too large)",
    "literal_error": lambda _: "選択肢から選んでください (choose one of those offered)",
    "enum": lambda _: "選択肢から選んでください (choose one of those offered)",
}


def _of_field(fault: ErrorDetails) -> str:
    sentence = _FIELD.get(fault["type"])
    if sentence is not None:
        return sentence(fault.get("ctx", {}))
    if fault["type"].startswith("told_"):  # our own checks say it themselves
        return fault["msg"]
    return "入力を確かめてください (check this field)"
