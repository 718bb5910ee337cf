"""What the person who typed `madoguchi up` reads."""

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator

from config.demo import demo_names
from config.home import Home
from config.ports import Ports
from config.site import Site
from telephony.asterisk.core_files import LOOPBACK
from telephony.asterisk.sockets import phones_socket


def say(text: str) -> None:
    """One line at once. A closed terminal must not stop the telephones."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def stopwatch() -> Callable[[str], None]:
    """`say`, with the seconds since now in front."""
    clock = asyncio.get_running_loop().time
    began = clock()
    return lambda text: say(f"[{clock() - began:7.1f} s] {text}")


def welcome(home: Home, ports: Ports, site: Site, demo_password: str = "") -> Iterator[str]:
    """Where everything is, and how to use it with any SIP telephone."""
    seats, options = sorted(site.seats) or ["-"], _options(home)
    shown = "" if site.is_demo else " --show-passwords"
    yield f"Madoguchi 窓口  {site.name}"
    yield f"  home    {home.path}   (logs in {home.logs})"
    yield f"  calls   着信  {_way_in(site, ports)}"
    yield f"  phones  内線  {phones_socket(site, ports)}  (UDP), seats {seats[0]} … {seats[-1]}"
    yield f"                user and password of each: madoguchi seats{shown}{options}"
    yield f"                then, to take calls:       madoguchi agent {seats[0]} ready{options}"
    yield from _desk(ports, site, demo_password)
    yield f"  health  監視  http://{LOOPBACK}:{ports.health}/readyz"
    yield "  stop    終了  Ctrl-C"


def _desk(ports: Ports, site: Site, demo_password: str) -> Iterator[str]:
    """Where the pages are; of the demo also its people, each under an address of their own."""
    desk = site.desk
    if not demo_password:
        scheme = "https" if desk.is_encrypted else "http"
        where = f"{scheme}://{desk.names[0] if desk.names else desk.host}"
        yield f"  desk    画面  {where}{'' if desk.tls_proxies else f':{ports.desk}'}"
        return
    for number, name in enumerate(demo_names(site)):
        label = "  desk    画面  " if number == 0 else "                "
        yield f"{label}http://{name}.localhost:{ports.desk}  user {name}"
    yield f"                password of each 共通パスワード: {demo_password}"
    yield f"  citizen 市民  http://citizen.localhost:{ports.desk}  a telephone to call in with"


def ready(site: Site, ports: Ports) -> str:
    """The line to wait for."""
    return f"ready 受付中: phone {_way_in(site, ports)}"


def _way_in(site: Site, ports: Ports) -> str:
    """From this machine a call needs no carrier."""
    port = site.trunk.local_port or ports.trunk
    if LOOPBACK in site.trunk.match:
        return f"{site.dids[0]} at sip:{site.dids[0]}@{LOOPBACK}:{port} (UDP, any SIP phone)"
    return f"{', '.join(site.dids)} through {site.trunk.host} (UDP port {port})"


def _options(home: Home) -> str:
    return (
        "" if home == Home.at(home.path.cwd() / "var") else f" --home {shlex.quote(str(home.path))}"
    )
