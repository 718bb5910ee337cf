"""What every page and state is looked at for: axe, the edges of the screen, and a picture."""

import json
from functools import cache
from typing import Any, Final

from playwright.async_api import Page

from telephony.runtime.programs import PROJECT
from tests.real.waiting import until_true

AXE: Final = PROJECT / "agents" / "desktop" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES: Final = PROJECT / "var" / "screenshots"
USED: Final = frozenset({"button", "textbox", "combobox", "checkbox", "link", "region", "dialog"})
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

# Everything that can be read or pressed lies within the width of the window, and no text is
# cut off by its own box. What is for screen readers alone is left out.
_EDGES: Final = """() => {
  const wrong = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > window.innerWidth) wrong.push(`the page is ${page.scrollWidth} px wide`);
  for (const each of document.querySelectorAll('body *')) {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (each.closest('.sr-only') || style.display === 'none' || style.visibility === 'hidden')
      continue;
    if (box.width === 0 || box.height === 0 || each.closest('select')) continue;
    const says = `${each.tagName} ${(each.textContent ?? '').trim().slice(0, 40)}`;
    if (box.right > window.innerWidth + 1 || box.left < -1) wrong.push(`beside: ${says}`);
    const clips = ['hidden', 'clip'].includes(style.overflowX);
    if (clips && each.scrollWidth > each.clientWidth + 1) wrong.push(`cut off: ${says}`);
  }
  return wrong;
}"""


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def look(page: Page, name: str) -> None:
    """Fails unless the page as it is now is accessible and whole; leaves a picture of it."""
    await picture(page, name)
    found = [*await edges(page), *await violations(page), *await nameless(page)]
    assert found == [], (name, found)


async def nameless(page: Page) -> list[str]:
    """What can be used and has no name in the tree that screen readers read."""
    # Never detached: that would take a test's security key away, too. It ends with the page.
    devtools = await page.context.new_cdp_session(page)

    async def used() -> list[dict[str, Any]]:
        tree = await devtools.send("Accessibility.getFullAXTree")
        return [node for node in tree["nodes"] if node.get("role", {}).get("value") in USED]

    nodes = await until_true(used, bool, "the browser has made the tree")
    return [
        f"without a name: {node['role']['value']}"
        for node in nodes
        if not node.get("name", {}).get("value")
    ]


async def narrow(page: Page, name: str) -> None:
    """The same at 200 %, and in the colours of somebody who needs contrast."""
    size = page.viewport_size
    assert size is not None
    await page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
    await picture(page, f"{name}-200")
    found = await edges(page)
    assert found == [], (name, found)
    await page.set_viewport_size(size)
    await page.emulate_media(forced_colors="active")
    await picture(page, f"{name}-contrast")
    found = [*await borderless(page), *await plated(page)]
    assert found == [], (name, found)
    await page.emulate_media(forced_colors="none")


async def borderless(page: Page) -> list[str]:
    """Buttons that would be nothing but plain text where the colours are the system's own."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('button')].filter((button) => {
             const style = getComputedStyle(button);
             const framed = parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none';
             const seen = button.getBoundingClientRect().width > 1;
             return seen && !framed && !style.textDecorationLine.includes('underline');
           }).map((each) => each.textContent)"""
    )
    return found


async def plated(page: Page) -> list[str]:
    """Text in the colour of a selection, on the plate that browsers put behind text: unreadable."""
    found: list[str] = await page.evaluate(
        """() => {
             const probe = document.body.appendChild(document.createElement('i'));
             probe.style.setProperty('forced-color-adjust', 'none');
             probe.style.color = 'HighlightText';
             const selected = getComputedStyle(probe).color;
             probe.remove();
             return [...document.querySelectorAll('button')].filter((button) => {
               const style = getComputedStyle(button);
               return style.color === selected && style.forcedColorAdjust !== 'none';
             }).map((each) => each.textContent);
           }"""
    )
    return found


async def picture(page: Page, name: str) -> None:
    """The whole page, as `var/screenshots/<name>.png`."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


async def edges(page: Page) -> list[str]:
    """What is cut off or lies beside the screen."""
    found: list[str] = await page.evaluate(_EDGES)
    return found


async def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, each with the first element it concerns."""
    options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}})
    await page.evaluate(_axe())
    found: list[dict[str, Any]] = await page.evaluate(
        f"axe.run(document, {options}).then((result) => result.violations)"
    )
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found]
