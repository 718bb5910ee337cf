"""The flow engine: one position and one input in, the next position and actions out.

Theory of operation. A caller in a flow always does one of three things: *hears* prompts (then a
`PromptEnded` will come), is *listened to* (then a `Silence` will come), or has *left* (`Enqueue`,
`Transfer` or `HangUp` was the last word). So something always leads on, whatever the caller does or
omits. Hours nodes are passed through and never stood on.

Some keys mean the same everywhere but where digits are collected: `0` is a person, `*` is "again",
and A to D are no key at all (no telephone has them; voices and fax tones imitate them). A key
pressed during a `say` acts on what the `say` leads to, so nobody has to wait to be understood.
A `say` that has nothing to say today (no notice, no event) is passed through like an hours node.

Each node entered is counted. Past `BUDGET` the caller is taken to the flow's person, and if even
that leads round and round, the call ends: no flow, however wrong, holds a caller for ever.
"""

from dataclasses import dataclass, replace
from typing import Final

from ivr_flows import schema
from ivr_flows.moves import (
    Action,
    CheckCollected,
    Checked,
    Chose,
    Enqueue,
    Failed,
    HangUp,
    Input,
    KeepCollected,
    Key,
    Listen,
    Play,
    Position,
    PromptEnded,
    Request,
    Silence,
    Stop,
    TooLong,
    Transfer,
)
from ivr_flows.occasion import Occasion

__all__ = [
    "BUDGET",
    "GRACE",
    "MASKED",
    "Action",
    "CheckCollected",
    "Checked",
    "Chose",
    "Enqueue",
    "Failed",
    "HangUp",
    "Input",
    "KeepCollected",
    "Key",
    "Listen",
    "Play",
    "Position",
    "PromptEnded",
    "Request",
    "Silence",
    "Stop",
    "TooLong",
    "Transfer",
    "collecting",
    "enter",
    "resume",
    "start",
    "step",
]

BUDGET: Final = 200
GRACE: Final = 50  # nodes a caller may still enter once the budget has brought them to the person

PERSON: Final = "0"
AGAIN: Final = "*"
DONE: Final = "#"
MASKED: Final = "•"
NO_KEYS: Final = frozenset("ABCD")
RIGHT: Final = "1"  # the entry that was read back
WRONG: Final = "2"
TYPED: Final = "typed"  # the prompt that reads back what was typed; nobody here knows it
NOWHERE: Final = ""  # the node of a caller whom the engine itself had to send away

Present = schema.Menu | schema.Say | schema.Collect
Retrying = schema.Menu | schema.Collect | schema.Patience
Move = tuple[Position, list[Action]]


def start(flow: schema.Flow, occasion: Occasion) -> Move:
    """A new caller."""
    return _Walk(flow, occasion).arrive(Position(flow.start))


def enter(flow: schema.Flow, node: str, occasion: Occasion) -> Move:
    """A caller who comes back out of a queue."""
    return _Walk(flow, occasion).arrive(Position(node, wanted_person=True))


def step(flow: schema.Flow, here: Position, given: Input, occasion: Occasion) -> Move:
    """One input, one move; whatever means nothing here, or comes too late, changes nothing."""
    walk = _Walk(flow, occasion)
    match flow.nodes.get(here.node):
        case schema.Transfer(otherwise=otherwise) if isinstance(given, Failed):
            return walk.arrive(_fresh(here, node=otherwise))
        case schema.Menu() | schema.Say() | schema.Collect() as node:
            return walk.take(here, node, given)
        case _:
            return here, []


def resume(flow: schema.Flow, here: Position, occasion: Occasion) -> Move:
    """The same node again after a restart, from its start; what was typed is forgotten."""
    if here.node == NOWHERE:
        return here, [_hang_up(here)]
    node = here.node if here.node in flow.nodes else flow.start
    walk = _Walk(flow, occasion)
    there, actions = walk.arrive(_fresh(here, node=node, tries=here.tries))
    return there, [Stop(), Listen(None), *actions]


def collecting(flow: schema.Flow, here: Position) -> bool:
    """Whether digits must be masked; already so while a `say` leads to a `collect`."""
    node = flow.nodes.get(here.node)
    passed = isinstance(node, schema.Hours | schema.Known | schema.Offered)
    return not (passed or here.confirming) and _leads_to_collect(flow, here.node, frozenset())


def _leads_to_collect(flow: schema.Flow, name: str, passed: frozenset[str]) -> bool:
    match flow.nodes.get(name):
        case schema.Collect():
            return True
        case schema.Say(then=then):
            ahead: tuple[str, ...] = (then,)
        case schema.Hours(open=opened, closed=closed):
            ahead = (opened, closed)
        case schema.Known(known=known, unknown=unknown, left=left):
            ahead = (known, unknown, left or known)
        case schema.Offered(then=then, otherwise=otherwise):
            ahead = (then, otherwise)
        case _:
            return False
    passed |= {name}
    return any(_leads_to_collect(flow, each, passed) for each in ahead if each not in passed)


def _fresh(
    here: Position, *, node: str | None = None, tries: int = 0, informed: bool | None = None
) -> Position:
    """The position with everything forgotten that belongs to one node only."""
    return replace(
        here,
        node=here.node if node is None else node,
        tries=tries,
        typed=0,
        playing=False,
        informed=here.informed if informed is None else informed,
        checking=False,
        confirming=False,
    )


def _hush(here: Position) -> list[Action]:
    return [Stop()] if here.playing else [Listen(None)]


def _hang_up(here: Position) -> HangUp:
    return HangUp(informed=here.informed and not here.wanted_person, closed=here.closed)


def _transfer(number: str, overflow: schema.Handover | None) -> Transfer:
    if overflow is None:
        return Transfer(number)
    return Transfer(number, overflow.announce, overflow.ask or ())


@dataclass(frozen=True, slots=True)
class _Walk:
    """One move through one flow at one moment."""

    flow: schema.Flow
    occasion: Occasion

    def arrive(  # noqa: C901 -- one arm each
        self, there: Position, reply: tuple[str, ...] = ()
    ) -> Move:
        """Pass through what takes no time; stop where the caller hears something, or leaves."""
        asked: list[Action] = []
        name, closed = there.node, there.closed
        for steps in range(there.steps + 1, BUDGET + GRACE + 1):
            if steps == BUDGET + 1:
                name = self.flow.person
            match self.flow.nodes[name]:
                case schema.Hours() as node:
                    name, closed = self._branch(node)
                case schema.Known() as node:
                    name = self._by_number(node)
                case schema.Offered() as node:
                    name = self._by_offer(node)
                case schema.Request(what=what, then=then):
                    asked.append(Request(what))
                    name = then
                case schema.Menu() | schema.Say() | schema.Collect() as node:
                    if said := self._said(node, reply):
                        here = replace(there, node=name, steps=steps, closed=closed, playing=True)
                        return here, [*asked, Play(said)]
                    name = node.then if isinstance(node, schema.Say) else name
                case schema.Enqueue() as node:
                    wanting = replace(there, node=name, steps=steps, closed=closed)
                    leave = Enqueue(node.queue, node.head_start, node.skill)
                    return replace(wanting, wanted_person=True), [*asked, leave]
                case schema.Transfer(number=number, overflow=overflow):
                    leaving = replace(there, node=name, steps=steps, closed=closed)
                    return leaving, [*asked, _transfer(number, overflow)]
                case schema.HangUp():
                    leaving = replace(there, node=name, steps=steps, closed=closed)
                    return leaving, [*asked, _hang_up(leaving)]
        spent = max(there.steps, BUDGET + GRACE) + 1
        nowhere = replace(there, node=NOWHERE, steps=spent, closed=closed)
        return nowhere, [_hang_up(nowhere)]

    def go(self, here: Position, node: str, *chosen: Action) -> Move:
        """Leave a node where the caller hears or is listened to."""
        there, actions = self.arrive(_fresh(here, node=node))
        return there, [*_hush(here), *chosen, *actions]

    def take(self, here: Position, node: Present, given: Input) -> Move:
        """What a caller who is still in the flow may do, or what may happen to them."""
        match given:
            case Key(key):
                return self._key(here, node, key)
            case PromptEnded(heard) if here.playing:
                return self._prompt_ended(here, node, heard)
            case Silence() if not here.playing:
                return self._silence(here, node)
            case Checked(valid) if here.checking and isinstance(node, schema.Collect):
                return self._checked(here, node, valid)
            case TooLong():
                return self.go(here, self.flow.person)
            case _:
                return here, []

    def _said(self, node: Present, reply: tuple[str, ...]) -> tuple[str, ...]:
        """What is heard at a node; only a `say` may have nothing to say."""
        said = self.occasion.spoken((*reply, *node.prompt))
        return said or (() if isinstance(node, schema.Say) else self.flow.prompts.silence)

    def _branch(self, node: schema.Hours) -> tuple[str, bool]:
        """Where it leads, and whether it is closed there."""
        closed = not self.occasion.is_open(node)
        return node.closed if closed else node.open, closed

    def _by_number(self, node: schema.Known) -> str:
        if self.occasion.number_left and node.left is not None:
            return node.left
        return node.known if self.occasion.caller_known else node.unknown

    def _by_offer(self, node: schema.Offered) -> str:
        return node.then if node.what in self.occasion.offers else node.otherwise

    def _key(  # noqa: C901 -- one arm each
        self, here: Position, node: Present, key: str
    ) -> Move:
        if key in NO_KEYS:
            return here, []
        if here.confirming and isinstance(node, schema.Collect) and key != PERSON:
            return self._answered(here, node, key)
        if key == AGAIN:
            return self._repeat(here, node)
        match node:
            case schema.Collect() if here.confirming:
                return self.go(replace(here, wanted_person=True), self.flow.person)
            case schema.Collect():
                return self._done(here, node) if key == DONE else self._digit(here, node)
            case schema.Menu() | schema.Say() if key == PERSON:
                wanting = replace(here, wanted_person=True)
                return self.go(wanting, self.flow.person, Chose(here.node, key))
            case schema.Menu():
                return self._choose(here, node, key)
            case schema.Say():
                return self._ahead(here, key)

    def _choose(self, here: Position, menu: schema.Menu, key: str) -> Move:
        if key in menu.choices:
            return self.go(here, menu.choices[key], Chose(here.node, key))
        return self._retry(here, menu, self.flow.prompts.wrong_key)

    def _ahead(self, here: Position, key: str) -> Move:
        """Let a key pressed during a `say` act on what the `say` leads to."""
        there = self._next_stop(here)
        match self.flow.nodes[there.node]:
            case schema.Menu() | schema.Collect() as node:
                return self._key(there, node, key)
            case schema.Enqueue() | schema.Transfer():
                return self.go(here, there.node)
            case _:  # nothing there to act on, and no reason to cut the words short
                return here, []

    def _next_stop(self, here: Position) -> Position:
        there = here
        for _ in self.flow.nodes:
            match self.flow.nodes[there.node]:
                case schema.Say() if there.closed and not here.closed:
                    break  # that it is closed has to be heard before a key can mean anything
                case schema.Say(then=then):
                    there = replace(there, node=then)
                case schema.Hours() as node:
                    name, closed = self._branch(node)
                    there = replace(there, node=name, closed=closed)
                case schema.Known() as node:
                    there = replace(there, node=self._by_number(node))
                case schema.Offered() as node:
                    there = replace(there, node=self._by_offer(node))
                case _:
                    break
        return there

    def _prompt_ended(self, here: Position, node: Present, heard: bool) -> Move:
        match node:
            case schema.Say(then=then):
                informed = here.informed or (node.informed and heard)
                return self.arrive(_fresh(here, node=then, informed=informed))
            case schema.Menu() | schema.Collect():
                return replace(here, playing=False), [Listen(node.timeout)]

    def _silence(self, here: Position, node: Present) -> Move:
        reply = self.flow.prompts.silence
        match node:
            case schema.Menu():
                return self._retry(here, node.silence or node, reply)
            case schema.Collect() if here.confirming and not here.checking:
                return self._unconfirmed(here, node, reply)
            case schema.Collect() if here.typed == 0:
                return self._retry(here, node, reply)
            case schema.Collect():
                return self._invalid(here, node) if here.checking else self._done(here, node)
            case schema.Say():
                return self.go(here, node.then)

    def _digit(self, here: Position, node: schema.Collect) -> Move:
        if here.checking:
            return here, []
        stopped: list[Action] = [Stop()] if here.playing else []
        there = replace(here, playing=False, typed=here.typed + 1)
        if there.typed < node.max_digits:
            return there, [*stopped, Listen(node.timeout)]
        there, actions = self._done(there, node)
        return there, [*stopped, *actions]

    def _done(self, here: Position, node: schema.Collect) -> Move:
        """The entry is complete: hand it over, and wait for the answer no longer than for a key."""
        if here.checking:
            return here, []
        if here.typed < node.min_digits:
            return self._invalid(here, node)
        check = CheckCollected(node.field, here.typed, keep=node.confirm is None)
        return replace(here, checking=True), [check, Listen(node.timeout)]

    def _checked(self, here: Position, node: schema.Collect, valid: bool) -> Move:
        if not valid:
            return self._invalid(here, node)
        if node.confirm is None or here.confirming:
            return self.go(here, node.then)
        return self._read_back(here, node)

    def _read_back(self, here: Position, node: schema.Collect, reply: tuple[str, ...] = ()) -> Move:
        """What was typed, and whether it is right; the keys are seen again."""
        said = self.occasion.spoken((*reply, TYPED, *(node.confirm or ())))
        there = replace(here, playing=True, checking=False, confirming=True)
        return there, [*_hush(here), Play(said)]

    def _answered(self, here: Position, node: schema.Collect, key: str) -> Move:
        if here.checking:
            return here, []
        if key == WRONG:
            return self._retry(here, node, ())
        if key == AGAIN:
            return self._read_back(here, node)
        if key != RIGHT:
            return self._unconfirmed(here, node, self.flow.prompts.wrong_key)
        stop: list[Action] = [Stop()] if here.playing else []
        there = replace(here, playing=False, checking=True)
        return there, [*stop, KeepCollected(node.field), Listen(node.timeout)]

    def _unconfirmed(self, here: Position, node: schema.Collect, reply: tuple[str, ...]) -> Move:
        """Read back again; whoever never says that it is right has left no number."""
        if here.tries < node.retries:
            return self._read_back(replace(here, tries=here.tries + 1), node, reply)
        return self.go(here, node.otherwise)

    def _invalid(self, here: Position, node: schema.Collect) -> Move:
        reply = node.invalid or self.flow.prompts.wrong_key
        return self._retry(here, node, reply)

    def _retry(self, here: Position, rule: Retrying, reply: tuple[str, ...]) -> Move:
        if here.tries < rule.retries:
            return self._again(here, here.tries + 1, reply)
        return self.go(here, rule.otherwise)

    def _repeat(self, here: Position, node: Present) -> Move:
        if isinstance(node, schema.Menu) and node.again is not None:
            return self.go(here, node.again)
        return self._again(here, here.tries)

    def _again(self, here: Position, tries: int, reply: tuple[str, ...] = ()) -> Move:
        there, actions = self.arrive(_fresh(here, tries=tries), reply)
        return there, [*_hush(here), *actions]
