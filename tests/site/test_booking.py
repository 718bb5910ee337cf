"""Whose bookings they are: the city's unless the site says otherwise."""

import shutil
from pathlib import Path

import pytest

from config.site import SiteFaults, load

DEMO = Path(__file__).parents[2] / "config" / "site"


def with_booking(tmp_path: Path, booking: str) -> Path:
    site = Path(shutil.copytree(DEMO, tmp_path / "site"))
    with (site / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nbooking: {{{booking}}}\n")
    return site


def test_the_citys_system_is_the_master_unless_the_site_says_otherwise(tmp_path: Path) -> None:
    assert load(DEMO).booking.master == "city"
    site = load(with_booking(tmp_path, r"master: own, notice_no: '[A-Z]{2}[0-9]{8}'"))
    assert (site.booking.master, site.booking.notice_no) == ("own", "[A-Z]{2}[0-9]{8}")


@pytest.mark.parametrize(
    ("booking", "says"),
    [("master: both", "booking.master"), ("notice_no: '[0-9'", "is no pattern")],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, booking: str, says: str) -> None:
    with pytest.raises(SiteFaults) as wrong:
        load(with_booking(tmp_path, booking))
    assert any(says in str(fault) and fault.line for fault in wrong.value.faults)
