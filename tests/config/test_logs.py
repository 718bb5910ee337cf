"""Nothing about a person gets into a log line, whichever way it is handed in."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from config import logs

NUMBER = "0942-00-0901"
CANARIES = ("0942000901", "+81942000901", NUMBER, "942000901", "久留米 花子", "Hanako", "493827")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What was written; the logging of the other tests is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    stream = io.StringIO()
    logs.configure("controller", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_when_where_and_what(out: io.StringIO) -> None:
    logs.logger().warning("journal is slow", ms=51.5, kind="append")
    (line,) = lines(out)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "level": "warning",
        "event": "journal is slow",
        "part": "controller",
        "ms": 51.5,
        "kind": "append",
    }


async def test_every_line_inside_a_call_carries_it_and_no_other(out: io.StringIO) -> None:
    async def one(call: str) -> None:
        with logs.during(call):
            await asyncio.to_thread(lambda: None)
            logs.logger().info("answered")

    await asyncio.gather(one("n1-1795365840.0"), one("n1-1795365840.1"))
    logs.logger().info("between calls")
    assert [line.get("call") for line in lines(out)] == [
        "n1-1795365840.0",
        "n1-1795365840.1",
        None,
    ]


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_gets_through(out: io.StringIO, canary: str) -> None:
    log = logs.logger()
    log.info(f"call from {canary}")
    log.info("arrived", caller=canary, **{canary: 1})
    for field in sorted(logs.WORDS | logs.NUMBERS | logs.TYPES | logs.CHANNEL_IDS):
        log.info("field", **{field: canary})
    if canary.isdigit() and len(canary) > 7:
        log.info("as a number", count=int(canary), epoch=float(canary))
    with logs.during(canary):
        log.info("in a call")
    try:
        raise ValueError(f"no such caller: {canary}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("aiohttp.server").exception("Error handling %s", canary)
    logging.getLogger("asyncio").error("task %r failed", canary)
    logging.getLogger("redis").error(f"key {canary}")
    logging.getLogger("warned").warning({"caller": canary})
    assert canary not in out.getvalue()
    assert json.dumps(canary)[1:-1] not in out.getvalue()
    assert len(lines(out)) >= 10


def test_what_was_withheld_is_counted(out: io.StringIO) -> None:
    logs.logger().info("arrived", caller=NUMBER, queue="booking", seat=NUMBER)
    assert [(line["withheld"], line["queue"]) for line in lines(out)] == [(2, "booking")]


def test_commands_and_errors_are_named_by_their_type(out: io.StringIO) -> None:
    logs.logger().error("request_failed", effect="OfferCall", error=KeyError(NUMBER), why=NUMBER)
    (line,) = lines(out)
    assert (line["effect"], line["error"], line["withheld"]) == ("OfferCall", "KeyError", 1)


def test_an_error_leaves_its_type_and_its_place(out: io.StringIO) -> None:
    try:
        raise KeyError(NUMBER)
    except KeyError:
        logs.logger().exception("effect failed")
    (line,) = lines(out)
    assert line["error"] == "KeyError"
    assert str(line["at"]).startswith("['test_logs.py:")


def test_a_library_leaves_its_name_and_its_place(out: io.StringIO) -> None:
    logging.getLogger("redis.client").warning("%s is slow", NUMBER)
    (line,) = lines(out)
    assert (line["event"], line["library"], line["file"]) == (
        "library message",
        "redis.client",
        "test_logs.py",
    )


def test_the_file_is_closed_to_others(out: io.StringIO, tmp_path: Path) -> None:
    path = tmp_path / "controller.log"
    logs.configure("controller", path)
    logs.logger().info("leader took over", epoch=7)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["epoch"] == 7
    logging.getLogger().handlers[0].close()
