"""JSON Schemas of models, without the noise that a reader of the description has no use for."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from rag.settings import Settings
from rag.web.schemas import Shape

_REF = "#/components/schemas/{model}"
_NO_NUL = "^[^\\u0000]*$"


def model_schemas(models: Iterable[type[BaseModel]], settings: Settings) -> dict[str, Any]:
    """Schema by name of all models and of what they hold, limits as the settings have them."""
    distinct = {model.__name__: model for model in models}
    given = (model for model in distinct.values() if issubclass(model, Shape))
    taken = (model for model in distinct.values() if not issubclass(model, Shape))
    found = {**_definitions(tuple(taken), _OfRequests), **_definitions(tuple(given), _Plain)}
    limited: dict[str, Any] = _with_limits(found, settings)
    return dict(sorted(limited.items()))


class _Plain(GenerateJsonSchema):
    """Without titles, which repeat names, and without defaults that mean nothing was sent."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 # pydantic's signature
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described


class _OfRequests(_Plain):
    """NUL is refused in any text that is sent (rag/web/strict_json.py)."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {"pattern": _NO_NUL, **super().str_schema(schema)}


@functools.cache
def _definitions(
    models: tuple[type[BaseModel], ...], generator: type[GenerateJsonSchema]
) -> dict[str, Any]:
    """The models' schemas, to be read, not changed."""
    _, schema = models_json_schema(
        [(model, "validation") for model in models],
        ref_template=_REF,
        schema_generator=generator,
    )
    found: dict[str, Any] = schema.get("$defs", {})
    for described in found.values():
        described.pop("title", None)
    return found


def _with_limits(value: Any, settings: Settings) -> Any:
    """A copy with the names of settings replaced by the lengths that they have."""
    if isinstance(value, list):
        return [_with_limits(item, settings) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {name: _with_limits(item, settings) for name, item in value.items()}
    if "x-setting" in copied:
        copied["maxLength"] = getattr(settings, copied.pop("x-setting"))
    return copied
