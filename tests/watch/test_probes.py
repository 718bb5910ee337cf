"""The measuring itself, against real sockets, real folders and the machine's kernel."""

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from telephony.asterisk import console
from telephony.watch import probes

TABLE = """vm/18760/22.10.1+dfsg-1

Processor                              Processed   In Queue  Max Depth  Low water High water
ast_msg_queue                                  0          0          0        450        500
pjsip/distributor-0000003f                  1733        612        900        450        500
taskpool/s:stasis-00000004                     2          7          1        450        500

3 taskprocessors

"""

STRANGERS = """vm/3392/22.10.1+dfsg-1

  Request:  <IP Address..............................................>  <Count> <Age(sec)>
==========================================================================================

  Request:  127.0.0.1                                                        60     29.998
  Request:  192.0.2.7                                                       500      1.315
  Request:  2001:db8::7                                                      12     37.325

Objects found: 3

"""


@dataclass
class Server(asyncio.DatagramProtocol):
    """A SIP server that drops some requests and answers the others as told."""

    answer: bytes = b"SIP/2.0 404 Not Found\r\n%s\r\n\r\n"
    drops: int = 0
    requests: list[bytes] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests.append(data)
        if len(self.requests) > self.drops:
            call_id = next(line for line in data.splitlines() if line.startswith(b"Call-ID"))
            assert self.transport is not None
            self.transport.sendto(self.answer.replace(b"%s", call_id), addr)


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[int]:
    """Its port."""
    loop = asyncio.get_running_loop()
    server.transport, _ = await loop.create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0)
    )
    transport = server.transport
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@pytest.mark.parametrize("status", [b"200 OK", b"401 Unauthorized", b"503 Service Unavailable"])
async def test_any_final_response_is_an_answer(status: bytes) -> None:
    server = Server(b"SIP/2.0 " + status + b"\r\n%s\r\n\r\n")
    async with serving(server) as port, asyncio.timeout(5):
        await probes.options(port)
    assert server.requests[0].startswith(b"OPTIONS sip:127.0.0.1:")
    assert b"\r\nCSeq: 1 OPTIONS\r\n" in server.requests[0]


async def test_a_lost_request_is_sent_again() -> None:
    server = Server(drops=1)
    async with serving(server) as port, asyncio.timeout(5):
        await probes.options(port)
    assert len(set(server.requests)) == 1
    assert len(server.requests) >= 2


@pytest.mark.parametrize(
    "answer",
    [b"SIP/2.0 100 Trying\r\n%s\r\n\r\n", b"SIP/2.0 200 OK\r\nCall-ID: another\r\n\r\n", b"\0\xff"],
)
async def test_what_is_not_a_final_response_to_it_is_no_answer(answer: bytes) -> None:
    server = Server(answer)
    async with serving(server) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * probes.RESEND_AFTER):
                await probes.options(port)
    assert server.requests


async def test_a_port_where_nobody_listens_is_no_answer_and_no_storm() -> None:
    async with serving(Server()) as port:
        pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2 * probes.RESEND_AFTER):
            await probes.options(port)


def test_the_fullest_queue_counts() -> None:
    assert probes.deepest(TABLE) == 612
    assert probes.deepest("No such command 'core show taskprocessors'") is None
    assert probes.deepest("") is None


def test_whoever_asterisk_does_not_know_is_counted_and_the_watch_itself_is_not() -> None:
    assert probes.strangers(STRANGERS, {"127.0.0.1"}) == 512
    assert probes.strangers("No objects found.\n", ()) == 0
    assert probes.strangers("No such command 'pjsip show unidentified_requests'", ()) is None


async def test_asterisks_socket_is_asked_as_its_own_client_asks(tmp_path: Path) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def asterisk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.readuntil(b"\0"))
        writer.write(TABLE.encode())
        writer.close()

    socket = tmp_path / "asterisk.ctl"
    async with await asyncio.start_unix_server(asterisk, socket):
        assert await console.ask(socket, "core show taskprocessors") == TABLE
    assert await heard == b"cli quit after core show taskprocessors\0"
    with pytest.raises(OSError, match=r"refused|No such file"):
        await console.ask(socket, "core show taskprocessors")


async def test_an_endless_answer_is_cut(tmp_path: Path) -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            writer.close()

    async with await asyncio.start_unix_server(endless, tmp_path / "s"):
        said = await console.ask(tmp_path / "s", "anything")
    assert console.LONGEST <= len(said) < console.LONGEST + 65_536


def test_each_file_system_is_told_once_and_a_missing_folder_not(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    [disk] = probes.disks((tmp_path, tmp_path / "inside", tmp_path / "nowhere"))
    assert disk.folder == tmp_path
    assert 0 <= disk.free <= disk.size


def test_the_kernel_says_whether_the_clock_is_kept_or_nothing() -> None:
    assert probes.clock_synchronised() in (True, False, None)


def test_a_kernel_that_may_not_be_asked_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def adjtimex(self, _: object) -> int:
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Refusing())
    assert probes.clock_synchronised() is None
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert probes.clock_synchronised() is None


@pytest.mark.parametrize(("status", "kept"), [(0x40, False), (0x2001, True), (0x2041, False)])
def test_the_kernels_word_is_read_right(
    status: int, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kernel:
        def adjtimex(self, asked: object) -> int:
            asked._obj.status = status  # type: ignore[attr-defined]
            return 5 if status & 0x40 else 0

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Kernel())
    assert probes.clock_synchronised() is kept
