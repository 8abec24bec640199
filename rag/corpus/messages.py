"""Wording that the messages about articles share."""

from __future__ import annotations

# A message is one line on a terminal; what it quotes must not push the remedy out of sight.
_LONGEST_QUOTE = 80


def describe(value: object) -> str:
    """A value as a message names it: short, and safe for any depth of nesting."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
