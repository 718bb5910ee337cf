"""What to bring: the table against a matrix that somebody else wrote, and against the phone menu.

The matrix below is written from what the counters ask for, not from the table: a list for each
situation in plain words. Every combination of answers is tried.
"""

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from agents.bookings.bringing import (
    Bringing,
    NoSuchAnswer,
    decide,
    in_force,
    lines,
    spoken,
)
from agents.bookings.bringing import question as put
from agents.bookings.rules import load
from agents.catalogue.files import CatalogueFault
from ivr_flows.prompts.catalogue import prompts

VISIT = date(2026, 12, 1)
TABLE = load().bringing[0]

PHOTO, OTHER = "photo_id", "other_id"
Lot = frozenset[tuple[str, str, int]]
NOTICE: Lot = frozenset({("notice", "holder", 1)})
NOTHING: Lot = frozenset()

# (what the holder has) -> what the holder's papers must be; None: the city is asked.
HOLDER_WITH_NOTICE: dict[str, Lot | None] = {
    "two_photo": frozenset({(PHOTO, "holder", 1)}),
    "photo_other": frozenset({(PHOTO, "holder", 1)}),
    "photo": frozenset({(PHOTO, "holder", 1)}),
    "two_other": frozenset({(OTHER, "holder", 2)}),
    "less": None,
}
HOLDER_OF_A_PROXY: dict[str, Lot | None] = {**HOLDER_WITH_NOTICE, "two_other": None}
HOLDER_WITHOUT_NOTICE: dict[str, Lot | None] = {
    "two_photo": frozenset({(PHOTO, "holder", 2)}),
    "photo_other": frozenset({(PHOTO, "holder", 1), (OTHER, "holder", 1)}),
    "photo": None,
    "two_other": None,
    "less": None,
}
COMPANION: dict[str, Lot | None] = {
    "photo": frozenset({(PHOTO, "companion", 1)}),
    "two_other": frozenset({(OTHER, "companion", 2)}),
    "less": None,
}
PROXY: dict[str, Lot | None] = {**COMPANION, "two_other": None}
GOOD_REASONS = {
    "illness", "hospital", "facility", "disability", "care", "pregnancy", "over75", "pupil",
    "high_school", "trip", "abroad",
}  # fmt: skip
REASONS = [*sorted(GOOD_REASONS), "busy", "other"]
OLD = ("old_notification", "resident_card", "present_card")


def cases() -> Iterator[dict[str, str]]:
    """Every combination of answers that can be given."""
    common = {"notice": ["held", "lost"], "holder_id": list(HOLDER_WITH_NOTICE)}
    common |= {old: ["held", "none"] for old in OLD}
    companions = {"companion_id": list(COMPANION)}
    by_who: dict[str, dict[str, list[str]]] = {
        "self": {},
        "child": {"household": ["same_and_local", "other"], **companions},
        "ward": {"guardian": ["along", "alone"], **companions},
        "proxy": {"reason": REASONS, **companions},
    }
    for who, more in by_who.items():
        facts = {**more, **common}
        for answers in product(*facts.values()):
            yield {"who": who, **dict(zip(facts, answers, strict=True))}


def matrix(case: dict[str, str]) -> tuple[Lot, set[str]]:
    """What must be brought, and what kinds of halt there are, in this case."""
    who, with_notice = case["who"], case["notice"] == "held"
    lots: list[Lot | None] = [NOTICE if with_notice else NOTHING]
    halts: set[str] = set()
    if not with_notice:
        lots.append(HOLDER_WITHOUT_NOTICE[case["holder_id"]])
    else:
        lots.append(
            (HOLDER_OF_A_PROXY if who == "proxy" else HOLDER_WITH_NOTICE)[case["holder_id"]]
        )
    if who != "self":
        lots.append((PROXY if who == "proxy" else COMPANION)[case["companion_id"]])
    if who == "child" and case["household"] == "other":
        lots.append(frozenset({("family_register", "companion", 1)}))
    if who == "ward":
        lots.append(frozenset({("guardianship", "companion", 1)}))
    if who == "proxy":
        if case["reason"] in GOOD_REASONS:
            lots.append(frozenset({("circumstances", "holder", 1)}))
        halts |= {"refuse"} if case["reason"] == "busy" else set()
        lots += [None] if case["reason"] == "other" else []
    lots += [frozenset({(old, "holder", 1)}) for old in OLD if case[old] == "held"]
    halts |= {"consult"} if None in lots else set()
    return frozenset().union(*(lot for lot in lots if lot is not None)), halts


def told(case: dict[str, str]) -> Bringing:
    return decide(TABLE, case, VISIT)


def test_every_case_gets_the_list_that_the_matrix_says() -> None:
    tried = 0
    for case in cases():
        found = told(case)
        things = [(item.document, item.whose, item.count) for item in found.items]
        assert (frozenset(things), {halt.kind for halt in found.halts}) == matrix(case), case
        assert len(things) == len(set(things)), case
        assert found.open_questions == ()
        assert all(item.because.ja and item.because.en for item in found.items)
        tried += 1
    assert tried == 80 + 480 + 480 + 3120


def test_an_answer_to_a_question_that_does_not_arise_changes_nothing() -> None:
    alone = {"who": "self", "notice": "held", "holder_id": "photo"}
    stray = {**alone, "reason": "busy", "companion_id": "less", "household": "other"}
    assert told(stray) == told(alone)


def test_what_is_not_known_yet_is_asked_in_order() -> None:
    assert told({}).open_questions == ("who", "notice", "holder_id", *OLD)
    assert told({"who": "proxy"}).open_questions[:2] == ("reason", "notice")
    assert told({"who": "child"}).open_questions[:2] == ("household", "notice")
    assert [item.document for item in told({"who": "ward"}).items] == ["guardianship"]


@pytest.mark.parametrize("wrong", [{"who": "friend"}, {"colour": "red"}])
def test_an_answer_that_nobody_offered_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(NoSuchAnswer):
        told(wrong)


def test_the_health_insurance_card_is_no_paper_after_its_last_day() -> None:
    case = {"who": "self", "notice": "held", "holder_id": "two_other"}
    names = {word.ja for word in told(case).items[1].examples}
    assert "健康保険証" not in names
    assert "資格確認書(有効期限内)" in names


def test_a_refusal_is_said_alone_and_a_list_says_every_thing_once() -> None:
    busy = told({"who": "proxy", "reason": "busy", "notice": "held", "holder_id": "photo"})
    assert spoken(busy) == ["仕事が忙しいという理由では代理で受け取れません。"]
    whole = told({"who": "ward", "notice": "held", "holder_id": "photo", "companion_id": "photo"})
    assert lines(whole)[0] == "交付通知書(はがき)"
    assert lines(whole)[-1] == "登記事項証明書(発行から3か月以内)"
    said = spoken(whole)
    assert said[0] == "お持ちいただくものは、4つございます。"
    assert [each.split("、", 1)[0] for each in said[1:5]] == ["1つ目", "2つ目", "3つ目", "4つ目"]
    assert said[-1].endswith("電話ではうかがいません。")


def test_the_questions_are_put_with_the_values_of_the_table() -> None:
    assert put(TABLE, "who").choices["child"].ja == "15歳未満の本人と法定代理人"


@pytest.mark.parametrize(
    ("prompt", "who"), [("bring_self", "self"), ("bring_child", "child"), ("bring_proxy", "proxy")]
)
def test_the_phone_menu_names_what_the_table_gives(prompt: str, who: str) -> None:
    """Everything usual, and nothing that the table would not give; old cards are asked for."""
    heard = prompts().prompts[prompt].ja
    of_who = [case for case in cases() if case["who"] == who]
    possible = {item.document for case in of_who for item in told(case).items}
    usual = {
        item.document
        for case in of_who
        if case["notice"] == "held" and not any(case[old] == "held" for old in OLD)
        for item in told(case).items
    }
    named = {code for code, each in TABLE.documents.items() if each.heard in heard}
    # Any paper is 本人確認書類 there; how many, and with a photo or not, an agent says.
    needed = usual - ({PHOTO} if PHOTO not in named else set())
    assert needed <= named <= possible


def test_one_table_is_in_force_on_a_day() -> None:
    assert in_force([TABLE], VISIT) is TABLE
    assert in_force([TABLE], date(2025, 12, 1)) is None


def own(site: Path, text: str) -> Any:
    (site / "desk").mkdir()
    (site / "desk" / "bringing.yaml").write_text(text, encoding="utf-8")
    return load(site)


SMALL = """
tables:
  - version: a
    since: 2026-01-01
    {until}
    values: {{}}
    facts: {{who: {{ja: だれ, en: who, choices: {{self: {{ja: 本人, en: self}}}}}}}}
    documents: {{d: {{ja: はがき, en: card, heard: はがき}}}}
    rules: [{{{rule}, because: {{ja: 理由, en: why}}}}]
"""


def test_a_sites_own_table_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    rules = own(tmp_path, SMALL.format(until="", rule="bring: d, when: {who: [self]}"))
    found = decide(rules.bringing[0], {"who": "self"}, VISIT)
    assert [item.named.ja for item in found.items] == ["はがき"]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("bring: e, when: {}", "e is no document"),
        ("bring: d, when: {who: [other]}", "who: other is no answer"),
        ("bring: d, stop: refuse, when: {}", "exactly one of bring, stop and tell"),
        ("when: {}", "exactly one of bring, stop and tell"),
        ("bring: d, of: nobody, when: {}", "bringing.yaml:"),
    ],
)
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, rule: str, fault: str) -> None:
    with pytest.raises(CatalogueFault, match=fault):
        own(tmp_path, SMALL.format(until="", rule=rule))


def test_two_tables_for_one_day_are_refused(tmp_path: Path) -> None:
    text = SMALL.format(until="", rule="bring: d, when: {}")
    second = text.replace("\ntables:\n", "").replace("version: a", "version: b")
    with pytest.raises(CatalogueFault, match="both in force"):
        own(tmp_path, text + second)
    (tmp_path / "desk" / "bringing.yaml").write_text("tables: []\n")
    with pytest.raises(CatalogueFault, match="no tables"):
        load(tmp_path)
