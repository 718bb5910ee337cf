"""Every flow that is shipped is sound, and can be drawn."""

from pathlib import Path

import pytest

from config.documents import read
from config.shapes import fitted
from config.site import load
from ivr_flows.draw import mermaid
from ivr_flows.loader import SHIPPED, find, with_numbers
from ivr_flows.schema import Flow

DEMO = Path(__file__).parents[2] / "config" / "site"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_flow_is_of_the_right_shape_and_drawn_whole(path: Path) -> None:
    flow = fitted(read(path), Flow)
    drawing = mermaid(flow)
    assert drawing.startswith("flowchart TD\n")
    assert all(f"    n_{name}" in drawing for name in flow.nodes)


def test_the_drawing_shows_each_way_with_its_key() -> None:
    drawing = mermaid(load(DEMO).flows["main"])
    assert '    n_main -->|"4"| n_lost\n' in drawing
    assert '    n_after_lost -->|"*"| n_lost\n' in drawing
    assert "    n_after_lost -->|silence| n_goodbye\n" in drawing
    assert "    anywhere([0 anywhere]) -.-> n_person\n" in drawing


def test_a_published_number_is_put_in_by_name() -> None:
    flow = fitted(read(SHIPPED / "main.yaml"), Flow)
    told = with_numbers(flow, {"lost_card": "0942-00-0178"}).nodes["lost"]
    assert "number:0942-00-0178" in told.model_dump()["prompt"]


def test_the_sites_own_flow_comes_before_the_shipped_one(tmp_path: Path) -> None:
    assert find("main", tmp_path) == SHIPPED / "main.yaml"
    (tmp_path / "main.yaml").write_text("start: x")
    assert find("main", tmp_path) == tmp_path / "main.yaml"
    assert find("nowhere", tmp_path) is None
