"""What callers type: which keys the core may see, and the numbers that it may not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from ivr_flows.check import CALLERS_NUMBER, OWN_BOOKING
from ivr_flows.engine import TYPED
from telephony.acd.model import CallId
from telephony.ari.events import ChannelDtmfReceived
from telephony.caller_id import e164, grouped
from telephony.calls.callers import Callers
from telephony.calls.keypad import Keypad
from telephony.calls.own_booking import OwnBooking, is_notice, notice_read_out
from telephony.calls.performer import Said
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import KeyUse

NOTICE: Final = "notice_number"
BIRTH: Final = "birth_date"
KNOWN_HERE: Final = frozenset({TYPED, CALLERS_NUMBER, OWN_BOOKING})
Keep = Callable[[CallId, str, str], Awaitable[bool]]  # a field's value into the record


@dataclass(frozen=True, slots=True)
class _Entry:
    accept: str
    number: str


@dataclass(slots=True)
class Typed:
    """Kept from the key to the record, and nowhere else: no journal and no log has it.

    What opens a booking goes into no record either (`own_booking`).
    """

    callers: Callers
    keep: Keep  # False when it cannot be kept
    submit: Callable[[cmd.Command], None]
    own: OwnBooking
    _keypad: Keypad = field(default_factory=Keypad)
    _checked: dict[CallId, str] = field(default_factory=dict)  # on their way to being checked
    _unconfirmed: dict[CallId, _Entry] = field(default_factory=dict)  # valid, and read back

    def press(self, call: CallId, event: ChannelDtmfReceived, use: KeyUse) -> None:
        """Tell the core of a key, or of as much of it as it may see."""
        key = event.digit
        if use is KeyUse.NONE or self._keypad.told_twice(call, key, event.timestamp):
            return
        match use:
            case KeyUse.PLAIN:
                seen = self._keypad.show(call, key)
            case KeyUse.COLLECTED:
                seen = self._keypad.keep(call, key)
            case KeyUse.ONE | KeyUse.UNSEEN as meant:
                choices = "*#1" if meant is KeyUse.ONE else "*#"
                seen = key if key in choices else cmd.MASKED
        self.submit(cmd.KeyPressed(call, seen))

    def take(self, wanted: fx.CheckKeys) -> None:
        """What was typed until now: keys pressed later must not shift it."""
        self._checked[wanted.call] = self._keypad.take(wanted.call, wanted.length)

    async def check(self, wanted: fx.CheckKeys) -> None:
        """A number that was typed in: valid when it can be one, and kept then.

        What cannot be kept counts as not understood: better to ask again than to lose it.
        """
        typed = self._checked.pop(wanted.call, "")
        if wanted.accept == BIRTH:
            valid = await self.own.is_theirs(wanted.call, typed)
        else:
            valid = await self._valid(wanted, _Entry(wanted.accept, _number(wanted.accept, typed)))
        self.submit(cmd.KeysChecked(wanted.call, valid))

    async def _valid(self, wanted: fx.CheckKeys, entry: _Entry) -> bool:
        if not entry.number:
            return False
        if wanted.keep:
            return await self._kept(wanted.call, wanted.field, entry)
        self._unconfirmed[wanted.call] = entry
        return True

    async def _kept(self, call: CallId, field_: str, entry: _Entry) -> bool:
        if entry.accept == NOTICE:
            self.own.note(call, entry.number)
            return True
        return await self.keep(call, field_, entry.number)

    async def confirm(self, confirmed: fx.KeepKeys) -> None:
        """The number that the caller has heard and confirmed."""
        entry = self._unconfirmed.pop(confirmed.call, None)
        valid = entry is not None and await self._kept(confirmed.call, confirmed.field, entry)
        self.submit(cmd.KeysChecked(confirmed.call, valid))

    def spoken(self, call: CallId, prompts: tuple[str, ...]) -> Said:
        """The prompts, with what nobody else knows in its place.

        What opened a booking may be forgotten, by a new leader for one: that it was not found is
        then said instead, and informs nobody.
        """
        said: list[str] = []
        for each in prompts:
            said += self._known(call, each) if each in KNOWN_HERE else (each,)
        return Said(tuple(said), OWN_BOOKING not in prompts or self.own.is_known(call))

    def _known(self, call: CallId, prompt: str) -> tuple[str, ...]:
        if prompt == OWN_BOOKING:
            return self.own.spoken(call)
        if prompt == TYPED:
            entry = self._unconfirmed.get(call)
            return () if entry is None else (_read_out(entry),)
        caller = self.callers.get(call)
        return (f"number:{grouped(caller.number)}",) if caller and caller.number else ()

    def forget(self, call: CallId) -> None:
        """The call is over."""
        self._keypad.forget(call)
        self._checked.pop(call, None)
        self._unconfirmed.pop(call, None)
        self.own.forget(call)


def _number(accept: str, typed: str) -> str:
    """The number, or "" when it can be none."""
    match accept:
        case "phone_number":
            return e164(typed) or ""
        case "notice_number":
            return typed if is_notice(typed) else ""
        case _:
            return typed


def _read_out(entry: _Entry) -> str:
    if entry.accept == NOTICE:
        return notice_read_out(entry.number)
    return f"number:{grouped(entry.number)}"
