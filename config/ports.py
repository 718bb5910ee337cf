"""Every port of one instance, computed from a single base so that instances run side by side."""

from dataclasses import dataclass
from typing import Final

DEFAULT_BASE: Final = 8000
STEP: Final = 200
LOWEST: Final = 1200  # below 1024 only root may bind
HIGHEST: Final = 19_800
NOT_OPENED: Final = 10_080  # by browsers: the one bad port of the Fetch standard that is a desk's
RTP_FLOOR: Final = 20_000
RTP_BLOCK: Final = 1000
RTP_BLOCKS: Final = 40


class BadPortBaseError(ValueError):
    """The sentence says what would have been right."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The fixed offsets from the base; scripts rely on them."""

    base: int = DEFAULT_BASE
    rtp_count: int = RTP_BLOCK  # more only for load tests: it reaches into the next block

    def __post_init__(self) -> None:
        """Refuse a base that would collide with a neighbour or need root."""
        if self.base % STEP or not LOWEST <= self.base <= HIGHEST:
            raise BadPortBaseError(
                f"port base {self.base} is not usable: "
                f"take a multiple of {STEP} from {LOWEST} to {HIGHEST}"
            )
        if self.desk == NOT_OPENED:
            raise BadPortBaseError(
                f"port base {self.base} is not usable: no browser opens the desk's port "
                f"{NOT_OPENED}: take {self.base + STEP}"
            )
        if not 2 <= self.rtp_count <= 65_536 - self.rtp_first:  # noqa: PLR2004  # one pair; port space
            raise BadPortBaseError(f"{self.rtp_count} RTP ports do not fit above {self.rtp_first}")

    @property
    def asterisk_http(self) -> int:
        """ARI; loopback always."""
        return self.base + 1

    @property
    def trunk(self) -> int:
        """SIP over UDP, carrier's side."""
        return self.base + 2

    @property
    def phones(self) -> int:
        """SIP over UDP, agents' side."""
        return self.base + 3

    @property
    def health(self) -> int:
        """The controller's /healthz, /readyz and /metrics."""
        return self.base + 4

    @property
    def standby_health(self) -> int:
        """The same of the controller that was started to stand by."""
        return self.base + 5

    @property
    def desk(self) -> int:
        """The one origin browsers speak to."""
        return self.base + 80

    @property
    def rtp_first(self) -> int:
        """Lowest media port; blocks repeat after forty bases."""
        return RTP_FLOOR + RTP_BLOCK * (self.base // STEP % RTP_BLOCKS)

    @property
    def rtp_last(self) -> int:
        """Highest media port, included."""
        return self.rtp_first + self.rtp_count - 1
