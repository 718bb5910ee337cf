"""The files in `docker/` before the validators of those who read them, where no engine can run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from config.home import Home
from telephony.runtime.programs import PROJECT
from tests.docker.deployed import COMPOSE, DOCKER, DOCKERFILE, PROGRAM, UNITS, unit

BIN: Final = Path(sys.executable).parent
MOST_EXPOSED: Final = 2.0  # of 10; systemd itself calls up to 3.9 "OK"

# systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.resource-control(5)
DIRECTIVES: Final = {
    "Unit": {
        "After", "Conflicts", "Description", "RequiresMountsFor", "StartLimitIntervalSec", "Wants",
    },
    "Service": {
        "AmbientCapabilities", "CapabilityBoundingSet", "Environment", "EnvironmentFile",
        "ExecReload", "ExecStart", "Group", "KillMode", "LimitNOFILE", "LockPersonality",
        "LogRateLimitBurst", "LogRateLimitIntervalSec", "NoNewPrivileges", "OOMScoreAdjust",
        "PrivateDevices", "PrivateTmp", "ProtectClock", "ProtectControlGroups", "ProtectHome",
        "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
        "ProtectProc", "ProtectSystem", "RemainAfterExit", "RemoveIPC", "Restart", "RestartSec",
        "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID",
        "RuntimeDirectory", "RuntimeDirectoryMode", "RuntimeDirectoryPreserve", "StateDirectory",
        "StateDirectoryMode", "SystemCallArchitectures", "SystemCallErrorNumber",
        "SystemCallFilter", "TimeoutStartSec", "TimeoutStopSec", "Type", "UMask", "User",
        "WorkingDirectory",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")


def said(*words: str | Path) -> str:
    """What a validator says, with its status."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}status {done.returncode}"


def test_the_dockerfile_before_hadolint() -> None:
    assert said(BIN / "hadolint", "--no-color", DOCKERFILE) == "status 0"


def test_the_compose_file_before_the_schema_of_its_specification() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    assert said(BIN / "check-jsonschema", *schema, COMPOSE).endswith("status 0")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_hold_directives_that_there_are(path: Path) -> None:
    wrong = {name: set(section) - DIRECTIVES[name] for name, section in unit(path).items()}
    assert not any(wrong.values()), wrong


@analyze
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_before_systemd(path: Path, tmp_path: Path) -> None:
    for each in UNITS:  # they name one another
        text = each.read_text("utf-8")
        text = text.replace(PROGRAM, str(BIN / "madoguchi")).replace("/opt/madoguchi", str(PROJECT))
        (tmp_path / each.name).write_text(text, "utf-8")
    assert said("systemd-analyze", "verify", "--man=no", tmp_path / path.name) == "status 0"


@analyze
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_leave_little_exposed(path: Path) -> None:
    told = said("systemd-analyze", "security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found, told
    assert float(found[1]) <= MOST_EXPOSED


# -- logrotate -------------------------------------------------------------------------------

# logrotate(8): what the file uses, and how many words each takes.
ROTATING: Final = {
    "su": 2, "daily": 0, "maxsize": 1, "rotate": 1, "copytruncate": 0, "compress": 0,
    "delaycompress": 0, "missingok": 0, "notifempty": 0,
}  # fmt: skip
LOGROTATE: Final = DOCKER / "logrotate" / "madoguchi"


def rotated() -> tuple[str, dict[str, list[str]]]:
    """The one block of the file: what it is for, and what is said of it."""
    text = "".join(re.sub(r"^#.*\n", "", LOGROTATE.read_text("utf-8"), flags=re.MULTILINE))
    block = re.fullmatch(r"\s*(\S+) \{\n(.*)\}\n", text, re.DOTALL)
    assert block is not None
    words = [line.split() for line in block[2].splitlines()]
    assert len({first for first, *_ in words}) == len(words)
    return block[1], {first: rest for first, *rest in words}


def test_logrotate_is_told_only_what_it_knows() -> None:
    _, told = rotated()
    assert {name: len(words) for name, words in told.items()} == ROTATING


def test_logrotate_finds_asterisks_log_and_leaves_it_its_owner() -> None:
    pattern, told = rotated()
    log = Home.at(Path("/var/lib/madoguchi")).asterisk / "log" / "messages.log"
    assert log.match(pattern)
    service = unit(next(each for each in UNITS if "asterisk" in each.name))["Service"]
    assert told["su"] == [*service["User"], *service["Group"]]


@pytest.mark.skipif(not shutil.which("logrotate"), reason="no logrotate here")
def test_logrotate_itself_reads_the_file() -> None:
    told = said("logrotate", "--debug", "--state", "/dev/null", LOGROTATE)
    assert "error:" not in told.replace("error: Unknown user", "").replace(
        "error: Unknown group", ""
    )
