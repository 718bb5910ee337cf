"""An apt of our own: its state, lists and cache apart from the machine's, so no root is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.runtime.commands import Outcome, require, run
from telephony.runtime.deb822 import stanzas
from telephony.runtime.errors import MirrorUnreachable, NotOffered, SetUpFault, disk_full
from telephony.runtime.sources import Source

# The machine's hooks are cleared: they would tidy up the machine's own caches, or fail.
_CONFIGURATION: Final = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "{state}";
Dir::State::Lists "{state}/lists";
Dir::State::status "{state}/status";
Dir::Cache "{state}";
Dir::Cache::archives "{archives}";
Dir::Etc::SourceList "{state}/asked.sources";
Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "{state}/preferences";
Dir::Etc::PreferencesParts "{state}/preferences.d";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Update::Error-Mode "any";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
"""
_FAILURES: Final = (
    (re.compile(r"No space left|enough free space"), "full"),
    (re.compile(r"does not have a Release file|404 +Not Found"), "absent"),
    (re.compile(r"resolv|onnect|timed? ?out|unreachable|Could not wait", re.I), "unreachable"),
)
_INSTALLS: Final = re.compile(r"^Inst (\S+) \((\S+) ", re.M)


@dataclass(frozen=True, slots=True)
class Package:
    """A package apt chose, and the file it is kept in."""

    name: str
    version: str
    architecture: str
    sha256: str  # as the signed index has it

    @property
    def file_name(self) -> str:
        """Name the file as apt's archive directory does."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_{self.architecture}.deb"


@dataclass(frozen=True, slots=True)
class Apt:
    """One private apt, asking one list of sources."""

    state: Path
    archives: Path

    def update(self, sources: Sequence[Source]) -> None:
        """Fetch and verify the suites' package lists."""
        require("apt-get", "apt")
        (self.state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (self.archives / "partial").mkdir(parents=True, exist_ok=True)
        (self.state / "preferences.d").mkdir(exist_ok=True)
        (self.state / "status").touch()
        stanzas = "\n".join(source.deb822() for source in sources)
        (self.state / "asked.sources").write_text(stanzas, encoding="utf-8")
        configuration = _CONFIGURATION.format(state=self.state, archives=self.archives)
        (self.state / "apt.conf").write_text(configuration, encoding="utf-8")
        self._get("update", "-q")

    def candidate(self, package: str) -> str:
        """Tell which version of a package would be installed."""
        outcome = run(["apt-cache", "-c", self.state / "apt.conf", "policy", package])
        match = re.search(r"Candidate: (\S+)", outcome.said)
        if match is None or match[1] == "(none)":
            raise NotOffered(
                f"The configured Debian mirror does not carry the package {package}.",
                f"Debian ミラーにパッケージ {package} がありません",
            )
        return match[1]

    def choose(self, packages: Sequence[str]) -> list[Package]:
        """List the packages with all they depend on."""
        outcome = self._get("-qq", "--simulate", "install", *packages)
        chosen = [f"{name}={version}" for name, version in _INSTALLS.findall(outcome.said)]
        shown = run(["apt-cache", "-c", self.state / "apt.conf", "show", *chosen]).said
        return [
            Package(each["package"], each["version"], each["architecture"], each["sha256"])
            for each in stanzas(shown)
            if "sha256" in each
        ]

    def download(self, packages: Sequence[str], on_line: Callable[[str], None]) -> None:
        """Fetch into the archives what is not there yet; apt checks every hash."""
        self._get("-q", "--yes", "--download-only", "install", *packages, on_line=on_line)

    def _get(self, *arguments: str, on_line: Callable[[str], None] = lambda _: None) -> Outcome:
        command = ["apt-get", "-c", str(self.state / "apt.conf"), *arguments]
        outcome = run(command, {"DEBIAN_FRONTEND": "noninteractive"}, on_line)
        if outcome.status != 0:
            raise fault_of(outcome, self.archives)
        return outcome


def fault_of(outcome: Outcome, archives: Path) -> SetUpFault:
    """Tell from apt's complaint what the person has to put right."""
    kind = next((name for pattern, name in _FAILURES if pattern.search(outcome.said)), "other")
    if kind == "full":
        return disk_full(archives)
    if kind == "absent":
        return NotOffered(
            f"The configured Debian mirror does not offer what is needed: {outcome.last_words}",
            "Debian ミラーに必要なものがありません",
        )
    if kind == "unreachable":
        return MirrorUnreachable(outcome.last_words)
    return SetUpFault(f"apt-get failed: {outcome.last_words}", "apt-get が失敗しました")
