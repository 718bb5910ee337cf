"""The dialplan: into Stasis while a controller is there, and nobody is lost while none is."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from config.site_model import DialledFrom
from tests.asterisk.exchange import (
    DID,
    MUSIC,
    PLEASE_WAIT,
    Controller,
    Exchange,
    a_controller,
    a_site,
    running,
)
from tests.real.waiting import until, until_true
from tests.sip import DeskPhone, Policy, Trunk, hears, talk

pytestmark = pytest.mark.asterisk


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[Exchange]:
    """Two lines; the agents' phones ring one second after a call fell into the net."""
    async with running(tmp_path, a_site()) as exchange:
        yield exchange


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Exchange]:
    """The same, but the phones do not ring for a long time."""
    async with running(tmp_path, a_site(net_ring_after=60)) as exchange:
        yield exchange


def carrier(exchange: Exchange) -> Trunk:
    return Trunk("127.0.0.1", 0, exchange.ports.trunk)


def phone(exchange: Exchange, seat: str) -> DeskPhone:
    password = exchange.secrets.seat_passwords[seat]
    return DeskPhone(seat, seat, password, 0, exchange.ports.phones)


async def test_a_call_goes_into_stasis_unanswered_with_all_that_the_door_needs(
    exchange: Exchange,
) -> None:
    before = time.time()  # noqa: TID251
    async with carrier(exchange) as trunk, a_controller(exchange) as controller:
        await controller.beat()
        call = await trunk.call(
            DID,
            display="公衆, ${EXTEN} (a) b) ;%41",
            headers={
                "P-Asserted-Identity": "<tel:+81942000901>",
                "Privacy": "id;critical",
                "Remote-Party-ID": "<tel:0942000901>;privacy=full",
            },
        )
        started = await controller.next("StasisStart")
        kind, dialled, arrived, sender, asserted, privacy, rpid = started["args"]
        assert (kind, dialled) == ("trunk", DID)
        assert before - 0.1 <= float(arrived) <= time.time()  # noqa: TID251
        assert "." in arrived
        assert unquote(sender).startswith('"公衆, ${EXTEN} _a_ b_ ;%41" <sip:0942000901@')
        assert (unquote(asserted), unquote(privacy)) == ("<tel:+81942000901>", "id;critical")
        assert unquote(rpid) == "<tel:0942000901>;privacy=full"
        assert started["channel"]["state"] == "Ring"
        assert not call.answered.happened
        await controller.hang_up(started["channel"]["id"])
        await call.ended
    assert (await exchange.net_call())["how"] == "left"
    assert exchange.log == ""


async def test_a_caller_who_hangs_up_in_stasis_leaves_a_line_that_says_so(
    exchange: Exchange,
) -> None:
    async with carrier(exchange) as trunk, a_controller(exchange) as controller:
        await controller.beat()
        call = await trunk.call(DID)
        await controller.next("StasisStart")
        call.cancel()
        await call.ended
        await controller.next("StasisEnd")
    line = await exchange.net_call()
    assert (line["how"], line["seat"], line["answered"]) == ("left", "", "")


async def test_a_header_of_five_thousand_characters_is_cut_and_the_call_goes_in(
    exchange: Exchange,
) -> None:
    async with carrier(exchange) as trunk, a_controller(exchange) as controller:
        await controller.beat()
        await trunk.call(DID, headers={"Privacy": "x" * 3000, "P-Asserted-Identity": "市" * 600})
        args = (await controller.next("StasisStart"))["args"]
        assert [len(arg) <= 768 for arg in args] == [True] * 7
        assert args[1] == DID


async def _no_channel_is_left(controller: Controller, exchange: Exchange) -> None:
    async def ask() -> tuple[int, object]:
        async with controller.http.get(f"{exchange.ari}/channels") as reply:
            return reply.status, await reply.json()

    # The refused caller hears of it before its channel has gone through the dialplan's end.
    await until_true(
        ask, lambda told: told == (200, []), "channels can be listed, and none is left"
    )


@pytest.mark.parametrize("call_id", ["caf\udcff@127.0.0.1", "long-" * 60])
async def test_a_call_id_that_ari_could_not_tell_of_is_refused(
    exchange: Exchange, call_id: str
) -> None:
    """With such a channel Asterisk lists no channels at all, and tells nobody that it came."""
    async with carrier(exchange) as trunk, a_controller(exchange) as controller:
        await controller.beat()
        call = await trunk.call(DID, call_id=call_id)
        ending = await call.ended
        assert ending.status == 403
        await _no_channel_is_left(controller, exchange)
        await trunk.call(DID, call_id="good(id)[0]%41<x>@127.0.0.1")
        assert (await controller.next("StasisStart"))["channel"]["protocol_id"].startswith("good(")
        assert (await exchange.net_call())["how"] == "unreadable"


@pytest.mark.parametrize(
    ("dialled_from", "header", "found"),
    [
        ("pcpid", "<sip:+81942000100@ims.example.jp>", "+81942000100"),
        ("pcpid", "<tel:+81942000100;phone-context=x>", "+81942000100"),
        ("pcpid", "not an address", "0942000777"),
        ("to", "", "0942000777"),
    ],
)
async def test_the_dialled_number_is_where_the_carrier_puts_it(
    tmp_path: Path, dialled_from: DialledFrom, header: str, found: str
) -> None:
    headers = {"P-Called-Party-ID": header} if header else {}
    async with (
        running(tmp_path, a_site(dialled_from=dialled_from)) as exchange,
        carrier(exchange) as trunk,
        a_controller(exchange) as controller,
    ):
        await controller.beat()
        await trunk.call("0942000777", headers=headers)
        assert (await controller.next("StasisStart"))["args"][1] == found


@pytest.mark.parametrize("ago", [4.5, -60.0])
async def test_a_beat_that_is_old_or_from_the_future_counts_for_nothing(
    patient: Exchange, ago: float
) -> None:
    async with carrier(patient) as trunk, a_controller(patient) as controller:
        await controller.beat(ago)
        call = await trunk.call(DID)
        await call.answered
        await hears(call, PLEASE_WAIT)


async def test_without_a_controller_the_caller_is_answered_told_and_given_music(
    patient: Exchange,
) -> None:
    async with carrier(patient) as trunk:
        before = time.time()  # noqa: TID251
        call = await trunk.call(DID)
        await call.answered
        await hears(call, PLEASE_WAIT)
        heard = time.time()  # noqa: TID251
        await hears(call, MUSIC)
        call.hang_up()
        await call.ended
    line = await patient.net_call()
    after = time.time()  # noqa: TID251
    assert (line["how"], line["seat"], line["answered"]) == ("abandoned", "", "")
    assert line["dialled"] == DID
    assert "sip:0942000901@" in unquote(line["from"])
    assert before - 0.1 < float(line["arrived"]) < heard < float(line["ended"]) < after + 0.1
    assert patient.home.net_calls.stat().st_mode & 0o777 == 0o600


async def test_a_beat_without_an_application_is_caught_by_the_failure_of_stasis(
    patient: Exchange,
) -> None:
    async with a_controller(patient) as controller:
        await controller.beat()
    async with carrier(patient) as trunk:
        call = await trunk.call(DID)
        await call.answered
        await hears(call, PLEASE_WAIT)


async def test_a_waiting_caller_returns_to_stasis_with_the_first_arrival_time(
    patient: Exchange,
) -> None:
    async with carrier(patient) as trunk:
        before = time.time()  # noqa: TID251
        call = await trunk.call(DID)
        await call.answered
        answered = time.time()  # noqa: TID251
        await hears(call, MUSIC)
        async with a_controller(patient) as controller:
            await controller.beat()
            started = await controller.next("StasisStart")
            assert before - 0.1 < float(started["args"][2]) < answered
            assert started["channel"]["state"] == "Up"
            await controller.hang_up(started["channel"]["id"])
            await call.ended
    assert (await patient.net_call())["how"] == "left"


async def test_after_the_configured_time_an_agents_phone_rings_and_can_answer(
    exchange: Exchange,
) -> None:
    async with (
        carrier(exchange) as trunk,
        phone(exchange, "a02") as agent,
        phone(exchange, "s01") as supervisor,
    ):
        await agent.register()
        await supervisor.register()
        call = await trunk.call(DID)
        await call.answered
        ringing = await agent.rings()
        await hears(call, MUSIC)
        ringing.answer()
        await talk(call, ringing)
        ringing.hang_up()
        await call.ended
        assert supervisor.incoming.empty()
    line = await exchange.net_call()
    assert (line["how"], line["seat"]) == ("answered", "a02")
    assert float(line["arrived"]) + 1 < float(line["answered"]) < float(line["ended"])


async def test_a_group_that_declines_is_not_the_end(exchange: Exchange) -> None:
    async with carrier(exchange) as trunk, phone(exchange, "a01") as agent:
        agent.policy = Policy.DECLINE
        await agent.register()
        call = await trunk.call(DID)
        await agent.rings()
        await call.answered
        await hears(call, PLEASE_WAIT)
        await hears(call, MUSIC)
        assert not call.ended.happened
        call.hang_up()
        await call.ended
    assert (await exchange.net_call())["how"] == "abandoned"


async def test_a_phone_in_use_is_left_in_peace(exchange: Exchange) -> None:
    async with (
        carrier(exchange) as trunk,
        phone(exchange, "a01") as first,
        phone(exchange, "a02") as second,
    ):
        await first.register()
        one = await trunk.call(DID)
        taken = await first.rings()
        taken.answer()
        await talk(one, taken)
        await second.register()
        await trunk.call(DID)
        await second.rings()
        assert first.incoming.empty()


async def test_net_calls_count_against_the_lines(patient: Exchange) -> None:
    async with carrier(patient) as trunk:
        calls = [await trunk.call(DID) for _ in range(2)]
        for call in calls:
            await call.answered
        third = await trunk.call(DID)
        assert (await third.ended).status == 486
        line = await patient.net_call()
        assert (line["how"], line["dialled"]) == ("busy", DID)
        calls[0].hang_up()
        await calls[0].ended
        await (await trunk.call(DID)).answered


async def test_of_twelve_that_arrive_together_six_lines_keep_six(tmp_path: Path) -> None:
    async with (
        running(tmp_path, a_site(lines=6, net_ring_after=60)) as exchange,
        carrier(exchange) as trunk,
    ):
        calls = [await trunk.call(DID) for _ in range(12)]
        await until(
            lambda: all(call.answered.happened or call.ended.happened for call in calls),
            "each is answered or refused",
        )
        assert sum(call.answered.happened for call in calls) == 6
        assert [line["how"] for line in exchange.net_calls()] == ["busy"] * 6


async def test_a_missing_prompt_and_missing_music_break_nothing(exchange: Exchange) -> None:
    sounds = exchange.programs.sounds_dir
    for file in [*sounds.rglob("*.ulaw")]:
        file.unlink()
    async with carrier(exchange) as trunk, phone(exchange, "a01") as agent:
        await agent.register()
        call = await trunk.call(DID)
        await call.answered
        ringing = await agent.rings()
        ringing.answer()
        await talk(call, ringing)


async def test_no_number_and_no_name_reaches_asterisks_log(exchange: Exchange) -> None:
    async with carrier(exchange) as trunk, phone(exchange, "a01") as agent:
        agent.policy = Policy.BUSY
        await agent.register()
        odd = await trunk.call("0942000555", display="Kurume Hanako", from_number="0942000901")
        await odd.answered
        await agent.rings()
        trunk.send_raw(b"INVITE sip:0942000556@x SIP/2.0\r\nFrom: <<0942000901>\r\n\r\n")
        unknown = await agent.call("0942000557")
        await unknown.ended
    assert not [word for word in ("0942000", "Hanako") if word in exchange.log]
