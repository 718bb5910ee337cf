"""Make a failing script small: leave things out as long as it still fails (delta debugging)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from telephony.simulation.shell.script import Script

T = TypeVar("T")
TRIES: Final = 300  # runs, however large the script is
TAIL: Final = 60.0  # seconds a shortened run goes on after the last thing in its script


class Shrinker:
    """`fails` says whether a script still shows the same failure."""

    def __init__(self, fails: Callable[[Script], bool], tries: int = TRIES) -> None:
        self._fails = fails
        self._left = tries

    def smallest(self, script: Script) -> Script:
        """With no part left that could be taken out by itself."""
        script = self._shorter(script)
        script = replace(
            script, faults=self._fewer(script.faults, lambda some: replace(script, faults=some))
        )
        script = replace(
            script,
            citizens=self._fewer(script.citizens, lambda some: replace(script, citizens=some)),
        )
        script = replace(
            script, workers=self._fewer(script.workers, lambda some: replace(script, workers=some))
        )
        for plainer in (_calls_once, _stays):
            script = plain if self._still(plain := plainer(script)) else script
        return self._shorter(script)

    def _shorter(self, script: Script) -> Script:
        """Nothing happens after the last caller and the last fault: leave that time out."""
        moments = [each.at for each in (*script.citizens, *script.faults)]
        short = replace(script, lasts=min(script.lasts, max(moments, default=0.0) + TAIL))
        return short if self._still(short) else script

    def _fewer(self, parts: tuple[T, ...], of: Callable[[tuple[T, ...]], Script]) -> tuple[T, ...]:
        size = max(1, len(parts) // 2)
        while parts and self._left > 0:
            without = self._without_one_chunk(parts, size, of)
            if without is not None:
                parts = without
            elif size == 1:
                break
            else:
                size //= 2
        return parts

    def _without_one_chunk(
        self, parts: tuple[T, ...], size: int, of: Callable[[tuple[T, ...]], Script]
    ) -> tuple[T, ...] | None:
        for begin in range(0, len(parts), size):
            rest = parts[:begin] + parts[begin + size :]
            if self._still(of(rest)):
                return rest
        return None

    def _still(self, script: Script) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._fails(script)


def _calls_once(script: Script) -> Script:
    return replace(script, citizens=tuple(replace(each, again=()) for each in script.citizens))


def _stays(script: Script) -> Script:
    return replace(script, workers=tuple(replace(each, away=()) for each in script.workers))
