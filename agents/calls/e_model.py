"""How good a talk sounded, estimated from what the network lost and delayed: the E-model.

ITU-T G.107 with its default values, for G.711 with concealment of lost packets (ITU-T G.113,
appendix I: Ie 0, Bpl 25.1). What is no matter of the network (microphone, room, hearing) is not
in it, so this is an estimate of the line and of nothing else.
"""

from dataclasses import dataclass
from math import log2
from typing import Final

R_DEFAULT: Final = 93.2
BPL: Final = 25.1  # how well lost packets are concealed
WORST: Final = 95.0
PACKET: Final = 0.02  # seconds of sound in one; it is on its way only when it is full
SHORT_DELAY: Final = 0.1  # seconds, below which nobody notices
BEST_R: Final = 100.0


@dataclass(frozen=True, slots=True)
class Line:
    """One direction: how much of it was lost (0 to 1), and how late the rest was, in seconds."""

    loss: float
    delay: float


def rating(line: Line) -> float:
    """R, from 0 to 93.2."""
    lost = 100 * line.loss
    return max(0.0, R_DEFAULT - _delayed(line.delay) - WORST * lost / (lost + BPL))


def mos(line: Line) -> float:
    """The mean opinion that follows from it, from 1 to 4.4; the curve dips below 1 near R 5."""
    r = rating(line)
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (BEST_R - r) * 7e-6)


def _delayed(delay: float) -> float:
    """Idd: that the other one answers late."""
    if delay <= SHORT_DELAY:
        return 0.0
    x = log2(delay / SHORT_DELAY)
    return 25.0 * (_sixth(1 + x**6) - 3 * _sixth(1 + (x / 3) ** 6) + 2)


def _sixth(of: float) -> float:
    root: float = of ** (1 / 6)
    return root
