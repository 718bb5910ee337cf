"""A flow as a Mermaid drawing, for people who would rather look than read."""

from collections.abc import Iterator

from ivr_flows.graph import ways
from ivr_flows.schema import (
    Collect,
    Enqueue,
    Flow,
    HangUp,
    Hours,
    Known,
    Menu,
    Node,
    Offered,
    Request,
    Say,
    Transfer,
)


def mermaid(flow: Flow) -> str:
    """The flow as Mermaid source; `0`, which leads to the person from everywhere, drawn once."""
    lines = ["flowchart TD", f"    arrive([call]) --> {_id(flow.start)}"]
    lines.append(f"    anywhere([0 anywhere]) -.-> {_id(flow.person)}")
    for name, node in flow.nodes.items():
        lines.append(f"    {_id(name)}{_shape(name, node)}")
        lines.extend(_arrows(name, node))
    return "\n".join(lines) + "\n"


def _id(name: str) -> str:
    return f"n_{name}"  # so that a node called `end` is no word of Mermaid's


def _shape(name: str, node: Node) -> str:  # noqa: C901 -- one arm each
    match node:
        case Menu():
            return f'{{{{"{name}<br/>menu"}}}}'
        case Say(informed=informed):
            return f'["{name}<br/>say{" ✓ informed" if informed else ""}"]'
        case Collect(field=field):
            return f'[/"{name}<br/>collect {field}"/]'
        case Hours(table=table):
            return f'{{"{name}<br/>hours {table or "calendar"}"}}'
        case Known():
            return f'{{"{name}<br/>number known"}}'
        case Offered(what=what):
            return f'{{"{name}<br/>offered {what}"}}'
        case Request(what=what):
            return f'["{name}<br/>request {what}"]'
        case Enqueue(queue=queue):
            return f'[["{name}<br/>queue {queue}"]]'
        case Transfer(number=number):
            return f'[["{name}<br/>transfer {number}"]]'
        case HangUp():
            return f'(["{name}<br/>hang up"])'


def _arrows(name: str, node: Node) -> Iterator[str]:
    for edge in ways(node):
        yield f"    {_id(name)} -->|{_label(edge.at)}| {_id(edge.target)}"


def _label(at: tuple[str, ...]) -> str:
    match at:
        case ("choices", key):
            return f'"{key}"'
        case ("again",):
            return '"*"'
        case ("silence", _):
            return "silence"
        case _:
            return at[-1]
