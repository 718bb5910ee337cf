"""The test site, copied to where an instance can have it: with its carrier's port and sounds."""

import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from ivr_flows.loader import SHIPPED
from tests.real import tones

HERE: Final = Path(__file__).parent


def copy(into: Path, carrier_port: int, ring_for: float) -> Path:
    """The site directory; phones ring so many seconds."""
    site = shutil.copytree(HERE / "site", into / "site")
    tones.install(site / "sounds" / "ja")
    _set_carrier(site / "site.yaml", carrier_port)
    _set_ringing(site / "queues.yaml", ring_for)
    (site / "flows").mkdir()
    text = yaml.safe_dump(_flow(), allow_unicode=True, sort_keys=False)
    (site / "flows" / "main.yaml").write_text(text, encoding="utf-8")
    return site


def _set_carrier(file: Path, port: int) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("trunk:\n", f"trunk:\n  port: {port}\n"), encoding="utf-8")


def _set_ringing(file: Path, seconds: float) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("ring_for: 2\n", f"ring_for: {seconds:g}\n"), encoding="utf-8")


def _flow() -> dict[str, Any]:
    """The shipped flow, and behind key 7 what it has no node for."""
    flow: dict[str, Any] = yaml.safe_load((SHIPPED / "main.yaml").read_text(encoding="utf-8"))
    more = yaml.safe_load((HERE / "more_nodes.yaml").read_text(encoding="utf-8"))
    flow["nodes"]["main"]["choices"]["7"] = "more"
    flow["nodes"] |= more
    return flow
