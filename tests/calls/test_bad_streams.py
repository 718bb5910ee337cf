"""Rows D2, D3, D5, D6, D10 of the catalogue of bad input: events, replies, restarts, versions."""

from dataclasses import replace

import pytest

from telephony.ari.errors import AriError
from telephony.ari.events import BadFrame, decode
from telephony.ari.inbox import Inbox
from telephony.ari.stream import EventStream, backoff
from telephony.calls.lease import Demoted
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, BO
from tests.calls.centre_site import Site
from tests.calls.leading import later

FRAMES = {
    "unknown_type": b'{"type": "TeaIsReady", "application": "madoguchi"}',
    "two_megabytes": b'{"type": "StasisStart", "args": ["' + b"x" * (2 << 20) + b'"]}',
    "not_json": b"\xff\xfe{{{",
    "no_object": b"[1, 2, 3]",
    "wrong_types": b'{"type": "StasisStart", "args": 7, "channel": "c1"}',
    "no_channel": b'{"type": "StasisEnd"}',
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_d2_a_frame_that_says_nothing_is_counted_and_the_next_one_is_heard(frame: bytes) -> None:
    inbox = Inbox()
    stream = EventStream("http://x", "u", "p", app="a", inbox=inbox, delay=backoff("x"))
    assert stream._take(frame)
    counts = stream.counts
    assert counts.unknown + counts.malformed + counts.oversized == 1
    beat = b'{"type": "ChannelUserevent", "eventname": "beat", "more": {"of": "it"}}'
    assert stream._take(beat)
    assert (inbox.backlog, counts.events) == (1, 1)


def test_d2_a_field_that_nobody_knows_is_no_fault() -> None:
    try:
        event = decode(b'{"type": "ApplicationReplaced", "application": "madoguchi", "new": [1]}')
    except BadFrame as bad:
        raise AssertionError from bad
    assert event is not None


@pytest.mark.parametrize("operation", ["originate", "add_channel", "create_bridge", "answer"])
def test_d3_what_was_carried_out_although_its_reply_was_lost_happens_once(operation: str) -> None:
    @virtually
    async def happens_once() -> None:
        site = Site()
        site.phones(Phone("answers", after=1.0))
        async with site.led(ready=[ANA]) as lead:
            site.asterisk.lose_reply(operation)
            call = site.arrives()
            await later(6.0)
            (talk,) = [room for room in site.together() if call in room]
            assert len(talk) == 2
            site.hang_up(call)
            await later(5.0)
            assert site.left_over() == set()
            assert [record.call for record in site.records.closed()] == [call]
            assert lead.calls() == {}

    happens_once()


@pytest.mark.parametrize("latency", [1.0, 3.0])
def test_d3_a_reply_that_comes_late_loses_nobody(latency: float) -> None:
    @virtually
    async def late() -> None:
        site = Site()
        site.phones(Phone("answers", after=1.0))
        async with site.led(ready=[ANA]) as lead:
            site.asterisk.latency = latency
            call = site.arrives()
            await later(5 * latency)
            site.asterisk.latency = 0.0
            await later(12 * latency)
            assert lead.calls()[call] in {"talking", "waiting"}  # a telephone may count as missed
            site.hang_up(call)
            await later(8 * latency)
            assert site.left_over() == set()
            assert lead.calls() == {}

    late()


@virtually
async def test_d5_of_two_who_believe_to_lead_the_newer_one_does() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0))
    async with site.led(ready=[ANA]) as former:
        call = site.arrives()
        await later(0.3)
        await site.lease.release("controller")
        async with site.led() as newer:
            await later(3.0)
            assert isinstance(await former.ended(), ExceptionGroup)
            assert newer.calls() == {call: "talking"}
            assert site.together() == [{call, f"o.{call}.1"}]
        dialled = [request for request in site.asterisk.requests if request[0] == "originate"]
        assert len(dialled) == 1


@virtually
async def test_d6_what_an_asterisk_had_that_starts_again_is_lost_and_its_agents_are_free() -> None:
    site = Site()
    site.phones(Phone("answers", after=1.0), ANA)
    site.phones(Phone("rings", after=60.0), BO)
    async with site.led(ready=[ANA, BO]) as lead:
        talks, rings, waits = (site.arrives() for _ in range(3))
        await later(3.0)
        site.asterisk.restart()
        await later(1.0)
        site.asterisk.connect()
        await later(2.0)
        assert lead.calls() == {}
        outcomes = {record.call: record.outcome.value for record in site.records.closed()}
        assert outcomes == {talks: "answered", rings: "lost", waits: "lost"}
        assert {lead.agent(ANA).state, lead.agent(BO).state} == {"wrap_up", "ready"}
        call = site.arrives()
        await later(40.0)
        assert {lead.agent(ANA).state, lead.agent(BO).state} & {"talking", "offered"}
        assert call in lead.calls()


@virtually
async def test_d6_it_is_lost_too_where_the_first_looks_after_the_start_are_refused() -> None:
    site = Site()
    async with site.led() as lead:
        call = site.arrives()
        await later(3.0)
        site.asterisk.restart()
        for _ in range(4):  # only a look asks when this Asterisk started; a sweep does not
            site.asterisk.refuse("info", AriError(500, "not now"))
        await later(1.0)
        site.asterisk.connect()
        await later(10.0)
        assert lead.calls() == {}
        assert {each.call: each.outcome.value for each in site.records.closed()} == {call: "lost"}


@virtually
async def test_d10_who_finds_entries_of_another_core_takes_its_snapshot_and_looks() -> None:
    site = Site()
    site.phones()
    async with site.led(ready=[ANA]) as lead:
        call = site.arrives()
        await later(3.0)
        site.arrives()
        await later(0.2)
        arrived = lead.call(call).arrived_at
    site.journal.records = [replace(record, core="0") for record in site.journal.records]
    async with site.led() as lead:
        await later(3.0)
        assert len(lead.calls()) == 2
        assert lead.call(call).arrived_at == arrived
        site.answer(f"o.{call}.1")
        await later(1.0)
        assert lead.calls()[call] == "talking"


@virtually
async def test_d5_who_lost_the_application_stops_and_the_other_goes_on() -> None:
    site = Site()
    async with site.led() as former:
        call = site.arrives()
        await later(1.0)
        site.asterisk.replace()
        ended = await former.ended()
        assert isinstance(ended, ExceptionGroup)
        assert ended.subgroup(Demoted) is not None
    async with site.led() as newer:
        assert newer.calls() == {call: "waiting"}
