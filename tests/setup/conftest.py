"""A mirror for all tests of set-up, and a site of one's own for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from telephony.runtime.places import Site
from tests.setup.mirror import Mirror, browser_debs, runtime_debs


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """Serve the machine's suite `bookworm` and the development suite `forky`."""
    folder = tmp_path_factory.mktemp("mirror")
    packages = [*runtime_debs(folder / "debs"), *browser_debs(folder / "browser")]
    made = Mirror(folder)
    made.publish("bookworm", packages)
    made.publish("forky", packages)
    return made


@pytest.fixture
def site(tmp_path: Path, mirror: Mirror) -> Site:
    """Lay out an empty project on a machine that knows that mirror."""
    return machine(tmp_path, mirror.uri)


def machine(folder: Path, uri: str) -> Site:
    """Describe a machine whose apt names one mirror, with no program of ours installed."""
    etc = folder / "etc"
    (etc / "sources.list.d").mkdir(parents=True)
    (etc / "sources.list").write_text(f"deb [trusted=yes] {uri} bookworm main\n")
    (folder / "bin").mkdir()
    return Site(
        runtime=folder / "project" / ".runtime",
        cache=folder / "cache",
        apt_etc=etc,
        codename="bookworm",
        search=str(folder / "bin"),
    )
