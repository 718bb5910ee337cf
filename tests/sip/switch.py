"""A bare Asterisk with a hand-written configuration, to try the telephones on."""

import asyncio
import contextlib
import itertools
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RUNTIME = ROOT / ".runtime"
_PROGRAM = str(_RUNTIME / "bin" / "asterisk")
_PATIENCE = 20.0
_PORTS = range(19000, 20000)
_PORTS_A_PROCESS = 10

_DIRECTORIES = """\
[directories]
astetcdir => {home}
astmoddir => {modules}
astvarlibdir => {home}
astdatadir => {data}
astdbdir => {home}
astkeydir => {home}
astspooldir => {home}
astrundir => {home}
astlogdir => {home}
astagidir => {home}
"""

_MODULES = """
bridge_simple bridge_native_rtp chan_pjsip codec_ulaw func_callerid func_channel pbx_config
app_dial app_echo app_milliwatt app_read app_senddtmf
res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd
res_rtp_asterisk res_pjsip res_pjsip_authenticator_digest res_pjsip_caller_id
res_pjsip_dialog_info_body_generator res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_user res_pjsip_pubsub res_pjsip_refer res_pjsip_registrar
res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session
"""

_PJSIP = """\
[global]
type=global
endpoint_identifier_order=username,ip

[trunk-udp]
type=transport
protocol=udp
bind=127.0.0.1:{trunk}

[phones-udp]
type=transport
protocol=udp
bind=127.0.0.1:{phones}

[trunk]
type=endpoint
transport=trunk-udp
context=from-trunk
disallow=all
allow=ulaw
direct_media=no
aors=trunk
[trunk]
type=aor
contact=sip:127.0.0.1:{carrier}
[trunk]
type=identify
endpoint=trunk
match=127.0.0.1

[a01]
type=endpoint
transport=phones-udp
context=from-phones
disallow=all
allow=ulaw
direct_media=no
aors=a01
auth=a01
[a01]
type=aor
max_contacts=1
remove_existing=yes
qualify_frequency=1
[a01]
type=auth
auth_type=userpass
username=a01
password=right
"""

_DIALPLAN = """\
[from-trunk]
exten => echo,1,Answer()
 same => n,Echo()
exten => milliwatt,1,Answer()
 same => n,Milliwatt()
exten => early,1,Progress()
 same => n,Milliwatt()
exten => keys,1,Answer()
 same => n,Read(KEYS,,4,,1,5)
 same => n,SendDTMF(${KEYS})
 same => n,Wait(1)
 same => n,Hangup(17)
exten => busy,1,Hangup(17)
exten => a01,1,Dial(PJSIP/a01,20)
exten => out,1,Dial(PJSIP/0942000199@trunk,20)
[from-phones]
exten => *11,1,Answer()
 same => n,Echo()
"""

_RTP = "[general]\nrtpstart=60100\nrtpend=60990\n"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the switch and the carrier are bound."""

    trunk: int
    phones: int
    carrier: int


@contextlib.asynccontextmanager
async def running(home: Path) -> AsyncIterator[Ports]:
    """Asterisk with its files in `home`, until the end of the block."""
    ports = Ports(*_free_ports(3))
    _write(home, ports)
    config = str(home / "asterisk.conf")
    with (home / "console.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            _PROGRAM, "-f", "-C", config, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        await _booted(process, home)
        yield ports
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _write(home: Path, ports: Ports) -> None:
    modules = next(_RUNTIME.glob("asterisk/usr/lib/*/asterisk/modules"))
    data = _RUNTIME / "asterisk/usr/share/asterisk"
    loads = "".join(f"load={name}.so\n" for name in _MODULES.split())
    files = {
        "asterisk.conf": _DIRECTORIES.format(home=home, modules=modules, data=data),
        "modules.conf": f"[modules]\nautoload=no\n{loads}",
        "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
        "pjsip.conf": _PJSIP.format(trunk=ports.trunk, phones=ports.phones, carrier=ports.carrier),
        "extensions.conf": _DIALPLAN,
        "rtp.conf": _RTP,
    }
    for name, text in files.items():
        (home / name).write_text(text)


async def _booted(process: asyncio.subprocess.Process, home: Path) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not (home / "asterisk.ctl").exists():
            if process.returncode is not None:
                raise RuntimeError(f"Asterisk stopped:\n{(home / 'console.log').read_text()}")
            await asyncio.sleep(0.05)
        command = ("-C", str(home / "asterisk.conf"), "-rx", "core waitfullybooted")
        waiting = await asyncio.create_subprocess_exec(
            _PROGRAM, *command, stdout=asyncio.subprocess.DEVNULL
        )
        await waiting.wait()


def _free_ports(count: int) -> list[int]:
    # Test processes that look at the same instant must not find the same ports.
    skipped = os.getpid() * _PORTS_A_PROCESS % len(_PORTS)
    candidates = (*_PORTS[skipped:], *_PORTS[:skipped])
    return list(itertools.islice(filter(_is_free, candidates), count))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
