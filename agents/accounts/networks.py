"""From where people may sign in."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network


def may_sign_in(address: str, networks: Iterable[str]) -> bool:
    """Whether the address is in one of the networks; one that cannot be told is in none."""
    try:
        told = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(told, "ipv4_mapped", None) or told  # ::ffff:192.0.2.1 is 192.0.2.1
    return any(plain in ip_network(network) for network in networks)
