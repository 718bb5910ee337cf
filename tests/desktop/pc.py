"""An agent's PC on a network of the house: a browser, set up by the sheet for the PCs.

It is told what `madoguchi tls policy` wrote, as managed policies: the microphone is granted by
them, not by the driver. The site's authority is one of them, too (`CACertificates`), in the place
of the PC's own store: it goes into the same verifier, and needs no program that writes that store.
The PC has an `/etc` of its own, which is where this browser looks for policies.
"""

import json
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, async_playwright

from config.certificates import first_of
from tests.desktop.lan import CALLED, CENTRE_AT, Lan
from tests.desktop.room import FLAGS, chromium

POLICIES: Final = "chromium/policies/managed"
OF_CHROME: Final = r"\Policies\Google\Chrome" "\\"
AUTHORITY: Final = "CACertificates"
KEPT: Final = ("passwd", "group", "localtime")  # of the machine's own
HOSTS: Final = f"127.0.0.1 localhost\n{CENTRE_AT} {CALLED}\n"
GRANTS_ITSELF: Final = "--use-fake-ui-for-media-stream"
# The PC's /etc, then the browser with what the driver tells it. The process stays the same one.
LAUNCHER: Final = """\
#!/bin/sh
export HOME={home}
exec ip netns exec {pc} sh -c 'mount --bind "$0" /etc && exec "$@"' {etc} {chromium} "$@"
"""

Policies = dict[str, object]


def told_by(registry: Path, authority: Path) -> Policies:
    """What the file for Windows says to Chrome, and the authority that the sheet names."""
    policies: dict[str, list[str]] = {}  # each a list of addresses
    policy = ""
    for line in registry.read_text(encoding="utf-16").splitlines():
        if line.startswith("["):
            _, is_chrome, policy = line.strip("[]").partition(OF_CHROME)
            policy = policy if is_chrome else ""
        elif policy and "=" in line:
            _, _, value = line.partition("=")
            policies.setdefault(policy, []).append(value.strip('"'))
    assert policies, registry
    certificate = b64encode(first_of(authority.read_bytes())).decode()
    return {**policies, AUTHORITY: [certificate]}


@asynccontextmanager
async def browser_at(lan: Lan, folder: Path, policies: Policies) -> AsyncIterator[Browser]:
    """A browser on the PC; what belongs to the PC is in this folder."""
    launcher = _launcher(lan, folder, policies)
    flags = [each for each in FLAGS if each != GRANTS_ITSELF]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=launcher, args=flags, timeout=180_000
        )
        try:
            yield browser
        finally:
            await browser.close()


def _launcher(lan: Lan, folder: Path, policies: Policies) -> Path:
    etc, home = folder / "etc", folder / "home"
    (etc / POLICIES).mkdir(parents=True)
    home.mkdir()
    for name in KEPT:
        if (machines := Path("/etc", name)).exists():
            shutil.copy(machines, etc / name)
    (etc / "hosts").write_text(HOSTS, encoding="ascii")
    (etc / "nsswitch.conf").write_text("hosts: files\n", encoding="ascii")
    (etc / POLICIES / "madoguchi.json").write_text(json.dumps(policies), encoding="utf-8")
    launcher = folder / "chromium"
    launcher.write_text(
        LAUNCHER.format(home=home, pc=lan.pc, etc=etc, chromium=chromium()), encoding="utf-8"
    )
    launcher.chmod(0o755)
    return launcher
