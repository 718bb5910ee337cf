"""A backup of an older schema is brought forward; one of a newer schema is refused."""

from pathlib import Path
from shutil import copytree

import pytest
from alembic.config import Config
from sqlalchemy import JSON, Boolean, Float, Integer, String, Table

from agents.schema import METADATA as DESK
from config.database import open_database
from config.home import Home
from telephony.keeping import reading, tables
from telephony.keeping.proof import prove
from telephony.keeping.restoring import Place, restore
from telephony.keeping.sealed import Unreadable
from telephony.store import migrate
from telephony.store.tables import METADATA
from tests.keeping.homes import NOON, PASSPHRASE, a_home, at, everything, taken

MIGRATIONS = Path(__file__).parents[2] / "migrations"
LATER = '''
"""Another column."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "later", {head!r}, None, None


def upgrade():
    op.add_column("calls", sa.Column("mood", sa.String(10), server_default="calm"))
'''


@pytest.fixture
def later(tmp_path: Path) -> Config:
    """The migrations of a version to come."""
    scripts = copytree(MIGRATIONS, tmp_path / "later")
    numbers = sorted(path.name[:4] for path in (scripts / "versions").glob("0*.py"))
    text = LATER.format(head=numbers[-1])
    (scripts / "versions" / "9999_later.py").write_text(text, encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(scripts))
    return config


async def test_an_older_schema_is_brought_forward(
    later: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await a_home(tmp_path / "home")
    await taken(home, tmp_path / "b")
    monkeypatch.setattr(reading, "configuration", lambda: later)

    new = Home.at(tmp_path / "new")
    await restore(tmp_path / "b", PASSPHRASE, Place(new, NOON))

    database = open_database(at(new))
    found = await database.read(tables.figures)
    moods = await database.read(
        lambda connection: connection.exec_driver_sql("SELECT mood FROM calls").scalars().all()
    )
    await database.close()
    assert (found.revision, moods) == ("later", ["calm", "calm"])
    assert prove(tmp_path / "b", PASSPHRASE).figures.revision != "later"


async def test_a_newer_schema_is_refused(
    later: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "configuration", lambda: later)
        home = await a_home(tmp_path / "home")
        before = await everything(at(home))
        await taken(home, tmp_path / "b")  # the older program takes a newer database as it is
    with pytest.raises(Unreadable, match="schema later, which this version does not know"):
        await restore(tmp_path / "b", PASSPHRASE, Place(Home.at(tmp_path / "new"), NOON))
    assert not (tmp_path / "new").exists()
    assert await everything(at(home)) == before


@pytest.mark.parametrize("table", [*METADATA.sorted_tables, *DESK.sorted_tables], ids=str)
def test_every_column_fits_a_line_of_json(table: Table) -> None:
    for column in table.columns:
        kind = getattr(column.type, "impl", column.type)
        assert isinstance(kind, String | Integer | Float | Boolean | JSON), column
