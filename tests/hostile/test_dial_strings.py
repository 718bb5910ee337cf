"""Ten thousand numbers that somebody would like us to dial: none that is forbidden is dialled.

What may be dialled is said here a second time and another way: by the kinds of number that the
numbering plan of Japan has, one by one, and not by what is to be refused.
"""

import asyncio
import random
import string
from collections.abc import Iterator
from typing import Final

from telephony.acd.errors import Rejected
from telephony.acd.model import CallId
from telephony.calls.callers import Callers
from telephony.calls.owing import Numbers
from telephony.calls.performer import Performer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import Line, Phone
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.owing import FakeOwing
from telephony.simulation.shell.sounds import NamedSounds

STRINGS: Final = 10_000
ALL: Final = TollRules(("0",), per_hour=STRINGS)  # a site that allows whatever may be allowed
TOWN: Final = TollRules(("0942", "090"), per_hour=STRINGS)
SEEDS: Final = (
    "0942000901", "0942-00-0901", "+81942000901", "09000000901", "0120000901", "08000000901",
    "05000000901", "0570000901", "0990000901", "0910000901", "0180000901", "0170000901",
    "02000000901", "0140000901", "0160000901", "010442000000", "+442000000000", "0033010442000",
    "00442000000", "110", "119", "118", "117", "104", "184110", "1840990000901", "186010442000",
    "122110", "+81990000901", "+81570000901", "+81110", "", " ", "0", "+", "+81", "#", "*67",
)  # fmt: skip
NOISE: Final = (
    " -()+#*@;:,/\\\r\n\t\x00%&'\"<>[]{}|~^`=?!.$０９４２１①②９٠١٢۰۹००९Ⅻ一二〇\u200b\u202e\ufeff"
) + string.ascii_letters
WRAPS: Final = (
    "{}@evil.example", "sip:{}@127.0.0.1", "tel:{}", "{}&PJSIP/0990000901@trunk", "{}/n",
    "{};phone-context=+44", "{},,010442000000", "{}w0990000901", "Local/{}@phones",
    "{}\r\nAction: Originate", "184{}", "186{}", "184186{}", "+81{}", "+8181{}", "0{}", "00{}",
    "010{}", "1{}", "{}{}",
)  # fmt: skip
GEOGRAPHIC: Final = tuple(f"0{area}" for area in range(11, 100) if area % 10)  # 011 to 099
MOBILE_AND_IP: Final = ("050", "060", "070", "080", "090")
FREE: Final = ("0120", "0800")


def may_be_dialled(digits: str) -> bool:
    """Kinds of number that a citizen or the city can have, by their first digits and length."""
    if not digits.isascii() or not digits.isdigit():
        return False
    if digits.startswith(FREE):
        return len(digits) in {10, 11}
    if digits.startswith(MOBILE_AND_IP):
        return len(digits) in {10, 11}
    service = (digits[1] == "1" and digits[3] == "0") or digits[:4] in {"0570", "0910", "0990"}
    return digits.startswith(GEOGRAPHIC) and not service and len(digits) in {10, 11}


def strings(seed: int) -> Iterator[str]:
    """Real kinds of number, bent and wrapped, and plain noise."""
    chance = random.Random(seed)
    for _ in range(STRINGS):
        text = chance.choice(SEEDS)
        for _ in range(chance.choice((0, 0, 1, 2, 5))):
            at = chance.randrange(len(text) + 1)
            text = chance.choice(
                (
                    text[:at] + chance.choice(NOISE) + text[at:],
                    text[:at] + text[at + 1 :],
                    text[:at] + chance.choice(string.digits) + text[at:],
                    text[:at] + text[at:] * 2,
                    text[::-1],
                )
            )
        if chance.random() < 0.4:
            text = chance.choice(WRAPS).replace("{}", text)
        yield text


class Rig:
    """What stands between an obligation's number and the carrier, and what reached the carrier."""

    def __init__(self, tolls: TollRules) -> None:
        self.owing = FakeOwing()
        self.asterisk = FakeAsterisk()
        self.reached: list[str] = []
        self.refused = 0
        callers = Callers(b"s" * 32, lambda _: None)
        self.numbers = Numbers(self.owing, callers, None, lambda: tolls, b"s" * 32)
        self.performer = Performer(
            self.asterisk,
            NamedSounds(),
            lambda _: "",
            "0942000100",
            self._nothing,
            self._told,
            number_to_dial=self.numbers.to_dial,
        )

    async def _nothing(self, _: fx.CheckKeys) -> None:
        raise AssertionError("nobody types here")

    def _told(self, command: cmd.Command) -> None:
        assert isinstance(command, cmd.ExternalEnded)
        self.refused += 1

    async def try_to_dial(self, nth: int, text: str) -> bool:
        """Through both doors; whether the request was granted."""
        self.owing.numbers["ob-x"] = text
        call = CallId(f"own-1.{nth}")
        await self.performer.perform(fx.DialBack(call, 2, "ob-x", None, 30.0, ""))
        try:
            await self.numbers.key_of("ob-x")
        except Rejected:
            return False
        return True


class Everybody(dict[str, Phone]):
    """A carrier that takes every number."""

    def get(self, key: str, default: object = None) -> Phone:
        return Phone("rings", after=1.0)

    def __missing__(self, key: str) -> Phone:
        return Phone("rings", after=1.0)


@virtually
async def test_of_ten_thousand_dial_strings_no_forbidden_one_is_dialled() -> None:
    for tolls in (ALL, TOWN):
        rig = Rig(tolls)
        async with rig.asterisk.open():
            rig.asterisk.world.phones = Everybody()
            dialled: list[str] = []

            def see(sight: str, line: Line, to: list[str] = dialled) -> None:
                if sight == "dialled":
                    to.append(line.name)

            rig.asterisk.world.see = see
            for nth, text in enumerate(strings(7)):
                before = len(dialled)
                granted = await rig.try_to_dial(nth, text)
                assert granted == (len(dialled) > before), text  # the doors agree
                rig.asterisk.world.lines.clear()
            await asyncio.sleep(0)
        numbers = [name.partition("PJSIP/")[2] or name for name in dialled]
        assert len(dialled) > 200  # the gate is a gate and no wall
        assert rig.refused + len(dialled) == STRINGS
        for name in numbers:
            digits = name.partition("@")[0].partition("-")[0]
            assert may_be_dialled(digits), name
            assert any(digits.startswith(prefix) for prefix in tolls.allow), name
