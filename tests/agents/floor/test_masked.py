"""What a page took out is noted, with whether it is an incident; the number never comes."""

from typing import Any

from sqlalchemy import select

from agents.people import Role
from agents.texts.tables import MASKED
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.agents.room import at_the_phone

CALL = "n1-1770598800.1"


async def tell(page: Browser, key: str, *finds: dict[str, Any]) -> int:
    return (await page.ask("POST", "/api/masked", {"key": key, "finds": list(finds)})).status


async def noted(desk: Desk) -> list[tuple[str, str, str | None, bool]]:
    columns = (MASKED.c.kind, MASKED.c.where, MASKED.c.object, MASKED.c.incident)
    found = await desk.database.read(lambda connection: connection.execute(select(*columns)).all())
    return sorted(tuple(row) for row in found)


async def test_a_right_check_digit_makes_it_an_incident(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await at_the_phone(whole, "a01", "talking", CALL)
    for _ in range(2):  # the answer was lost, and the page tells it again
        both = ({"kind": "individual_number", "valid": True}, {"kind": "pin"})
        assert await tell(page, "report-01", *both) == 204
    assert await tell(page, "report-02", {"kind": "individual_number"}) == 204
    assert await noted(whole) == [
        ("individual_number", "page", CALL, False),
        ("individual_number", "page", CALL, True),
        ("pin", "page", CALL, False),
    ]
    auditor = await whole.signed_in("aud", Role.AUDITOR)
    told = await auditor.ask("GET", "/api/audit?word=number_masked")
    assert [line["detail"]["incidents"] for line in told.body["lines"]] == [0, 1]


async def test_nothing_else_is_noted(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    assert await tell(page, "report-01") == 422
    assert await tell(page, "report-01", {"kind": "name"}) == 422
    assert await tell(page, "report-01", {"kind": "pin", "text": "1234"}) == 422
    assert await noted(whole) == []
