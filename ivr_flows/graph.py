"""A flow as a graph: where each node leads, and whether the caller has to do something for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr_flows.schema import (
    Collect,
    Flow,
    Hours,
    Known,
    Menu,
    Node,
    Offered,
    Request,
    Say,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way out of a node."""

    at: tuple[str, ...]  # where in the node's data it is written; empty for `0`, which is not
    target: str
    alone: bool  # taken without any input of the caller


Leads = Callable[[str], Iterable[str]]


def ways(node: Node) -> Iterator[Edge]:
    """Every way out of a node that its author wrote."""
    match node:
        case Menu():
            yield from _ways_of_menu(node)
        case Say(then=then) | Request(then=then):
            yield Edge(("then",), then, alone=True)
        case Collect(then=then, otherwise=otherwise):
            yield Edge(("then",), then, alone=False)
            yield Edge(("otherwise",), otherwise, alone=True)
        case Hours(open=opened, closed=closed):
            yield Edge(("open",), opened, alone=True)
            yield Edge(("closed",), closed, alone=True)
        case Known(known=known, unknown=unknown, left=left):
            named = {"known": known, "unknown": unknown, "left": left}
            yield from (Edge((way,), to, alone=True) for way, to in named.items() if to)
        case Offered(then=then, otherwise=otherwise):
            yield Edge(("then",), then, alone=True)
            yield Edge(("otherwise",), otherwise, alone=True)
        case Transfer(otherwise=otherwise):
            yield Edge(("otherwise",), otherwise, alone=True)
        case _:
            return


def _ways_of_menu(menu: Menu) -> Iterator[Edge]:
    for key, target in menu.choices.items():
        yield Edge(("choices", key), target, alone=False)
    if menu.again is not None:
        yield Edge(("again",), menu.again, alone=False)
    if menu.silence is not None:
        yield Edge(("silence", "otherwise"), menu.silence.otherwise, alone=True)
    yield Edge(("otherwise",), menu.otherwise, alone=menu.silence is None)


def all_ways(flow: Flow) -> Mapping[str, tuple[Edge, ...]]:
    """Every way out of every node, the one to a person included; ways to nowhere left out."""
    person = Edge((), flow.person, alone=False)
    return {
        name: tuple(
            edge
            for edge in (*ways(node), *([person] if isinstance(node, Menu | Say) else ()))
            if edge.target in flow.nodes
        )
        for name, node in flow.nodes.items()
    }


def reached(starts: Iterable[str], leads: Leads) -> list[str]:
    """All that can be reached, the starts included, in the order it is come upon."""
    found = dict.fromkeys(starts)
    ahead = list(found)
    while ahead:
        for target in leads(ahead.pop()):
            if target not in found:
                found[target] = None
                ahead.append(target)
    return list(found)


def round_trip(start: str, leads: Leads) -> tuple[str, ...]:
    """The shortest way from a node back to itself; empty when there is none."""
    ahead: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for path in ahead:
        for target in leads(path[-1]):
            if target == start:
                return (*path, start)
            if target not in seen:
                seen.add(target)
                ahead.append((*path, target))
    return ()
