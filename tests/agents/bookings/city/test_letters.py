"""Letters from the city's system: signed, of these minutes, taken whole and once, never older."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy import String, select

from agents.bookings.city.json_adapter import encoded
from agents.bookings.city.web import Correspondence
from agents.bookings.tables import IMPORTS, SLOTS
from agents.people import Role
from agents.web.letters import BELIEVED_FOR, LONGEST_ID, NoKey, Seal
from tests.agents.asking import Told
from tests.agents.bookings.city.receiver import KEY
from tests.agents.bookings.city.test_contract import BOOKING, RESULT, SLOT
from tests.agents.bookings.test_web import agreed
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk

__all__ = ["schema", "url"]
OTHER = "whsec_" + "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIg"
NUMBER = "000000000019"


@pytest.fixture
def open_desk(whole: Desk) -> Desk:
    """One that the city's system writes to."""
    whole.tools.put(Correspondence, Correspondence(Seal.of(KEY)))
    return whole


async def post(
    desk: Desk,
    what: str,
    *rows: Any,
    id_: str = "m1",
    key: str = KEY,
    at: float | None = None,
    **headers: str,
) -> Told:
    """What a machine sends: no cookie, no Origin, no token."""
    body = encoded({"rows": list(rows)})
    sent = Seal.of(key).headers(id_, int(desk.clock.now if at is None else at), body)
    sent |= {"Content-Type": "application/json", "Host": f"localhost:{desk.door.port}", **headers}
    url = f"http://127.0.0.1:{desk.door.port}/api/city-letters/{what}"
    async with desk.http.post(url, data=body, headers=sent) as answer:
        return Told(answer.status, json.loads(await answer.read()), dict(answer.headers))


async def known(desk: Desk) -> list[tuple[str, int, int]]:
    rows = await desk.database.read(lambda c: c.execute(select(SLOTS)).all())
    return [(row.start, row.capacity, row.taken) for row in rows]


async def test_times_come_and_say_how_old_they_are(open_desk: Desk) -> None:
    told = await post(
        open_desk, "slots", SLOT, SLOT | {"start": "10:30", "capacity": 6, "taken": 6}
    )
    assert (told.status, told.body) == (200, {"rows": 2, "again": False})
    assert await known(open_desk) == [("10:00", 4, 1), ("10:30", 6, 6)]
    page = await open_desk.signed_in("leader", Role.SUPERVISOR)
    open_desk.clock.goes_on(600)
    seen = (await page.ask("GET", "/api/booking-deliveries")).body
    assert seen["slots"] == [{"site": "main", "known_at": open_desk.clock.now - 600}]
    assert [(one["what"], one["way"], one["rows"]) for one in seen["imports"]] == [
        ("slots", "letter", 2)
    ]
    assert (seen["has_webhook"], seen["master"]) == (True, "city")


async def test_bookings_of_the_web_and_what_came_of_visits(open_desk: Desk) -> None:
    second = BOOKING | {"number": "W2"}
    told = await post(open_desk, "bookings", BOOKING, second)
    assert told.body == {"rows": 2, "again": False}
    missed = {"number": "W2", "result": "no_show"}
    assert (await post(open_desk, "results", RESULT, missed, id_="m2")).status == 200
    page = await open_desk.signed_in("leader", Role.SUPERVISOR)
    found = (await page.ask("POST", "/api/bookings/search", {"name": "まどぐち"})).body["bookings"]
    assert {(one["number"], one["status"]) for one in found} == {
        ("W1", "visited"), ("W2", "no_show"),
    }  # fmt: skip
    deeds = await open_desk.deeds("bookings_imported", "results_imported")
    assert [who for _, who, _ in deeds] == ["city", "city"]
    assert (await open_desk.verdict()).sound


async def test_a_letter_that_comes_twice_is_taken_once(open_desk: Desk) -> None:
    assert not (await post(open_desk, "slots", SLOT)).body["again"]
    told = await post(open_desk, "slots", SLOT | {"taken": "4"})
    assert told.body["again"]
    assert await known(open_desk) == [("10:00", 4, 1)]


async def test_an_older_letter_does_not_undo_a_newer_one(open_desk: Desk) -> None:
    now = open_desk.clock.now
    assert (await post(open_desk, "slots", SLOT | {"taken": "4"}, at=now)).status == 200
    told = await post(open_desk, "slots", SLOT, id_="m0", at=now - 60)
    assert told.status == 409
    assert await known(open_desk) == [("10:00", 4, 4)]


async def test_an_id_as_long_as_ids_may_be_fits(open_desk: Desk) -> None:
    for id_ in ("x" * LONGEST_ID, "x" * (LONGEST_ID - 1) + "y"):
        told = await post(open_desk, "bookings", BOOKING | {"number": id_[-1]}, id_=id_)
        assert told.status == 200, told.body
        assert not told.body["again"]
    kept = await open_desk.database.read(lambda c: c.scalars(select(IMPORTS.c.id)).all())
    column = IMPORTS.c.id.type
    assert isinstance(column, String)
    assert max(map(len, kept)) <= (column.length or 0)  # SQLite would take more


async def test_one_wrong_row_and_nothing_is_taken(open_desk: Desk) -> None:
    wrong = SLOT | {"start": "11:00", "site": "moon"}
    told = await post(open_desk, "slots", SLOT, wrong)
    assert told.status == 422
    assert list(told.body["fields"]) == ["row 2"]
    assert await known(open_desk) == []
    told = await post(open_desk, "bookings", BOOKING | {"name": f"花子{NUMBER}"}, id_="m2")
    assert told.status == 422
    assert NUMBER not in str(told.body)
    assert await open_desk.deeds("number_masked") == [("number_masked", "city", None)]
    said = await open_desk.details("number_masked")
    assert said == [{"where": "file", "found": 1, "incidents": 1}]
    unknown = await post(open_desk, "results", RESULT, id_="m3")
    assert list(unknown.body["fields"]) == ["row 1"]


@pytest.mark.parametrize(
    ("said", "headers"),
    [
        ({"key": OTHER}, {}),
        ({"at": 0}, {}),
        ({"at": 1_770_598_800.0 - BELIEVED_FOR - 1}, {}),
        ({"at": 1_770_598_800.0 + BELIEVED_FOR + 1}, {}),
        ({}, {"webhook-signature": ""}),
        ({}, {"webhook-signature": "v1,"}),
        ({}, {"webhook-signature": "v2,AAAA v1a,é"}),
        ({}, {"webhook-id": "m2"}),
        ({}, {"webhook-id": ""}),
        ({}, {"webhook-timestamp": "1770598801"}),
        ({}, {"webhook-timestamp": "now"}),
    ],
)
async def test_nothing_is_believed_that_the_key_did_not_sign(
    open_desk: Desk, said: dict[str, Any], headers: dict[str, str]
) -> None:
    given: dict[str, Any] = {**said, **headers}
    told = await post(open_desk, "slots", SLOT, **given)
    assert told.status == 401, told.body
    assert await known(open_desk) == []


async def test_a_session_is_no_signature(open_desk: Desk) -> None:
    page = await open_desk.signed_in("leader", Role.SUPERVISOR)
    told = await page.ask("POST", "/api/city-letters/slots", {"rows": [SLOT]})
    assert told.status == 401
    assert await known(open_desk) == []


async def test_without_a_key_there_are_no_letters(whole: Desk) -> None:
    assert (await post(whole, "slots", SLOT)).status == 404


async def test_a_key_is_changed_without_a_letter_lost(whole: Desk) -> None:
    whole.tools.put(Correspondence, Correspondence(Seal.of(f"{OTHER}\n{KEY}\n")))
    assert (await post(whole, "slots", SLOT)).status == 200
    assert (await post(whole, "slots", SLOT, id_="m2", key=OTHER)).status == 200


@pytest.mark.parametrize("text", ["", "\n", "secret", "whsec_", "whsec_AAAA", "whsec_ä", "whsec_%"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoKey):
        Seal.of(text)
    assert "MfKQ" not in repr(Seal.of(KEY))


def test_the_signature_is_that_of_the_standard() -> None:
    # The example that the Standard Webhooks publish.
    body = b'{"test": 2432232314}'
    sent = Seal.of(KEY).headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert sent["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert base64.b64decode(KEY.removeprefix("whsec_"))


async def test_whoever_leads_sends_again_and_nobody_else(open_desk: Desk) -> None:
    agent = await open_desk.signed_in("ana")
    await agreed(agent)
    assert (await agent.ask("GET", "/api/booking-deliveries")).status == 403
    leader = await open_desk.signed_in("leader", Role.SUPERVISOR)
    told = await leader.ask("POST", "/api/booking-deliveries")
    assert told.body == {"letters": 0, "superseded": 0}
    assert len(await open_desk.deeds("letters_sent_again")) == 1
