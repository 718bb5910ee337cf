"""`python -m benchmarks.load`: callers and agents' phones without media, in a process of its own.

Reads one JSON object from stdin: ports and passwords. Then, for each line `{"rate", "seconds"}`, it
places calls at that rate (answered, key 0, an agent, three seconds, hung up) and prints what came
of them as one line.
"""

import asyncio
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.light_sip import Line, Message, sdp
from tests.sip import digest
from tests.sip.digest import Credentials

DID: Final = "0942000100"
TALK: Final = 3.0  # seconds
AGENT_WITHIN: Final = 10.0
SDP_TYPE: Final = "Content-Type: application/sdp\r\n"
KEY: Final = "Signal=0\r\nDuration=100\r\n"
_NUMBERS: Final = 10_000


@dataclass
class Outcome:
    """What came of the calls of one step."""

    placed: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    answer: list[float] = field(default_factory=list)  # seconds, INVITE → 200
    ring: list[float] = field(default_factory=list)  # seconds, key 0 → the agent's INVITE

    def to_json(self) -> str:
        """One line."""
        told: dict[str, Any] = {
            "placed": self.placed,
            "lost": dict(self.lost),
            "answer": self.answer,
            "ring": self.ring,
        }
        return json.dumps(told)


class Phones:
    """Every agent's phone, on one socket."""

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self.passwords = passwords
        self.rung: dict[str, asyncio.Future[float]] = {}  # by the caller's number
        self.line: Line

    async def register(self, theirs: int) -> None:
        """All of them, thirty at a time."""
        self.line = await Line.open(theirs, self._on_request)
        seats = sorted(self.passwords)
        for first in range(0, len(seats), 30):
            await asyncio.gather(*map(self._register, seats[first : first + 30]))

    async def _register(self, seat: str) -> None:
        refused = await self._ask_to_register(seat, 1, "")
        challenge = refused.headers["www-authenticate"] if refused else ""
        granted = await self._ask_to_register(seat, 2, self._credentials(seat, challenge))
        if granted is None or granted.status != 200:
            raise RuntimeError(f"{seat} could not register: {granted and granted.first}")

    async def _ask_to_register(self, seat: str, number: int, more: str) -> Message | None:
        call_id = f"reg-{seat}"
        text = (
            f"REGISTER sip:127.0.0.1:{self.line.theirs} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.line.port};rport;branch=z9hG4bK{call_id}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{seat}@127.0.0.1>;tag={seat}\r\n"
            f"To: <sip:{seat}@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{seat}@127.0.0.1:{self.line.port}>\r\nExpires: 3600\r\n"
            f"{more}Content-Length: 0\r\n\r\n"
        )
        return await self.line.ask(text, call_id, "REGISTER")

    def _credentials(self, seat: str, challenge: str) -> str:
        uri = f"sip:127.0.0.1:{self.line.theirs}"
        mine = Credentials(seat, self.passwords[seat])
        return f"Authorization: {digest.answer([challenge], mine, 'REGISTER', uri)}\r\n"

    def _on_request(self, request: Message) -> None:
        if request.method == "INVITE":
            contact = f"Contact: <sip:{request.user('to')}@127.0.0.1:{self.line.port}>\r\n"
            tag = f"t{abs(hash(request.call_id))}"
            self.line.agree(request, tag, contact + SDP_TYPE, sdp())
            waiting = self.rung.get(request.user("from"))
            if waiting is not None and not waiting.done():
                waiting.set_result(asyncio.get_running_loop().time())
        elif request.method != "ACK":
            self.line.agree(request, "t")


class Callers:
    """The carrier's side."""

    def __init__(self, phones: Phones) -> None:
        self.phones = phones
        self.line: Line
        self._over: dict[str, asyncio.Event] = {}
        self._numbers: Iterator[int] = itertools.count(1000)

    async def open(self, theirs: int) -> None:
        """One socket for all."""
        self.line = await Line.open(theirs, self._on_request)

    async def step(self, rate: float, seconds: float) -> Outcome:
        """Calls at this rate for so long; what came of them, when all are over."""
        outcome, loop = Outcome(), asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as calls:
            for number in range(round(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
                outcome.placed += 1
                calls.create_task(self._call(outcome))
        return outcome

    async def _call(self, outcome: Outcome) -> None:
        loop = asyncio.get_running_loop()
        serial = next(self._numbers)
        number = f"094200{serial % _NUMBERS:04}"
        if number == DID:
            number = "0942000101"
        call = _Call(self.line, f"c{serial}", number)
        rung = self.phones.rung[number] = loop.create_future()
        over = self._over[call.call_id] = asyncio.Event()
        try:
            lost = await self._lived(call, rung, over, outcome)
        finally:
            self.phones.rung.pop(number, None)
            del self._over[call.call_id]
        if lost:
            outcome.lost[lost] += 1

    async def _lived(
        self, call: "_Call", rung: asyncio.Future[float], over: asyncio.Event, outcome: Outcome
    ) -> str:
        """From the INVITE to the end; what was missed, nothing when all was well."""
        loop = asyncio.get_running_loop()
        invited = loop.time()
        answer = await call.invite()
        if answer is None or answer.status != 200:
            return f"INVITE: {answer.status if answer else 'no answer'}"
        outcome.answer.append(loop.time() - invited)
        pressed = loop.time()
        if await call.ask("INFO", "Content-Type: application/dtmf-relay\r\n", KEY) is None:
            return "INFO: no answer"
        try:
            async with asyncio.timeout(AGENT_WITHIN):
                outcome.ring.append(await rung - pressed)
        except TimeoutError:
            await call.ask("BYE")
            return "no agent"
        await asyncio.sleep(TALK)
        if over.is_set():
            return "cut off while talking"
        ended = await call.ask("BYE")
        return "" if ended and ended.status == 200 else "BYE: no answer"

    def _on_request(self, request: Message) -> None:
        if request.method == "BYE" and (over := self._over.get(request.call_id)):
            over.set()
        if request.method == "INVITE":  # a re-INVITE
            contact = f"Contact: <sip:carrier@127.0.0.1:{self.line.port}>\r\n"
            self.line.agree(request, "t", contact + SDP_TYPE, sdp())
        elif request.method != "ACK":
            self.line.agree(request, "t")


class _Call:
    """One citizen's dialog."""

    def __init__(self, line: Line, call_id: str, number: str) -> None:
        self.line = line
        self.call_id = call_id
        self._number = number
        self._to = f"<sip:{DID}@127.0.0.1:{line.theirs}>"
        self._sequence = 0

    async def invite(self) -> Message | None:
        """The final response; a 200 is acknowledged."""
        found = await self.ask("INVITE", SDP_TYPE, sdp())
        if found is not None:
            self._to = found.headers.get("to", self._to)
            self.line.send(self._text("ACK", "", ""))
        return found

    async def ask(self, method: str, more: str = "", body: str = "") -> Message | None:
        """A request inside the dialog, or the one that begins it."""
        self._sequence += 1
        return await self.line.ask(self._text(method, more, body), self.call_id, method)

    def _text(self, method: str, more: str, body: str) -> str:
        branch = f"z9hG4bK{self.call_id}{self._sequence}{method}"
        return (
            f"{method} sip:{DID}@127.0.0.1:{self.line.theirs} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.line.port};rport;branch={branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{self._number}@127.0.0.1>;tag={self.call_id}\r\n"
            f"To: {self._to}\r\nCall-ID: {self.call_id}\r\nCSeq: {self._sequence} {method}\r\n"
            f"Contact: <sip:carrier@127.0.0.1:{self.line.port}>\r\n"
            f"{more}Content-Length: {len(body)}\r\n\r\n{body}"
        )


async def _main() -> None:
    loop = asyncio.get_running_loop()
    given = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    phones = Phones(given["passwords"])
    await phones.register(given["phones"])
    callers = Callers(phones)
    await callers.open(given["trunk"])
    print(json.dumps({"registered": len(phones.passwords)}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        outcome = await callers.step(asked["rate"], asked["seconds"])
        print(outcome.to_json(), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
