"""What goes into the flow engine and what comes out of it: plain values, fit for a journal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Where one caller stands in a flow."""

    node: str
    tries: int = 0  # wrong keys and silences at this node so far
    typed: int = 0  # digits collected at this node so far
    playing: bool = False
    informed: bool = False  # an information end was heard
    steps: int = 0  # nodes entered in this call, against the budget
    wanted_person: bool = False
    checking: bool = False  # an entry was handed over and the answer is awaited
    closed: bool = False  # the hours node last passed was closed
    confirming: bool = False  # an entry is read back, and 1 or 2 is awaited


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed `0`-`9`, `*`, `#` or `A`-`D`; a digit to be kept secret arrives as `•`."""

    key: str


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """All prompts of the last `Play` ended or failed; never sent for a `Play` that was stopped."""

    heard: bool = True  # to its end: who was to be informed and heard nothing is not


@dataclass(frozen=True, slots=True)
class Silence:
    """The last `Listen` ran out."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to `CheckCollected`."""

    valid: bool


@dataclass(frozen=True, slots=True)
class TooLong:
    """The caller has been in menus for as long as anyone may be."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A transfer could not be made, or nobody answered there."""


Input = Key | PromptEnded | Silence | Checked | TooLong | Failed


@dataclass(frozen=True, slots=True)
class Play:
    """Start these prompts, one after the other."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop what is playing."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Arm or replace the caller's one input timer, or clear it with None."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Chose:
    """The caller took a way of their own: one step of the menu path."""

    node: str
    key: str


@dataclass(frozen=True, slots=True)
class CheckCollected:
    """Check the last `length` digits the caller had typed when this was decided."""

    field: str
    length: int
    keep: bool = True  # at once when it is valid; else the caller confirms it first


@dataclass(frozen=True, slots=True)
class KeepCollected:
    """The caller has confirmed the entry: keep it, and tell whether that was done."""

    field: str


@dataclass(frozen=True, slots=True)
class Request:
    """The caller asks for something that is done later."""

    what: str


@dataclass(frozen=True, slots=True)
class Enqueue:
    """The caller leaves for a queue."""

    queue: str
    head_start: float
    skill: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """The caller leaves for a published number, given by its name."""

    number: str
    announce: tuple[str, ...] = ()  # to whoever answers, because the call has overflowed
    ask: tuple[str, ...] = ()  # the same, once the caller has gone


@dataclass(frozen=True, slots=True)
class HangUp:
    """The call ends here."""

    informed: bool
    closed: bool = False


Action = (
    Play | Stop | Listen | Chose | CheckCollected | KeepCollected | Request | Enqueue | Transfer
    | HangUp
)  # fmt: skip
