"""The page of bad input names tests that are there, and every row of the catalogue."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
PROMISED: Final = (
    *(f"A{number}" for number in range(1, 13)),
    *(f"B{number}" for number in range(1, 9)),
    *(f"C{number}" for number in range(5, 8)),
    *(f"D{number}" for number in range(1, 11)),
    *(f"E{number}" for number in range(1, 9)),
    *(f"F{number}" for number in range(1, 7)),
    *(f"F{number}" for number in range(9, 12)),
)
# Whose row a part that is to come must fill; here nothing holds it, and the page says who owes it.
OWED: Final = {
    "E7": "the part that brings recordings",
    "E8": "the part that brings recordings",
}
HELD: Final = re.findall(r"`(tests/\S+?\.py)::(test_\S+?)`", PAGE)


def row(name: str) -> str:
    """Its line in the table."""
    found = re.search(rf"^\| {name} .*\|$", PAGE, re.MULTILINE)
    return found[0] if found else ""


def functions_of(file: str) -> list[str]:
    """What pytest would collect there."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node.name for node in tree.body if isinstance(node, kinds)]


@pytest.mark.parametrize(("file", "name"), HELD)
def test_every_test_it_names_is_there(file: str, name: str) -> None:
    assert [each for each in functions_of(file) if fnmatch(each, name)]


@pytest.mark.parametrize("name", PROMISED)
def test_every_row_is_held_or_says_who_owes_it(name: str) -> None:
    held = re.search(rf"::test_(?:[a-f]\d+_)*{name.lower()}_", row(name)) is not None
    assert held is (name not in OWED)
    assert held or f"*not built: {OWED[name]} owes this row*" in row(name)


def test_a_row_is_held_by_functions_of_its_own_name() -> None:
    for name in PROMISED:
        held = set(re.findall(r"::test_((?:[a-f]\d+_)+)", row(name)))
        assert all(name.lower() in each.split("_") for each in held), name
