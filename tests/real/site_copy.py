"""The test site, copied to where an instance can have it: with its carrier's port and sounds."""

import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from ivr_flows.loader import SHIPPED
from tests.real import tones

HERE: Final = Path(__file__).parent


def copy(into: Path, carrier_port: int, ring_for: float, reach_for: float = 3.0) -> Path:
    """The site directory; phones ring so many seconds, and must ring within so many."""
    site = shutil.copytree(HERE / "site", into / "site")
    tones.install(site / "sounds" / "ja")
    _set(site / "site.yaml", "trunk:\n", f"trunk:\n  port: {carrier_port}\n")
    _set(site / "queues.yaml", "ring_for: 6\n", f"ring_for: {ring_for:g}\n")
    _set(site / "site.yaml", "reach_for: 3\n", f"reach_for: {reach_for:g}\n")
    (site / "flows").mkdir()
    text = yaml.safe_dump(_flow(), allow_unicode=True, sort_keys=False)
    (site / "flows" / "main.yaml").write_text(text, encoding="utf-8")
    return site


def _set(file: Path, shipped: str, wanted: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert shipped in text, (file, shipped)
    file.write_text(text.replace(shipped, wanted), encoding="utf-8")


def _flow() -> dict[str, Any]:
    """The shipped flow, and behind key 7 what it has no node for."""
    flow: dict[str, Any] = yaml.safe_load((SHIPPED / "main.yaml").read_text(encoding="utf-8"))
    more = yaml.safe_load((HERE / "more_nodes.yaml").read_text(encoding="utf-8"))
    flow["nodes"]["main"]["choices"]["7"] = "more"
    flow["nodes"] |= more
    # A caller stays in these for as long as a test needs; `after_bring_self` ends as shipped.
    for name in ("bring_child", "bring_proxy", "renewal", "lost", "places"):
        flow["nodes"][f"after_{name}"]["timeout"] = 20
    return flow
