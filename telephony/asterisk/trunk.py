"""The carrier's side of pjsip.conf: endpoint, address, who counts as the carrier, our account."""

from typing import Final

from config.site_model import Trunk
from telephony.asterisk.conf import Pair, section
from telephony.asterisk.sockets import SipSocket

QUALIFIED_WITHIN: Final = 3
TRIED_AGAIN_AFTER: Final = 30
# Asterisk gives up for ever after ten failures in a row, and at once when it is forbidden: a
# night in which the carrier is down, or a bill that was paid late, must end by itself.
TRIES: Final = 1_000_000
# Asterisk spreads the first registrations of many accounts over ten seconds; there is one, and
# until then nobody can call. It takes the remainder by this number: 1 is the least.
FIRST_WITHIN: Final = 1


def trunk_sections(
    trunk: Trunk, password: str | None, common: tuple[Pair, ...], listens: SipSocket
) -> str:
    """Everything about the carrier."""
    return "\n".join(
        (
            _transport(trunk, listens),
            _endpoint(trunk, common),
            _address(trunk),
            _identity(trunk),
            *_account(trunk, password),
        )
    )


def _transport(trunk: Trunk, listens: SipSocket) -> str:
    external = trunk.external_address
    return section(
        "trunk-udp",
        ("type", "transport"),
        ("protocol", "udp"),
        ("bind", listens),
        ("external_signaling_address", external),
        ("external_media_address", external),
        *(("local_net", network) for network in trunk.local_networks),
    )


def _endpoint(trunk: Trunk, common: tuple[Pair, ...]) -> str:
    """Known by its address, asked for no password.

    The caller's identity is not interpreted here (`trust_id_inbound` stays off): From,
    P-Asserted-Identity, Remote-Party-ID and Privacy go to the controller as they came, which reads
    them once.
    """
    return section(
        "trunk",
        *common,
        ("transport", "trunk-udp"),
        ("context", "from-trunk"),
        ("allow", ",".join(trunk.codecs)),
        ("aors", "trunk"),
        ("identify_by", "ip"),
        ("outbound_auth", "trunk-account" if trunk.username else None),
        ("outbound_proxy", _proxy(trunk)),
        ("from_domain", trunk.domain),
        ("contact_user", trunk.username),
        ("timers", True),
        ("timers_sess_expires", trunk.session_timer),
        ("timers_min_se", trunk.session_timer_min),
        ("rtp_timeout", trunk.media_timeout),
        ("rtp_timeout_hold", trunk.media_timeout_hold),
        ("trust_id_inbound", False),
        ("t38_udptl", False),  # a fax is refused (488) and its call goes on as a voice call
        ("allow_transfer", False),
    )


def _address(trunk: Trunk) -> str:
    return section(
        "trunk",
        ("type", "aor"),
        ("contact", f"sip:{_peer(trunk)}"),
        ("qualify_frequency", trunk.qualify_every),
        ("qualify_timeout", QUALIFIED_WITHIN),
        ("outbound_proxy", _proxy(trunk)),
    )


def _identity(trunk: Trunk) -> str:
    return section(
        "trunk",
        ("type", "identify"),
        ("endpoint", "trunk"),
        *(("match", source) for source in trunk.match),
    )


def _account(trunk: Trunk, password: str | None) -> tuple[str, ...]:
    """A carrier that wants to know who we are."""
    if not trunk.username:
        return ()
    auth = section(
        "trunk-account",
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", trunk.auth_username or trunk.username),
        ("password", password),
    )
    return (auth, _registration(trunk)) if trunk.registers else (auth,)


def _registration(trunk: Trunk) -> str:
    return section(
        "trunk-account",
        ("type", "registration"),
        ("transport", "trunk-udp"),
        ("outbound_auth", "trunk-account"),
        ("outbound_proxy", _proxy(trunk)),
        ("server_uri", f"sip:{_peer(trunk)}"),
        ("client_uri", f"sip:{trunk.username}@{trunk.domain or trunk.host}"),
        ("contact_user", trunk.username),
        ("expiration", trunk.register_every),
        ("retry_interval", TRIED_AGAIN_AFTER),
        ("forbidden_retry_interval", TRIED_AGAIN_AFTER),
        ("fatal_retry_interval", TRIED_AGAIN_AFTER),
        ("auth_rejection_permanent", False),
        ("max_retries", TRIES),
        ("max_random_initial_delay", FIRST_WITHIN),
    )


def _peer(trunk: Trunk) -> str:
    return f"{trunk.host}:{trunk.port}" if trunk.port else trunk.host


def _proxy(trunk: Trunk) -> str | None:
    """Loose: the proxy sends on what is not meant for itself."""
    return f"sip:{trunk.outbound_proxy};lr" if trunk.outbound_proxy else None
