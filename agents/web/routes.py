"""The route table: one declaration a route (how to write one is told in `agents/web/__init__`)."""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import (
    Any,
    Final,
    Literal,
    Required,
    TypedDict,
    TypeVar,
    Unpack,
    cast,
    get_type_hints,
)

from pydantic import BaseModel

from agents.people import Caller, Role

Tool = TypeVar("Tool")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Answering = TypeVar("Answering", bound=Callable[..., Awaitable[Any]])
SAFE: Final = frozenset({"GET", "HEAD"})
BODY_AT_MOST: Final = 16 * 1024  # bytes, unless a route says otherwise


class Tools:
    """What routes work with, each under its type."""

    def __init__(self, *tools: object) -> None:
        self._by_type: dict[type, object] = {type(tool): tool for tool in tools}

    def put(self, kind: type[Tool], tool: Tool) -> None:
        """Under a type of its own, such as a Protocol."""
        self._by_type[kind] = tool

    def get(self, kind: type[Tool]) -> Tool:
        """The one of this type."""
        return cast(Tool, self._by_type[kind])  # `put` and `type()` saw to it


@dataclass(slots=True)
class Reply:
    """What an answer carries beside its body."""

    set_cookie: str | None = None
    drop_cookie: bool = False


@dataclass(slots=True)
class Asked:
    """One request to one route."""

    tools: Tools
    now: float  # the instant, from the desk's clock
    address: str  # the browser's, as far as it is known
    origin: str
    known: Caller | None
    token: str | None = None  # of the session's cookie
    reply: Reply = field(default_factory=Reply)
    details: dict[str, str | int | bool | None] = field(default_factory=dict)
    written: bool = False

    @property
    def caller(self) -> Caller:
        """Whoever asks; of routes that are open to anybody use `known`."""
        assert self.known is not None
        return self.known

    def tool(self, kind: type[Tool]) -> Tool:
        """What this route works with."""
        return self.tools.get(kind)

    def detail(self, **told: str | int | bool | None) -> None:
        """Add to the audit line; ids and words, never what somebody typed."""
        self.details.update(told)

    def audited(self) -> None:
        """The line is written already, in the transaction of the change itself."""
        self.written = True


Guard = Callable[[Asked, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One declaration."""

    name: str
    table: str
    method: Method
    path: str
    roles: frozenset[Role] | None  # None: anybody, signed in or not
    audit: str | None
    answer: Callable[..., Awaitable[Any]]
    models: Mapping[str, type[BaseModel]]  # of `path`, `query`, `body`, `letter`
    answers: Any  # the model of the answer; None: 204
    summary: str
    guard: Guard | None = None
    while_locked: bool = False
    while_leaving: bool = False
    status: int = 200
    body_at_most: int = BODY_AT_MOST
    socket: bool = False
    shows: type[BaseModel] | None = None  # of a socket: each message to the browser
    protocol: str = ""  # of a socket whose messages are not ours, and begin with no token

    @property
    def of_machines(self) -> bool:
        """Whoever asks signs what they send; no cookie speaks for them, and no page's Origin."""
        return "letter" in self.models


class How(TypedDict, total=False):
    """What a decorator says of its route."""

    roles: Required[frozenset[Role] | None]
    audit: Required[str | None]
    guard: Guard
    while_locked: bool
    while_leaving: bool
    status: int
    body_at_most: int
    shows: type[BaseModel]
    protocol: str


class Table:
    """The routes of one subject."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """To look; changes nothing."""
        return self._declared("GET", path, how)

    def post(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """To do something once."""
        return self._declared("POST", path, how)

    def put(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """To make something so, however often it is sent."""
        return self._declared("PUT", path, how)

    def patch(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """To change some fields."""
        return self._declared("PATCH", path, how)

    def delete(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """To end or take back."""
        return self._declared("DELETE", path, how)

    def socket(self, path: str, **how: Unpack[How]) -> Callable[[Answering], Answering]:
        """A WebSocket; `shows` is the model of what it sends."""
        return self._declared("GET", path, how, socket=True)

    def _declared(
        self, method: Method, path: str, how: How, *, socket: bool = False
    ) -> Callable[[Answering], Answering]:
        def declare(answer: Answering) -> Answering:
            hints = get_type_hints(answer)
            given = inspect.signature(answer).parameters
            names = ("path", "query", "body", "letter")
            models = {name: hints[name] for name in names if name in given}
            result = hints.get("return")
            self._routes.append(
                Route(
                    name=answer.__name__,
                    table=self.name,
                    method=method,
                    path=path,
                    answer=answer,
                    models=models,
                    answers=None if result is type(None) else result,
                    summary=(inspect.getdoc(answer) or "").partition("\n")[0],
                    socket=socket,
                    **how,
                )
            )
            return answer

        return declare
