"""Pouring a document into a model, and telling what does not fit in its author's terms."""

from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from config.documents import Document, Fault, Unreadable

_LONGEST_QUOTE: Final = 40


class Shape(BaseModel):
    """A file's model: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


AnyModel = TypeVar("AnyModel", bound=BaseModel)


def fitted(document: Document, model: type[AnyModel]) -> AnyModel:
    """The document as `model`; `Unreadable` with every fault there is."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        faults = [_fault(document, each) for each in error.errors(include_url=False)]
        raise Unreadable(sorted(faults)) from error


def _fault(document: Document, error: ErrorDetails) -> Fault:
    where = document.nearest(error["loc"])  # pydantic adds parts, such as the kind of a node
    name = ".".join(str(part) for part in where) or "the file"
    last = error["loc"][-1] if error["loc"] else ""
    match error["type"]:
        case "missing":
            text = f"{name} lacks {last!r}"
        case "extra_forbidden":
            text = f"{name} is not a setting that exists here"
        case "value_error":
            text = f"{name}{_quoted(error['input'])} {error['msg'].removeprefix('Value error, ')}"
        case _:
            text = f"{name}{_quoted(error['input'])}: {error['msg']}"
    return document.fault(where, text)


def _quoted(value: object) -> str:
    if not isinstance(value, str | int | float | bool):
        return ""
    shown = repr(value)
    return f" ({shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + '…'})"
