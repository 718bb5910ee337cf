"""The guard in the browser is held to the same vectors as the one in Python."""

import subprocess
from pathlib import Path

from telephony.runtime.pages import node

PAGES = Path(__file__).parents[2] / "agents" / "desktop"


def test_the_browsers_guard_finds_what_ours_finds() -> None:
    runner = PAGES / "node_modules" / "vitest" / "vitest.mjs"
    assert runner.exists(), "make setup brings what the pages are built and tested with"
    ended = subprocess.run(
        [str(node()), str(runner), "run"], cwd=PAGES, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
