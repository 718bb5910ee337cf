"""What is measured, as values; None is what could not be found out."""

from dataclasses import dataclass, field
from pathlib import Path

from telephony.calls.inside import Inside


@dataclass(frozen=True, slots=True)
class Disk:
    """The room on one file system, and what of ours is on it."""

    folder: Path
    free: int  # bytes
    size: int


@dataclass(frozen=True, slots=True)
class Measures:
    """One moment."""

    version: str | None = None  # of Asterisk
    ari: float | None = None  # seconds of the last GET, or of the present one so far
    sip: dict[int, float] = field(default_factory=dict)  # the same of an OPTIONS, by our port
    task_processor: int | None = None  # tasks that wait in the fullest queue
    strangers: int | None = None  # requests within half a minute of nobody whom we know
    disks: tuple[Disk, ...] = ()
    clock_synchronised: bool | None = None
    certificate_days: float | None = None  # until the one ends that the desk shows; None: no such
    certificate_waits: bool = False  # the file has another, which the desk shows once restarted
    letter_waits: float | None = None  # seconds since the oldest to the city; 0: none waits
    letters_refused: int | None = None  # by the city's system; None as above: there are none
    records_stuck: float = 0.0  # seconds in which records waited and none was written
    lines_full: float = 0.0  # share of the last minutes in which every line was taken
    inside: Inside = field(default_factory=Inside)
