"""Who calls, and from where: A1 to A7 of the bad-input catalogue, as they reach a record."""

from typing import Any

import pytest

from tests.real import raw
from tests.real.centre import Centre, Json
from tests.real.invariants import logs
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

NAME_AT_MOST = 64


async def caller_of(c: Centre, call: OutgoingCall) -> Json:
    """Who called, by the record of a call that is over."""
    await call.answered
    await call.hang_up()
    caller: Json = (await c.record(call))["caller"]
    return caller


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"display": "Anonymous", "from_uri": "sip:anonymous@anonymous.invalid"}, "withheld"),
        ({"display": "Coin line/payphone", "from_uri": "sip:anonymous@127.0.0.1"}, "payphone"),
        ({"display": "Unavailable", "from_uri": "sip:anonymous@127.0.0.1"}, "unavailable"),
        (
            {"display": "Interaction with other service", "from_uri": "sip:anonymous@127.0.0.1"},
            "service_conflict",
        ),
    ],
    ids=["A2", "A3", "A4-unavailable", "A4-conflict"],
)
async def test_a_caller_without_a_number_is_of_a_kind(
    c: Centre, given: dict[str, Any], kind: str
) -> None:
    call = await c.call(**given)
    caller = await caller_of(c, call)
    assert caller["number"] is None
    assert caller["kind"].replace("-", "_") == kind


async def test_a5_the_carriers_assertion_outranks_from_and_privacy_hides_it(c: Centre) -> None:
    asserted = {"P-Asserted-Identity": "<sip:0942000933@127.0.0.1>"}
    c.numbers.add("0942000933")
    call = await c.call(headers=asserted)
    assert (await caller_of(c, call))["number"] == "+81942000933"


async def test_a5_privacy_keeps_the_number_out_of_the_record_and_off_the_phone(c: Centre) -> None:
    phone = await c.ready("a01")
    hidden = {"P-Asserted-Identity": "<sip:0942000934@127.0.0.1>", "Privacy": "id"}
    c.numbers.add("0942000934")
    call = await c.call("0", headers=hidden, from_uri="sip:anonymous@anonymous.invalid")
    ringing = await phone.rings()
    assert "0942000934" not in str(ringing.request)
    caller = await caller_of(c, call)
    assert (caller["number"], caller["kind"]) == (None, "withheld")


async def test_a5_a_remote_party_that_is_hidden_is_so_whatever_from_says(c: Centre) -> None:
    phone = await c.ready("a01")
    told = "<sip:0942000936@127.0.0.1>;party=calling;privacy=full"
    c.numbers.add("0942000936")
    call = await c.call("0", headers={"Remote-Party-ID": told}, from_number="0942000936")
    ringing = await phone.rings()
    assert "0942000936" not in str(ringing.request)
    caller = await caller_of(c, call)
    assert (caller["number"], caller["kind"]) == (None, "withheld")


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+81942000935@127.0.0.1", "+81942000935"),
        ("sip:81942000935@127.0.0.1", "+81942000935"),
        ("sip:0942000935@127.0.0.1;user=phone", "+81942000935"),
        ("tel:+81-942-00-0935", "+81942000935"),
    ],
)
async def test_a6_each_way_to_write_a_number_gives_the_same_one(
    c: Centre, uri: str, number: str
) -> None:
    call = await c.call(from_uri=uri)
    assert (await caller_of(c, call))["number"] == number


async def test_an_agents_phone_shows_the_line_and_the_number(c: Centre) -> None:
    phone = await c.ready("a01")
    await c.call("0", from_number="0942000937")
    ringing = await phone.rings()
    assert (ringing.caller, ringing.caller_name) == ("0942000937", "外線1")


async def test_a_number_that_is_not_ours_is_served_and_noted(c: Centre) -> None:
    call = await c.call(dialled="0942000777")
    await call.answered
    await call.hang_up()
    record = await c.record(call)
    assert record["dialled"] == "0942000777"
    assert "unknown_number" in [event["event"] for event in record["timeline"]]


HOSTILE = {
    "huge": b'"' + b"A" * 5000 + b'" <sip:0942000938@127.0.0.1>',
    "utf8": b'"\xff\xfe\xc3(\x80" <sip:0942000938@127.0.0.1>',
    "script": b'"<script>alert(1)</script>" <sip:0942000938@127.0.0.1>',
    "parenthesis": b'"((((" <sip:0942000938@127.0.0.1>',
    "variable": b'"${SHELL(id)}$[1/0]" <sip:0942000938@127.0.0.1>',
    "comma": b'"a,b|c&d" <sip:0942000938@127.0.0.1>',
    "formula": b'"=HYPERLINK(1)" <sip:0942000938@127.0.0.1>',
    "override": '"\u202e‮抄" <sip:0942000938@127.0.0.1>'.encode(),
    "escape": b'"\\"; x=1" <sip:0942000938@127.0.0.1>',
    "fold": b'"a"\r\n <sip:0942000938@127.0.0.1>',
    "crlf": b'"a\r\nVia: x\r\n" <sip:0942000938@127.0.0.1>',
    "nul": b'"a\x00b" <sip:0942000938@127.0.0.1>',
    "empty": b"",
    "nothing": b"<>",
}


GARBAGE = (b"", b"\0" * 1500, b"INVITE\r\n\r\n", b"\xff" * 60_000, b"SIP/2.0 200 OK\r\n\r\n")


@pytest.mark.parametrize("name", HOSTILE)
async def test_a1_a7_a_hostile_from_is_refused_at_the_edge_or_recorded_inertly(
    c: Centre, name: str
) -> None:
    status = await raw.invite(c, HOSTILE[name], name)
    if status == 200:
        record = (await until_true(c.closed, bool, "its record"))[0]
        stored = record.caller.name
        assert len(stored) <= NAME_AT_MOST
        assert stored.isprintable()
    else:
        assert status is None or 400 <= status < 500
    for source, text in logs(c.instance.home.path):
        assert b"<script>" not in text, source
    await (await c.call()).answered  # the edge is none the worse for it


async def test_a1_two_hundred_via_headers_break_nothing(c: Centre) -> None:
    vias = b"\r\n".join(
        b"Via: SIP/2.0/UDP 192.0.2.%d;branch=z9hG4bK%d" % (n, n) for n in range(200)
    )
    status = await raw.invite(c, b"<sip:0942000939@127.0.0.1>", "vias", vias)
    assert status in {None, 200} or status in range(400, 500)
    await (await c.call()).answered


async def test_a1_datagrams_that_are_not_sip_break_nothing(c: Centre) -> None:
    for garbage in GARBAGE:
        c.trunk.send_raw(garbage)
    await (await c.call()).answered
