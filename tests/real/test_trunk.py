"""The trunk profile against a carrier that registers, challenges, hides, times and asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from config.site_model import DialledFrom
from tests.asterisk.exchange import DID, Controller, Exchange, a_controller, a_site, running
from tests.real.waiting import until, until_true
from tests.sip import Side
from tests.sip.carrier import Carrier
from tests.sip.dialog import new_tag
from tests.sip.digest import parameters
from tests.sip.message import Request, uri_of, user_of

pytestmark = pytest.mark.asterisk

ACCOUNT = "0942000100"
LOGIN = "user-7731"
DOMAIN = "ims.example.jp"
PASSWORD = "gate;way\\pass"
SHORT = 11  # seconds of a registration: Asterisk renews one ten seconds before its end


@dataclass(frozen=True, slots=True)
class Line:
    """The carrier, the generated Asterisk, and somebody who takes the calls."""

    carrier: Carrier
    exchange: Exchange
    controller: Controller

    async def arrived(self) -> dict[str, Any]:
        """The next call that came in: its StasisStart, answered."""
        started = await self.controller.next("StasisStart")
        await self.controller.answer(started["channel"]["id"])
        return started


@asynccontextmanager
async def a_line(folder: Path, **trunk: Any) -> AsyncIterator[Line]:
    """An account with a carrier, registered."""
    dialled_from = trunk.pop("dialled_from", "ruri")
    async with Carrier(("127.0.0.1", 0), 0, PASSWORD) as carrier:
        site = a_site(dialled_from=dialled_from)
        account = replace(
            site.trunk,
            port=carrier.port,
            username=ACCOUNT,
            auth_username=LOGIN,
            password_env="CARRIER_PASSWORD",
            domain=DOMAIN,
            **trunk,
        )
        carrier.expires = SHORT
        async with (
            running(folder, replace(site, trunk=account), PASSWORD) as exchange,
            a_controller(exchange) as controller,
        ):
            carrier.asterisk_port = exchange.ports.trunk
            await controller.beat()
            yield Line(carrier, exchange, controller)
            assert exchange.log == ""


async def test_it_registers_with_the_account_and_renews_before_the_end(tmp_path: Path) -> None:
    async with a_line(tmp_path) as line:
        ledger = line.carrier.ledger
        await until(lambda: len(ledger.granted) >= 3, "registered, and renewed twice")
        first = ledger.granted[0]
        assert uri_of(first.header("From")) == f"sip:{ACCOUNT}@{DOMAIN}"
        assert parameters(first.header("Authorization"))["username"] == LOGIN
        assert PASSWORD not in line.carrier.trace
        assert 401 in ledger.refused
        assert user_of(ledger.contact) == ACCOUNT
        assert ledger.contact.endswith(f":{line.exchange.ports.trunk}")


async def test_an_account_that_is_not_to_register_does_not_but_answers_a_challenge(
    tmp_path: Path,
) -> None:
    async with a_line(tmp_path, registers=False) as line:
        await line.controller.dial("0942000199")
        outside = await line.carrier.rings()
        assert line.carrier.ledger.granted == []
        assert line.carrier.ledger.refused == [407]
        assert outside.dialled == "0942000199"
        assert uri_of(outside.request.header("From")) == f"sip:{DID}@{DOMAIN}"
        outside.decline()


@pytest.mark.parametrize(
    ("dialled_from", "to", "headers"),
    [
        ("to", f"<sip:{DID}@{DOMAIN}>", {}),
        ("pcpid", "", {"P-Called-Party-ID": f"<sip:+81942000100@{DOMAIN};user=phone>"}),
    ],
)
async def test_a_call_to_the_account_is_known_by_the_number_that_was_dialled(
    tmp_path: Path, dialled_from: DialledFrom, to: str, headers: dict[str, str]
) -> None:
    async with a_line(tmp_path, dialled_from=dialled_from) as line:
        told = {**headers, "P-Asserted-Identity": "<tel:+81942000933>", "Privacy": "id"}
        hidden = "sip:anonymous@anonymous.invalid"
        await line.carrier.call("main-account", to=to, headers=told, from_uri=hidden)
        args = (await line.arrived())["args"]
        assert args[1].removeprefix("+81").endswith("942000100")
        assert [unquote(each) for each in args[4:]] == ["<tel:+81942000933>", "id", ""]


async def test_each_asks_the_other_whether_they_are_there(tmp_path: Path) -> None:
    async with a_line(tmp_path, qualify_every=1) as line:
        carrier = line.carrier
        await until(lambda: carrier.options_received >= 2, "Asterisk asked twice")
        answered = await asked_for_options(carrier)
        assert answered == 200
        carrier.answers_options = False
        await reachable(line, "offline")
        carrier.answers_options = True
        await reachable(line, "online")


async def asked_for_options(carrier: Carrier) -> int:
    host, port = carrier.asterisk
    own = f"<sip:{host}>"
    headers = (
        ("Max-Forwards", "70"),
        ("From", f"{own};tag={new_tag()}"),
        ("To", f"<sip:{host}:{port}>"),
        ("Call-ID", new_tag()),
        ("CSeq", "1 OPTIONS"),
        ("Contact", carrier.stack.contact),
    )
    request = Request(method="OPTIONS", uri=f"sip:{host}:{port}", headers=headers)
    response, _ = await carrier.stack.ask(request, carrier.asterisk, iter((2, 3)))
    return response.status


async def reachable(line: Line, state: str) -> None:
    async def seen() -> str:
        url = f"{line.exchange.ari}/endpoints/PJSIP/trunk"
        async with line.controller.http.get(url) as reply:
            return str((await reply.json())["state"])

    await until_true(seen, lambda found: found == state, f"the carrier is {state}")


async def test_a_session_timer_is_agreed_on_and_refreshed(tmp_path: Path) -> None:
    asked = (("Supported", "timer"), ("Session-Expires", "1800;refresher=uac"))
    async with a_line(tmp_path) as line:
        call = await line.carrier.call(DID, headers=dict(asked))
        await line.arrived()
        await call.answered
        assert call.responses[-1].header("Session-Expires").startswith("1800")
        again = await call.offer(call._describe(), *asked, ("Content-Type", "application/sdp"))
        assert (again.status, again.header("Session-Expires")[:4]) == (200, "1800")
        update = call.dialog.request("UPDATE", asked)
        response, _ = await line.carrier.stack.ask(
            update, call.dialog.address, call.dialog.sequence
        )
        assert (response.status, response.header("Session-Expires")[:4]) == (200, "1800")
        assert not call.ended.happened


async def test_a_session_timer_that_is_too_short_is_told_the_least(tmp_path: Path) -> None:
    async with a_line(tmp_path, session_timer_min=120) as line:
        headers = {"Supported": "timer", "Session-Expires": "90", "Min-SE": "90"}
        call = await line.carrier.call(DID, headers=headers)
        assert (await call.ended).status == 422
        assert call.responses[-1].header("Min-SE") == "120"


async def test_a_carrier_that_wants_longer_session_timers_gets_them(tmp_path: Path) -> None:
    async with a_line(tmp_path) as line:
        line.carrier.min_session = 1800
        await line.controller.dial("0942000199")
        outside = await line.carrier.rings()
        assert 422 in line.carrier.ledger.refused
        assert int(outside.request.header("Session-Expires").partition(";")[0]) >= 1800
        outside.decline()


async def test_the_carrier_is_told_the_address_it_can_reach(tmp_path: Path) -> None:
    async with a_line(tmp_path, external_address="192.0.2.10") as line:
        await line.controller.dial("0942000199")
        outside = await line.carrier.rings()
        assert "@192.0.2.10:" in outside.request.header("Contact")
        assert b"c=IN IP4 192.0.2.10" in outside.request.body
        outside.decline()


async def test_a10_a_trunk_that_answers_503_is_a_dialling_that_failed(tmp_path: Path) -> None:
    async with a_line(tmp_path) as line:
        line.carrier.out_of_order = 503
        await line.controller.dial("0942000199")
        ended = await line.controller.next("ChannelDestroyed")
        assert ended["tech_cause"] == 503


async def test_a11_a_channel_that_everybody_forgot_ends(tmp_path: Path) -> None:
    async with a_line(tmp_path, longest_call=1) as line:
        call = await line.carrier.call(DID)
        await line.arrived()
        assert (await call.ended).by is Side.THEM


async def test_a11_one_way_audio_ends_when_the_media_timeout_is_over(tmp_path: Path) -> None:
    async with a_line(tmp_path, media_timeout=1) as line:
        call = await line.carrier.call(DID)
        await line.arrived()
        await call.answered
        call.media.stop_sending()
        assert (await call.ended).by is Side.THEM


async def test_a11_a_caller_of_whom_no_packet_ever_came_ends_when_the_media_timeout_is_over(
    tmp_path: Path,
) -> None:
    async with a_line(tmp_path, media_timeout=1) as line:
        call = await line.carrier.call(DID)
        call.media.dead = True
        await line.arrived()
        await call.answered
        assert (await call.ended).by is Side.THEM
        assert call.media.sent == 0
