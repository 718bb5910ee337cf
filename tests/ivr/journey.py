"""A caller walking through a flow, and the telephone that hears them: what tests walk with.

The telephone knows only the actions. Each step it compares what it has been told with what the
position claims, so every journey of every test also proves that nothing is left playing, that no
timer is forgotten, and that a caller who is still there is either spoken or listened to.
"""

from datetime import datetime, timedelta, timezone
from typing import Self

from config.site_calendar import weekly_calendar
from ivr_flows import engine
from ivr_flows.engine import Action, Input, Key, Listen, Play, Position, PromptEnded, Silence, Stop
from ivr_flows.hours import DAY, WEEK, Span, WeeklyHours
from ivr_flows.occasion import Occasion
from ivr_flows.opening.book import Book
from ivr_flows.schema import Flow

TOKYO = timezone(timedelta(hours=9))
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=TOKYO)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=TOKYO)
ALWAYS = WeeklyHours("phone", (Span(0, WEEK),))
WEEKDAYS = WeeklyHours(
    "phone", tuple(Span(day * DAY + 8 * 60 + 30, day * DAY + 17 * 60 + 15) for day in range(5))
)


class Journey:
    """One call's way through a flow."""

    def __init__(
        self,
        flow: Flow,
        civil: datetime = MONDAY,
        hours: WeeklyHours | None = None,
        *,
        caller_known: bool = False,
        number_left: bool = False,
        offers: tuple[str, ...] = (),
    ) -> None:
        self.flow = flow
        self.offers = offers
        self.caller_known = caller_known
        self.number_left = number_left
        self.civil = civil
        self.hours = hours or ALWAYS
        self.path: list[tuple[str, str]] = []
        self.playing: tuple[str, ...] = ()
        self.timer: float | None = None
        self.left: Action | None = None
        self.last: list[Action] = []
        self._take(engine.start(flow, self.occasion))

    @property
    def occasion(self) -> Occasion:
        """The weekly table, for whoever asks for it by name, and as the calendar."""
        book = Book(weekly_calendar(self.hours))
        civil = self.civil.replace(tzinfo=None)
        tables = {"phone": self.hours}
        return Occasion(
            civil,
            book=book,
            tables=tables,
            caller_known=self.caller_known,
            number_left=self.number_left,
            offers=self.offers,
        )

    @property
    def here(self) -> Position:
        return self._here

    def tell(self, *inputs: Input) -> Self:
        for given in inputs:
            if isinstance(given, PromptEnded):
                self.playing = ()
            if isinstance(given, Silence):
                self.timer = None
            self._take(engine.step(self.flow, self._here, given, self.occasion))
        return self

    def press(self, keys: str) -> Self:
        return self.tell(*map(Key, keys))

    def listen_out(self) -> Self:
        """Let the prompts end."""
        assert self.playing
        return self.tell(PromptEnded())

    def stay_silent(self) -> Self:
        """Let the prompts end, and then the timer run out."""
        if self.playing:
            self.listen_out()
        return self.tell(Silence()) if self.timer is not None else self

    def wait_to_the_end(self) -> list[tuple[str, ...]]:
        """Do nothing more at all; what is heard until the caller has left."""
        heard: list[tuple[str, ...]] = []
        while self.left is None:
            heard.extend([self.playing] if self.playing else [])
            self.stay_silent()
        return heard

    def restart(self) -> Self:
        """The telephone's part of a restart: it may still play, and no timer is left."""
        self._take(engine.resume(self.flow, self._here, self.occasion))
        return self

    def come_back(self, node: str) -> Self:
        """Out of a queue, back into the flow."""
        self.left = None
        self._take(engine.enter(self.flow, node, self.occasion))
        return self

    def _take(self, move: tuple[Position, list[Action]]) -> None:
        self._here, self.last = move
        for action in self.last:
            self._perform(action)
        assert (self.left is None) == (bool(self.playing) != (self.timer is not None))
        assert self.here.playing == bool(self.playing)

    def _perform(self, action: Action) -> None:
        assert self.left is None or isinstance(self.left, engine.Transfer)
        match action:
            case Play(prompts):
                assert not self.playing
                assert prompts
                self.playing, self.left = prompts, None
            case Stop():
                self.playing = ()
            case Listen(seconds):
                self.timer = seconds
            case engine.Chose(node, key):
                self.path.append((node, key))
            case engine.Enqueue() | engine.Transfer() | engine.HangUp():
                self.left = action
            case engine.CheckCollected() | engine.KeepCollected() | engine.Request():
                pass
