"""What rides on the channels themselves, for the day on which nobody else remembers.

Set where a request is made anyway, and read only when the journal is not intact (but for a silence
that has begun: `calls.lost_sound`). A variable that is not set on a channel is looked for among the
global ones, so the two have different names.
"""

from collections.abc import Mapping
from typing import Final

from config.clock import Clock, boot
from telephony.acd.model import CallId, Instant
from telephony.ari.client import Ari
from telephony.ari.errors import AriGoneError

CALL: Final = "MADO_CALL"
ARRIVED: Final = "MADO_ARRIVED"
EPOCH: Final = "MADO_EPOCH"
UP_SINCE: Final = "MADO_UP_SINCE"  # global: when this Asterisk started, by its clock and by ours
INSTANTS: Final = "MADO_INSTANTS"  # global: the last leader's clock, by its machine's uptime
LEADER: Final = "MADO_LEADER"  # global: who led last; the dialplan gives it to each caller


def by_a_leg(call: CallId, arrived_at: Instant | None, epoch: int) -> Mapping[str, str]:
    """What a leg carries of its call and its maker."""
    arrived = "" if arrived_at is None else f"{arrived_at:.3f}"
    return {CALL: call, ARRIVED: arrived, EPOCH: str(epoch)}


async def epoch_in_asterisk(ari: Ari, *, ask_channels: bool) -> int:
    """The newest epoch that Asterisk has heard of; 0 when it has heard of none. Raises AriError.

    It outlives us. Its channels are many, and need be asked only when nobody else remembers.
    """
    values = [await ari.get_global_variable(LEADER)]
    for channel in await ari.channels() if ask_channels else ():
        try:
            values.append(await ari.get_channel_variable(channel.id, EPOCH))
        except AriGoneError:
            continue
    return max((int(value) for value in values if value.isdecimal()), default=0)


def instants(clock: Clock) -> str:
    """What is kept in Asterisk of a leader's clock, for who goes on with its calls."""
    return f"{boot()} {clock.ahead:.6f}"


async def former_instants(ari: Ari) -> float | None:
    """How far the last leader's instants are ahead of this machine's uptime. Raises AriError.

    None where nobody says so, or where it was another machine, or this one before its last start.
    """
    machine, _, ahead = (await ari.get_global_variable(INSTANTS)).partition(" ")
    return float(ahead) if machine == boot() else None


async def up_since(ari: Ari, started: float, now: Instant, ahead: float) -> Instant:
    """When this Asterisk started, as an instant. Raises AriError.

    It tells by the wall clock of that moment. Whoever sets the clock back an hour would make it
    younger than its callers, and each who hung up unheard a call that Asterisk lost. So what was
    made of it at first is kept where it dies with it.
    """
    told = f"{started:.3f}"
    known, _, instant = (await ari.get_global_variable(UP_SINCE)).partition(" ")
    if known == told and float(instant) <= now:
        return Instant(float(instant))
    since = Instant(round(started - ahead, 3))
    await ari.set_global_variable(UP_SINCE, f"{told} {since:.3f}")
    return since
