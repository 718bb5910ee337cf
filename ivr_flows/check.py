"""Whether a flow makes sense: every fault at once, so that an author mends it in one pass."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.graph import Edge, all_ways, reached, round_trip, ways
from ivr_flows.opening.announce import CALENDAR, is_known, may_be_silent
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
    Say,
    Transfer,
)

CALLERS_NUMBER: Final = "caller:number"  # the prompt that reads the caller's own number out
OWN_BOOKING: Final = "booking:own"  # the prompt that says when the caller's booking is
NUMBER: Final = "number:"  # a prompt that reads a published number out, by its name


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow may refer to."""

    known_prompt: Callable[[str], bool]
    exits: Mapping[str, tuple[str, ...]]  # of every queue: the nodes it sends callers back to
    once: Collection[str] = ()  # of those, where a caller is sent only once in a call
    asides: Collection[str] = ()  # nodes that callers visit while they wait in one
    starts: Collection[str] = ()  # nodes besides `start` at which a call begins
    recorded: Collection[str] = ()  # queues whose calls are recorded
    tables: Collection[str] = ()  # of opening hours
    numbers: Collection[str] = ()  # names of published numbers
    services: Collection[str] | None = None  # that the calendar may offer; None: whatever


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
    yield from sense.silence_when_closed()
    yield from sense.nothing_to_say()


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
        if prompt.startswith(CALENDAR):
            return is_known(prompt.removeprefix(CALENDAR))
        return prompt == OWN_BOOKING or self.around.known_prompt(prompt)

    def _unknown_in(self, name: str, node: Node) -> Iterator[Problem]:
        match node:
            case Enqueue(queue=queue) if queue not in self.around.exits:
                yield Problem(("nodes", name, "queue"), f"{name}: there is no queue {queue!r}")
            case Hours():
                yield from self._unknown_hours(name, node)
            case Transfer(number=number) if number not in self.around.numbers:
                told = f"{name}: there is no published number {number!r}"
                yield Problem(("nodes", name, "number"), told)
            case _:
                return

    def _unknown_hours(self, name: str, node: Hours) -> Iterator[Problem]:
        if node.table is not None and node.table not in self.around.tables:
            told = f"{name}: there is no table of hours {node.table!r}"
            yield Problem(("nodes", name, "table"), told)
        services = self.around.services
        if node.service is not None and services is not None and node.service not in services:
            told = f"{name}: there is no service {node.service!r} in the calendar"
            yield Problem(("nodes", name, "service"), told)

    def unreachable_nodes(self) -> Iterator[Problem]:
        back = (node for nodes in self.around.exits.values() for node in nodes)
        every = (*back, *self.around.asides, *self.around.starts)
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

    def silence_when_closed(self) -> Iterator[Problem]:
        """Whoever is turned away because of the hour is told so."""
        for name, node in self.flow.nodes.items():
            if isinstance(node, Hours) and node.closed in self.flow.nodes:
                heard = self._first_heard(node.closed)
                if isinstance(heard, HangUp):
                    told = f"{name}: closed leads to the end of the call without a word"
                    yield Problem(("nodes", name, "closed"), told)

    def _first_heard(self, name: str) -> Node:
        """The first node from here on that takes time, or ends the call."""
        node = self.flow.nodes[name]
        passed = {name}
        while (ahead := _passed_in_silence(node)) in self.flow.nodes.keys() - passed:
            passed.add(ahead)
            node = self.flow.nodes[ahead]
        return node

    def nothing_to_say(self) -> Iterator[Problem]:
        """Only a `say` may be passed in silence."""
        for name, node in self.flow.nodes.items():
            if isinstance(node, Menu | Collect) and all(map(_may_be_silent, node.prompt)):
                told = f"{name}: has nothing to say on most days; add a prompt of its own"
                yield Problem(("nodes", name, "prompt"), told)

    def _reached_from_start(
        self, passable: Callable[[Edge], bool], barred: Collection[str] = ()
    ) -> list[str]:
        every = (self.flow.start, *self.around.starts)
        starts = [name for name in every if name in self.flow.nodes and name not in barred]
        return reached(starts, lambda name: [e.target for e in self.ways[name] if passable(e)])

    def _all(self, name: str) -> list[str]:
        return [edge.target for edge in self.ways[name]]

    def _alone(self, name: str) -> list[str]:
        """Where a caller gets without doing anything, out of a queue that is full included."""
        node = self.flow.nodes[name]
        leads = [edge.target for edge in self.ways[name] if edge.alone]
        back = self.around.exits.get(node.queue, ()) if isinstance(node, Enqueue) else ()
        again = (exit_ for exit_ in back if exit_ not in self.around.once)
        return [*leads, *(exit_ for exit_ in again if exit_ in self.flow.nodes)]


def _passed_in_silence(node: Node) -> str:
    """Where a node leads that a caller may not hear at all while closed; else nowhere."""
    match node:
        case Hours(closed=closed):
            return closed
        case Known(unknown=unknown):
            return unknown
        case Offered(otherwise=otherwise):
            return otherwise
        case Say(prompt=prompt, then=then) if all(map(_may_be_silent, prompt)):
            return then
        case _:
            return ""


def _may_be_silent(prompt: str) -> bool:
    return prompt.startswith(CALENDAR) and may_be_silent(prompt.removeprefix(CALENDAR))


def prompts_of(flow: Flow) -> set[str]:
    """Every prompt that a flow plays."""
    return {prompt for _, prompt in _prompts(flow)}


def _prompts(flow: Flow) -> Iterator[tuple[tuple[str, ...], str]]:
    for prompt in flow.prompts.wrong_key:
        yield ("prompts", "wrong_key"), prompt
    for prompt in flow.prompts.silence:
        yield ("prompts", "silence"), prompt
    for name, node in flow.nodes.items():
        for key, said in _said_at(node):
            yield from ((("nodes", name, key), prompt) for prompt in said or ())


def _said_at(node: Node) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    match node:
        case Menu(prompt=prompt) | Say(prompt=prompt):
            yield "prompt", prompt
        case Collect(prompt=prompt, invalid=invalid, confirm=confirm):
            yield from (("prompt", prompt), ("invalid", invalid), ("confirm", confirm))
        case Transfer(overflow=overflow) if overflow is not None:
            said = (*overflow.announce, *(overflow.ask or ()))
            yield "overflow", tuple(each for each in said if each != CALLERS_NUMBER)
        case _:
            return
