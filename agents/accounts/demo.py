"""The people of the demo site, made when the desk starts; elsewhere none remains."""

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from agents.accounts import users
from agents.accounts.passwords import Passwords
from agents.accounts.users import User
from agents.audit.log import append
from agents.people import Role
from agents.web.witness import Deed
from config.database import Database
from config.demo import demo_names
from config.site_model import Site

ROLES: Final = {
    "manager": (Role.GENERAL_MANAGER, "統括 花子"),
    "city": (Role.CITY_VIEWER, "市 閲覧"),
    "approver": (Role.CITY_APPROVER, "市 承認"),
    "auditor": (Role.AUDITOR, "監査 次郎"),
    "admin": (Role.ADMINISTRATOR, "管理 三郎"),
    "display": (Role.DISPLAY, "掲示板"),
}
ANNOUNCED: Final = ("青木", "井上", "上田", "江口", "大野", "加藤", "木村", "久保", "小林", "佐藤")


async def settle(
    database: Database,
    passwords: Passwords,
    audit_key: bytes,
    site: Site,
    password: str,
    now: float,
) -> None:
    """Make those who are missing, renew the password of all; without one, end them all."""
    hashed = await passwords.hashed(password, "up") if password else None
    wanted = {user.name: user for user in _people(site, hashed, now)} if password else {}

    def write(connection: Connection) -> None:
        here = {user.name: user for user in users.everybody(connection)}
        for name, user in wanted.items():
            if name not in here:
                users.add(connection, user)
                append(connection, audit_key, Deed(now, "user_added", "up", object=user.id))
            elif here[name].demo:
                values = {"password": hashed, "enabled": True, "password_until": None}
                users.change(connection, here[name].id, values, now)
        for name, user in here.items():
            if user.demo and user.enabled and name not in wanted:
                users.change(connection, user.id, {"enabled": False}, now)
                append(connection, audit_key, Deed(now, "user_changed", "up", object=user.id))

    await database.write(write)


def _people(site: Site, hashed: str | None, now: float) -> list[User]:
    found = []
    for number, name in enumerate(demo_names(site)):
        plain = User(
            users.new_id(), name, ANNOUNCED[number % len(ANNOUNCED)], Role.AGENT,
            password=hashed, demo=True, created_at=now, changed_at=now,
        )  # fmt: skip
        if name in site.seats:
            found.append(replace(plain, role=Role(site.seats[name].role)))
        else:
            role, announced = ROLES[name]
            found.append(replace(plain, role=role, announced_name=announced))
    return found
