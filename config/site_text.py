"""A site as canonical text: what its digest is taken of, and what a replay reads it back from."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from pydantic import TypeAdapter

from config.site_model import Phones, Site

_UNLIMITED: Final = dict.fromkeys(("per_number", "per_day", "per_number_day", "per_agent"))
_SITE: Final = TypeAdapter(Site)


def digested(site: Site) -> Site:
    """The site under its true digest."""
    return replace(site, digest=sha256(describe(site).encode()).hexdigest())


def describe(site: Site) -> str:
    """Everything that decides anything; the same whatever order the files were written in."""
    # Where a password lies decides nothing, and differs from host to host.
    trunk = replace(site.trunk, password_file=None, password_env=None)
    bare = replace(site, digest="", trunk=trunk)
    plain: dict[str, Any] = _SITE.dump_python(bare, mode="json")
    # Nor does how people reach the desk, which must not part a controller from its journal.
    del plain["desk"]
    _leave_out(plain, site)
    for seat in plain["seats"].values():
        seat["skills"].sort()
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _leave_out(plain: dict[str, Any], site: Site) -> None:
    """As every site was described before these could be said: its exports keep their digest."""
    _leave_out_phones(plain, site.phones)
    # Whom bookings are told to decides nothing here; nor does a menu that is not offered.
    for name in ("webhook_url", "webhook_secret_file", "webhook_secret_env"):
        del plain["booking"][name]
    if not site.booking.phone_menu:
        del plain["booking"]["phone_menu"]
    if site.calendar is None:
        del plain["calendar"]
    if not site.always_open:
        del plain["always_open"]
    _usual(plain, all_lines_busy={"lines": 0, "exit": None})
    _usual(plain["tolls"], **_UNLIMITED)
    for queue in plain["queues"].values():
        _usual(queue, tell_wait=False, ask_number=None, on_1=None)


def _usual(plain: dict[str, Any], **usual: object) -> None:
    """What is as usual needs no word."""
    for key, value in usual.items():
        if plain[key] == value:
            del plain[key]


def _leave_out_phones(plain: dict[str, Any], phones: Phones) -> None:
    if phones == Phones():
        del plain["phones"]
        return
    for name in ("page_lost_after", "phone_lost_after"):
        if getattr(phones, name) == getattr(Phones(), name):
            del plain["phones"][name]


def revive(text: str) -> Site:
    """The site that `describe` described."""
    return digested(_SITE.validate_json(text))
