"""A mistake in the site directory must not end the service (E3)."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from config.site import Desk, SiteFaults
from config.site_kept import load_or_kept

DEMO = Path(__file__).parents[2] / "config" / "site"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


def test_e3_the_last_good_site_goes_on_when_a_file_is_broken(
    directory: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "site.json"
    good, _ = load_or_kept(directory, kept)
    (directory / "queues.yaml").write_text("booking: {ring_for: soon}\n")
    site, faults = load_or_kept(directory, kept)
    assert site == replace(good, desk=Desk())  # that is kept by the desk itself
    assert any(Path(fault.file).name == "queues.yaml" for fault in faults)


def test_e3_a_mended_site_is_taken_again(directory: Path, tmp_path: Path) -> None:
    kept = tmp_path / "site.json"
    good, _ = load_or_kept(directory, kept)
    text = (directory / "queues.yaml").read_text()
    (directory / "queues.yaml").write_text("[")
    load_or_kept(directory, kept)
    (directory / "queues.yaml").write_text(text.replace("ring_for: 15", "ring_for: 20"))
    site, faults = load_or_kept(directory, kept)
    assert not faults
    assert site.digest != good.digest


def test_e3_the_first_start_with_a_broken_site_is_refused(directory: Path, tmp_path: Path) -> None:
    (directory / "queues.yaml").write_text("[")
    with pytest.raises(SiteFaults):
        load_or_kept(directory, tmp_path / "site.json")
