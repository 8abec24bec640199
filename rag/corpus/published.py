"""The file of an article that an editor publishes: front matter and the text below it."""

from __future__ import annotations

from collections.abc import Mapping

import yaml


def published_file(fields: Mapping[str, object], body: str, format_: str) -> str:
    """What is written to the corpus folder, so that reading it gives these fields and this text.

    fields: metadata by its name in front matter; values that are None or empty are left out.
    """
    said = {name: value for name, value in fields.items() if value not in (None, "", [])}
    front = yaml.safe_dump(
        {**said, "format": format_}, allow_unicode=True, sort_keys=False, width=10_000
    )
    return f"---\n{front}---\n{body}\n"
