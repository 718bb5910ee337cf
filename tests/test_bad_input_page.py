"""The page of bad input names tests that are there, and every row of the catalogue."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, TypeGuard

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
CITED: Final = re.compile(r"`(tests/\S+?\.py)::(test_\S+?)`( \(browser\))?")
HELD: Final = [(file, name) for file, name, _ in CITED.findall(PAGE)]
LEFT_OUT: Final = "at_length"  # the mark of what `make test` leaves to `make browser`


def row(name: str) -> str:
    """Its line in the table."""
    found = re.search(rf"^\| {name} .*\|$", PAGE, re.MULTILINE)
    return found[0] if found else ""


def functions_of(file: str) -> dict[str, bool]:
    """What pytest would collect there, and whether `make test` leaves it out."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    marks = [ast.unparse(node.value) for node in tree.body if _is_mark(node)]
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {
        node.name: any(
            LEFT_OUT in mark for mark in (*marks, *map(ast.unparse, node.decorator_list))
        )
        for node in tree.body
        if isinstance(node, kinds)
    }


def _is_mark(node: ast.stmt) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


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


def test_what_make_test_leaves_to_the_browser_is_marked() -> None:
    """By test; and a row that nothing else holds says so."""
    for line in PAGE.splitlines():
        cited = CITED.findall(line)
        for file, name, marked in cited:
            left_out = {out for each, out in functions_of(file).items() if fnmatch(each, name)}
            assert left_out == {bool(marked)}, f"{file}::{name}"
        alone = bool(cited) and all(marked for _, _, marked in cited)
        assert ("*held by `make browser` alone*" in line) is alone, line
