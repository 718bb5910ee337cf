"""pjsip.conf: the trunk on one port, the agents' phones on another."""

from ipaddress import ip_address
from typing import Final

from config.ports import Ports
from config.secrets import Secrets
from config.site_model import Phones, Seat, Site
from config.telephones import CITIZEN
from telephony.acd.model import Phone
from telephony.asterisk.conf import Pair, conf, section
from telephony.asterisk.core_files import LOOPBACK
from telephony.asterisk.endpoints import endpoint_of
from telephony.asterisk.sockets import phones_socket, trunk_socket
from telephony.asterisk.trunk import trunk_sections

PHONE_SILENT_FOR: Final = 20  # seconds without media; a dead phone's leg would stay up for ever
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
    # Each bridge would send an UPDATE down every leg to say who is on the other end.
    ("send_connected_line", False),
)


def pjsip_conf(site: Site, ports: Ports, secrets: Secrets, trunk_password: str | None) -> str:
    """Every endpoint of the site."""
    seats = (
        part
        for name, seat in sorted(site.seats.items())
        for part in (
            _seat(seat, secrets.seat_passwords[name], _admitted(site.phones.networks)),
            _browser(seat, secrets.browser_passwords[name], site.phones),
        )
    )
    return conf(
        _global(),
        trunk_sections(site.trunk, trunk_password, COMMON, trunk_socket(site.trunk, ports)),
        section(
            "phones-udp",
            ("type", "transport"),
            ("protocol", "udp"),
            ("bind", phones_socket(site, ports)),
        ),
        section(
            "phones-ws",
            ("type", "transport"),
            ("protocol", "ws"),  # over the HTTP server, which is bound to the loopback
            ("bind", LOOPBACK),
        ),
        *seats,
        *((_citizen(site.phones),) if site.desk.demo else ()),
    )


def _global() -> str:
    """By user name first: a phone on the trunk's own address could not register otherwise.

    No endpoint of ours is identified by the name in its credentials; but only where that is asked
    too does Asterisk count the requests of whom it cannot identify.
    """
    return section(
        "global",
        ("type", "global"),
        ("user_agent", "Madoguchi"),
        ("default_realm", "madoguchi"),
        ("endpoint_identifier_order", "username,ip,auth_username"),
        ("keep_alive_interval", 0),
    )


def _admitted(networks: tuple[str, ...]) -> tuple[Pair, ...]:
    """Nobody from elsewhere, whoever has the password; on the loopback there is no elsewhere."""
    if not networks:
        return ()
    everybody: tuple[Pair, ...] = (("deny", "0.0.0.0/0"), ("deny", "::/0"))
    return (*everybody, *(("permit", network) for network in networks))


def _seat(seat: Seat, password: str, admitted: tuple[Pair, ...]) -> str:
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
        ("timers_sess_expires", SESSION_REFRESHED_EVERY),
        ("rtp_timeout", PHONE_SILENT_FOR),
        ("rtp_timeout_hold", ON_HOLD_FOR),
        ("set_var", "PJSIP_TRANSFER_HANDLING()=ari-only"),
        *admitted,
    )
    return "\n".join((endpoint, *_registers(seat.seat, password, qualified=QUALIFIED_EVERY)))


def _browser(seat: Seat, password: str, phones: Phones) -> str:
    """A page at the seat: its signalling comes through the desk's relay, its media by DTLS-SRTP.

    Sound is the telephone network's own: another codec would only cost the conversion. That the
    socket is cut ends no call, so no session timer may ask over it.
    """
    name = endpoint_of(seat.seat, Phone.BROWSER)
    endpoint = section(
        name,
        *COMMON,
        ("context", "agents"),
        ("auth", name),
        ("aors", name),
        ("device_state_busy_at", 1),
        *_in_a_page(phones),
    )
    return "\n".join((endpoint, *_registers(name, password, qualified=0)))


def _in_a_page(phones: Phones) -> tuple[Pair, ...]:
    anywhere = ip_address(phones.bind).is_unspecified
    return (
        ("transport", "phones-ws"),
        ("allow", "ulaw,alaw"),
        ("identify_by", "username"),
        ("webrtc", True),
        ("dtls_auto_generate_cert", True),
        ("media_address", None if anywhere else phones.bind),
        ("bind_rtp_to_media_address", None if anywhere else True),
        ("timers", False),
        ("rtp_timeout", PHONE_SILENT_FOR),
        ("rtp_timeout_hold", PHONE_SILENT_FOR),
        ("deny", "0.0.0.0/0"),
        ("deny", "::/0"),
        ("permit", f"{LOOPBACK}/32"),
    )


def _citizen(phones: Phones) -> str:
    """Calls in as the carrier does, from a page of the demo; without a password, as the carrier."""
    return section(CITIZEN, *COMMON, ("context", "from-trunk"), *_in_a_page(phones))


def _registers(name: str, password: str, *, qualified: int) -> tuple[str, str]:
    """One telephone at a time, the newest, with its password."""
    address = section(
        name,
        ("type", "aor"),
        ("max_contacts", 1),
        ("remove_existing", True),
        ("default_expiration", REGISTERED_FOR),
        ("qualify_frequency", qualified),
    )
    auth = section(
        name,
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", name),
        ("password", password),
    )
    return address, auth
