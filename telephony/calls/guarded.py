"""Asterisk cannot be fenced by an epoch, so every request asks first whether we still lead.

When it is made, and one by ARI again when it leaves: the two may lie a sleep apart.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from telephony.ari.transport import PERMIT
from telephony.calls.lease import Tenure

Asked = TypeVar("Asked")


def guarded(of: Asked, tenure: Tenure) -> Asked:
    """The same operations; each raises Demoted instead of being sent once we slept too long."""
    return cast(Asked, _Guarded(of, tenure))


class _Guarded:
    """By name: a new operation is guarded without anybody having to think of it."""

    def __init__(self, of: object, tenure: Tenure) -> None:
        self._of = of
        self._tenure = tenure

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        operation = getattr(self._of, name)

        def asked(*args: Any, **given: Any) -> Awaitable[Any]:
            self._tenure.check()
            PERMIT.set(self._tenure.check)
            answer: Awaitable[Any] = operation(*args, **given)
            return answer

        setattr(self, name, asked)  # looked up once
        return asked
