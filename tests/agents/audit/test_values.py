"""Every code that the details of the audit log may hold says something to the auditor."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final, get_args

import pytest

from agents.accounts.administration import CHANGEABLE
from agents.accounts.security_keys import KEY
from agents.accounts.web_users import NewGenerator
from agents.audit.values import AS_THEY_ARE, OBJECTS, VALUES
from agents.audit.words import DETAILS
from agents.bookings.web_sheets import OfSheet
from agents.calendar.web import Mode
from agents.calls.callback_web import AttemptForm
from agents.calls.escalation_web import EscalationForm
from agents.calls.memo_web import MemoForm
from agents.people import Role
from agents.phone.fitness import Broken
from agents.texts.guarding import Document
from agents.web.fields import Form
from telephony.owing.model import Deed
from telephony.privacy.individual_number import Kind

PAGES: Final = Path(__file__).parents[3] / "agents" / "desktop" / "src"


def choices(form: type[Form], field: str) -> tuple[str, ...]:
    return get_args(form.model_fields[field].annotation)


SETS: Final[dict[str, Collection[str]]] = {
    "cause": choices(MemoForm, "cause"),
    "do": set(Deed),
    "fields": CHANGEABLE,
    "kind": {KEY, *choices(NewGenerator, "kind")},
    "masked": set(Kind),
    "result": choices(AttemptForm, "result"),
    "role": set(Role),
    "to": choices(EscalationForm, "to"),
    "what": get_args(Broken),
    "where": get_args(Document),
}


@pytest.mark.parametrize("detail", SETS)
def test_every_value_of_a_closed_set_has_words(detail: str) -> None:
    assert SETS[detail]
    assert set(SETS[detail]) - VALUES[detail].keys() == set()


def test_a_detail_either_holds_codes_or_stands_as_it_is() -> None:
    assert VALUES.keys() == SETS.keys()
    assert VALUES.keys() | AS_THEY_ARE == DETAILS.keys()
    assert VALUES.keys() & AS_THEY_ARE == set()


def test_every_mode_and_every_sheet_has_words() -> None:
    (rule,) = OfSheet.model_fields["sheet"].metadata
    sheets = re.findall("[a-z]+", rule.pattern)
    assert {*get_args(Mode), *sheets} - OBJECTS.keys() == set()


def test_every_place_of_a_text_that_is_not_sent_yet_has_words() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.rglob("*.tsx"))
    named = r"(?:useUnsent\(|place = |placeOf = \(call: string\) => )\s*[`\"]([a-z-]+)"
    places = set(re.findall(named, pages))
    assert len(places) == len(re.findall(r"= useUnsent\(", pages))
    assert places - OBJECTS.keys() == set()
