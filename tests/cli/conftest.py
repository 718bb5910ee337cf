"""A shell and a home for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.home import Home, Instance
from config.ports import Ports
from telephony.cli.options import DEMO_SITE
from tests.cli.run import Shell
from tests.homes import prepared


@pytest.fixture
def madoguchi(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs a command in this process."""
    return Shell(capsys)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Where an instance of the demo site is described, and none runs."""
    with prepared(tmp_path / "home") as home:
        home.describe(Instance(Ports(8000), DEMO_SITE))
        yield home
