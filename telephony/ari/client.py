"""The operations we ask of Asterisk: the seam that the fake stands behind.

Every id is chosen by us before the resource exists, so a resource that is there already means
that an earlier request arrived, and is success. Ending something that is gone is success too;
anything else asked of a thing that is gone, or is not (or not yet) in our application, raises
`AriGoneError`. No id may be the beginning of another that lives: Asterisk takes it for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from telephony.ari.models import (
    Application,
    AsteriskFacts,
    Bridge,
    Channel,
    DeviceState,
    Endpoint,
    Playback,
)

HangUpReason = Literal["normal", "busy", "congestion", "no_answer", "answered_elsewhere"]
BridgeKind = Literal["mixing", "holding"]
BridgeRole = Literal["holding_participant"]
TransferState = Literal["channel_progress", "channel_answered", "channel_unavailable"]


class Ari(Protocol):
    """One Asterisk node."""

    async def answer(self, channel: str) -> None:
        """Answer the caller."""

    async def ring(self, channel: str) -> None:
        """Let the caller hear ringing."""

    async def hang_up(self, channel: str, reason: HangUpReason | int = "normal") -> None:
        """End the channel, with a reason or a Q.850 cause; one that is gone is what we wanted."""

    async def originate(  # noqa: PLR0913 - one keyword for each parameter of the operation
        self,
        channel: str,
        endpoint: str,
        *,
        app: str,
        timeout: int,  # noqa: ASYNC109 - seconds that Asterisk dials, not that we wait
        args: Sequence[str] = (),
        caller_id: str = "",
        originator: str = "",
        formats: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Dial; its StasisStart is the answer. Give `originator` or `formats`, not both."""

    async def continue_in_dialplan(
        self, channel: str, *, context: str, extension: str, priority: int = 1
    ) -> None:
        """Give the channel back to the dialplan."""

    async def play(self, channel: str, playback: str, media: Sequence[str]) -> None:
        """Play sounds one after the other; a missing file shows only in PlaybackFinished."""

    async def playback(self, playback: str) -> Playback:
        """One playback; it is gone as soon as it has ended."""

    async def stop_playback(self, playback: str) -> None:
        """End the playback at once; it must precede moving its channel between bridges."""

    async def start_moh(self, channel: str, moh_class: str = "") -> None:
        """Let the channel hear music."""

    async def stop_moh(self, channel: str) -> None:
        """End the music."""

    async def stop_ring(self, channel: str) -> None:
        """The channel does not hear ringing any more."""

    async def transfer_progress(self, channel: str, state: TransferState) -> None:
        """Tell the phone that asked for a transfer how it goes."""

    async def channels(self) -> list[Channel]:
        """Every channel of this Asterisk, ours or not."""

    async def channel(self, channel: str) -> Channel:
        """One channel."""

    async def packets_received(self, channel: str) -> int:
        """How many packets of audio have come from the channel's far end so far."""

    async def get_channel_variable(self, channel: str, variable: str) -> str:
        """A channel variable; empty when unset."""

    async def set_channel_variable(self, channel: str, variable: str, value: str) -> None:
        """Set a channel variable or a writable function."""

    async def create_bridge(self, bridge: str, kind: BridgeKind, name: str = "") -> None:
        """Make a bridge; a channel's role says what it hears in a holding one."""

    async def destroy_bridge(self, bridge: str) -> None:
        """End the bridge; its channels stay."""

    async def add_channel(
        self, bridge: str, channels: Sequence[str], role: BridgeRole | None = None
    ) -> None:
        """Move channels into the bridge; blocks while one of them hears a playback.

        In a holding bridge only a `holding_participant` hears the music.
        """

    async def remove_channel(self, bridge: str, channel: str) -> None:
        """Take the channel out of the bridge."""

    async def bridges(self) -> list[Bridge]:
        """Every bridge of this Asterisk."""

    async def bridge(self, bridge: str) -> Bridge:
        """One bridge."""

    async def endpoints(self, technology: str = "PJSIP") -> list[Endpoint]:
        """Every endpoint of one technology."""

    async def endpoint(self, resource: str, technology: str = "PJSIP") -> Endpoint:
        """One endpoint."""

    async def device_states(self) -> list[DeviceState]:
        """The custom device states; a phone's own state arrives as DeviceStateChanged."""

    async def application(self, app: str) -> Application:
        """What the application is subscribed to."""

    async def subscribe(self, app: str, event_sources: Sequence[str]) -> Application:
        """Also hear about these (`endpoint:PJSIP`, `deviceState:PJSIP/a01`, ...)."""

    async def filter_events(self, app: str, allowed: Sequence[str]) -> None:
        """Be sent only these event types."""

    async def get_global_variable(self, variable: str) -> str:
        """A global variable; empty when unset."""

    async def set_global_variable(self, variable: str, value: str) -> None:
        """Set a global variable."""

    async def user_event(self, name: str, *, app: str, variables: Mapping[str, str]) -> None:
        """Send ourselves an event: it comes back through the stream, or the stream is dead."""

    async def info(self) -> AsteriskFacts:
        """Which Asterisk this is, and since when it runs."""
