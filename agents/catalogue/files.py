"""A file of words and rules: the shipped one, or a site's own in its place."""

from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from config.documents import Unreadable, read

OWN: Final = "desk"  # the folder of a site directory whose files replace the shipped ones
Shape = TypeVar("Shape")


class CatalogueFault(Exception):
    """A file of the catalogue cannot be used; the text names it and says why."""


def shaped(shipped: Path, site: Path | None, name: str, shape: TypeAdapter[Shape]) -> Shape:
    """What `name.yaml` says; CatalogueFault with the file and the line."""
    own = site / OWN / f"{name}.yaml" if site is not None else None
    path = own if own is not None and own.is_file() else shipped / f"{name}.yaml"
    try:
        document = read(path)
    except Unreadable as wrong:
        raise CatalogueFault(str(wrong.faults[0])) from None
    try:
        return shape.validate_python(document.data)
    except ValidationError as wrong:
        fault = wrong.errors(include_url=False, include_input=False)[0]
        raise CatalogueFault(f"{path}:{document.line(fault['loc'])}: {fault['msg']}") from None
