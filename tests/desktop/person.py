"""Somebody at a desk: what they see and press."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.async_api import ConsoleMessage, Error, Locator, Page, Request, Response, expect

PIN: Final = "135790"
PATIENCE: Final = 30_000.0  # milliseconds; beside much other work 15 s were too few
# Chromium's own, of a machine that is too busy to draw sound or has no place for it any more.
NO_RENDERER: Final = (
    "The AudioContext encountered an error from the audio device or the WebAudio renderer"
)

# And of a page that nobody has touched since it was loaded: on a slow machine it rings meanwhile.
UNTOUCHED: Final = "The AudioContext was not allowed to start"

# The page says by itself when an offer and its card were first there, and when it first rang: that
# a tone was begun says nothing yet, for where sound is not allowed it is begun and not heard.
SAW: Final = "mado saw"
WATCH: Final = """
  window.seen = {};
  const note = (what) => {
    if (what in window.seen) return;
    window.seen[what] = performance.now();
    console.debug(`mado saw ${what} ${window.seen[what]}`);
  };
  new MutationObserver(() => {
    if (document.querySelector('#call dl')) note('card');
    if (document.querySelector('#call button kbd')) note('offer');
  }).observe(document, { subtree: true, childList: true, attributes: true });
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    const sounds = () => { if (this.context.state === 'running') note('ring'); };
    if (this.context instanceof AudioContext) {
      sounds();
      this.context.addEventListener('statechange', sounds);
    }
    return start.apply(this, at);
  };
"""

# Signs in, sets the PIN of the day where there is none, and sits down; what was refused, or "".
ENTER: Final = """async ([form, pin, seat]) => {
  let csrf = "";
  const ask = async (method, path, body) => {
    const headers = { 'Content-Type': 'application/json', ...(csrf && { 'X-Mado-CSRF': csrf }) };
    const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    const told = text === '' ? {} : JSON.parse(text);
    csrf = told.csrf ?? csrf;
    return told;
  };
  try {
    const session = await ask('POST', '/api/session', form);
    if (!session.pin_set) await ask('PUT', '/api/session/pin', { pin });
    await ask('POST', '/api/seat', { seat, take_over: true });
    return '';
  } catch (wrong) {
    return String(wrong);
  }
}"""

# Ends what was typed and not sent, and signs out.
LEAVE: Final = """async () => {
  const session = await (await fetch('/api/session')).json();
  if (!session.csrf) return;
  const headers = { 'X-Mado-CSRF': session.csrf, 'Content-Type': 'application/json' };
  const end = { method: 'DELETE', headers };
  const { unsent = [] } = await (await fetch('/api/unsent')).json();
  const empty = { ...end, method: 'PUT', body: JSON.stringify({ key: 'emptied-1', fields: {} }) };
  for (const { place } of unsent) await fetch(`/api/unsent/${place}`, empty);
  await fetch('/api/session', end);
}"""


@dataclass
class Person:
    """One window."""

    name: str
    page: Page
    port: int
    password: str
    said: list[str] = field(default_factory=list)  # by the console, unexpectedly
    asked: list[Request] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    saw: dict[str, float] = field(default_factory=dict)
    left: bool = False
    origin: str = ""  # where the desk has a name of its own; else each has one of this machine's
    # Patterns, of the console.
    expected: list[str] = field(default_factory=lambda: [NO_RENDERER, UNTOUCHED])

    @property
    def address(self) -> str:
        """Of the desk; on this machine that is the person's own origin."""
        return self.origin or f"http://{self.name}.localhost:{self.port}"

    async def open(self) -> None:
        """Open the address, listening to the console from the first line on."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.said.append(f"pageerror: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)
        await self.page.add_init_script(WATCH)
        await self.page.goto(self.address)

    def _on_request(self, request: Request) -> None:
        self.asked.append(request)

    async def _on_response(self, response: Response) -> None:
        """What the desk refused, in its own words."""
        if response.status >= 400 and "/api/" in response.url:
            with suppress(Error):
                self.refused.append(f"{response.url}: {(await response.text())[:200]}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith(SAW):
            *_, what, at = message.text.split()
            self.saw[what] = float(at)
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self.said.append(f"{self.name} {message.type}: {message.text} {where}")

    def expects(self, pattern: str) -> None:
        """What the browser itself says of a refused request is no complaint."""
        self.expected.append(pattern)

    def asked_for(self, path: str) -> list[Request]:
        """Every request to this path."""
        return [each for each in self.asked if each.url.endswith(path)]

    def complaints(self) -> list[str]:
        """What the console said and nobody expected, and requests to anywhere else."""
        elsewhere = [
            f"request: {request.url}"
            for request in self.asked
            if not request.url.startswith((self.address, "data:", "blob:"))
        ]
        said = [line for line in self.said if not any(re.search(p, line) for p in self.expected)]
        return [*elsewhere, *said, *(self.refused if said else [])]

    # -- what they find --------------------------------------------------------------------

    def button(self, name: str, exact: bool = False) -> Locator:
        """By the name a screen reader says."""
        return self.page.get_by_role("button", name=name, exact=exact)

    def field(self, name: str) -> Locator:
        """By its label."""
        return self.page.get_by_role("textbox", name=name)

    def region(self, name: str) -> Locator:
        """By its heading."""
        return self.page.get_by_role("region", name=name, exact=True)

    @property
    def dialog(self) -> Locator:
        """The window before the page."""
        return self.page.get_by_role("dialog")

    @property
    def does(self) -> Locator:
        """The line that says what the agent does and since when."""
        return self.region("自分の状態").locator("p").first

    async def is_so(self, words: str) -> None:
        """Wait until the page says that the agent is so."""
        await expect(self.does).to_contain_text(words)

    async def instants(self) -> dict[str, float]:
        """When what was first seen and heard, in the page's milliseconds."""
        return dict(self.saw)

    async def forget_instants(self) -> None:
        """Begin again."""
        await self.page.evaluate("window.seen = {}")
        self.saw.clear()

    # -- what they do ----------------------------------------------------------------------

    async def sign_in(self, pin: bool = True) -> None:
        """Name, password, and for a desk the PIN of the day."""
        await self.field("パスワード").fill(self.password)
        await self.button("サインイン").click()
        if pin:
            await self.set_pin()

    async def set_pin(self) -> None:
        """For today."""
        later = self.page.get_by_role("heading", name="席を選んでください")
        await expect(self.field("PIN").or_(later)).to_be_visible()
        if await later.is_visible():
            return
        await self.field("PIN").fill(PIN)
        await self.button("保存").click()

    async def sit(self, seat: str | None = None) -> None:
        """At one's own seat, if no other is named."""
        await self.button(f"({seat or self.name})").click()
        await expect(self.does).to_be_visible()

    async def sit_at_once(self, seat: str | None = None) -> None:
        """The same by the requests that the pages make, for whoever comes for something else."""
        form = {"name": self.name, "password": self.password}
        told = await self.page.evaluate(ENTER, [form, PIN, seat or self.name])
        assert told == "", told
        await self.page.reload()
        await expect(self.does).to_be_visible()

    async def press(self, key: str) -> None:
        """A key, wherever the focus is."""
        await self.page.keyboard.press(key)

    async def press_on_page(self, key: str) -> None:
        """A key, outside of every text field."""
        await self.page.evaluate("document.activeElement?.blur()")
        await self.page.keyboard.press(key)

    async def says_by_key(self, key: str) -> None:
        """Reason and disposition by one key, once the form is there that hears it."""
        form = self.region("応対結果")
        await expect(form).to_be_visible()
        await self.press_on_page(key)
        await expect(form.get_by_role("button", name="外す").first).to_be_visible()

    async def keeps(self, then: str = "受付可") -> None:
        """The outcome, by F4 and once the menu has filled it in; in wrap-up that ends it."""
        reason = self.region("応対結果").get_by_role("button", name="外す").first
        await expect(reason).to_be_visible()
        await self.press("F4")
        await self.is_so(then)

    async def fetch(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A request of this page, as its own scripts make them."""
        told = await self.page.evaluate(
            """async ([method, path, body]) => {
              const session = await (await fetch('/api/session')).json();
              const headers = { 'X-Mado-CSRF': session.csrf, 'Content-Type': 'application/json' };
              const sent = body === null ? null : JSON.stringify(body);
              const answer = await fetch(path, { method, headers, body: sent });
              const text = await answer.text();
              return [answer.status, text === '' ? null : JSON.parse(text)];
            }""",
            [method, path, body],
        )
        return told[0], told[1]

    async def leave(self) -> None:
        """Sign out, whatever the page shows."""
        if self.left or self.page.is_closed() or not self.page.url.startswith(self.address):
            return
        self.left = True
        self.expects(r"WebSocket|status of (40[13]|423)")
        await self.page.evaluate(LEAVE)
