"""Reading Remote-Party-ID, which gateways still send beside or instead of P-Asserted-Identity.

It has two parameters that matter: whom it is about, and what they want hidden
(draft-ietf-sip-privacy-04).
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from telephony.caller_id.address import Address, address, values

_PARAMETER: Final = re.compile(r';\s*([A-Za-z-]+)\s*=\s*"?([^";,\s]*)')
_SHOWN: Final = frozenset({"", "off", "none", "no", "ipaddr"})


class Hidden(IntEnum):
    """What the caller wants nobody to see; the greater, the stricter."""

    NOTHING = 0
    NAME = 1
    NUMBER = 2


@dataclass(frozen=True, slots=True)
class RemoteParty:
    """What the header tells of the caller."""

    addresses: tuple[Address, ...] = ()
    hidden: Hidden = Hidden.NOTHING


def read(header: str) -> RemoteParty:
    """Of one URI-encoded header; an entry about somebody else is passed over."""
    addresses, hidden = [], Hidden.NOTHING
    for value in values(header):
        behind = value.rpartition(">")[2] if ">" in value else value
        told = {key.casefold(): word.casefold() for key, word in _PARAMETER.findall(behind)}
        if told.get("party", "calling") == "calling":
            addresses.append(address(value))
            hidden = max(hidden, _hidden(told.get("privacy", "")))
    return RemoteParty(tuple(addresses), hidden)


def _hidden(privacy: str) -> Hidden:
    """A word that nobody knows was not written to be shown."""
    word = privacy.removesuffix("-network")
    if word == "name":
        return Hidden.NAME
    return Hidden.NOTHING if word in _SHOWN else Hidden.NUMBER
