"""The runtime that `make setup` built: Asterisk starts, has our modules, and restarts itself."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from telephony.runtime.programs import Programs, find
from telephony.runtime.wanted import ASTERISK, TOOLS, shown_version
from tests.setup.checks import runs

pytestmark = pytest.mark.asterisk

MODULES = {
    "res_ari", "res_ari_applications", "res_ari_asterisk", "res_ari_bridges",
    "res_ari_channels", "res_ari_device_states", "res_ari_endpoints", "res_ari_events",
    "res_ari_playbacks", "res_ari_recordings", "res_ari_sounds", "res_http_websocket",
    "res_stasis", "res_stasis_answer", "res_stasis_playback", "res_stasis_recording",
    "res_stasis_snoop", "app_stasis", "res_pjproject", "res_pjsip", "res_pjsip_session",
    "chan_pjsip", "res_pjsip_sdp_rtp", "res_pjsip_registrar", "res_pjsip_outbound_registration",
    "res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_endpoint_identifier_user", "res_pjsip_transport_websocket",
    "res_pjsip_dtmf_info", "res_rtp_asterisk", "res_srtp", "res_musiconhold",
    "res_timing_timerfd", "res_format_attr_opus", "codec_ulaw", "codec_alaw", "codec_resample",
    "codec_opus_open_source", "bridge_simple", "bridge_holding", "bridge_softmix",
    "bridge_native_rtp", "bridge_builtin_features", "format_pcm", "format_sln", "format_wav",
    "func_callerid", "func_channel", "func_hangupcause", "func_strings", "func_timeout",
    "pbx_config", "app_dial", "app_playback", "app_queue", "app_verbose",
}  # fmt: skip
DIRECTORIES = {
    "astetcdir": "etc", "astvarlibdir": "lib", "astdbdir": "lib", "astkeydir": "lib",
    "astagidir": "lib", "astspooldir": "spool", "astrundir": "run", "astlogdir": "log",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """An Asterisk without ports, asked through its control socket."""

    asterisk: Path
    configuration: Path
    process: int

    def asked(self, command: str) -> str:
        """Ask it on its console."""
        line = [str(self.asterisk), "-C", str(self.configuration), "-rx", command]
        return subprocess.run(line, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start Asterisk with every module we use."""
    home, programs = tmp_path_factory.mktemp("a"), find()
    configure(home, programs)
    configuration = home / "etc" / "asterisk.conf"
    line = [str(programs.asterisk), "-f", "-C", str(configuration)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            asterisk = Running(programs.asterisk, configuration, process.pid)
            booted(asterisk)
            yield asterisk
        finally:
            process.terminate()


def configure(home: Path, programs: Programs) -> None:
    """Write the files without which modules refuse to load."""
    for name in set(DIRECTORIES.values()):
        (home / name).mkdir()
    directories = {name: home / folder for name, folder in DIRECTORIES.items()}
    directories["astmoddir"] = programs.asterisk_modules_dir
    directories["astdatadir"] = programs.asterisk_data_dir
    files = {
        "asterisk": "[directories]\n" + "".join(f"{k} => {v}\n" for k, v in directories.items()),
        "modules": "[modules]\nautoload=yes\n",
        "ari": "[general]\nenabled=yes\n[u]\ntype=user\npassword=p\n",
        "musiconhold": "[default]\nmode=files\ndirectory=moh\n",
        "extensions": "[default]\n",
        "queues": "[general]\n",
    }
    for name in ("http", "pjsip", "rtp", "features", "indications", "logger", "pjproject"):
        files[name] = "[general]\n"
    for name, content in files.items():
        (home / "etc" / f"{name}.conf").write_text(content)


def booted(asterisk: Running) -> None:
    """Ask until the control socket is there; each try takes Asterisk a few milliseconds."""
    for _ in range(500):
        if "fully booted" in asterisk.asked("core waitfullybooted"):
            return
    pytest.fail("Asterisk did not start")


def test_the_versions_will_do() -> None:
    programs = find()
    for each in (*ASTERISK.programs, *TOOLS.programs):
        version = shown_version(programs.versions[each.name])
        assert version is not None
        assert each.accepts(version)
    assert "Redis server" in runs(programs.redis_server, "--version")
    assert (programs.asterisk_data_dir / "documentation" / "core-en_US.xml").exists()
    assert (programs.asterisk_data_dir / "rest-api").is_dir()


def test_every_module_we_use_runs(running: Running) -> None:
    shown = running.asked("module show")
    up = set(re.findall(r"^(\w+)\.so .* \d+ +Running ", shown, re.M))
    assert up >= MODULES, MODULES - up


def test_a_restart_from_the_console_keeps_process_and_program(running: Running) -> None:
    program = Path(f"/proc/{running.process}/exe").resolve()
    running.asked("core restart now")
    booted(running)
    assert Path(f"/proc/{running.process}/exe").resolve() == program == running.asterisk.resolve()
