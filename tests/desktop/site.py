"""The site of these tests: the one of `tests/real`, with people and without hurry."""

from pathlib import Path
from typing import Final

import yaml

from tests.real import site_copy

RING_FOR: Final = 25.0  # seconds; a browser on a busy machine takes its time
WRAP_UP_FOR: Final = 60.0
SOON_LATE: Final = 1.0  # of who comes by 0
PEOPLE: Final[dict[str, object]] = {
    "s01": {"name": "管理席", "role": "supervisor", "queues": ["booking", "general", "narrow"]}
}


def copy(into: Path, carrier_port: int, **more: object) -> Path:
    """The site directory; its people are the demo's. `more` stands in `site.yaml`."""
    site = site_copy.copy(into, carrier_port, RING_FOR, 4.0)
    # A browser on a busy machine may stop sending for a moment: only one that is gone is lost.
    patient = {"desk": {"demo": True}, "phones": {"page_lost_after": 4.0}}
    _change(site / "site.yaml", patient | more)
    _change(site / "seats.yaml", PEOPLE)
    queues = site / "queues.yaml"
    hurried = queues.read_text(encoding="utf-8")
    calm = yaml.safe_load(hurried.replace("wrap_up_for: 4", f"wrap_up_for: {WRAP_UP_FOR:g}"))
    calm["general"]["wrap_up_for"] = SOON_LATE
    queues.write_text(yaml.safe_dump(calm, allow_unicode=True), encoding="utf-8")
    return site


def _change(file: Path, values: dict[str, object]) -> None:
    held = yaml.safe_load(file.read_text(encoding="utf-8"))
    text = yaml.safe_dump(held | values, allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")
