"""Whether a flow makes sense: every fault at once, so that an author mends it in one pass."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.graph import Edge, all_ways, reached, round_trip, ways
from ivr_flows.schema import Collect, Enqueue, Flow, Hours, Menu, Node, Say, Transfer

NUMBER: Final = "number:"  # a prompt that reads a published number out, by its name


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow may refer to."""

    known_prompt: Callable[[str], bool]
    exits: Mapping[str, tuple[str, ...]]  # of every queue: the nodes it sends callers back to
    recorded: Collection[str] = ()  # queues whose calls are recorded
    tables: Collection[str] = ()  # of opening hours
    numbers: Collection[str] = ()  # names of published numbers


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a flow, and where in its file it is written."""

    at: tuple[str, ...]
    text: str


def problems(flow: Flow, around: Surroundings) -> Iterator[Problem]:
    """Everything that is wrong with a flow of the right shape."""
    sense = _Sense(flow, around, all_ways(flow))
    yield from sense.missing_targets()
    yield from sense.unknown_references()
    yield from sense.unreachable_nodes()
    yield from sense.cycles_without_input()
    yield from sense.ways_to_a_person()
    yield from sense.recordings_without_notice()
    yield from sense.holes_in_closed_hours()


@dataclass(frozen=True, slots=True)
class _Sense:
    flow: Flow
    around: Surroundings
    ways: Mapping[str, tuple[Edge, ...]] = field(repr=False)

    def missing_targets(self) -> Iterator[Problem]:
        for name, target in (("start", self.flow.start), ("person", self.flow.person)):
            if target not in self.flow.nodes:
                yield Problem((name,), f"{name}: {target!r} is no node of this flow")
        for name, node in self.flow.nodes.items():
            for edge in ways(node):
                if edge.target not in self.flow.nodes:
                    at = ".".join(edge.at)
                    told = f"{name}.{at}: goes to {edge.target!r}, which does not exist"
                    yield Problem(("nodes", name, *edge.at), told)

    def unknown_references(self) -> Iterator[Problem]:
        for at, prompt in _prompts(self.flow):
            if not self._known(prompt):
                yield Problem(at, f"{at[-2]}.{at[-1]}: there is no prompt {prompt!r}")
        for name, node in self.flow.nodes.items():
            yield from self._unknown_in(name, node)

    def _known(self, prompt: str) -> bool:
        if prompt.startswith(NUMBER):
            return prompt.removeprefix(NUMBER) in self.around.numbers
        return self.around.known_prompt(prompt)

    def _unknown_in(self, name: str, node: Node) -> Iterator[Problem]:
        match node:
            case Enqueue(queue=queue) if queue not in self.around.exits:
                yield Problem(("nodes", name, "queue"), f"{name}: there is no queue {queue!r}")
            case Hours(table=table) if table not in self.around.tables:
                told = f"{name}: there is no table of hours {table!r}"
                yield Problem(("nodes", name, "table"), told)
            case Transfer(number=number) if number not in self.around.numbers:
                told = f"{name}: there is no published number {number!r}"
                yield Problem(("nodes", name, "number"), told)
            case _:
                return

    def unreachable_nodes(self) -> Iterator[Problem]:
        every = (node for nodes in self.around.exits.values() for node in nodes)
        exits = [node for node in every if node in self.flow.nodes]
        roots = [name for name in (self.flow.start, self.flow.person) if name in self.flow.nodes]
        found = set(reached([*roots, *exits], self._all))
        for name in self.flow.nodes:
            if name not in found:
                yield Problem(("nodes", name), f"{name}: no caller can reach it")

    def cycles_without_input(self) -> Iterator[Problem]:
        told: set[str] = set()
        for name in self.flow.nodes:
            trip = () if name in told else round_trip(name, self._alone)
            if trip:
                told.update(trip)
                path = " → ".join(trip)
                yield Problem(("nodes", name), f"{name}: goes round without any input: {path}")

    def ways_to_a_person(self) -> Iterator[Problem]:
        for name, node in self.flow.nodes.items():
            if isinstance(node, Menu) and node.choices.get("0", self.flow.person) != (
                self.flow.person
            ):
                told = f"{name}: 0 is a person everywhere; this menu gives it another meaning"
                yield Problem(("nodes", name, "choices", "0"), told)
        if self.flow.person in self.flow.nodes:
            there = reached([self.flow.person], self._alone)
            if not any(isinstance(self.flow.nodes[name], Enqueue) for name in there):
                told = f"person: {self.flow.person!r} does not lead to a queue by itself"
                yield Problem(("person",), told)

    def recordings_without_notice(self) -> Iterator[Problem]:
        told = [name for name, node in self.flow.nodes.items() if self._gives_notice(node)]
        for name in self._reached_from_start(lambda edge: edge.target not in told, told):
            node = self.flow.nodes[name]
            if isinstance(node, Enqueue) and node.queue in self.around.recorded:
                text = f"{name}: calls of {node.queue!r} are recorded, but a caller can come here"
                yield Problem(("nodes", name), f"{text} without having heard the recording_notice")

    def _gives_notice(self, node: Node) -> bool:
        spoken = node.prompt if isinstance(node, Menu | Say | Collect) else ()
        return self.flow.recording_notice in spoken

    def holes_in_closed_hours(self) -> Iterator[Problem]:
        if not any(isinstance(node, Hours) for node in self.flow.nodes.values()):
            return
        for name in self._reached_from_start(lambda edge: edge.at != ("open",)):
            if isinstance(self.flow.nodes[name], Enqueue):
                told = f"{name}: a caller can come here while the centre is closed"
                yield Problem(("nodes", name), told)

    def _reached_from_start(
        self, passable: Callable[[Edge], bool], barred: Collection[str] = ()
    ) -> list[str]:
        start = self.flow.start
        if start not in self.flow.nodes or start in barred:
            return []
        return reached([start], lambda name: [e.target for e in self.ways[name] if passable(e)])

    def _all(self, name: str) -> list[str]:
        return [edge.target for edge in self.ways[name]]

    def _alone(self, name: str) -> list[str]:
        """Where a caller gets without doing anything, out of a queue that is full included."""
        node = self.flow.nodes[name]
        leads = [edge.target for edge in self.ways[name] if edge.alone]
        back = self.around.exits.get(node.queue, ()) if isinstance(node, Enqueue) else ()
        return [*leads, *(exit_ for exit_ in back if exit_ in self.flow.nodes)]


def _prompts(flow: Flow) -> Iterator[tuple[tuple[str, ...], str]]:
    for prompt in flow.prompts.wrong_key:
        yield ("prompts", "wrong_key"), prompt
    for prompt in flow.prompts.silence:
        yield ("prompts", "silence"), prompt
    for name, node in flow.nodes.items():
        if isinstance(node, Menu | Say | Collect):
            for prompt in node.prompt:
                yield ("nodes", name, "prompt"), prompt
        if isinstance(node, Collect):
            for prompt in node.invalid or ():
                yield ("nodes", name, "invalid"), prompt
