"""A call that our telephone places."""

from tests.sip.call import SDP_TYPE, Call
from tests.sip.dialog import Dialog
from tests.sip.ending import Ending, Side
from tests.sip.message import Headers, Response
from tests.sip.moment import Moment
from tests.sip.sdp import Direction
from tests.sip.stack import Exchange, Stack


class OutgoingCall(Call):
    """From our INVITE on; `invited_at` is the moment before its first datagram left."""

    glare_pause = 0.3

    def __init__(
        self,
        stack: Stack,
        dialog: Dialog,
        tone_hz: int,
        headers: Headers,
        *,
        offering: bool = True,
        wanted: Direction = Direction.BOTH,
    ) -> None:
        super().__init__(stack, dialog, tone_hz)
        self._wanted = wanted
        self.progress: Moment[int] = Moment("any provisional response", stack.trace)
        self.responses: list[Response] = []
        self._offering = offering
        body = self._describe() if offering else b""
        described = (SDP_TYPE, *headers) if offering else headers
        request = dialog.request("INVITE", described, body)
        self._invitation: Exchange = self._exchange(request, self._on_response)
        self._acknowledged = 0
        self.invited_at = self._invitation.start()

    def cancel(self) -> Moment[Ending]:
        """Gives up before the answer; when the answer crosses it, hangs up."""
        return self.hang_up()

    def _leave_unanswered(self) -> None:
        # Without a provisional response CANCEL has to wait for one.
        self._invitation.cancel()

    def _on_response(self, response: Response, at: float) -> None:
        self.responses.append(response)
        if response.status < 200:
            self._on_provisional(response, at)
        elif response.status < 300:
            self._on_answer(response, at)
        else:
            by = Side.US if self._leaving else Side.THEM
            cause = response.header("Reason")
            self._end(Ending(response.status, response.reason, by, cause), at)

    def _on_provisional(self, response: Response, at: float) -> None:
        first = not self.progress.happened
        self.progress.happen(response.status, at)
        if response.status == 180:
            self.ringing.happen(None, at)
        if response.body:
            self._hear(response.body)
        if first and self._leaving:
            self._invitation.cancel()

    def _on_answer(self, response: Response, at: float) -> None:
        if self._acknowledged:
            self._acknowledge()
            return
        self._acknowledged = self._invitation.number
        self.dialog.learn_from_response(response)
        self._acknowledge()
        self.answered.happen(None, at)
        if self._leaving:
            self._send_bye()
        else:
            self._hear(response.body)

    def _acknowledge(self) -> None:
        """Where their answer was the offer, the ACK carries ours (RFC 3261 §13.2.1)."""
        if self._offering:
            self._send_ack(self._acknowledged)
        else:
            self._send_ack(self._acknowledged, (SDP_TYPE,), self._describe())
