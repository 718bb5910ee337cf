"""An input method, as the browser hears it: text that is composed, and then committed."""

from dataclasses import dataclass

from playwright.async_api import CDPSession, Page


@dataclass(frozen=True)
class InputMethod:
    """Of one page."""

    devtools: CDPSession

    @staticmethod
    async def on(page: Page) -> "InputMethod":
        """Switched on."""
        return InputMethod(await page.context.new_cdp_session(page))

    async def compose(self, text: str) -> None:
        """Not committed yet: underlined, at the place of the cursor."""
        at = {"selectionStart": len(text), "selectionEnd": len(text)}
        await self.devtools.send("Input.imeSetComposition", {"text": text, **at})

    async def press(self, key: str, code: int) -> None:
        """A key that the input method takes for itself: the browser says 229."""
        told = {"key": key, "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": code}
        await self.devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **told})
        await self.devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})

    async def commit(self, text: str) -> None:
        """The composition is over; this is what stays."""
        await self.devtools.send("Input.insertText", {"text": text})
