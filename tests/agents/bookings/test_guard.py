"""The guard's corpus through every field of a booking: no individual number and no PIN is kept.

The fields are those that the models have, so a new one is tried as soon as it is there.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from sqlalchemy import Connection, Text, select

from agents.bookings.tables import BOOKINGS, DRAFTS, HISTORY, PARTY
from agents.bookings.web_drafts import BookingDraftForm
from agents.bookings.web_entries import ChangeForm, DeedForm, NewForm, NumberForm
from agents.people import Role
from agents.tables import AUDIT
from agents.texts.tables import MASKED
from telephony.privacy.individual_number import Kind, guard
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN, a_wish
from tests.agents.bookings.test_web import agreed
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone

__all__ = ["schema", "url"]
VECTORS: Final = Path(__file__).parents[2] / "privacy" / "vectors.json"
CORPUS: Final = [
    each
    for each in json.loads(VECTORS.read_text(encoding="utf-8"))
    if each["finds"] and not each.get("before")
]
TEXTS: Final = [each["text"] for each in CORPUS]
CALL: Final = "n1-1770598800.1"
Path_ = tuple[str | int, ...]
# Machines' names for things, made by the page and by us; chance puts any digits into them.
IDS: Final = frozenset({"key", "call", "booking", "held"})
# A typed telephone number is no free text: twelve digits that are one, +81 90 …, are kept. What is
# not one is masked there as everywhere.
TELEPHONES: Final = frozenset({"phone", "phone_alt"})


def fields_of(model: type[BaseModel], at: Path_ = ()) -> Iterator[Path_]:
    """Every field of a model that can hold a text, by its path."""
    for name, field in model.model_fields.items():
        if name not in IDS:
            yield from _within(field.annotation, (*at, name))


def _within(kind: Any, at: Path_) -> Iterator[Path_]:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _within(inner[0], at)
    elif origin in (Union, UnionType):
        for each in inner:
            yield from _within(each, at)
    elif origin is list:
        yield from _within(inner[0], (*at, 0))
    elif origin is dict:
        yield (*at, "who")
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from fields_of(kind, at)
    elif kind is str or str(origin).endswith("Literal"):
        yield at


def put(body: dict[str, Any], at: Path_, text: str) -> dict[str, Any]:
    """The body with this text in this field."""
    whole = deepcopy(body)
    here: Any = whole
    for step, after in pairwise(at):
        if isinstance(here, list):
            while len(here) <= int(step):
                here.append({} if isinstance(after, str) else [])
        elif here.get(step) is None:
            here[step] = [] if isinstance(after, int) else {}
        here = here[step]
    if isinstance(here, list):
        here[:] = [text]
    else:
        here[at[-1]] = text
    return whole


def all_kept(connection: Connection) -> str:
    """Whatever people wrote, wherever it is."""
    found = []
    for table in (BOOKINGS, PARTY, HISTORY, DRAFTS, MASKED, AUDIT):
        columns = [
            column
            for column in table.columns
            if isinstance(column.type, Text) or column.name not in {*IDS, "id", "hash", "line"}
        ]
        found += [str(tuple(row)) for row in connection.execute(select(*columns))]
    return "\n".join(found)


async def nothing_of(desk: Desk, text: str) -> None:
    whole = await desk.database.read(all_kept)
    assert text not in whole
    digits = "".join(each for each in text if each.isdecimal())
    if len(digits) >= 12:
        assert digits not in whole


def bodies(
    page: Browser, booking: str
) -> dict[str, tuple[str, str, dict[str, Any], type[BaseModel]]]:
    """Every form in which something of a booking is kept, filled as it should be."""
    known = {"identity": KNOWN, "version": 1}
    draft = {"version": 0, "form": {"mode": "new", "key": "draft-0001"}}
    path = f"/api/bookings/{booking}"
    return {
        "new": ("POST", "/api/bookings", a_wish("new-00001"), NewForm),
        "change": ("PUT", f"{path}/appointment", a_wish("change-01") | known, ChangeForm),
        "cancel": ("POST", f"{path}/cancellation", {"key": "cancel-01"} | known, DeedForm),
        "undo": ("POST", f"{path}/undoing", {"key": "undo-0001"} | known, DeedForm),
        "number": ("PUT", f"{path}/number", {"key": "number-01", "version": 1, "number": "C1"},
                   NumberForm),
        "draft": ("PUT", f"/api/calls/{CALL}/booking-draft", draft, BookingDraftForm),
    }  # fmt: skip


FORMS: Final = ("new", "change", "cancel", "undo", "number", "draft")
MODELS: Final = {name: given[3] for name, given in bodies(None, "x").items()}  # type: ignore[arg-type]
EVERY: Final = [(form, at) for form in FORMS for at in fields_of(MODELS[form])]


def test_every_form_is_tried_in_every_field() -> None:
    found = {form: {at[-1] for of, at in EVERY if of == form} for form in FORMS}
    assert {"name", "kana", "birth_date", "notice_no", "note", "phone", "site"} <= found["new"]
    assert {"why", "name", "note"} <= found["change"]
    assert {"why"} <= found["cancel"]
    assert {"query", "when", "why", "number", "note", "name", "site"} <= found["draft"]
    assert len(EVERY) > 60


@pytest.fixture
async def page(whole: Desk) -> Browser:
    """An agent on a call, who has made a booking on another."""
    made = await whole.signed_in("ana", Role.AGENT, seat="a01")
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    return made


@pytest.mark.parametrize(("form", "at"), EVERY, ids=lambda each: str(each))
async def test_nothing_of_the_corpus_is_kept(
    whole: Desk, page: Browser, form: str, at: Path_
) -> None:
    booking = (await agreed(page))["id"]
    method, path, body, _ = bodies(page, booking)[form]
    for round_, text in enumerate(TEXTS):
        told = put(body, at, text)
        if form != "draft":
            told["key"] = f"{form}-{round_:06}"
        answer = await page.ask(method, path, told)
        assert answer.status < 500, (form, at, text, answer.body)
        assert answer.status == 200 or answer.status in (409, 422), (form, at, text, answer.body)
        if answer.status == 200 and at[-1] in TELEPHONES and not masks(text):
            continue
        await nothing_of(whole, text)
        assert text not in json.dumps(answer.body, ensure_ascii=False)
        if form == "draft" and answer.status == 200:
            body["version"] = answer.body["version"]
        if form in ("change", "cancel") and answer.status == 200:
            body["version"] = answer.body["version"]
            if form == "cancel":
                break  # once is enough; it cannot be cancelled again


def masks(text: str) -> bool:
    return guard(text).text != text


def test_the_corpus_has_what_must_not_be_kept_and_telephones_are_kept() -> None:
    kinds = {find.kind for text in TEXTS for find in guard(text).finds}
    assert {Kind.INDIVIDUAL_NUMBER, Kind.PIN, Kind.RESIDENT_CODE, Kind.APPLICATION_ID} <= kinds
    assert len(TEXTS) > 15
    # 819012345606 passes the check digit, and is a mobile number in E.164 without its sign.
    assert guard("0942-00-0101").finds == ()
