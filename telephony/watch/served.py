"""Which certificate browsers are shown: that of the desk that runs, not of the file beside it."""

import asyncio
import ssl
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from config.certificates import UnfitCertificate, first_of, read

ANSWERS_WITHIN: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Served:
    """The certificate that a desk shows."""

    ends_at: float  # of it, or of something in its chain
    is_that_of_the_file: bool = True  # False: the desk shows another until it is restarted


@dataclass(frozen=True, slots=True)
class DeskDoor:
    """Where the desk serves, and the file from which it takes its certificate as it starts."""

    certificate: Path
    host: str
    port: int

    async def served(self) -> Served | None:
        """None where neither desk nor file tells. Raises TimeoutError.

        A desk that does not run will show what the file has when it does.
        """
        file = await asyncio.to_thread(_read, self.certificate)
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                shown = await self._shown()
        except TimeoutError:
            raise
        except ssl.SSLError:  # it began before a certificate was named
            return file and Served(file[1], is_that_of_the_file=False)
        except OSError:
            return file and Served(file[1])
        if file is not None and shown == file[0]:
            return Served(file[1])
        # A file that cannot be read is no reason to restart: the desk would not start again.
        return Served(
            read(ssl.DER_cert_to_PEM_cert(shown).encode()).until.timestamp(), file is None
        )

    async def _shown(self) -> bytes:
        """Nothing is believed of it, so nothing is checked: it may have ended long ago."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        _, writer = await asyncio.open_connection(_reached_at(self.host), self.port, ssl=context)
        with closing(writer):
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            assert isinstance(shown, bytes)  # a server without one ends no handshake
            return shown


def _read(certificate: Path) -> tuple[bytes, float] | None:
    """The file's first certificate, and when the first of its chain ends."""
    try:
        pem = certificate.read_bytes()
        return first_of(pem), read(pem).until.timestamp()
    except (OSError, UnfitCertificate):
        return None


def _reached_at(host: str) -> str:
    """The address at which this machine itself reaches it."""
    address = ip_address(host)
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"  # noqa: PLR2004 -- of the protocol
