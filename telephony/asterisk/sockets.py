"""Where Asterisk listens for SIP: the carrier's side and the phones'."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from config.ports import Ports
from config.site_model import Site, Trunk
from telephony.asterisk.core_files import LOOPBACK

ANYWHERE: Final = "0.0.0.0"  # a carrier outside this host cannot reach the loopback


@dataclass(frozen=True, slots=True)
class SipSocket:
    """A UDP address and port."""

    address: str
    port: int

    def __str__(self) -> str:
        """As SIP and Asterisk write it."""
        return f"{bracketed(self.address)}:{self.port}"

    @property
    def asked_at(self) -> str:
        """The address at which this machine itself reaches it."""
        listens = ip_address(self.address)
        if not listens.is_unspecified:
            return self.address
        return LOOPBACK if listens.version == 4 else "::1"  # noqa: PLR2004 -- IPv4


def bracketed(address: str) -> str:
    """An IPv6 address in the brackets that keep it apart from a port."""
    return f"[{address}]" if ":" in address else address


def trunk_socket(trunk: Trunk, ports: Ports) -> SipSocket:
    """Where the site says; else the loopback as long as the trunk is on this host."""
    return SipSocket(trunk.bind or _side_of(trunk.host), trunk.local_port or ports.trunk)


def phones_socket(site: Site, ports: Ports) -> SipSocket:
    """The agents' phones register here."""
    return SipSocket(site.phones.bind, ports.phones)


def _side_of(host: str) -> str:
    try:
        inside = ip_address(host).is_loopback
    except ValueError:
        inside = host == "localhost"
    return LOOPBACK if inside else ANYWHERE
