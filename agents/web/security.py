"""What every answer forbids the browser, and which requests are answered at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from agents.web.problems import Problem

# Nothing is loaded from another host, nothing is written into a page that then runs.
CSP: Final = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "font-src 'self'", "connect-src 'self'", "media-src 'self' blob:", "worker-src 'self'",
        "manifest-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "microphone=(self), publickey-credentials-get=(self), camera=(), "
    "geolocation=(), usb=(), serial=(), payment=(), display-capture=()",
}
NO_STORE: Final = "no-store"
A_YEAR_OF_TLS: Final = "max-age=31536000"
CSRF_HEADER: Final = "X-Mado-CSRF"
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Door:
    """How the desk is reached: under which names, encrypted by whom."""

    port: int
    tls: bool = False  # with a certificate of ours
    proxies: Sequence[str] = ()  # addresses of the declared TLS proxies
    names: Sequence[str] = ()  # host names besides those of the loopback

    @property
    def encrypted(self) -> bool:
        """Whether browsers speak HTTPS to it."""
        return self.tls or bool(self.proxies)

    @property
    def cookie(self) -> str:
        """Cookies ignore ports, so that two instances on one host need names of their own."""
        return f"__Host-mado-{self.port}"

    def origin(self, request: web.Request) -> str:
        """The one origin of the page that may ask, by the name it was opened under."""
        host = request.headers.get("Host", "")
        if not self._is_ours(_name_of(host)):
            raise Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "このアドレスではご利用になれません。案内されたアドレスで開いてください。",
                "The desk is not reached under this name. Use the address you were given.",
            )
        return f"{'https' if self.encrypted else 'http'}://{host}"

    def address(self, request: web.Request) -> str:
        """Where the browser is: the peer, or what a declared proxy says of it."""
        peer = request.remote or ""
        if not self.proxies:
            return peer
        told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if peer not in self.proxies or request.headers.get("X-Forwarded-Proto") != "https":
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "暗号化された入口から開いてください。",
                "Come in through the TLS proxy.",
            )
        try:
            return str(ip_address(told))
        except ValueError:
            return ""  # unknown: in none of the networks that may sign in

    def _is_ours(self, name: str) -> bool:
        return name in LOOPBACK_NAMES or name.endswith(".localhost") or name in self.names


def _name_of(host: str) -> str:
    """Without the port, without the brackets of an IPv6 address."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def require_origin(request: web.Request, origin: str) -> None:
    """A page of somebody else's must not act in our name (ASVS 3.5.1, 4.4.2)."""
    if request.headers.get("Origin") != origin:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "ほかのページからの操作は受け付けません。窓口の画面から操作してください。",
            "Nothing is done at the word of another page. Use the desk's own.",
        )


def require_same_site(request: web.Request) -> None:
    """What is read is read by our own page, or typed as an address."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "ほかのページからは読み出せません。窓口の画面から開いてください。",
            "Nothing is read at the word of another page. Use the desk's own.",
        )


def dress(response: web.StreamResponse, door: Door) -> None:
    """Put the headers on whatever leaves, errors included."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", NO_STORE)
    response.headers["Server"] = "madoguchi"
    if door.encrypted:
        response.headers["Strict-Transport-Security"] = A_YEAR_OF_TLS
