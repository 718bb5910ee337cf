"""Callers of the first week: our own number, odd media, twice the same, faxes (A8 to A12)."""

import asyncio

import pytest

from tests.real.centre import NUMBER, Centre, caller
from tests.real.tones import hears
from tests.real.waiting import pause, until
from tests.sip import OutgoingCall, Policy, Side, sdp, talk
from tests.sip.call import SDP_TYPE
from tests.sip.sdp import Direction

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

FAX_TONE, FAX_TONE_FOR, FAX_SILENT_FOR = 1100, 0.5, 3.0
STORM = 30
SILENT_FOR = 0.1  # seconds in which what was said has arrived
T38 = (
    b"v=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=image 9 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\n"
)


def described(call: OutgoingCall, version: int, codec: str) -> bytes:
    return sdp.write("127.0.0.1", call.media.port, version, Direction.BOTH, codec)


# -- A8 ---------------------------------------------------------------------------------------


async def our_number_calls(c: Centre, keys: str) -> OutgoingCall:
    call = await c.call(keys, from_number=NUMBER)
    c.numbers.discard(NUMBER)  # it is dialled too, and so in the journal
    return call


async def test_a8_our_own_number_as_caller_is_a_call_from_outside(c: Centre) -> None:
    call = await our_number_calls(c, "0")
    await c.waiting(1)
    await call.hang_up()
    record = await c.record(call)
    assert (record["line"], record["outcome"]) == (1, "abandoned")
    assert record["caller"] == {"number": "+81942000100", "kind": "fixed"}


async def test_a8_for_our_own_number_nothing_is_dialled_so_no_circle_closes(c: Centre) -> None:
    call = await our_number_calls(c, "71")  # where others are put through
    await hears(call, "transfer_failed", since=call.invited_at)
    assert c.trunk.incoming.empty()
    await call.hang_up()
    timeline = (await c.record(call))["timeline"]
    assert [e["reason"] for e in timeline if e["event"] == "transfer_refused"] == ["loop"]


async def test_a8_a_seats_name_as_caller_is_asked_for_its_password(c: Centre) -> None:
    call = await c.trunk.call(NUMBER, from_uri="sip:a01@127.0.0.1")  # never reaches the centre
    assert (await call.ended).status == 401
    number = await c.call("0", from_number="2001")  # an extension's form is no extension
    c.numbers.discard("2001")  # four digits are found in any timestamp
    await c.waiting(1)
    await number.hang_up()
    assert (await c.record(number))["caller"]["kind"] == "extension"


# -- A10 --------------------------------------------------------------------------------------


async def test_a10_a_carrier_that_answers_503_gives_the_caller_and_the_line_back(c: Centre) -> None:
    call = await c.call("71")
    outside = await c.trunk.rings()
    outside.decline(503)
    await hears(call, "transfer_failed", since=call.invited_at)
    await c.line_is(2, "idle")
    await c.waiting(1)


# -- A11 --------------------------------------------------------------------------------------


async def test_a11_a_call_without_a_description_is_offered_ours(c: Centre) -> None:
    call = await c.call("0", offering=False)
    phone = await c.ready("a01")
    leg = await phone.rings()
    await leg.answer()
    await talk(call, leg)


@pytest.mark.parametrize("with_audio", [False, True])
async def test_a11_early_progress_of_an_outside_party_is_no_answer(
    c: Centre, with_audio: bool
) -> None:
    c.trunk.policy = Policy.TRYING
    try:
        call = await c.call("71")
        outside = await c.trunk.rings()
        outside.progress(with_audio=with_audio)
        await pause(0.3)
        assert (await c.status())["lines"][1]["state"] == "dialling"
        await outside.answer()
        await talk(call, outside)
        await c.line_is(2, "outbound")
    finally:
        c.trunk.policy = Policy.RING


async def test_a11_a_phone_that_tells_progress_before_it_is_answered_is_talked_to(
    c: Centre,
) -> None:
    phone = await c.ready("a01", Policy.TRYING)
    call = await c.call("0")
    leg = await phone.rings()
    leg.progress(with_audio=False)
    await leg.answer()
    await talk(call, leg)


async def test_a11_a_storm_of_re_invites_changes_nothing(c: Centre) -> None:
    call, leg = await c.talking("a01")
    for _ in range(STORM):
        assert (await call.offer(call._describe(), SDP_TYPE)).status == 200
    await talk(call, leg)
    assert (await c.agent("a01"))["state"] == "talking"


async def test_a11_a_codec_changes_in_the_call_and_back(c: Centre) -> None:
    """Nobody is written to meanwhile: Asterisk hangs up whom it writes the former codec to, between
    its learning of the new one and its changing to it (docs/robustness.md).
    """
    call, leg = await c.talking("a01")
    await talk(call, leg)  # and not to music any more
    leg.media.stop_sending()
    call.media.stop_sending()  # our telephone speaks no A-law, and may not speak µ-law meanwhile
    await pause(SILENT_FOR)
    call._wanted = Direction.RECEIVE
    alaw = await call.offer(described(call, 50, "8 PCMA/8000"), SDP_TYPE)
    assert (alaw.status, b"PCMA" in alaw.body) == (200, True)
    call._wanted = Direction.BOTH
    ulaw = await call.offer(described(call, 51, "0 PCMU/8000"), SDP_TYPE)
    assert (ulaw.status, b"PCMU" in ulaw.body) == (200, True)
    assert leg.media.far is not None
    leg.media.connect(leg.media.far, sending=True)
    await talk(call, leg)


@pytest.mark.parametrize("what", ["t38", "unknown codec"])
async def test_a11_what_we_cannot_is_refused_with_488_and_the_call_goes_on(
    c: Centre, what: str
) -> None:
    call, leg = await c.talking("a01")
    body = T38 if what == "t38" else described(call, 60, "18 G729/8000")
    assert (await call.offer(body, SDP_TYPE)).status == 488
    await talk(call, leg)
    assert (await c.agent("a01"))["state"] == "talking"


# -- A12 --------------------------------------------------------------------------------------


async def test_a12_one_number_on_two_lines_is_two_calls_with_a_place_each(c: Centre) -> None:
    first = await c.call("0", from_number="0942000944")
    await c.waiting(1)
    second = await c.call("0", from_number="0942000944")
    await c.waiting(2)
    assert [line["state"] for line in (await c.status())["lines"]][:2] == ["waiting", "waiting"]
    phone = await c.ready("a01")
    leg = await phone.rings()
    await leg.answer()
    await talk(first, leg)
    await first.hang_up()
    await second.hang_up()
    records = [await c.record(first), await c.record(second)]
    assert [record["outcome"] for record in records] == ["answered", "abandoned"]
    assert {record["caller"]["number"] for record in records} == {"+81942000944"}


async def test_a12_whoever_hangs_up_and_dials_again_goes_to_the_end(c: Centre) -> None:
    impatient = await c.call("0", from_number="0942000945")
    await c.waiting(1)
    patient = await c.call("0")
    await c.waiting(2)
    await impatient.hang_up()
    await c.waiting(1)
    again = await c.call("0", from_number="0942000945")
    await c.waiting(2)
    phone = await c.ready("a01")
    leg = await phone.rings()
    assert leg.caller == caller(patient)
    await leg.answer()
    assert (await c.record(impatient))["outcome"] == "abandoned"
    assert not again.ended.happened


# -- fax machines and silence -----------------------------------------------------------------


@pytest.mark.parametrize("keys", ["", "0"], ids=["menu", "queue"])
async def test_a_fax_machine_frees_its_line_and_the_record_says_so(c: Centre, keys: str) -> None:
    call = await c.call(keys)
    await call.answered
    async with asyncio.TaskGroup() as group:
        group.create_task(_call_like_a_fax(call))
        await call.ended.within(4 * (FAX_TONE_FOR + FAX_SILENT_FOR))
    record = await c.record(call)
    assert "fax" in [event["event"] for event in record["timeline"]]
    assert record["timeline"][-1]["hung_up_by"] == "system"
    assert (await c.status())["lines"][0]["state"] == "idle"


async def _call_like_a_fax(call: OutgoingCall) -> None:
    while not call.ended.happened:
        call.media.change_tone(FAX_TONE)
        await pause(FAX_TONE_FOR)
        call.media.change_tone(0)
        await pause(FAX_SILENT_FOR)


async def test_a_single_whistle_is_no_fax_machine(c: Centre) -> None:
    call = await c.call("0")
    await call.answered
    call.media.change_tone(FAX_TONE)
    await pause(1.0)
    call.media.change_tone(call.tone_hz)
    phone = await c.ready("a01")
    leg = await phone.rings()
    await leg.answer()
    await talk(call, leg)
    call.media.change_tone(FAX_TONE)  # whoever talks may whistle as they like
    await until(lambda: leg.level(FAX_TONE) > -40, "the agent hears it")
    call.media.change_tone(0)
    await pause(0.5)
    call.media.change_tone(FAX_TONE)
    await pause(1.0)
    assert (await c.agent("a01"))["state"] == "talking"


async def test_a11_calls_that_begin_on_hold_and_send_nothing_do_not_keep_their_lines(
    c: Centre,
) -> None:
    """Asterisk gives them the half hour of a hold; a caller who sends silence stays."""
    silent = await c.call("0")
    held = [await c.call(wanted=wanted) for wanted in (Direction.SEND, Direction.NEITHER)]
    for gone in held:
        await gone.answered
    for gone in held:
        assert (await gone.ended).by is Side.THEM
        assert gone.media.sent == 0
        record = await c.record(gone)
        assert record["outcome"] == "abandoned"
        assert "never_heard" in [event["event"] for event in record["timeline"]]
    assert not silent.ended.happened
