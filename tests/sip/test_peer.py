"""The test telephones against each other, without Asterisk between them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.sip import (
    CALLER_TONE,
    AnswerAfter,
    DeskPhone,
    Missed,
    Peer,
    Policy,
    Shared,
    Side,
    Timers,
    Trunk,
    digest,
    hears,
    not_hears,
    seat_tone,
    talk,
    tone,
)
from tests.sip.dialog import new_tag
from tests.sip.message import params_of
from tests.sip.rtp import Media
from tests.sip.sdp import PCMU, Direction, Session
from tests.sip.transactions import ServerTransaction

FAST = Timers(t1=0.05, t2=0.2)


class Registrar(Peer):
    """Asks for a digest and accepts one password."""

    password = "right"
    algorithm = "MD5"

    def __init__(self) -> None:
        super().__init__("registrar", ("127.0.0.1", 0), 0)
        self.expires: list[int] = []

    def on_request_outside(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        given = request.header("Authorization")
        if digest.is_right(given, self.password, request.method):
            self.expires.append(int(request.header("Expires")))
            contact = f"{request.header('Contact')};expires=2"
            transaction.respond(200, new_tag(), (("Contact", contact),))
        elif given:
            transaction.respond(403, new_tag())
        else:
            asked = f'Digest realm="madoguchi",nonce="n1",qop="auth",algorithm={self.algorithm}'
            transaction.respond(401, new_tag(), (("WWW-Authenticate", asked),))


@pytest.fixture
async def phone() -> AsyncIterator[DeskPhone]:
    async with DeskPhone("a01", "a01", "right", 0, 0, shared=Shared(timers=FAST)) as phone:
        yield phone


@pytest.fixture
async def trunk(phone: DeskPhone) -> AsyncIterator[Trunk]:
    async with Trunk("127.0.0.1", 0, phone.port, shared=phone.shared) as trunk:
        yield trunk


async def test_both_hear_each_other_until_the_caller_hangs_up(
    trunk: Trunk, phone: DeskPhone
) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    assert ringing.invited_at >= call.invited_at
    await call.ringing
    assert not call.answered.happened
    await ringing.answer()
    await talk(call, ringing)
    await call.hang_up()
    ending = await ringing.ended
    assert (ending.status, ending.by) == (200, Side.THEM)
    assert call.ended.value.by is Side.US
    assert not trunk.calls
    assert not phone.calls


async def test_the_called_side_hangs_up(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter(0.05)
    call = await trunk.call("a01")
    await call.answered
    taken = await phone.rings()
    await taken.hang_up()
    assert (await call.ended).by is Side.THEM


async def test_a_tone_that_nobody_sends_is_not_heard(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    await call.answered
    await not_hears(call, trunk.tone_hz, for_=0.5)
    with pytest.raises(AssertionError, match="does not hear 1234 Hz"):
        await hears(call, 1234, within=0.4)
    with pytest.raises(AssertionError, match=f"hears {phone.tone_hz} Hz at -15 dBov"):
        await not_hears(call, phone.tone_hz, for_=0.5)


async def test_levels_are_those_that_were_sent(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    await hears(call, phone.tone_hz)
    assert call.level(phone.tone_hz) == pytest.approx(-15, abs=0.5)
    assert call.rms() == pytest.approx(-15, abs=0.5)
    assert call.level(trunk.tone_hz) < -50


async def test_cancelled_while_ringing(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    await call.ringing
    assert (await call.cancel()).status == 487
    ringing = await phone.rings()
    assert (await ringing.ended).by is Side.THEM
    with pytest.raises(Missed, match="487"):
        await call.answered


async def test_cancelled_before_any_response(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    assert (await call.cancel()).by is Side.US
    assert (await (await phone.rings()).ended).by is Side.THEM


async def test_a_cancel_that_crosses_the_answer_becomes_a_bye(
    trunk: Trunk, phone: DeskPhone
) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    await call.ringing
    ringing.answer()
    call.cancel()
    await call.ended
    assert call.answered.happened
    assert (await ringing.ended).reason == "BYE"


@pytest.mark.parametrize(("policy", "status"), [(Policy.BUSY, 486), (Policy.DECLINE, 603)])
async def test_refused(trunk: Trunk, phone: DeskPhone, policy: Policy, status: int) -> None:
    phone.policy = policy
    ending = await (await trunk.call("a01")).ended
    assert (ending.status, ending.by) == (status, Side.THEM)
    # Acknowledged, or the refusal would be repeated.
    await asyncio.sleep(4 * FAST.t1)
    assert phone.stack.trace.count(f"SIP/2.0 {status}") == 1


async def test_a_dead_telephone_times_out(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = Policy.DEAD
    call = await trunk.call("a01")
    assert (await call.ended).status == 408
    assert not call.progress.happened
    assert (await phone.rings()).invited_at >= call.invited_at


async def test_keys_arrive_in_order(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    await call.answered
    press = await call.send_key("1")
    await call.send_keys("099*#", held_for=0.04)
    taken = await phone.rings()
    assert press.ended_at - press.began_at == pytest.approx(0.08, abs=0.2)
    async with asyncio.timeout(1):
        while len(taken.media.keys_received) < 6:
            await asyncio.sleep(0.01)
    assert taken.media.keys_received == "1099*#"


async def test_a_key_needs_a_call(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    with pytest.raises(RuntimeError, match="no audio"):
        await call.send_key("1")
    taken = await phone.rings()
    await taken.answer()
    asyncio.get_running_loop().call_later(0.1, taken.hang_up)
    with pytest.raises(RuntimeError, match="the call ended"):
        await call.send_key("1", held_for=2)


async def test_silence_is_a_gap_also_when_packets_go_on(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    taken = await phone.rings()
    await hears(call, phone.tone_hz)
    taken.media.change_tone(0)
    await asyncio.sleep(0.5)
    taken.media.change_tone(phone.tone_hz)
    await hears(call, phone.tone_hz)
    taken.media.stop_sending()
    await asyncio.sleep(0.3)
    first, last = call.silence_gaps(longer_than_ms=200)
    assert first.ms == pytest.approx(500, abs=100)
    assert last.ms == pytest.approx(300, abs=100)
    assert call.media.lost == 0


async def test_another_sound_is_told_from_a_tone_and_from_silence(
    trunk: Trunk, phone: DeskPhone
) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    taken = await phone.rings()
    await hears(call, phone.tone_hz)
    taken.media.change_tone(0)
    await not_hears(call, 700, for_=0.3)
    assert call.media.ear.others_ms(phone.tone_hz, since=0.0) == 0
    taken.media.change_tone(700)
    await hears(call, 700)
    assert call.media.ear.others_ms(phone.tone_hz, since=0.0) > 200
    assert call.media.ear.others_ms(700, since=0.0) > 200


async def test_packets_of_strangers_are_not_heard(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01", tone_hz=0)
    taken = await phone.rings()
    await taken.confirmed
    stranger = Media("127.0.0.1", phone.shared.pacer, 700)
    address = ("127.0.0.1", taken.media.port)
    stranger.connect(Session(address, Direction.BOTH, (PCMU,), None), sending=True)
    await not_hears(taken, 700, for_=0.5)
    stranger.close()
    assert stranger.sent > 10
    await call.hang_up()


async def test_hold_is_silent_and_talking_goes_on_after_it(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    taken = await phone.rings()
    await taken.answer()
    await talk(call, taken)
    await taken.hold()
    assert call.re_invited == 1
    await asyncio.sleep(0.4)
    await not_hears(call, phone.tone_hz, for_=0.4)
    await not_hears(taken, trunk.tone_hz, for_=0.4)
    await taken.unhold()
    await talk(call, taken)
    gaps = call.silence_gaps(longer_than_ms=300)
    assert len(gaps) == 1
    assert 700 < gaps[0].ms < 3000


async def test_two_holds_at_once_come_to_an_agreement(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    taken = await phone.rings()
    await taken.answer()
    await asyncio.gather(call.hold(), taken.hold())
    assert phone.stack.trace.count("SIP/2.0 491")
    await taken.unhold()
    await call.unhold()
    await talk(call, taken)


@pytest.mark.parametrize("lost", [1, 3])
async def test_an_invite_that_is_lost_is_sent_again(
    trunk: Trunk, phone: DeskPhone, lost: int
) -> None:
    trunk.lose_next(lost)
    call = await trunk.call("a01")
    ringing = await phone.rings()
    assert ringing.invited_at - call.invited_at >= FAST.t1 * (2**lost - 1) * 0.9
    await ringing.answer()
    assert phone.incoming.empty()


async def test_an_answer_that_is_lost_is_sent_again(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    phone.lose_next(2)
    await ringing.answer()
    await talk(call, ringing)


async def test_an_ack_that_is_lost_is_sent_again(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    await call.ringing
    trunk.lose_next()
    await ringing.answer()
    await call.answered


async def test_a_refusal_that_is_lost_is_sent_again(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    phone.lose_next()
    ringing.decline()
    assert (await call.ended).status == 603


async def test_a_bye_that_is_lost_is_sent_again(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    await ringing.answer()
    trunk.lose_next(2)
    await call.hang_up()
    await ringing.ended


async def test_a_request_for_an_unknown_dialog_is_refused(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    await ringing.answer()
    ringing.abandon()
    call.hang_up()
    assert (await call.ended).reason == "BYE: 481"


async def test_a_telephone_does_not_carry_out_transfers(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    await call.answered
    assert await call.transfer("a02") == 405


async def test_a_wait_that_fails_tells_what_was_seen(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    await call.ringing
    with pytest.raises(Missed, match=r"the answer: not within 0.05 s(?s:.*)180 Ringing"):
        await call.answered.within(0.05)


async def test_garbage_is_survived(trunk: Trunk, phone: DeskPhone) -> None:
    for datagram in (b"", b"\r\n\r\n", b"\xff\xfe" * 50, b"INVITE\r\n\r\n", b"SIP/2.0 x y\r\n\r\n"):
        trunk.send_raw(datagram)
    await trunk.call("a01")
    await phone.rings()


async def test_names_and_numbers_reach_the_far_end_as_sent(trunk: Trunk, phone: DeskPhone) -> None:
    await trunk.call("a01", from_number="0942000902", display="久留米 <x>, 太郎")
    ringing = await phone.rings()
    assert (ringing.caller, ringing.caller_name) == ("0942000902", "久留米 <x>, 太郎")
    uri = "sip:anonymous@anonymous.invalid"
    await trunk.call("a01", from_uri=uri, headers={"Privacy": "id"})
    ringing = await phone.rings()
    assert (ringing.caller, ringing.request.header("privacy")) == ("anonymous", "id")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_registers_with_a_digest_and_renews(phone: DeskPhone, algorithm: str) -> None:
    async with Registrar() as registrar:
        registrar.algorithm = algorithm
        phone.asterisk_port = registrar.port
        await phone.register()
        async with asyncio.timeout(3):
            while not phone.registration.renewed:
                await asyncio.sleep(0.02)
        await phone.unregister()
        assert registrar.expires == [120, 120, 0]


async def test_a_wrong_password_is_refused(phone: DeskPhone) -> None:
    async with Registrar() as registrar:
        registrar.password = "other"
        phone.asterisk_port = registrar.port
        with pytest.raises(Missed, match="403"):
            await phone.register()
        assert not phone.registration.active


def test_the_digest_is_the_one_of_the_standard() -> None:
    # RFC 2617 §3.5.
    given = (
        'Digest username="Mufasa", realm="testrealm@host.com", uri="/dir/index.html", qop=auth, '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", nc=00000001, cnonce="0a4f113b", '
        'response="6629fae49393a05397450978507c4ef1"'
    )
    assert digest.is_right(given, "Circle Of Life", "GET")
    assert not digest.is_right(given, "Circle Of Death", "GET")


@pytest.mark.parametrize("neighbour", [424.7, 456.3, 880.1])
def test_a_tone_does_not_pass_for_its_neighbour(neighbour: float) -> None:
    samples = tone.decode(b"".join(tone.tone_frames(440)[:15]))
    assert tone.level(samples, 440) == pytest.approx(-15, abs=0.2)
    assert tone.level(samples, neighbour) < -48


def test_every_seat_has_a_tone_of_its_own() -> None:
    seats = [*(f"a{number:02}" for number in range(1, 13)), *(f"s{n:02}" for n in range(1, 13))]
    tones = {seat_tone(seat) for seat in seats} | {CALLER_TONE}
    assert len(tones) == 25


def test_parameters_inside_the_brackets_are_the_uris() -> None:
    assert params_of('"a;b" <sip:x@y;transport=udp>;tag=t1') == {"tag": "t1"}
