"""Downloaded packages, kept under what was asked so that the next build needs no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from telephony.runtime.apt import Apt, Package
from telephony.runtime.errors import NotOffered, SetUpFault
from telephony.runtime.progress import say, step
from telephony.runtime.sources import Source
from telephony.runtime.wanted import PackageSet, package_version

_SHOW_EVERY = 40  # packages between two lines of progress


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cache directory of one question: these packages, of these suites."""

    directory: Path

    def complete(self) -> list[Package] | None:
        """List the packages when all are here and unharmed."""
        try:
            listed = json.loads((self.directory / "complete.json").read_text(encoding="utf-8"))
            packages = [Package(**each) for each in listed]
            whole = all(
                _sha256(self.directory / each.file_name) == each.sha256 for each in packages
            )
        except (OSError, ValueError, TypeError):
            return None
        return packages if whole else None

    def drop_damaged(self, chosen: Sequence[Package]) -> list[str]:
        """Remove what is not the file the signed index names; apt looks at sizes only."""
        damaged = [
            each.file_name
            for each in chosen
            if (path := self.directory / each.file_name).exists() and _sha256(path) != each.sha256
        ]
        for name in damaged:
            (self.directory / name).unlink()
        return damaged

    def keep(self, chosen: Sequence[Package]) -> None:
        """Record what was chosen, and drop what an earlier choice left behind."""
        kept = {self.directory / each.file_name for each in chosen}
        for stale in set(self.directory.glob("*.deb")) - kept:
            stale.unlink()
        unfinished = self.directory / "complete.json.part"
        text = json.dumps([asdict(each) for each in chosen], indent=1)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self.directory / "complete.json")


def shelf_for(cache: Path, wanted: PackageSet, offers: Sequence[Sequence[Source]]) -> Shelf:
    """Name the shelf after everything that decides what belongs on it."""
    asked = [wanted.packages(), [[source.deb822() for source in offer] for offer in offers]]
    key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
    return Shelf(cache / f"{wanted.name}-{key}")


def fetch(
    shelf: Shelf, wanted: PackageSet, offers: Sequence[Sequence[Source]], work: Path
) -> list[Package]:
    """Download the set from the first offer that has it in versions that will do."""
    refusal: NotOffered | None = None
    for number, offer in enumerate(offers):
        apt = Apt(work / f"apt-{number}", shelf.directory)
        try:
            with step(f"{wanted.name}: asking {' '.join(s.suite for s in offer)} for versions"):
                apt.update(offer)
                check_versions(apt, wanted)
        except NotOffered as why:
            refusal = why
            continue
        return _download(apt, shelf, wanted)
    raise refusal or SetUpFault("No suite was asked.", "尋ねるべきスイートがありません")


def check_versions(apt: Apt, wanted: PackageSet) -> None:
    """Refuse a suite whose versions will not do."""
    for program in wanted.programs:
        offered = apt.candidate(program.packages[0])
        version = package_version(offered)
        if version is None or not program.accepts(version):
            raise NotOffered(
                f"The mirror offers {program.name} {offered}; needed is {program.range()}.",
                f"ミラーにある {program.name} の版が合いません",
            )


def _download(apt: Apt, shelf: Shelf, wanted: PackageSet) -> list[Package]:
    with step(f"{wanted.name}: downloading its packages"):
        chosen = apt.choose(wanted.packages())
        shelf.drop_damaged(chosen)
        apt.download(wanted.packages(), _every(_SHOW_EVERY, len(chosen)))
        if damaged := shelf.drop_damaged(chosen):
            raise SetUpFault(
                f"{damaged[0]} arrived damaged: run `make setup` again.",
                "ダウンロードしたファイルが壊れています",
            )
    shelf.keep(chosen)
    return chosen


def _every(interval: int, total: int) -> Callable[[str], None]:
    """Make a listener that says how many downloads have begun, now and then."""
    begun = 0

    def listen(line: str) -> None:
        nonlocal begun
        if line.startswith("Get:"):
            begun += 1
            if begun % interval == 0:
                say(f"  {begun} of {total}")

    return listen


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
