"""A bare Asterisk for the ARI tests: no product configuration, a few scripted phones.

It calls itself over SIP: an extension of `[phones]` is a phone with a habit, so both ends of
every call are real PJSIP channels. `PJSIP/unregistered` is a phone that nobody has registered.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.ari.errors import AriError
from telephony.ari.rest import AriRest
from telephony.runtime.programs import find

USER: Final = "tests"
PASSWORD: Final = "only-for-tests"
APP: Final = "madoguchi"
_STARTS_WITHIN: Final = 180.0  # seconds; beside much other work 20 were too few
_STOPS_WITHIN: Final = 3.0

_FILES: Final = {
    "asterisk.conf": """
[directories]
astetcdir => {home}/etc
astmoddir => {modules}
astvarlibdir => {home}/lib
astdatadir => {data}
astdbdir => {home}/lib
astkeydir => {home}/lib
astspooldir => {home}/spool
astrundir => {home}/run
astlogdir => {home}/log
astagidir => {home}/lib
[options]
entityid = 02:00:00:00:00:01
systemname = bare
""",
    "modules.conf": """
[modules]
autoload = yes
noload = chan_iax2.so
noload = chan_unistim.so
noload = chan_motif.so
noload = chan_console.so
noload = res_stasis_test.so
noload = pbx_lua.so
noload = pbx_ael.so
noload = pbx_dundi.so
""",
    "http.conf": """
[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = {port}
sessionlimit = 1000
websocket_write_timeout = 2000
""",
    "ari.conf": """
[general]
enabled = yes
[{user}]
type = user
password = {password}
""",
    "pjsip.conf": """
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{sip_port}
[phone]
type = endpoint
context = phones
disallow = all
allow = ulaw
aors = phone
direct_media = no
[phone]
type = aor
contact = sip:127.0.0.1:{sip_port}
[phone]
type = identify
endpoint = phone
match = 127.0.0.1
[unregistered]
type = endpoint
context = phones
disallow = all
allow = ulaw
aors = unregistered
[unregistered]
type = aor
max_contacts = 1
""",
    "musiconhold.conf": """
[default]
mode = files
directory = {home}/sounds
""",
    "logger.conf": """
[logfiles]
messages = error,warning,notice
""",
    "extensions.conf": """
[phones]
exten => arrive,1,Stasis({app},in)
 same => n,Hangup()
exten => answers,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Echo()
exten => answers_at_once,1,Answer()
 same => n,Echo()
exten => rings,1,Ringing()
 same => n,Wait(60)
exten => busy,1,Hangup(17)
exten => declines,1,Hangup(21)
exten => presses_5,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(5)
 same => n,Wait(60)
exten => hangs_up,1,Answer()
 same => n,Wait(0.7)
 same => n,Hangup()
exten => hears,1,Answer()
 same => n,Wait(60)
""",
}


@dataclass(frozen=True, slots=True)
class Bare:
    """A running Asterisk."""

    url: str
    sip_port: int
    sounds: Path

    def phone(self, name: str) -> str:
        """What to dial for the phone with this habit."""
        return f"PJSIP/phone/sip:{name}@127.0.0.1:{self.sip_port}"


@contextmanager
def bare_asterisk(home: Path) -> Iterator[Bare]:
    """Start it in an empty directory with a short path; stop it at the end."""
    port, sip_port = _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)
    _lay_out(home, port, sip_port)
    running = Bare(f"http://127.0.0.1:{port}", sip_port, home / "sounds")
    command = [str(find().asterisk), "-f", "-n", "-C", str(home / "etc" / "asterisk.conf")]
    with (home / "console").open("wb") as console:
        process = subprocess.Popen(command, stdout=console, stderr=console, cwd=home)
    try:
        asyncio.run(_until_it_answers(running, process))
        yield running
    finally:
        _stop(process)


def _lay_out(home: Path, port: int, sip_port: int) -> None:
    for folder in ("etc", "lib", "log", "run", "spool", "sounds"):
        (home / folder).mkdir(parents=True)
    programs = find()
    values = {
        "home": home,
        "modules": programs.asterisk_modules_dir,
        "data": programs.asterisk_data_dir,
        "port": port,
        "sip_port": sip_port,
        "user": USER,
        "password": PASSWORD,
        "app": APP,
    }
    for name, text in _FILES.items():
        (home / "etc" / name).write_text(text.format(**values))
    (home / "sounds" / "long.ulaw").write_bytes(b"\xff" * 80_000)  # 10 s of silence
    (home / "sounds" / "short.ulaw").write_bytes(b"\xff" * 1_600)  # 0.2 s


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()  # after a dialling under an id that existed it does not end by itself
        process.wait()


async def _until_it_answers(running: Bare, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(_STARTS_WITHIN), AriRest(running.url, USER, PASSWORD) as ari:
        while process.poll() is None:
            try:
                await ari.info()
            except AriError:
                await asyncio.sleep(0.1)  # noqa: TID251 - a real process needs real time
            else:
                return
    raise RuntimeError("Asterisk ended while starting")


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
