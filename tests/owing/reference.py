"""The ledger again, slow and obvious: after each step everything is told anew from the start.

It knows no open lists, no keys and no counters: only the steps so far, each as a dictionary.
"""

from typing import Any

TRIED_IN_VAIN = ("other_person", "no_answer", "busy", "machine")


def ledger(
    steps: list[dict[str, Any]], attempts_allowed: int, short: float
) -> list[dict[str, Any]]:
    """Every obligation as it stands after these steps."""
    owed: list[dict[str, Any]] = []
    seen: list[tuple[Any, ...]] = []
    for step in steps:
        one = (step["do"], step.get("key"), step.get("call"), step.get("id"), step.get("result"))
        if one in seen and step["do"] != "met":
            continue
        if _take(owed, seen, step, attempts_allowed, short):
            seen.append(one)
    return owed


def _find(owed: list[dict[str, Any]], **same: Any) -> list[dict[str, Any]]:
    return [each for each in owed if all(each[key] == value for key, value in same.items())]


def _owe(owed: list[dict[str, Any]], id_: str, number: str, name: str, at: float) -> dict[str, Any]:
    for each in _find(owed, number=number, name=name, state="open"):
        return each
    new = {
        "id": id_, "number": number, "name": name, "state": "open", "sure": True, "at": at,
        "by": None, "tries": {}, "met": [], "who": None, "until": 0.0,
    }  # fmt: skip
    owed.append(new)
    return new


def _take(  # noqa: C901 -- obvious rather than short
    owed: list[dict[str, Any]], seen: list[Any], step: dict[str, Any], allowed: int, short: float
) -> bool:
    match step["do"]:
        case "ended":
            if step["outcome"] in ("answered", "informed", "closed") and not step["requested"]:
                return False
            if step["outcome"] == "answered":
                return False
            brief = step["at"] - step["arrived"] < short
            if step["outcome"] == "abandoned" and brief and not step["requested"]:
                return False
            if step["number"] is not None:
                one = _owe(owed, "ob-" + step["call"], step["number"], "", step["at"])
                if step["solved"] and step["outcome"] == "overflowed":
                    one.update(state="contacted", by=step["call"])
        case "met":
            for each in _find(owed, number=step["number"], state="open"):
                if step["call"] not in each["met"] and each["at"] <= step["at"]:
                    each.update(state="contacted", sure=False, by=step["call"])
                    each["met"].append(step["call"])
        case "asked":
            _owe(owed, "ob-" + step["key"], step["number"], step["name"], step["at"])
        case "attempt":
            return _try(owed, step, allowed)
        case _:
            return _deed(owed, step)
    return True


def _try(owed: list[dict[str, Any]], step: dict[str, Any], allowed: int) -> bool:
    for each in _find(owed, id=step["of"]):
        each["tries"][step["id"]] = step["result"]
        if each["state"] != "open" and each["by"] != step["id"]:
            return True
        vain = sum(result in TRIED_IN_VAIN for result in each["tries"].values())
        if step["result"] == "reached":
            each.update(state="contacted", by=step["id"])
        elif step["result"] == "wrong_number" or (
            vain >= allowed and step["result"] in TRIED_IN_VAIN
        ):
            each.update(state="exhausted", by=step["id"])
        elif each["state"] != "open":
            _again(owed, each)
        return True
    return False


def _again(owed: list[dict[str, Any]], one: dict[str, Any]) -> None:
    if _find(owed, number=one["number"], name=one["name"], state="open"):
        one.update(state="withdrawn", sure=True, by="somebody")
    else:
        one.update(state="open", sure=True, by=None, who=None)


def _deed(owed: list[dict[str, Any]], step: dict[str, Any]) -> bool:  # noqa: C901 -- the same
    for each in _find(owed, id=step["of"]):
        if step["do"] in ("confirm", "split"):
            if each["state"] != "contacted" or each["sure"]:
                return False
            if step["do"] == "split":
                _again(owed, each)
            each["sure"] = True
            return True
        if each["state"] != "open":
            return False
        if each["who"] not in (None, step["by"]) and each["until"] > step["at"]:
            return False
        if step["do"] == "claim":
            each.update(who=step["by"], until=step["at"] + 900.0)
        elif step["do"] == "release":
            each.update(who=None)
        else:
            each.update(state="withdrawn", by=step["by"])
        return True
    return False
