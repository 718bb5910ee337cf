"""The pages are built once for what they are made of."""

import gzip
import shutil
from pathlib import Path

import pytest

from telephony.runtime import pages
from telephony.runtime.errors import SetUpFault


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose pages cannot be built: there is nothing to install them from."""
    sources = tmp_path / pages.SOURCES
    (sources / "src" / "api").mkdir(parents=True)
    (sources / "package.json").write_text('{"name": "x", "scripts": {"build": "false"}}')
    (sources / "src" / "main.ts").write_text("export {};")
    (tmp_path / pages.CONTRACT).write_text("{}")
    return tmp_path


def test_what_was_built_from_the_same_is_left_alone(project: Path) -> None:
    place = project / ".runtime" / "desktop"
    place.mkdir(parents=True)
    (place / pages.STAMP).write_text(pages.digest(project))
    pages.ensure(project)
    assert pages.built_from(place) == pages.digest(project)


@pytest.mark.parametrize("changed", ["agents/desktop/src/main.ts", "agents/openapi.json"])
def test_a_change_of_a_source_or_of_the_contract_is_another_build(
    project: Path, changed: str
) -> None:
    before = pages.digest(project)
    (project / changed).write_text("other")
    assert pages.digest(project) != before


def test_what_a_build_makes_changes_nothing(project: Path) -> None:
    before = pages.digest(project)
    (project / pages.MADE).write_text("made")
    (project / pages.SOURCES / "node_modules").mkdir()
    (project / pages.SOURCES / "node_modules" / "x.js").write_text("made")
    assert pages.digest(project) == before


def test_what_goes_wrong_is_one_sentence_and_leaves_the_old_pages(project: Path) -> None:
    place = project / ".runtime" / "desktop"
    place.mkdir(parents=True)
    (place / "index.html").write_text("old")
    with pytest.raises(SetUpFault) as fault:
        pages.ensure(project)
    assert "could not be built" in str(fault.value)
    assert "\n" not in str(fault.value)
    assert (place / "index.html").read_text() == "old"
    shutil.rmtree(place)
    assert pages.built_from(place) is None


def test_what_gets_smaller_is_there_compressed_too(tmp_path: Path) -> None:
    place = tmp_path / "assets"
    place.mkdir()
    (place / "page.js").write_text("const 窓口 = 1;\n" * 100, encoding="utf-8")
    (place / "tiny.css").write_text("a{}")
    pages.compress(tmp_path)
    assert sorted(path.name for path in place.iterdir()) == ["page.js", "page.js.gz", "tiny.css"]
    whole = gzip.decompress((place / "page.js.gz").read_bytes())
    assert whole == (place / "page.js").read_bytes()
