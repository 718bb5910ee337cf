"""What callers type: which keys the core may see, and the numbers that it may not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ivr_flows.check import CALLERS_NUMBER
from ivr_flows.engine import TYPED
from telephony.acd.model import CallId
from telephony.ari.events import ChannelDtmfReceived
from telephony.caller_id import e164, grouped
from telephony.calls.callers import Callers
from telephony.calls.keypad import Keypad
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import KeyUse

Keep = Callable[[CallId, str, str], Awaitable[bool]]  # a field's value into the record


@dataclass(slots=True)
class Typed:
    """Kept from the key to the record, and nowhere else: no journal and no log has it."""

    callers: Callers
    keep: Keep  # False when it cannot be kept
    submit: Callable[[cmd.Command], None]
    _keypad: Keypad = field(default_factory=Keypad)
    _checked: dict[CallId, str] = field(default_factory=dict)  # on their way to being checked
    _unconfirmed: dict[CallId, str] = field(default_factory=dict)  # valid, and read back

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
            case KeyUse.UNSEEN:
                seen = key if key in "*#" else cmd.MASKED
        self.submit(cmd.KeyPressed(call, seen))

    def take(self, wanted: fx.CheckKeys) -> None:
        """What was typed until now: keys pressed later must not shift it."""
        self._checked[wanted.call] = self._keypad.take(wanted.call, wanted.length)

    async def check(self, wanted: fx.CheckKeys) -> None:
        """A number that was typed in: valid when it can be one, and kept then.

        What cannot be kept counts as not understood: better to ask again than to lose it.
        """
        typed = self._checked.pop(wanted.call, "")
        number = e164(typed) if wanted.accept == "phone_number" else typed
        valid = bool(number)
        if number and not wanted.keep:
            self._unconfirmed[wanted.call] = number
        elif number:
            valid = await self.keep(wanted.call, wanted.field, number)
        self.submit(cmd.KeysChecked(wanted.call, valid))

    async def confirm(self, confirmed: fx.KeepKeys) -> None:
        """The number that the caller has heard and confirmed."""
        number = self._unconfirmed.pop(confirmed.call, "")
        valid = bool(number) and await self.keep(confirmed.call, confirmed.field, number)
        self.submit(cmd.KeysChecked(confirmed.call, valid))

    def spoken(self, call: CallId, prompts: tuple[str, ...]) -> tuple[str, ...]:
        """The prompts, with the numbers in them that nobody else knows."""
        caller = self.callers.get(call)
        known = {
            TYPED: self._unconfirmed.get(call),
            CALLERS_NUMBER: caller.number if caller is not None else None,
        }
        said: list[str] = []
        for each in prompts:
            if each not in known:
                said.append(each)
            elif number := known[each]:
                said.append(f"number:{grouped(number)}")
        return tuple(said)

    def forget(self, call: CallId) -> None:
        """The call is over."""
        self._keypad.forget(call)
        self._checked.pop(call, None)
        self._unconfirmed.pop(call, None)
