"""The generated files start the real Asterisk: silent in its log, closed, and nothing to spare."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

import aiohttp
import pytest

from config.home import Home
from config.ports import Ports
from config.secrets import ensure_secrets
from config.site_model import Desk, Phones
from config.telephones import CITIZEN
from telephony.ari.rest import AriRest
from telephony.asterisk import process
from telephony.asterisk.conf import UnsafeValueError
from telephony.asterisk.core_files import APPLICATION
from telephony.asterisk.modules import modules_conf
from telephony.asterisk.render import render
from telephony.asterisk.sockets import phones_socket, trunk_socket
from telephony.asterisk.write import needs_restart, reload_commands, write
from telephony.watch.probes import Probes
from tests.asterisk.exchange import (
    DID,
    Exchange,
    a_controller,
    a_site,
    chatty,
    programs_with_tones,
    running,
)
from tests.sip import DeskPhone, Trunk

pytestmark = pytest.mark.asterisk
LOOPBACK = "0100007F"
LISTENING, UNCONNECTED = "0A", "07"
READINGS = 5


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[Exchange]:
    async with running(tmp_path, a_site()) as exchange:
        yield exchange


def bound(pid: int, table: str, state: str) -> set[tuple[str, int]]:
    """Addresses a process has bound, out of the kernel's own table."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            sockets |= set(re.findall(r"^socket:\[(\d+)\]$", str(link.readlink())))
    # The kernel tells it piece by piece, and leaves rows out where others close sockets meanwhile.
    told = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for _ in range(READINGS)]
    rows = [row.split() for row in dict.fromkeys(chain.from_iterable(told))]
    ours = [row[1] for row in rows if row[9] in sockets and row[3] == state]
    return {(address.split(":")[0], int(address.split(":")[1], 16)) for address in ours}


async def test_it_starts_without_one_warning_and_with_exactly_the_listed_modules(
    exchange: Exchange,
) -> None:
    assert exchange.log == ""
    shown = await exchange.says("module show")
    loaded = {line.split()[0] for line in shown.splitlines() if ".so" in line and "Running" in line}
    listed = set(re.findall(r"load = (\S+\.so)", modules_conf(trunk_account=False)))
    assert loaded == listed


async def test_it_listens_on_the_loopback_alone(exchange: Exchange) -> None:
    ports = exchange.ports
    assert bound(exchange.pid, "tcp", LISTENING) == {(LOOPBACK, ports.asterisk_http)}
    assert bound(exchange.pid, "tcp6", LISTENING) == set()
    udp = bound(exchange.pid, "udp", UNCONNECTED)
    assert {port for address, port in udp if address == LOOPBACK} == {ports.trunk, ports.phones}
    # PJSIP's own DNS client holds one socket that asks; a kernel's ephemeral port is no door.
    assert len([address for address, _ in udp if address != LOOPBACK]) <= 1


async def test_media_is_on_the_loopback_and_in_this_instances_block(exchange: Exchange) -> None:
    ports = exchange.ports
    async with Trunk("127.0.0.1", 0, ports.trunk) as carrier:
        call = await carrier.call(DID)
        await call.answered
        udp = bound(exchange.pid, "udp", UNCONNECTED)
        media = {found for found in udp if ports.rtp_first <= found[1] <= ports.rtp_last}
        # PJSIP's DNS client asks from an ephemeral port, and the kernel may give it one of this
        # block: the media of one call are two sockets (RTP and RTCP), so one elsewhere is not they.
        assert len([address for address, _ in media if address == LOOPBACK]) >= 2
        assert len([address for address, _ in udp if address != LOOPBACK]) <= 1


async def test_no_manager_no_billing_no_pages(exchange: Exchange) -> None:
    settings = await exchange.says("core show settings")
    assert re.search(r"Manager \(AMI\):\s+Disabled", settings)
    assert "disabled" in (await exchange.says("cdr show status")).lower()
    assert "disabled" in (await exchange.says("cel show status")).lower()
    async with aiohttp.ClientSession() as http:
        for page in ("httpstatus", "static/", "manager", "rawman", ""):
            async with http.get(f"http://127.0.0.1:{exchange.ports.asterisk_http}/{page}") as reply:
                assert reply.status == 404, page


async def test_ari_answers_to_its_own_password_only(exchange: Exchange) -> None:
    wrong = [(APPLICATION, "wrong"), (APPLICATION, ""), ("asterisk", "asterisk")]
    guesses = [{"Authorization": aiohttp.encode_basic_auth(*guess)} for guess in wrong]
    expected = [*((guess, 401) for guess in guesses), ({}, 401), (exchange.authorization, 200)]
    async with aiohttp.ClientSession() as http:
        for headers, status in expected:
            async with http.get(f"{exchange.ari}/asterisk/info", headers=headers) as reply:
                assert reply.status == status


async def test_more_clients_than_asterisks_own_limit_are_served(exchange: Exchange) -> None:
    async def connected() -> tuple[bytes, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", exchange.ports.asterisk_http)
        writer.write(b"GET /ari/asterisk/ping HTTP/1.1\r\nHost: test\r\n\r\n")
        return await reader.readline(), writer

    held = [await connected() for _ in range(120)]
    assert {status for status, _ in held} == {b"HTTP/1.1 401 Unauthorized\r\n"}
    for _, writer in held:
        writer.close()


async def test_two_instances_run_side_by_side(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "one", a_site()) as one,
        running(tmp_path / "two", a_site()) as two,
    ):
        assert one.ports != two.ports
        assert (one.log, two.log) == ("", "")
        settings = [await each.says("core show settings") for each in (one, two)]
        assert len({tuple(re.findall(r"Entity ID:\s+(\S+)", text)) for text in settings}) == 2


async def test_a_phone_registers_with_its_password_and_the_newest_wins(exchange: Exchange) -> None:
    passwords, port = exchange.secrets.seat_passwords, exchange.ports.phones
    async with (
        DeskPhone("a01", "a01", passwords["a01"], 0, port) as old,
        DeskPhone("a01", "a01", passwords["a01"], 0, port) as new,
        DeskPhone("a01", "a01", passwords["a02"], 0, port) as thief,
    ):
        await old.register()
        await new.register()
        with pytest.raises(AssertionError, match=r"40[13]"):
            await thief.register()
        contacts = await exchange.says("pjsip show aor a01")
        assert f":{new.port}" in contacts
        assert f":{old.port}" not in contacts
        assert f":{thief.port}" not in contacts


@pytest.mark.parametrize(("network", "admitted"), [("127.0.0.0/8", True), ("192.0.2.0/24", False)])
async def test_a_phone_registers_and_calls_only_from_a_network_that_the_site_names(
    tmp_path: Path, network: str, admitted: bool
) -> None:
    site = replace(a_site(), phones=Phones("127.0.0.1", (network,)))
    async with running(tmp_path, site) as exchange:
        password = exchange.secrets.seat_passwords["a01"]
        async with DeskPhone("a01", "a01", password, 0, exchange.ports.phones) as phone:
            if admitted:
                await phone.register()
                return
            with pytest.raises(AssertionError, match=r"40[13]"):
                await phone.register()
            assert (await (await phone.call("*11")).ended).status in (401, 403)
        assert "sip:" not in await exchange.says("pjsip show aor a01")


async def test_phones_and_carrier_are_served_where_the_site_says(tmp_path: Path) -> None:
    plain = a_site()
    trunk = replace(plain.trunk, bind="127.0.0.3")
    site = replace(plain, trunk=trunk, phones=Phones("127.0.0.2", ("127.0.0.0/8",)))
    async with running(tmp_path, site) as exchange:
        ports = exchange.ports
        udp = bound(exchange.pid, "udp", UNCONNECTED)
        assert {("0200007F", ports.phones), ("0300007F", ports.trunk)} <= udp
        sip = (trunk_socket(trunk, ports), phones_socket(site, ports))
        probes = Probes(AriRest("", "", ""), sip, tmp_path, ())
        async with asyncio.timeout(5):
            for port in probes.sip_ports:  # else the watch would call it silent
                await probes.options(port)


async def test_a_seats_phone_reaches_nobody_by_itself(exchange: Exchange) -> None:
    password = exchange.secrets.seat_passwords["a01"]
    async with a_controller(exchange) as controller:
        await controller.beat()
        async with DeskPhone("a01", "a01", password, 0, exchange.ports.phones) as phone:
            for dialled in ("0942000999", "110", "a02", "s", "h", "*14", "*1", "net"):
                call = await phone.call(dialled)
                assert (await call.ended).status in (404, 484), dialled
    assert exchange.log == ""


async def test_a_feature_code_names_the_seat_that_gave_the_password(exchange: Exchange) -> None:
    password = exchange.secrets.seat_passwords["a02"]
    async with a_controller(exchange) as controller:
        await controller.beat()
        async with DeskPhone("a02", "a02", password, 0, exchange.ports.phones) as phone:
            for code in ("*10", "*11", "*12", "*13"):
                call = await phone.call(code, {"P-Asserted-Identity": "<sip:a01@127.0.0.1>"})
                started = await controller.next("StasisStart")
                assert started["args"] == ["feature", "a02", code]
                await controller.hang_up(started["channel"]["id"])
                await call.ended


async def test_a_feature_code_is_refused_while_no_controller_is_there(exchange: Exchange) -> None:
    password = exchange.secrets.seat_passwords["a01"]
    async with DeskPhone("a01", "a01", password, 0, exchange.ports.phones) as phone:
        call = await phone.call("*11")
        assert (await call.ended).status == 503


async def test_a_seats_phone_hears_itself_in_the_echo(exchange: Exchange) -> None:
    """With no controller: a telephone can be tried before anything else is there."""
    password = exchange.secrets.seat_passwords["a01"]
    async with DeskPhone("a01", "a01", password, 0, exchange.ports.phones) as phone:
        call = await phone.call("*43")
        await call.answered
        assert await call.heard(call.tone_hz)
        await call.hang_up()
    assert exchange.log == ""


async def test_a_caller_on_the_trunk_cannot_pass_for_a_seat(exchange: Exchange) -> None:
    async with Trunk("127.0.0.1", 0, exchange.ports.trunk) as carrier:
        call = await carrier.call("*11", from_uri="sip:a01@127.0.0.1")
        assert (await call.ended).status == 401


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home.at(tmp_path / "home")
    home.prepare()
    yield home
    home.discard_runtime()


def test_a_change_of_the_site_touches_and_reloads_only_what_it_must(
    home: Home, tmp_path: Path
) -> None:
    site, programs = a_site(), programs_with_tones(tmp_path)
    secrets = ensure_secrets(home.secrets, site.seats)

    def written(net_ring_after: float, base: int = 13_000) -> frozenset[str]:
        changed = replace(site, limits=replace(site.limits, net_ring_after=net_ring_after))
        return write(render(changed, home, Ports(base), secrets, programs), home, programs)

    assert needs_restart(written(20))
    assert written(20) == frozenset()
    assert written(30) == {"extensions.conf"}
    assert reload_commands(["extensions.conf"]) == ("dialplan reload",)
    assert needs_restart(written(30, base=13_200))


def test_files_are_closed_to_others_and_strangers_are_removed(home: Home, tmp_path: Path) -> None:
    site, programs = a_site(), programs_with_tones(tmp_path)
    secrets = ensure_secrets(home.secrets, site.seats)
    (home.asterisk_etc / "users.conf").write_text("[general]\n")
    files = render(site, home, Ports(13_000), secrets, programs)
    write(files, home, programs)
    assert {path.name for path in home.asterisk_etc.iterdir()} == files.keys()
    assert {path.stat().st_mode & 0o777 for path in home.asterisk_etc.iterdir()} == {0o600}


@pytest.mark.parametrize("demo", [True, False])
def test_a_citizens_page_has_a_way_in_on_the_demo_alone(
    home: Home, tmp_path: Path, demo: bool
) -> None:
    """It calls without a password."""
    site, programs = replace(a_site(), desk=Desk(demo=demo)), programs_with_tones(tmp_path)
    secrets = ensure_secrets(home.secrets, site.seats)
    files = render(site, home, Ports(13_000), secrets, programs)
    assert any(CITIZEN in text for text in files.values()) is demo
    assert (f"[{CITIZEN}]" in files["pjsip.conf"]) is demo


def test_a_carriers_account_is_registered_and_its_password_stays_in_one_file(
    home: Home, tmp_path: Path
) -> None:
    trunk = replace(a_site().trunk, host="sip.example.jp", username="0942000100")
    site, programs = replace(a_site(), trunk=trunk), programs_with_tones(tmp_path)
    secrets = ensure_secrets(home.secrets, site.seats)
    files = render(site, home, Ports(13_000), secrets, programs, trunk_password="the;carrier;s")
    assert [name for name, text in files.items() if "carrier;" in text.replace("\\", "")] == [
        "pjsip.conf"
    ]
    assert "password = the\\;carrier\\;s" in files["pjsip.conf"]
    assert "client_uri = sip:0942000100@sip.example.jp" in files["pjsip.conf"]
    assert "max_random_initial_delay = 1\n" in files["pjsip.conf"]
    assert "bind = 0.0.0.0:13002" in files["pjsip.conf"]
    assert "bind = 127.0.0.1:13003" in files["pjsip.conf"]


def test_a_value_cannot_begin_a_line_of_its_own(home: Home, tmp_path: Path) -> None:
    trunk = replace(a_site().trunk, username="carrier", host="x\n[a99]\ntype=endpoint")
    site = replace(a_site(), trunk=trunk)
    secrets = ensure_secrets(home.secrets, site.seats)
    with pytest.raises(UnsafeValueError):
        render(site, home, Ports(13_000), secrets, programs_with_tones(tmp_path))


async def test_an_asterisk_that_is_not_there_is_said_to_be_not_there(
    home: Home, tmp_path: Path
) -> None:
    assert not await process.ready(Ports(19_800), "password", within=0.3)
    with pytest.raises(process.AsteriskCommandError):
        await process.command(programs_with_tones(tmp_path), home, "core show version")


async def test_a_running_asterisk_takes_a_new_seat_without_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, a_site()) as exchange:
        site = a_site()
        joined = replace(site, seats={**site.seats, "a03": replace(site.seats["a01"], seat="a03")})
        secrets = ensure_secrets(exchange.home.secrets, joined.seats)
        files = chatty(render(joined, exchange.home, exchange.ports, secrets, exchange.programs))
        changed = write(files, exchange.home, exchange.programs)
        assert not needs_restart(changed)
        await process.reload(exchange.programs, exchange.home, reload_commands(changed))
        password, port = secrets.seat_passwords["a03"], exchange.ports.phones
        async with DeskPhone("a03", "a03", password, 0, port) as phone:
            await phone.register()
        assert exchange.log == ""
