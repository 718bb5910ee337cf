"""All files together, as text: a pure function of the site and the home."""

from collections.abc import Mapping

from config.home import Home
from config.ports import Ports
from config.secrets import Secrets
from config.site_model import Site
from telephony.asterisk import core_files
from telephony.asterisk.dialplan import extensions_conf
from telephony.asterisk.handsets import notify_conf
from telephony.asterisk.modules import modules_conf
from telephony.asterisk.pjsip import pjsip_conf
from telephony.runtime.programs import Programs


def render(  # noqa: PLR0913 -- all that the files are made of
    site: Site,
    home: Home,
    ports: Ports,
    secrets: Secrets,
    programs: Programs,
    trunk_password: str | None = None,
    addresses: tuple[str, ...] = (),
) -> Mapping[str, str]:
    """The text of every file, by name; `addresses` are those of this machine."""
    account = site.trunk.username is not None
    return {
        "asterisk.conf": core_files.asterisk_conf(
            home,
            programs.asterisk_modules_dir,
            len(site.lines) + len(site.overflow_lines),
        ),
        "modules.conf": modules_conf(trunk_account=account),
        "logger.conf": core_files.logger_conf(),
        "pjproject.conf": core_files.pjproject_conf(),
        "http.conf": core_files.http_conf(ports),
        "ari.conf": core_files.ari_conf(secrets.ari_password),
        "rtp.conf": core_files.rtp_conf(ports, site.phones.bind, addresses),
        "musiconhold.conf": core_files.music_conf(programs.sounds_dir),
        "indications.conf": core_files.indications_conf(),
        "pjsip.conf": pjsip_conf(site, ports, secrets, trunk_password),
        "pjsip_notify.conf": notify_conf(),
        "extensions.conf": extensions_conf(site, home.net_calls_for_asterisk),
        **core_files.switched_off(),
        **core_files.left_empty(),
    }
