"""What was granted to each agent lately: asked twice it is done once, and never out of order.

A client that lost our answer sends its request again under the same key, perhaps to the next
leader; clicks of one client carry a number, and one that was overtaken on its way is not carried
out after the later one. Refusals are not kept: they have changed nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import blake2s
from typing import Final, TypeVar

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId
from telephony.centre import commands as cmd

T = TypeVar("T")
KEYS: Final = 16  # remembered for each agent: more clicks than fit into a client's patience
CLIENTS: Final = 4  # remembered for each agent: nobody works at more places at once


@dataclass(slots=True)
class Granted:
    """To one agent; the latest comes last."""

    agent: AgentId
    keys: dict[str, str] = field(default_factory=dict)  # what was asked for under each
    clients: dict[str, int] = field(default_factory=dict)  # the number each has come to


class Asked:
    """Keys and numbers of the requests that were granted, bounded in count."""

    def __init__(self) -> None:
        self._of: dict[AgentId, Granted] = {}

    def all(self) -> list[Granted]:
        """For the snapshot."""
        return list(self._of.values())

    def restore(self, granted: Iterable[Granted]) -> None:
        """Take over what a snapshot has."""
        self._of = {each.agent: each for each in granted}

    def is_repeat(self, request: cmd.OfAgent) -> bool:
        """Whether it was granted before. Raises Rejected when it is overtaken, or not the same."""
        stamp, known = request.stamp, self._of.get(request.agent)
        if stamp is None or known is None:
            return False
        if (before := known.keys.get(stamp.key)) is not None:
            if before != _what(request):
                raise Rejected("this key was given to another request: send each under its own")
            return True
        if stamp.seq and stamp.seq <= known.clients.get(stamp.client, 0):
            raise Rejected("a later request from there was granted already: this one is void")
        return False

    def note(self, request: cmd.OfAgent) -> None:
        """It has been granted."""
        stamp = request.stamp
        if stamp is None:
            return
        known = self._of.setdefault(request.agent, Granted(request.agent))
        if stamp.key:
            _remember(known.keys, stamp.key, _what(request), KEYS)
        if stamp.seq:
            _remember(known.clients, stamp.client, stamp.seq, CLIENTS)


def _remember(latest: dict[str, T], name: str, value: T, most: int) -> None:
    latest.pop(name, None)
    latest[name] = value
    if len(latest) > most:
        del latest[next(iter(latest))]


def _what(request: cmd.OfAgent) -> str:
    """The request without its stamp, in short."""
    return blake2s(repr(replace(request, stamp=None)).encode(), digest_size=8).hexdigest()
