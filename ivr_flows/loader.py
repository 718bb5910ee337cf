"""Flow files: where they are found, how they are read, and names of numbers made numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ivr_flows.check import NUMBER
from ivr_flows.schema import Collect, Flow, Menu, Node, Say

SHIPPED: Final = Path(__file__).parent / "flows"


def find(name: str, own: Path) -> Path | None:
    """The site's own flow of that name, else the shipped one."""
    for folder in (own, SHIPPED):
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path
    return None


def with_numbers(flow: Flow, numbers: Mapping[str, str]) -> Flow:
    """The flow with each `number:<name>` turned into the number that is to be read out."""
    nodes = {name: _node_with(node, numbers) for name, node in flow.nodes.items()}
    return flow.model_copy(update={"nodes": nodes})


def _node_with(node: Node, numbers: Mapping[str, str]) -> Node:
    if not isinstance(node, Menu | Say | Collect):
        return node
    return node.model_copy(update={"prompt": tuple(_spoken(each, numbers) for each in node.prompt)})


def _spoken(prompt: str, numbers: Mapping[str, str]) -> str:
    name = prompt.removeprefix(NUMBER)
    return f"{NUMBER}{numbers[name]}" if prompt.startswith(NUMBER) and name in numbers else prompt
