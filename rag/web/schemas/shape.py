"""What all response models share: they are exact, and name every field that there may be."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A response body or a part of one: no field more, no other type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def absent() -> Any:
    """The default of a field that is left out where there is nothing to say; it is never null."""
    return None


Day = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"})
]
"""A day as ISO 8601 has it."""

Version = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
"""The version of an article: it changes whenever anything that is cited does."""

ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
"""What an article's id looks like."""

ArticleId = Annotated[str, Field(pattern=ID_PATTERN)]
"""The id of an article."""

WebAddress = Annotated[str, Field(pattern="^[Hh][Tt][Tt][Pp][Ss]?://")]
"""An absolute http or https address."""

Offset = Annotated[int, Field(ge=0)]
"""A place in a text, in code points from its beginning."""

Count = Annotated[int, Field(ge=0)]
"""How many there are."""

Generation = Annotated[int, Field(ge=0)]
"""Which state of the index: it rises with every change that is published."""
