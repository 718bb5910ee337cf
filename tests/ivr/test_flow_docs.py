"""docs/flows.md tells the truth: every kind and field is there, and its example is sound."""

import re
from pathlib import Path
from typing import get_args

import pytest

from config.documents import parse
from config.shapes import fitted
from config.site_files import HoursFile
from ivr_flows.check import Surroundings, problems
from ivr_flows.draw import mermaid
from ivr_flows.prompts.speak import known
from ivr_flows.schema import Flow, Node

PAGE = Path(__file__).parents[2] / "docs" / "flows.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("kind", get_args(Node), ids=lambda kind: kind.__name__)
def test_every_node_kind_has_a_row_with_all_its_fields(kind: type[Node]) -> None:
    (name,) = get_args(kind.model_fields["kind"].annotation)
    row = re.search(rf"^\| `{name}` \|.*$", TEXT, re.MULTILINE)
    assert row
    missing = [
        field for field in kind.model_fields if field != "kind" if f"`{field}`" not in row[0]
    ]
    assert not missing


@pytest.mark.parametrize("field", Flow.model_fields)
def test_every_field_of_a_flow_has_a_row(field: str) -> None:
    assert f"\n| `{field}` |" in TEXT


def test_the_example_is_sound_and_drawn_as_shown() -> None:
    flow = fitted(parse(blocks("yaml")[0], str(PAGE)), Flow)
    around = Surroundings(
        known,
        exits={"general": ()},
        recorded=["general"],
        tables=["phone"],
        numbers=["lost_card"],
    )
    assert list(problems(flow, around)) == []
    assert blocks("mermaid") == [mermaid(flow)]


def test_the_example_of_hours_is_sound() -> None:
    tables = fitted(parse(blocks("yaml")[1], str(PAGE)), HoursFile).root
    assert list(tables) == ["phone", "contract", "lunch", "night"]
