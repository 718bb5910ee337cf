"""pjsip.conf: the trunk on one port, the agents' phones on another."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from config.ports import Ports
from config.site_model import Seat, Site, Trunk
from telephony.asterisk.conf import Pair, conf, section
from telephony.asterisk.core_files import LOOPBACK

ANYWHERE: Final = "0.0.0.0"  # a carrier outside this host cannot reach the loopback
PHONE_SILENT_FOR: Final = 20  # seconds without media; a dead phone's leg would stay up for ever
TRUNK_SILENT_FOR: Final = 120  # longer: a caller's handset may suppress silence
ON_HOLD_FOR: Final = 1800
SESSION_REFRESHED_EVERY: Final = 600
QUALIFIED_EVERY: Final = 15
REGISTERED_FOR: Final = 300

COMMON: Final[tuple[Pair, ...]] = (
    ("type", "endpoint"),
    ("disallow", "all"),
    ("direct_media", False),  # we record, announce and cut in: media stays with us
    ("language", "ja"),
    ("rtp_symmetric", True),
    ("force_rport", True),
    ("rewrite_contact", True),
    ("rtp_timeout_hold", ON_HOLD_FOR),
    ("timers_sess_expires", SESSION_REFRESHED_EVERY),
    # Each bridge would send an UPDATE down every leg to say who is on the other end.
    ("send_connected_line", False),
)


def pjsip_conf(
    site: Site, ports: Ports, seat_passwords: Mapping[str, str], trunk_password: str | None
) -> str:
    """Every endpoint of the site."""
    seats = (_seat(seat, seat_passwords[name]) for name, seat in sorted(site.seats.items()))
    return conf(
        _global(),
        _transport("trunk-udp", _trunk_bind(site.trunk), ports.trunk),
        _transport("phones-udp", LOOPBACK, ports.phones),
        _trunk(site.trunk),
        _trunk_account(site.trunk, trunk_password),
        *seats,
    )


def _global() -> str:
    """By user name first: a phone on the trunk's own address could not register otherwise."""
    return section(
        "global",
        ("type", "global"),
        ("user_agent", "Madoguchi"),
        ("default_realm", "madoguchi"),
        ("endpoint_identifier_order", "username,ip"),
        ("keep_alive_interval", 0),
    )


def _transport(name: str, address: str, port: int) -> str:
    return section(name, ("type", "transport"), ("protocol", "udp"), ("bind", f"{address}:{port}"))


def _trunk_bind(trunk: Trunk) -> str:
    """Loopback as long as the trunk is on this host."""
    try:
        inside = ip_address(trunk.host).is_loopback
    except ValueError:
        inside = trunk.host == "localhost"
    return LOOPBACK if inside else ANYWHERE


def _trunk(trunk: Trunk) -> str:
    """Known by its address, asked for no password.

    The caller's identity is not interpreted here (`trust_id_inbound` stays off): From,
    P-Asserted-Identity and Privacy go to the controller as they came, which reads them once.
    """
    endpoint = section(
        "trunk",
        *COMMON,
        ("transport", "trunk-udp"),
        ("context", "from-trunk"),
        ("allow", ",".join(trunk.codecs)),
        ("aors", "trunk"),
        ("identify_by", "ip"),
        ("outbound_auth", "trunk-account" if trunk.username else None),
        ("rtp_timeout", TRUNK_SILENT_FOR),
        ("trust_id_inbound", False),
        ("allow_transfer", False),
    )
    address = section("trunk", ("type", "aor"), ("contact", f"sip:{_peer(trunk)}"))
    identity = section(
        "trunk",
        ("type", "identify"),
        ("endpoint", "trunk"),
        *(("match", source) for source in trunk.match),
    )
    return "\n".join((endpoint, address, identity))


def _trunk_account(trunk: Trunk, password: str | None) -> str:
    """A carrier that wants us to register."""
    if not trunk.username:
        return ""
    auth = section(
        "trunk-account",
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", trunk.username),
        ("password", password),
    )
    registration = section(
        "trunk-account",
        ("type", "registration"),
        ("transport", "trunk-udp"),
        ("outbound_auth", "trunk-account"),
        ("server_uri", f"sip:{_peer(trunk)}"),
        ("client_uri", f"sip:{trunk.username}@{trunk.host}"),
        ("contact_user", trunk.username),
    )
    return "\n".join((auth, registration))


def _peer(trunk: Trunk) -> str:
    return f"{trunk.host}:{trunk.port}" if trunk.port else trunk.host


def _seat(seat: Seat, password: str) -> str:
    """One phone at a time, the newest; it may ask for a transfer, the controller carries it out."""
    endpoint = section(
        seat.seat,
        *COMMON,
        ("transport", "phones-udp"),
        ("context", "agents"),
        ("allow", "ulaw"),
        ("auth", seat.seat),
        ("aors", seat.seat),
        ("identify_by", "username"),
        ("device_state_busy_at", 1),
        ("rtp_timeout", PHONE_SILENT_FOR),
        ("set_var", "PJSIP_TRANSFER_HANDLING()=ari-only"),
    )
    address = section(
        seat.seat,
        ("type", "aor"),
        ("max_contacts", 1),
        ("remove_existing", True),
        ("default_expiration", REGISTERED_FOR),
        ("qualify_frequency", QUALIFIED_EVERY),
    )
    auth = section(
        seat.seat,
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", seat.seat),
        ("password", password),
    )
    return "\n".join((endpoint, address, auth))
