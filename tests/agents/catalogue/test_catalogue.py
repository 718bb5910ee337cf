"""The words people choose from: whole, and with the reasons of the contract."""

from datetime import date
from pathlib import Path

import pytest

from agents.catalogue.catalogue import SHIPPED, CatalogueFault, load
from telephony.acd.model import AgentState
from telephony.centre.effects import LineState

TODAY = date(2026, 11, 27)


def test_the_shipped_catalogue_has_every_word_in_both_languages() -> None:
    found = load()
    assert len(found.groups) == 13
    assert len(found.topics) == 55
    assert set(found.outcomes.dispositions) == {f"D{n:02}" for n in range(1, 17)}


def test_every_state_of_the_controller_has_a_word() -> None:
    words = load().states
    assert set(words.states) == {state.value for state in AgentState}
    assert set(words.lines) == {state.value for state in LineState}


def test_a_topic_that_is_gone_stays_readable_and_cannot_be_chosen() -> None:
    topic = load().topics["Z3"]
    assert topic.may_be_chosen(date(2023, 9, 30))
    assert not topic.may_be_chosen(TODAY)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("1/2", "R2"), ("1/2/0", "R2"), ("2", "P2"), ("2/9", "P2"), ("3", "E1"), ("0", None),
     ("", None)],
)  # fmt: skip
def test_the_longest_path_that_is_known_counts(path: str, reason: str | None) -> None:
    menu = load().menu(path)
    assert (menu.reason if menu else None) == reason


def test_a_sites_own_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "menus.yaml").write_text('"1": {ja: 一, en: one, reason: R1}\n')
    found = load(tmp_path)
    assert (found.menu("1"), found.menu("2")) == (found.menus["1"], None)
    assert len(found.topics) == 55


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("menus", '"1": {ja: 一, en: one, reason: Q9}\n', "Q9, which is no reason"),
        ("menus", '"1": {ja: 一, en: one, disposition: D99}\n', "D99, which is no disposition"),
        ("menus", '"1": {ja: 一}\n', "menus.yaml:1: "),
        ("reasons", "R: {ja: 一, en: one, topics: {R1: {ja: a, en: b, x: 1}}}\n", "reasons.yaml:1"),
        ("states", "pauses: [\n", "states.yaml:"),
        ("menus", '"1": {ja: "一\\e[31m", en: one}\n', "no control or invisible"),
        ("menus", '"1": {ja: "\\u202e一", en: one}\n', "no control or invisible"),
        ("menus", '"1": {ja: 一, en: "o\\u200bne"}\n', "no control or invisible"),
        ("menus", '"1": {ja: "\\u3000", en: one}\n', "no control or invisible"),
    ],
)
def test_a_fault_is_named_with_its_file(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / f"{name}.yaml").write_text(text)
    with pytest.raises(CatalogueFault) as fault:
        load(tmp_path)
    assert told in str(fault.value)


@pytest.mark.parametrize("key", ["r", "x"])  # the page's own, and the one of a wrong number
def test_no_key_means_two_things(tmp_path: Path, key: str) -> None:
    shipped = (SHIPPED / "dispositions.yaml").read_text(encoding="utf-8")
    (tmp_path / "desk").mkdir()
    changed = shipped.replace("key: m", f"key: {key}")
    (tmp_path / "desk" / "dispositions.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(CatalogueFault, match=f"key {key}, which is taken"):
        load(tmp_path)
