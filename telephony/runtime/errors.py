"""What can be missing when the project is set up."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path


class SetUpFault(Exception):
    """Set-up cannot go on; the text is one sentence for the person at the keyboard."""

    def __init__(self, english: str, japanese: str) -> None:
        super().__init__(f"{english} ({japanese})")


class MirrorUnreachable(SetUpFault):
    """No package mirror answered: what the cache holds may still do."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"The Debian mirror in this machine's apt sources cannot be reached: {detail}",
            "この機械の apt 設定にある Debian ミラーに接続できません",
        )


class NotOffered(SetUpFault):
    """A suite does not exist or does not carry what was asked: another suite may."""


def disk_full(where: Path) -> SetUpFault:
    """Say where room has to be made."""
    return SetUpFault(
        f"The disk is full: make room on the file system of {where} and run `make setup` again.",
        "ディスクの空き容量が足りません",
    )


def one_sentence(work: Callable[[], object], folder: Path) -> int:
    """Do the work of a command; what stops it ends as one sentence, never as a traceback."""
    try:
        work()
    except KeyboardInterrupt:
        stopped_by = SetUpFault(
            "Interrupted: run `make setup` to go on.", "中断しました。`make setup` で続けられます"
        )
    except SetUpFault as fault:
        stopped_by = fault
    except OSError as error:
        stopped_by = _of(error, folder)
    else:
        return 0
    sys.stderr.write(f"set-up: {stopped_by}\n")
    return 1


def _of(error: OSError, folder: Path) -> SetUpFault:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return SetUpFault(f"Set-up cannot go on: {error}.", "準備を続けられません")
