"""Asterisk cannot be fenced by an epoch, so every request asks first whether we still lead.

When it is made, and again when it leaves: the two may lie a sleep apart.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from telephony.ari.client import Ari
from telephony.ari.transport import PERMIT
from telephony.calls.lease import Tenure


def guarded(ari: Ari, tenure: Tenure) -> Ari:
    """The same operations; each raises Demoted instead of being sent once we slept too long."""
    return cast(Ari, _Guarded(ari, tenure))


class _Guarded:
    """By name: a new operation is guarded without anybody having to think of it."""

    def __init__(self, ari: Ari, tenure: Tenure) -> None:
        self._ari = ari
        self._tenure = tenure

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        operation = getattr(self._ari, name)

        def asked(*args: Any, **given: Any) -> Awaitable[Any]:
            self._tenure.check()
            PERMIT.set(self._tenure.check)
            answer: Awaitable[Any] = operation(*args, **given)
            return answer

        setattr(self, name, asked)  # looked up once
        return asked
