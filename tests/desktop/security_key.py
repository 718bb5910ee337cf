"""A security key at the browser's own door: the page and the browser treat it as a real one."""

from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import CDPSession, Page

KIND: Final[dict[str, Any]] = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True)
class SecurityKey:
    """Touched whenever it is asked."""

    devtools: CDPSession
    id: str

    @staticmethod
    async def plugged_in(page: Page) -> "SecurityKey":
        """A new one, which nobody has registered yet."""
        # The session stays attached: without it the browser would forget the key.
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        added = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KIND})
        return SecurityKey(devtools, str(added["authenticatorId"]))

    async def pull_out(self) -> None:
        """It is in nobody's PC any more, and lost."""
        await self.devtools.send(
            "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id}
        )
