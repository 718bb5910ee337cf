"""Digits that the core must not see: kept here while they are typed, and nowhere else."""

from collections import Counter, defaultdict, deque
from typing import Final

from ivr_flows.engine import PERSON
from telephony.acd.model import CallId
from telephony.centre.commands import MASKED

MOST: Final = 32  # digits kept for one caller; whatever floods in pushes out the oldest
SEEN: Final = 8  # digits of one caller that menus may see: eleven give an individual number away
DIGITS: Final = frozenset("0123456789")


class Keypad:
    """What each caller typed where a number is asked for."""

    def __init__(self) -> None:
        self._typed: defaultdict[CallId, deque[str]] = defaultdict(lambda: deque(maxlen=MOST))
        self._shown: Counter[CallId] = Counter()
        self._asked: set[CallId] = set()  # who pressed a 0 that was one digit too many
        self._last: dict[CallId, tuple[str, str]] = {}  # the key, and when

    def told_twice(self, call: CallId, key: str, at: str) -> bool:
        """The same pressing of the same key was told before."""
        if not at:
            return False
        before, self._last[call] = self._last.get(call), (key, at)
        return before == (key, at)

    def keep(self, call: CallId, key: str) -> str:
        """Keep a digit, and give back what the core may see of the key."""
        if key not in DIGITS:
            return key
        self._typed[call].append(key)
        return MASKED

    def show(self, call: CallId, key: str) -> str:
        """What the core may see of a key that chooses in a menu.

        Somebody who types their individual number at a menu must not leave it in the journal; who
        has pressed many keys and asks for a person at last is heard all the same, once.
        """
        if key not in DIGITS:
            return key
        self._shown[call] += 1
        if self._shown[call] <= SEEN:
            return key
        if key == PERSON and call not in self._asked:
            self._asked.add(call)
            return key
        return MASKED

    def take(self, call: CallId, length: int) -> str:
        """The last digits typed; they are forgotten here."""
        typed = self._typed.pop(call, deque())
        return "".join(typed)[-length:] if length else ""

    def forget(self, call: CallId) -> None:
        """The call is over."""
        self._typed.pop(call, None)
        self._shown.pop(call, None)
        self._asked.discard(call)
        self._last.pop(call, None)
