"""asterisk.conf, logger.conf, http.conf, ari.conf, rtp.conf and the small files around them."""

import hashlib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from config.home import Home
from config.ports import Ports
from telephony.asterisk.conf import NOTICE, conf, objects, section

APPLICATION: Final = "madoguchi"  # ARI application, and ARI's only user
LOOPBACK: Final = "127.0.0.1"
HTTP_SESSIONS: Final = 2000  # every HTTP connection and every browser's socket counts; default 100
CALLS_PER_LINE: Final = 4
CALLS_TO_SPARE: Final = 100


def asterisk_conf(home: Home, modules: Path, lines: int) -> str:
    """Where everything is, and what this Asterisk is called.

    There is no `maxload`: a busy machine is no reason to refuse a citizen. `maxcalls` only bounds a
    flood; the lines are counted elsewhere.

    A key is as long as it is (`mindtmfduration`). Asterisk draws out one shorter than 80 ms; the
    next then comes too soon after it, is put back and told twice: a number that a telephone dials
    from its memory would be another one. A pause of less than 45 ms has that effect still.
    """
    tree = home.asterisk
    short = home.runtime()
    directories = objects(
        "directories",
        (
            ("astetcdir", home.asterisk_etc),
            ("astmoddir", modules),
            ("astvarlibdir", tree / "lib"),
            ("astdatadir", tree / "data"),
            ("astdbdir", tree / "db"),
            ("astkeydir", tree / "lib"),
            ("astspooldir", tree / "spool"),
            ("astrundir", short),
            ("astlogdir", tree / "log"),
            ("astagidir", tree / "lib"),
        ),
    )
    options = section(
        "options",
        ("systemname", "n1"),  # the node; begins the id of every channel
        ("entityid", entity_id(home)),
        ("live_dangerously", False),
        ("nocolor", True),
        ("verbose", 0),
        ("debug", 0),
        ("defaultlanguage", "ja"),
        ("documentation_language", "en_US"),
        ("maxcalls", CALLS_PER_LINE * lines + CALLS_TO_SPARE),
        ("hideconnect", True),
        ("mindtmfduration", 0),  # milliseconds
    )
    control = section(
        "files",
        ("astctlpath", short),
        ("astctl", "asterisk.ctl"),
        ("astctlpermissions", "0600"),
    )
    return conf(directories, options, control)


def entity_id(home: Home) -> str:
    """A locally administered address of this home: two instances on one host must differ."""
    digest = hashlib.sha256(str(home.path).encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))


def logger_conf() -> str:
    """Errors only, as JSON: warnings quote callers' names and numbers, raw as they came.

    JSON makes one line of whatever an error quotes; a text that is not UTF-8 is not written.
    """
    return conf(
        section("general", ("dateformat", "%F %T.%3q"), ("queue_log", False)),
        objects("logfiles", (("messages.log", "[json]error"),)),
    )


def pjproject_conf() -> str:
    """Of the SIP library's own words the fatal ones: from level 1 on it prints whole messages."""
    return conf(
        section("startup", ("type", "startup"), ("log_level", 0), ("cache_pools", False)),
        section("log_mappings", ("type", "log_mappings"), ("asterisk_error", 0)),
    )


def http_conf(ports: Ports) -> str:
    """ARI's door: this host only, no pages, no status."""
    return conf(
        section(
            "general",
            ("enabled", True),
            ("bindaddr", LOOPBACK),
            ("bindport", ports.asterisk_http),
            ("servername", ""),
            ("enable_static", False),
            ("enable_status", False),
            ("sessionlimit", HTTP_SESSIONS),
            ("session_keep_alive", 15_000),
            ("session_inactivity", 30_000),
        )
    )


def ari_conf(password: str) -> str:
    """One user, whose password is made with the home; no browser's origin is welcome."""
    general = section(
        "general",
        ("enabled", True),
        ("pretty", False),
        # 100 ms by default: one slow moment of the reader, and every event after it is lost.
        ("websocket_write_timeout", 5000),
    )
    user = section(
        APPLICATION,
        ("type", "user"),
        ("read_only", False),
        ("password_format", "plain"),
        ("password", password),
    )
    return conf(general, user)


def rtp_conf(ports: Ports, media: str, addresses: tuple[str, ...]) -> str:
    """Media ports of this instance, and where browsers send theirs.

    Asterisk never offers the loopback to a browser by itself: where the media is bound there, each
    of the machine's own addresses is told as the loopback.
    """
    inside = ip_address(media).is_loopback
    told = objects("ice_host_candidates", ((own, media) for own in addresses)) if inside else ""
    return conf(
        section(
            "general",
            ("rtpstart", ports.rtp_first),
            ("rtpend", ports.rtp_last),
            ("strictrtp", True),
            ("icesupport", True),
            ("ice_deny", "::/0"),
        ),
        told,
    )


def music_conf(sounds: Path) -> str:
    """What a waiting caller hears; the holding bridge plays the default class by itself."""
    return conf(
        section("default", ("mode", "files"), ("directory", sounds / "moh"), ("sort", "alpha"))
    )


def indications_conf() -> str:
    """Japan's tones, for the rare moment a channel makes one itself."""
    return conf(
        section("general", ("country", "jp")),
        section(
            "jp",
            ("description", "Japan"),
            ("ringcadence", "1000,2000"),
            ("dial", "400"),
            ("busy", "400/500,0/500"),
            ("ring", "400+15/1000,0/2000"),
            ("congestion", "400/500,0/500"),
            ("callwaiting", "400+16/500,0/8000"),
        ),
    )


def switched_off() -> Mapping[str, str]:
    """Parts of Asterisk's core that cannot be left unloaded, only disabled."""
    return {
        "manager.conf": conf(section("general", ("enabled", False), ("webenabled", False))),
        "cdr.conf": conf(section("general", ("enable", False))),
        "cel.conf": conf(section("general", ("enable", False))),
    }


def left_empty() -> Mapping[str, str]:
    """Files that a module misses loudly; ours say nothing on purpose."""
    missed = ("acl", "ccss", "features", "stasis", "udptl", "websocket_client")
    return {f"{name}.conf": NOTICE for name in missed}
