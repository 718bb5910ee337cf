"""One call as its telephone sees it: the part that both directions share."""

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from urllib.parse import quote

from tests.sip import sdp
from tests.sip.dialog import Dialog
from tests.sip.ear import Gap
from tests.sip.ending import Ending, Side
from tests.sip.message import Headers, Request, Response, tag_of
from tests.sip.moment import Missed, Moment
from tests.sip.rtp import APART, KeyPress, Media
from tests.sip.sdp import Direction
from tests.sip.stack import Exchange, Stack
from tests.sip.transactions import ServerTransaction

SDP_TYPE = ("Content-Type", "application/sdp")
_RETRIES_ON_GLARE = 3
_PATIENCE = 30.0


class Call(ABC):
    """A dialog and its audio."""

    glare_pause = 0.1  # seconds; the two ends differ, or they would meet again (RFC 3261 §14.1)

    def __init__(self, stack: Stack, dialog: Dialog, tone_hz: int) -> None:
        self.stack = stack
        self.dialog = dialog
        self.tone_hz = tone_hz
        self.media = Media(stack.host, stack.pacer, tone_hz)
        self.ringing: Moment[None] = Moment("ringing", stack.trace)
        self.answered: Moment[None] = Moment("the answer", stack.trace)
        self.ended: Moment[Ending] = Moment("the end of the call", stack.trace)
        self.invited_at = 0.0
        self._pressed_at = 0.0
        self.re_invited = 0  # by the far end
        self.transferred: Moment[int] = Moment("the outcome of the transfer", stack.trace)
        self._wanted = Direction.BOTH
        self._sdp_version = 1
        self._changing = False
        self._leaving = False
        self._accepted: ServerTransaction | None = None
        stack.dialogs[dialog.key] = self

    # What a test hears and says.

    @property
    def acted_at(self) -> float:
        """When this end last did something the far end answers by sound: its call, or a key."""
        return max(self.invited_at, self._pressed_at)

    def level(self, hertz: float) -> float:
        """How loud a frequency is heard just now, in dBov."""
        return self.media.ear.level(hertz)

    def rms(self) -> float:
        """How loud anything is heard just now, in dBov."""
        return self.media.ear.rms()

    async def heard(self, hertz: float, within: float = 30.0) -> bool:
        """Whether a frequency becomes audible, in audio that arrives from now on."""
        return await self.media.ear.heard(hertz, within)

    def silence_gaps(self, longer_than_ms: float = 60, since: float = 0.0) -> list[Gap]:
        """Where the audio heard was interrupted, up to now or to the end of the call."""
        self.media.read()
        return self.media.ear.silence_gaps(longer_than_ms, since, self.ended.at)

    async def send_key(self, key: str, held_for: float = 0.1, apart: float = APART) -> KeyPress:
        """Presses one key and returns when it is released; the next is so much later."""
        self._pressed_at = time.monotonic()
        return await self.media.press(key, held_for, apart)

    async def send_keys(self, keys: str, held_for: float = 0.1, apart: float = APART) -> None:
        """Presses several keys, one after the other."""
        for key in keys:
            await self.send_key(key, held_for, apart)

    # What a test does.

    def hang_up(self) -> Moment[Ending]:
        """Leaves at once, whatever the state; awaiting the result waits for the far end."""
        if self.ended.happened or self._leaving:
            return self.ended
        self._leaving = True
        if self.answered.happened:
            self._send_bye()
        else:
            self._leave_unanswered()
        return self.ended

    def abandon(self) -> None:
        """Leaves without a word, as when the power fails."""
        self._end(Ending(408, "abandoned", Side.US), time.monotonic())

    async def hold(self) -> None:
        """Puts the far end on hold and falls silent."""
        await self._change(Direction.SEND)

    async def unhold(self) -> None:
        """Talks again."""
        await self._change(Direction.BOTH)

    async def offer(self, body: bytes, *headers: tuple[str, str]) -> Response:
        """Sends a re-INVITE with any body, or none, and says how it was answered."""
        return await self._re_invite(body, headers)

    async def transfer(self, target: str, replacing: "Call | None" = None) -> int:
        """Asks the far end to call someone else instead (REFER); the status of its response.

        `replacing` is our other call, whose far end the target then is (an attended transfer).
        `transferred` tells the outcome; hanging up after it is left to the test, as to a telephone.
        """
        host, port = self.dialog.address
        uri = target if ":" in target else f"sip:{target}@{host}:{port}"
        if replacing is not None:
            dialog = replacing.dialog
            tags = f";to-tag={tag_of(dialog.remote)};from-tag={tag_of(dialog.local)}"
            uri = f"{uri}?Replaces={quote(dialog.call_id + tags, safe='')}"
        request = self.dialog.request("REFER", (("Refer-To", f"<{uri}>"),))
        response, _ = await self.stack.ask(request, self.dialog.address, self.dialog.sequence)
        return response.status

    # What the stack tells us.

    def on_request(self, transaction: ServerTransaction) -> None:
        """A request inside the dialog."""
        match transaction.request.method:
            case "BYE":
                self._on_bye(transaction)
            case "INVITE" | "UPDATE":
                self._on_offer(transaction)
            case "REFER" | "PRACK":
                transaction.respond(405)
            case "NOTIFY" if transaction.request.header("Event") == "talk":
                self._on_talk(transaction)
            case "NOTIFY":
                transaction.respond(200)
                self._on_transfer_report(transaction.request.body)
            case _:
                transaction.respond(200)

    def on_ack(self, request: Request) -> None:
        """The far end has our 2xx; a late answer to our offer may be inside."""
        if self._accepted:
            self._accepted.acknowledge()
            self._accepted = None
        self._hear(request.body)

    def _on_talk(self, transaction: ServerTransaction) -> None:
        transaction.respond(489)

    @abstractmethod
    def _leave_unanswered(self) -> None:
        """Give up what nobody has answered yet."""

    def _send_bye(self) -> None:
        def then(response: Response, at: float) -> None:
            if response.status >= 200:
                reason = "OK" if response.status < 300 else f"BYE: {response.status}"
                self._end(Ending(200, reason, Side.US), at)

        self.media.stop_sending()
        self._exchange(self.dialog.request("BYE"), then).start()

    def _on_bye(self, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        cause = transaction.request.header("Reason")
        self._end(Ending(200, "BYE", Side.THEM, cause), transaction.at)

    def _end(self, ending: Ending, at: float) -> None:
        """Only the first end counts; the far end's repeats are answered by transactions."""
        if self.ended.happened:
            return
        self.ended.happen(ending, at)
        why = f"the call ended before: {ending.status} {ending.reason}"
        self.ringing.rule_out(why)
        self.answered.rule_out(why)
        self.transferred.rule_out(why)
        self.media.close()
        if self._accepted:
            self._accepted.stop()
        self.stack.dialogs.pop(self.dialog.key, None)

    def _on_transfer_report(self, fragment: bytes) -> None:
        found = re.match(rb"SIP/2.0 (\d{3})", fragment)
        if found and int(found[1]) >= 200:
            self.transferred.happen(int(found[1]))

    def _exchange(self, request: Request, then: Callable[[Response, float], None]) -> Exchange:
        dialog = self.dialog
        return Exchange(self.stack, request, dialog.address, dialog.sequence, then)

    def _send_ack(self, number: int, headers: Headers = (), body: bytes = b"") -> None:
        via = self.stack.transport.via()
        request = self.dialog.request("ACK", (via, *headers), body, number)
        self.stack.transport.send(request, self.dialog.address)

    # Offers and answers.

    def _describe(self, direction: Direction | None = None) -> bytes:
        direction = direction or self._wanted
        self._sdp_version += 1
        return sdp.write(self.stack.host, self.media.port, self._sdp_version, direction)

    def _hear(self, body: bytes) -> None:
        """Follows what the far end describes."""
        far = sdp.read(body)
        if far and not self.ended.happened:
            sending = self._wanted is Direction.BOTH and far.direction.receives
            self.media.connect(far, sending=sending and not self._leaving)

    def _on_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._changing:
            transaction.respond(491)
            return
        self.re_invited += request.method == "INVITE"
        self.dialog.learn_target(request)
        self._hear(request.body)
        headers, body = self._answer_to(request)
        transaction.respond(200, headers=headers, body=body)
        if request.method == "INVITE":
            self._accepted = transaction

    def _answer_to(self, request: Request) -> tuple[Headers, bytes]:
        contact = ("Contact", self.stack.contact)
        far = sdp.read(request.body)
        if far:
            direction = sdp.answering(far.direction, self._wanted)
            return (contact, SDP_TYPE), self._describe(direction)
        if request.method == "INVITE":
            return (contact, SDP_TYPE), self._describe()
        return (contact,), b""

    async def _change(self, wanted: Direction) -> None:
        self._wanted = wanted
        for _ in range(_RETRIES_ON_GLARE):
            response = await self._re_invite()
            if response.status != 491:
                break
            await asyncio.sleep(self.glare_pause)
        if response.status != 200:
            raise Missed(f"re-INVITE: {response.start_line}\n{self.stack.trace}")

    async def _re_invite(
        self, body: bytes | None = None, headers: Headers = (SDP_TYPE,)
    ) -> Response:
        final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def then(response: Response, at: float) -> None:
            if 200 <= response.status < 300:
                self._send_ack(exchange.number)
                self._hear(response.body)
            if response.status >= 200 and not final.done():
                final.set_result(response)

        described = self._describe() if body is None else body
        request = self.dialog.request("INVITE", headers, described)
        exchange = self._exchange(request, then)
        self._changing = True
        exchange.start()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await final
        except TimeoutError:
            why = f"re-INVITE: no answer within {_PATIENCE:g} s\n{self.stack.trace}"
            raise Missed(why) from None
        finally:
            self._changing = False
