"""Who each caller is, beside the core, which only ever sees a key."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import unquote

from telephony.acd.model import CallId, Instant
from telephony.caller_id import Caller, caller_key, identify
from telephony.centre.commands import CallArrived

ARGUMENTS = ("trunk", "dialled", "arrived", "from", "pai", "privacy", "rpid")
MOST = 20_000  # callers; calls at one time are far fewer
LATE = 1.0  # seconds; a call that came in earlier has been in the safety net


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new caller as the dialplan hands them over."""

    dialled: str
    arrived: float | None
    caller: Caller


def read_arguments(arguments: tuple[str, ...]) -> Arrival | None:
    """The arguments of a trunk call's StasisStart; None for any other channel."""
    if not arguments or arguments[0] != ARGUMENTS[0]:
        return None
    given = dict(zip(ARGUMENTS, (*arguments, "", "", "", "", "", ""), strict=False))
    try:
        arrived: float | None = float(given["arrived"])
    except ValueError:
        arrived = None
    caller = identify(given["from"], given["pai"], given["privacy"], given["rpid"], trust_pai=True)
    return Arrival(unquote(given["dialled"])[:64], arrived, caller)


class Callers:
    """The callers of every call that is not over."""

    def __init__(
        self,
        secret: bytes,
        line_of: Callable[[CallId], int | None],
        own: Collection[str | None] = (),
    ) -> None:
        self._secret = secret
        self._own = frozenset(own) - {None}  # whoever shows one of these comes from ourselves
        self._line_of = line_of
        self._callers: dict[CallId, Caller] = {}

    def get(self, call: CallId) -> Caller | None:
        """Who the caller is, if that is known."""
        return self._callers.get(call)

    def remember(self, call: CallId, caller: Caller) -> None:
        """Know a caller; one whose call the core could not take is never forgotten otherwise."""
        self._callers[call] = caller
        while len(self._callers) > MOST:
            del self._callers[next(iter(self._callers))]

    def forget(self, call: CallId) -> None:
        """The call is over and written."""
        self._callers.pop(call, None)

    def learn(
        self, call: CallId, arrival: Arrival, now: Instant, ahead: float, admitted: bool
    ) -> CallArrived:
        """Keep who calls, and say to the core what it may know.

        `ahead` is how far the wall clock, which the dialplan goes by, is ahead of our instants.
        """
        self.remember(call, arrival.caller)
        key = caller_key(self._secret, arrival.caller)
        at = None if arrival.arrived is None else Instant(arrival.arrived - ahead)
        late = at is not None and at < now - LATE
        ours = arrival.caller.number in self._own
        return CallArrived(call, arrival.dialled, key, at if late else None, admitted, ours=ours)

    def shown(self, call: CallId) -> str:
        """The caller id for an agent's telephone: the line, and the number or why there is none."""
        caller = self._callers.get(call)
        number = national(caller.number) if caller and caller.number else "anonymous"
        kind = "" if caller is None or caller.number else f" {caller.shown}"
        line = self._line_of(call)
        return f'"外線{line or ""}{kind}" <{number}>'


def national(number: str) -> str:
    """As people here dial it: a Japanese number without its country code."""
    return "0" + number.removeprefix("+81") if number.startswith("+81") else number
