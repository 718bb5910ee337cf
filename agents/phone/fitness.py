"""Whether a page can be talked through: what its pre-flight found, and what broke since.

A page that rings and has no microphone costs a citizen the call. So a page is looked at before its
agent is given any: by the page itself, which alone can, and the word is kept here. It holds for
that page in that session, also when it is loaded again, until the page says that something broke.
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal

from agents.people import SessionId

Check = Literal["secure", "permission", "microphone", "speaker", "registration", "round_trip"]
Broken = Literal["microphone_gone", "microphone_refused", "devices_changed"]
Page = tuple[SessionId, str]
CHECKS: Final[tuple[Check, ...]] = (
    "secure", "permission", "microphone", "speaker", "registration", "round_trip"
)  # fmt: skip
UNCHECKED: Final = "phone_unchecked"  # the reason of a pause; so is each of `Broken`
NAMES: Final[Mapping[Check, tuple[str, str]]] = {
    "secure": ("安全な接続(https)", "a secure address (https)"),
    "permission": ("マイクの許可", "the permission for the microphone"),
    "microphone": ("マイクの音量", "the microphone's level"),
    "speaker": ("受話音", "the speaker"),
    "registration": ("電話の登録", "the registration"),
    "round_trip": ("音声の往復", "the round trip of sound"),
}


class Fitness:
    """Of every seat whose telephone is, or just was, a page."""

    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._missing: dict[str, tuple[Check, ...]] = {}
        self._broken: dict[str, Broken] = {}

    def begins(self, seat: str, page: Page) -> None:
        """This page is the telephone now; one that was so before keeps what is known of it."""
        if self._pages.get(seat) != page:
            self._pages[seat] = page
            self._missing[seat] = CHECKS
            self._broken.pop(seat, None)

    def told(self, seat: str, passed: Collection[Check]) -> tuple[Check, ...]:
        """What the page has found; what is missing yet."""
        self._missing[seat] = tuple(check for check in CHECKS if check not in passed)
        if not self._missing[seat]:
            self._broken.pop(seat, None)
        return self._missing[seat]

    def breaks(self, seat: str, what: Broken) -> None:
        """All of it has to be looked at anew."""
        self._missing[seat] = CHECKS
        self._broken[seat] = what

    def missing(self, seat: str) -> tuple[Check, ...]:
        """What has to be found before this seat's page may ring."""
        return self._missing.get(seat, CHECKS)

    def reason(self, seat: str) -> str:
        """Why its agent is paused."""
        return self._broken.get(seat, UNCHECKED)

    def keep(self, seated: Collection[tuple[str, str]]) -> None:
        """Only of those who sit there in this session."""
        for seat, (session, _) in tuple(self._pages.items()):
            if (seat, session) not in seated:
                del self._pages[seat]
                self._missing.pop(seat, None)
                self._broken.pop(seat, None)

    def seats(self) -> Collection[str]:
        """Whose telephone is, or just was, a page."""
        return tuple(self._pages)

    def __len__(self) -> int:
        return len(self._pages)
