"""What every page and state is looked at for: axe, the edges of the screen, and a picture."""

import json
from functools import cache
from typing import Any, Final

from playwright.async_api import Page

from telephony.runtime.programs import PROJECT

AXE: Final = PROJECT / "agents" / "desktop" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES: Final = PROJECT / "var" / "screenshots"
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
    found = [*await edges(page), *await violations(page)]
    assert found == [], (name, found)


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
