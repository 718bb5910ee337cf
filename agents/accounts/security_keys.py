"""Security keys (WebAuthn): a second factor that answers to our page alone.

No attestation is asked for: which maker's key it is decides nothing here. The challenge is kept
with the session and good once.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from agents.accounts.users import User
from agents.tables import FACTORS

KEY = "key"


class NotTheKey(Exception):
    """What the browser sent is no answer of a key that we know, to what was asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where the key is asked: it answers for this host and origin only."""

    rp_id: str
    origin: str


def page_of(origin: str) -> Page:
    """The page of an origin such as `https://desk.example.jp:8080`."""
    host = origin.partition("://")[2].partition(":")[0]
    return Page(host, origin)


def registration(user: User, page: Page, known: Sequence[str]) -> tuple[dict[str, Any], str]:
    """What the browser needs to register one, and the challenge to keep."""
    options = generate_registration_options(
        rp_id=page.rp_id,
        rp_name="Madoguchi 窓口",
        user_name=user.name,
        user_id=user.id.encode(),
        user_display_name=user.announced_name,
        exclude_credentials=[_descriptor(each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def registered(answer: dict[str, Any], page: Page, challenge: str) -> dict[str, Any]:
    """The columns of the new factor; raises NotTheKey."""
    try:
        proved = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=page.rp_id,
            expected_origin=page.origin,
            require_user_verification=False,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise NotTheKey(type(wrong).__name__) from None
    return {
        "kind": KEY,
        "credential": bytes_to_base64url(proved.credential_id),
        "public_key": b64encode(proved.credential_public_key).decode(),
        "sign_count": proved.sign_count,
        "rp_id": page.rp_id,
    }


def question(page: Page, known: Sequence[str]) -> tuple[dict[str, Any], str]:
    """What the browser needs to ask one of these keys, and the challenge to keep."""
    options = generate_authentication_options(
        rp_id=page.rp_id,
        allow_credentials=[_descriptor(each) for each in known],
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def use(
    connection: Connection, user: str, answer: dict[str, Any], page: Page, challenge: str,
    now: float,
) -> str:  # fmt: skip
    """The factor that answered; raises NotTheKey. A copied key shows by its count."""
    mine = (FACTORS.c.user == user) & (FACTORS.c.credential == str(answer.get("id")))
    row = connection.execute(select(FACTORS).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NotTheKey("unknown")
    try:
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=page.rp_id,
            expected_origin=page.origin,
            credential_public_key=b64decode(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=False,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise NotTheKey(type(wrong).__name__) from None
    values = {"sign_count": proved.new_sign_count, "used_at": now}
    connection.execute(update(FACTORS).where(FACTORS.c.id == row.id).values(values))
    return str(row.id)


def credentials(connection: Connection, user: str, page: Page) -> list[str]:
    """A person's keys that answer on this page."""
    query = select(FACTORS.c.credential).where(
        FACTORS.c.user == user, FACTORS.c.kind == KEY, FACTORS.c.rp_id == page.rp_id
    )
    return list(connection.scalars(query))


def _descriptor(credential: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential))
