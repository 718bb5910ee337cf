"""Each table says how long its personal data is kept, and the documents say the same."""

from pathlib import Path

from agents.schema import METADATA as DESK
from telephony.store.tables import CALLS, METADATA
from telephony.store.words import Retention

PAGE = Path(__file__).parents[2] / "docs" / "records.md"


def test_every_table_has_a_retention_class_and_the_page_names_it() -> None:
    page = PAGE.read_text()
    for table in (*METADATA.sorted_tables, *DESK.sorted_tables):
        assert f"| `{table.name}` | `{Retention(table.info['retention'])}` |" in page


def test_a_number_can_go_before_its_record() -> None:
    own = {c.name: c.info["retention"] for c in CALLS.columns if "retention" in c.info}

    assert own == dict.fromkeys(
        ("caller_number", "caller_name", "caller_told"), Retention.CALLER_NUMBER
    )
    assert all(f"`{name}`" in PAGE.read_text() for name in own)
    assert all(CALLS.c[name].nullable for name in own)
