"""A call that reaches our telephone."""

from tests.sip import sdp
from tests.sip.call import SDP_TYPE, Call
from tests.sip.dialog import Dialog
from tests.sip.ending import Ending, Side
from tests.sip.message import Request, display_of, tag_of, uri_of, user_of
from tests.sip.moment import Moment
from tests.sip.stack import Stack
from tests.sip.transactions import ServerTransaction


class IncomingCall(Call):
    """From their INVITE on; `invited_at` is when the kernel received its first datagram."""

    def __init__(self, stack: Stack, transaction: ServerTransaction, tone_hz: int) -> None:
        self.request = transaction.request
        dialog = Dialog.accepting(self.request, stack.contact, transaction.address)
        super().__init__(stack, dialog, tone_hz)
        self.invited_at = transaction.at
        self.confirmed: Moment[None] = Moment("the ACK for our answer", stack.trace)
        self.talks = True
        self.asked_to_talk = 0
        self._invitation = transaction
        self._offer = sdp.read(self.request.body)

    @property
    def dialled(self) -> str:
        """The user part of the Request-URI."""
        return user_of(self.request.uri)

    @property
    def caller(self) -> str:
        """The user part of From."""
        return user_of(uri_of(self.request.header("From")))

    @property
    def caller_name(self) -> str:
        """The display name of From."""
        return display_of(self.request.header("From"))

    def trying(self) -> None:
        """Stops the far end's repeats without ringing."""
        self._invitation.respond(100)

    def ring(self) -> None:
        """Rings."""
        if not self._invitation.answered:
            contact = ("Contact", self.stack.contact)
            at = self._invitation.respond(180, self._tag, (contact,))
            self.ringing.happen(None, at)

    def progress(self, *, with_audio: bool) -> None:
        """183: early media, or none."""
        headers, body = self._answer_to(self.request) if with_audio else ((), b"")
        described = (*headers, SDP_TYPE) if with_audio else headers
        self._invitation.respond(183, self._tag, described, body)
        if with_audio:
            self._hear(self.request.body)

    def answer(self) -> Moment[None]:
        """Takes the call; awaiting the result waits for the far end's ACK."""
        if self._invitation.answered or self.ended.happened:
            return self.confirmed
        if self._offer and sdp.PCMU not in self._offer.payloads:
            self.decline(488)
            return self.confirmed
        headers, body = self._answer_to(self.request)
        at = self._invitation.respond(200, self._tag, (*headers, SDP_TYPE), body)
        self._accepted = self._invitation
        self._invitation.on_gave_up = self._on_no_ack
        self.answered.happen(None, at)
        self._hear(self.request.body)
        return self.confirmed

    def decline(self, status: int = 603) -> Moment[Ending]:
        """Refuses."""
        if not self._invitation.answered:
            at = self._invitation.respond(status, self._tag)
            self._end(Ending(status, "declined", Side.US), at)
        return self.ended

    def busy(self) -> Moment[Ending]:
        """Refuses with 486."""
        return self.decline(486)

    def on_ack(self, request: Request) -> None:
        """Our answer has arrived."""
        super().on_ack(request)
        self.confirmed.happen(None)

    def on_cancel(self, cancel: ServerTransaction) -> None:
        """The far end gave up; after our answer a CANCEL changes nothing."""
        cancel.respond(200, self._tag)
        if self._invitation.answered:
            return
        self._invitation.respond(487, self._tag)
        cause = cancel.request.header("Reason")
        self._end(Ending(487, "cancelled", Side.THEM, cause), cancel.at)

    def _on_talk(self, transaction: ServerTransaction) -> None:
        """The far end's answer key: as most desk phones do, answer; or as the others, refuse."""
        self.asked_to_talk += 1
        transaction.respond(200 if self.talks else 489)
        if self.talks:
            self.answer()

    def _leave_unanswered(self) -> None:
        self.decline()

    def _on_no_ack(self) -> None:
        self._end(Ending(408, "no ACK", Side.THEM), self.invited_at)

    def _end(self, ending: Ending, at: float) -> None:
        super()._end(ending, at)
        self.confirmed.rule_out(f"the call ended before: {ending.status} {ending.reason}")

    @property
    def _tag(self) -> str:
        return tag_of(self.dialog.local)
