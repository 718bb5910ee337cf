"""A shell for the tests of this folder."""

import pytest

from tests.cli.run import Shell


@pytest.fixture
def madoguchi(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs a command in this process."""
    return Shell(capsys)
