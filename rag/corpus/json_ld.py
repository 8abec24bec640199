"""What a page says of its article in JSON-LD, the data that sites give search engines."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.corpus.blocks import tidy

Node = Mapping[str, object]

# What a page is about stands in a node of one of these types, the first ones first.
_TYPES = (
    re.compile(r".*Article|BlogPosting|Report|HowTo|Posting"),
    re.compile(r"Medical\w+|FAQPage|Recipe|CreativeWork|Guide"),
    re.compile(r".*Page"),
)
# Nodes that say something of the page are found in these, and not in lists of other articles.
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage", "isPartOf")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Linked:
    """The nodes that describe the page, the best first, and all nodes by their `@id`."""

    nodes: tuple[Node, ...] = ()
    by_id: Mapping[str, Node] | None = None

    def texts(self, *names: str) -> list[str]:
        """The values of properties, of the first name before those of the next."""
        return [
            text for name in names for node in self.nodes for text in self._texts(node.get(name))
        ]

    def names(self, name: str) -> list[str]:
        """The names of the persons or organisations that a property refers to, of one node."""
        for node in self.nodes:
            found = [text for text in self._names(node.get(name)) if text]
            if found:
                return found
        return []

    def _texts(self, value: object) -> Iterator[str]:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                item = item.get("@value") or item.get("@id") or item.get("url")
            if isinstance(item, str | int) and tidy(str(item)):
                yield tidy(html.unescape(str(item)))

    def _names(self, value: object) -> Iterator[str]:
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                known = (self.by_id or {}).get(str(item.get("@id")), {})
                yield from self._texts(item.get("name") or known.get("name"))
            else:
                yield from self._texts(item)


def read_json_ld(scripts: Sequence[str], title: str) -> Linked:
    """The description of the page called `title` in its scripts; what is no JSON is ignored."""
    nodes = [node for script in scripts for node in _nodes(_parse(script), _DEEPEST)]
    ranked = [(rank, node) for node in nodes if (rank := _rank(node, title)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and "name" in node}
    return Linked(tuple(node for _, node in ranked), by_id)


def _parse(script: str) -> object:
    script = _WRAPPING.sub("", _WRAPPING.sub("", script))
    try:
        # Sites break lines within strings, which JSON forbids.
        return json.loads(script, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: object, depth: int) -> Iterator[Node]:
    if isinstance(value, list) and depth:
        for item in value:
            yield from _nodes(item, depth - 1)
    elif isinstance(value, Mapping):
        yield value
        for name in _WITHIN:
            if depth:
                yield from _nodes(value.get(name), depth - 1)


def _rank(node: Node, title: str) -> tuple[bool, int] | None:
    """The place of a node among those that describe the page, or None."""
    types = node.get("@type")
    named = [
        str(item).rsplit("/", 1)[-1] for item in (types if isinstance(types, list) else [types])
    ]
    for place, pattern in enumerate(_TYPES):
        if any(pattern.fullmatch(name) for name in named):
            headline = node.get("headline") or node.get("name")
            other = isinstance(headline, str) and place == 0 and not _alike(headline, title)
            return other, place
    return None


def _alike(headline: str, title: str) -> bool:
    """Whether a headline could be that of the page; a page without a title decides nothing."""
    left, right = tidy(html.unescape(headline)).lower(), title.lower()
    return not right or left[:30] in right or right[:30] in left
